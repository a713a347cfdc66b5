"""Protonation states at assay pH, each predicted as drawn, because aggregation depends on charge."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rdkit import Chem

from app import theme
from datasets.molecule import InputRow, Molecule
from datasets.protonation import protonation_states
from datasets.standardize import Policy
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS, draw_explanation
from megan.prediction import Prediction, RowResult

#: Tasks whose assay pH matters, with the range of pH that is looked at (published range of aggregation assays).
PH_RANGE = {"aggregation": (6.4, 8.4)}


@dataclass(frozen=True, slots=True)
class State:
    """One protonation state and its prediction."""

    smiles: str
    charge: int
    """Formal charge of the whole state."""
    prediction: Prediction


def predicted_states(
    smiles: str, task: Task, predict: Callable[[Sequence[InputRow], Policy], list[RowResult]]
) -> list[State]:
    """Every protonation state of `smiles` in the pH range of `task`, predicted as drawn.

    Parameters
    ----------
    smiles : str
        The structure that was predicted.
    task : Task
        A task of `PH_RANGE`.
    predict : callable
        From rows and a policy to as many results.
    """
    low, high = PH_RANGE[task.name]
    rows = [InputRow(row=i, id="", text=text) for i, text in enumerate(protonation_states(smiles, low, high))]
    states = []
    for result in predict(rows, Policy.AS_DRAWN):
        prediction = result.predictions.get(task.name)
        if prediction is None or not isinstance(result.molecule, Molecule):
            continue
        mol = Chem.MolFromSmiles(result.molecule.smiles)
        states.append(State(result.molecule.smiles, Chem.GetFormalCharge(mol), prediction))
    return states


def states_in_words(task: Task, states: Sequence[State]) -> str:
    """Whether the verdict depends on the state."""
    low, high = PH_RANGE[task.name]
    between = f"between pH {low} and {high}"
    if len(states) < 2:
        return f"Only one protonation state matters {between}."
    outputs = [state.prediction.output for state in states]
    span = f"{min(outputs):.2f} to {max(outputs):.2f}"
    verdicts = {state.prediction.verdict for state in states}
    if len(verdicts) == 1:
        return f"All {len(states)} states {between} are predicted {verdicts.pop()} ({span})."
    return f"The verdict depends on the protonation state {between}: the probability goes from {span}."


def states_html(task: Task, states: Sequence[State], smiles: str) -> str:
    """The states side by side: picture of the positive channel, charge, probability, verdict."""
    k = len(task.channels) - 1
    cards = []
    for state in states:
        explanation = state.prediction.explanation
        picture = draw_explanation(
            state.smiles,
            explanation.node_importance[:, k],
            explanation.edge_importance[:, k],
            colour=CHANNEL_COLOURS[k],
            width=230,
            height=160,
            title=f"Atoms that speak for {task.channels[k]} in this protonation state",
        )
        channel = task.channels.index(state.prediction.verdict) if state.prediction.verdict in task.channels else None
        sign = theme.mark(channel) if channel is not None else ""
        same = '<span class="wm-tag">as predicted above</span>' if state.smiles == smiles else ""
        verdict = f"{state.prediction.output:.2f} {html.escape(state.prediction.verdict)}"
        cards.append(
            f'<figure class="wm-thumb">{theme.picture(picture, state.smiles)}<figcaption><b>{sign}{verdict}</b>'
            f"<span>{charge_in_words(state.charge)}</span>{same}</figcaption></figure>"
        )
    shown = f'<div class="wm-thumbs wm-states">{"".join(cards)}</div>' if len(cards) > 1 else ""
    return (
        f'<section class="wm-card" data-panel="protonation"><h3>Protonation at assay pH: {html.escape(task.title)}</h3>'
        f"<p>{html.escape(states_in_words(task, states))}</p>{shown}</section>"
    )


def charge_in_words(charge: int) -> str:
    """A formal charge: "neutral", "charge +1", "charge −2"."""
    if charge == 0:
        return "neutral overall"
    return f"charge {'+' if charge > 0 else '−'}{abs(charge)}"
