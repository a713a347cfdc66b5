"""The shipped models and the user's own, loaded once per server; the one door through which pages obtain predictors.

Loading brings torch in, which takes seconds: pages draw themselves first and call `predictors` last.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st
from safetensors import SafetensorError

from datasets.molecule import InputRow
from datasets.standardize import Policy
from megan.own_models import own_bundles
from megan.prediction import RowResult

if TYPE_CHECKING:
    from megan.predictor import Predictor

# Streamlit runs a page in a new thread each time, and each would start a pool of its own in torch and dgl; on busy
# cores that made one molecule ten times slower. Both read this when they are imported, which is in `predictors`.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def predictors() -> dict[str, Predictor]:
    """Every model by task name: those of `shipped_tasks` in their order, then the user's own; empty where none is.

    An own model is there as soon as its training has ended.
    """
    return {name: model for name, model in (_shipped() | _own()).items() if not isinstance(model, str)}


def unreadable_models() -> dict[str, str]:
    """Models that cannot be loaded, with the reason; the others go on without them."""
    return {name: reason for name, reason in (_shipped() | _own()).items() if isinstance(reason, str)}


@st.cache_resource(show_spinner=False)
def _shipped() -> dict[str, Predictor | str]:
    from megan.predictor import predict_rows, shipped_tasks  # torch only once a page needs it

    models = {name: _load(name) for name in shipped_tasks()}
    if loaded := [model for model in models.values() if not isinstance(model, str)]:
        # The first prediction compiles and caches; better now than on the reader's first molecule.
        predict_rows([InputRow(row=0, id="", text="CCO")], loaded)
    return models


def _own() -> dict[str, Predictor | str]:
    own = {name: folder for name, folder in own_bundles().items() if name not in _shipped()}
    return {name: _load_own(str(folder), (folder / "card.json").stat().st_mtime_ns) for name, folder in own.items()}


@st.cache_resource(show_spinner=False, max_entries=16)
def _load_own(folder: str, written: int) -> Predictor | str:
    """The model of a folder, or why it cannot be loaded; `written` makes a model that was trained again a new one."""
    del written
    return _load(folder)


def _load(name_or_folder: str) -> Predictor | str:
    from megan.predictor import Predictor

    try:
        return Predictor.load(name_or_folder)
    except (ValueError, TypeError, KeyError, OSError, SafetensorError) as problem:
        return f"{type(problem).__name__}: {problem}" if isinstance(problem, KeyError) else str(problem)


def committee_size(predictor: Predictor) -> int | None:
    """Number of members that the model's card states."""
    members = predictor.card.get("members")
    return int(members) if members else None


def predict(rows: Sequence[InputRow], policy: Policy, tasks: Sequence[str] = ()) -> list[RowResult]:
    """Predict rows with the named models, or with all of them where none is named."""
    from megan.predictor import predict_rows  # torch only once something is predicted

    models = predictors()
    return predict_rows(rows, [models[name] for name in tasks or models], policy)
