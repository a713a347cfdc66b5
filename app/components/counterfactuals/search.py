"""Searches of the page: one at a time with the time that passes, and never twice for the same question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.concepts.sets import known_concepts
from app.components.words import plural
from app.concepts.known import KnownConcepts
from app.counterfactuals.request import Aim, Request, concepts_inside, search
from datasets.molecule import InputRow, RowProblem
from datasets.standardize import standardize

if TYPE_CHECKING:
    from concepts.concept import Concept
    from concepts.counterfactuals.counterfactual import CounterfactualResult
    from megan.predictor import Predictor

#: On the page no new round of edits begins after this; the command line has no such end.
MOST_SECONDS: Final = 60.0


def answer(request: Request, models: Mapping[str, Predictor]) -> CounterfactualResult | RowProblem | str:
    """What came out, or the sentence why the request cannot be searched."""
    known = known_concepts(models).get(request.task) if request.aim is Aim.LEAVE else None
    limit = f"{plural(request.budget, 'prediction')} or " if request.budget else ""
    try:
        with st.spinner(f"Editing and predicting, at most {limit}{MOST_SECONDS:.0f} s", show_time=True):
            return _searched(request, _stamp(models), models, known)
    except ValueError as problem:
        return str(problem)


def has_concepts(task: str, models: Mapping[str, Predictor]) -> bool:
    """Whether there is a set of concepts of this model."""
    return task in known_concepts(models)


def concepts_of(smiles: str, task: str, models: Mapping[str, Predictor]) -> list[Concept]:
    """The concepts that a molecule is in, best fit first; empty for no molecule, or without a set."""
    known = known_concepts(models).get(task)
    return [] if known is None else _inside(smiles, task, _stamp(models), models[task], known)


def _stamp(models: Mapping[str, Predictor]) -> tuple[tuple[str, int], ...]:
    """What tells a model from the one of the same name that is trained later."""
    return tuple((name, id(model)) for name, model in models.items())


@st.cache_resource(max_entries=64, show_spinner=False)
def _searched(
    request: Request, stamp: tuple[tuple[str, int], ...], _models: Mapping[str, Predictor], _known: KnownConcepts | None
) -> CounterfactualResult | RowProblem:
    del stamp
    return search(request, _models, _known)


@st.cache_resource(max_entries=64, show_spinner=False)
def _inside(
    smiles: str, task: str, stamp: tuple[tuple[str, int], ...], _model: Predictor, _known: KnownConcepts
) -> list[Concept]:
    del task, stamp
    molecule = standardize(InputRow(0, "", smiles))
    return [] if isinstance(molecule, RowProblem) else concepts_inside(molecule, _model, _known)
