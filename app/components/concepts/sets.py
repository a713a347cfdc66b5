"""Sets of concepts on pages: read once per server, and again when their folder was written anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.concepts.folders import own_sets, read_set, set_folder, written
from app.concepts.known import KnownConcepts, concepts_of_model
from concepts.concept import ConceptSet
from concepts.storage import ConceptsError, shipped_concepts
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED

if TYPE_CHECKING:
    from megan.predictor import Predictor


def concept_set(name: str) -> ConceptSet | str:
    """A set by its name, or why it cannot be shown."""
    folder = set_folder(name)
    if folder is None:
        return f"There is no set of concepts called {name!r}."
    return _read(str(folder.resolve()), written(folder))


def known_concepts(models: Mapping[str, Predictor]) -> dict[str, KnownConcepts]:
    """What is known of the concepts of loaded models, by the name of their task."""
    sets = tuple((name, _stamp(name)) for name in (*shipped_concepts(), *own_sets()))
    if not sets:
        return {}
    own = own_bundles()
    found = {}
    for name, model in models.items():
        shipped = PRETRAINED / name
        folder = shipped if (shipped / "card.json").is_file() else own.get(name)
        if folder is None or not (folder / "weights.safetensors").is_file():
            continue
        weights = folder / "weights.safetensors"
        known = _known(str(weights.resolve()), weights.stat().st_mtime_ns, sets, model)
        if known is not None:
            found[name] = known
    return found


def _stamp(name: str) -> int:
    folder = set_folder(name)
    return 0 if folder is None else written(folder)


@st.cache_resource(show_spinner=False, max_entries=16)
def _read(folder: str, at: int) -> ConceptSet | str:
    del at
    try:
        return read_set(Path(folder))
    except (ConceptsError, OSError) as problem:
        return str(problem)


@st.cache_resource(show_spinner=False, max_entries=64)
def _known(weights: str, at: int, sets: tuple[tuple[str, int], ...], _model: Predictor) -> KnownConcepts | None:
    del at, sets
    return concepts_of_model(_model.task, Path(weights))
