"""One molecule opened: what it is and what standardisation did, both tasks side by side, protonation states.

`open_molecule` puts it on the page; the rest are pure functions to HTML, with all text escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from app import theme
from app.components.predict.protonation import PH_RANGE, predicted_states, states_html
from app.components.predict.verdict import task_card
from app.components.predictors import committee_size, predict, predictors
from app.components.problems import changes_html
from app.concepts.known import NO_CONCEPTS, Known
from datasets.alerts import Alert, find_alerts
from datasets.molecule import Molecule, RowProblem
from datasets.tasks import Task, get_task
from megan.drawing import draw_molecule
from megan.prediction import Prediction, RowResult


def open_molecule(result: RowResult, tasks: Sequence[Task], concepts: Known = NO_CONCEPTS) -> None:
    """Show one row of a job with all its evidence; for a row with a problem, the problem."""
    molecule = result.molecule
    if isinstance(molecule, RowProblem):
        st.html(
            f'<section class="wm-card"><h3>Row {molecule.row} could not be predicted</h3>'
            f"<p>{html.escape(molecule.sentence)}</p></section>"
        )
        return
    members = {name: committee_size(model) for name, model in predictors().items()}
    alerts = find_alerts(molecule.smiles)
    st.html(molecule_head(molecule) + task_cards(molecule, result.predictions, tasks, alerts, members, concepts))
    for task in tasks:
        if task.name in PH_RANGE and task.name in result.predictions:
            st.html(_protonation(molecule.smiles, task.name))


@st.cache_data(max_entries=512, show_spinner=False)
def _protonation(smiles: str, name: str) -> str:
    task = get_task(name)
    states = predicted_states(smiles, task, lambda rows, policy: predict(rows, policy, (name,)))
    return states_html(task, states, smiles)


def molecule_head(molecule: Molecule) -> str:
    """Name, structure, SMILES as given and as predicted, and what changed in between."""
    name = molecule.id or f"Row {molecule.row}"
    picture = theme.picture(draw_molecule(molecule.smiles, 240, 180), f"Structure of {name}")
    return (
        f'<section class="wm-card wm-mol" data-panel="molecule">{picture}'
        f"<div><h2>{html.escape(name)}</h2>{changes_html(molecule)}</div></section>"
    )


def task_cards(
    molecule: Molecule,
    predictions: Mapping[str, Prediction],
    tasks: Sequence[Task],
    alerts: Sequence[Alert],
    members: Mapping[str, int | None],
    concepts: Known = NO_CONCEPTS,
) -> str:
    """The cards of all predicted tasks, side by side where the page is wide enough."""
    cards = [
        task_card(
            task, predictions[task.name], alerts, molecule.smiles, members.get(task.name), concepts.get(task.name)
        )
        for task in tasks
        if task.name in predictions
    ]
    return f'<div class="wm-grid">{"".join(cards)}</div>'
