"""From a predicted molecule to what would change it, in one click: a button a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from app.components import value_words
from datasets.molecule import Molecule
from datasets.tasks import Task
from megan.prediction import Prediction, RowResult

PAGE: Final = "app/pages/counterfactuals.py"


def show(result: RowResult, tasks: Sequence[Task]) -> None:
    """Show the buttons for a row; nothing for one that could not be predicted."""
    molecule = result.molecule
    asked = [(task, result.predictions[task.name]) for task in tasks if task.name in result.predictions]
    if not isinstance(molecule, Molecule) or not asked:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-change"):
        st.html('<p class="wm-summary"><b>What would change this?</b></p>')
        for task, prediction in asked:
            goal, label = opposite(task, prediction)
            if st.button(label, key=f"change-{task.name}", icon=":material/swap_horiz:"):
                query = {"smiles": molecule.smiles, "task": task.name, "goal": goal}
                st.switch_page(PAGE, query_params=query)


def opposite(task: Task, prediction: Prediction) -> tuple[str, str]:
    """The goal in the address of the page, and the words of the button: the other class, or a higher value."""
    if task.kind == "regression":
        return "raise", f"Raise {value_words.quantity(task)}"
    wanted = next(name for name in task.classes if name != prediction.verdict)
    return f"to:{wanted}", f"Become {wanted}"
