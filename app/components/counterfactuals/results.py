"""What a search came to: the start, filters, a card a molecule, and the files to take home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.counterfactuals import filters, pair, paragraph
from app.components.counterfactuals.inputs import REQUEST, fill
from app.components.counterfactuals.search import answer
from app.components.markdown import plain
from app.components.words import plural
from app.counterfactuals.request import Request
from app.exports.counterfactuals import csv_text, sdf_text
from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult
from datasets.molecule import RowProblem
from datasets.tasks import Task

if TYPE_CHECKING:
    from megan.predictor import Predictor

_TRAIL: Final = "cf-trail"
_NUMBER: Final = "cf-number"


def begin(request: Request) -> None:
    """A new question: it has no start before it."""
    st.session_state[REQUEST] = request
    st.session_state[_TRAIL] = []
    _count()


def show(request: Request, models: Mapping[str, Predictor]) -> None:
    """Search if need be, then show everything."""
    result = answer(request, models)
    _way_back(models)
    if isinstance(result, str):
        st.error(f"This could not be searched: {plain(result)}")
        return
    if isinstance(result, RowProblem):
        st.error(f"This is no molecule that could be searched. {plain(result.sentence)}")
        return
    tasks = [model.task for name, model in models.items() if name in result.start.outlook]
    tasks.sort(key=lambda task: task.name != request.task)
    st.html(pair.start_html(result.start, tasks, result.sentence, bool(result.found)))
    number = int(st.session_state.get(_NUMBER, 0))
    if result.found:
        _found(result, request, tasks, models, number)
    elif result.closest is not None:
        st.html(pair.legend_html())
        _card(result, result.closest, 0, request, tasks, models)
    st.caption(f"{plural(result.predictions, 'prediction')} in {result.seconds:.1f} s.")


def _found(
    result: CounterfactualResult,
    request: Request,
    tasks: Sequence[Task],
    models: Mapping[str, Predictor],
    number: int,
) -> None:
    wanted = filters.ask(result.found, number)
    kept = wanted.apply(result.found, request.task)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-bar"):
        st.html(f'<p class="wm-summary"><span><b>{len(kept)}</b> of {plural(len(result.found), "molecule")}</span></p>')
        _downloads(result, kept, tasks, number)
    if not kept:
        st.info("None of the molecules found passes these filters.")
        return
    st.html(pair.legend_html())
    places = {molecule.smiles: place for place, molecule in enumerate(result.found, start=1)}
    for molecule in kept:
        _card(result, molecule, places[molecule.smiles], request, tasks, models)


def _card(
    result: CounterfactualResult,
    molecule: Counterfactual,
    place: int,
    request: Request,
    tasks: Sequence[Task],
    models: Mapping[str, Predictor],
) -> None:
    with st.container(border=True, key=f"wm-cf-{place}"):
        st.html(pair.pair_html(result.start, molecule, tasks, place))
        paragraph.show(result.start, molecule, tasks)
        st.button(
            "Use as new start",
            key=f"cf-start-{place}",
            on_click=_continue,
            args=(replace(request, smiles=molecule.smiles, concept="", keep=""), models),
            help="Search on from this molecule, for the same goal",
        )


def _downloads(
    result: CounterfactualResult, kept: Sequence[Counterfactual], tasks: Sequence[Task], number: int
) -> None:
    # Files are small and made at once: one that is made on the click fails where the page is just being drawn again.
    for label, make, name, mime, hint in (
        ("CSV", csv_text, "csv", "text/csv", "The start and the molecules shown, with all endpoints before and after"),
        ("SDF", sdf_text, "sdf", "chemical/x-mdl-sdfile", "Drawn as here: the common part in the same place"),
    ):
        st.download_button(
            label,
            make(result.start, kept, tasks),
            file_name=f"whymol-counterfactuals.{name}",
            mime=mime,
            key=f"cf-{name}-{number}",
            on_click="ignore",
            icon=":material/download:",
            help=hint,
        )


def _continue(request: Request, models: Mapping[str, Predictor]) -> None:
    """Search on from another start, and remember the way back."""
    st.session_state[_TRAIL] = [*st.session_state.get(_TRAIL, []), st.session_state[REQUEST]]
    _search(request, models)


def _way_back(models: Mapping[str, Predictor]) -> None:
    trail: list[Request] = st.session_state.get(_TRAIL, [])
    if trail:
        label = f"Back to the start before ({plural(len(trail), 'step')} from the first)"
        st.button(label, on_click=_back, args=(models,), key="cf-back", icon=":material/arrow_back:")


def _back(models: Mapping[str, Predictor]) -> None:
    *rest, last = st.session_state[_TRAIL]
    st.session_state[_TRAIL] = rest
    _search(last, models)


def _search(request: Request, models: Mapping[str, Predictor]) -> None:
    st.session_state[REQUEST] = request
    fill(request, models)
    _count()


def _count() -> None:
    st.session_state[_NUMBER] = int(st.session_state.get(_NUMBER, 0)) + 1
