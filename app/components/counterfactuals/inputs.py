"""The question of the page: which molecule, which task, which goal, what stays, how widely to search.

`ask` answers a request in the run in which one is made: by the button, or by an address that another page links to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import value_words
from app.components.concepts.words import name_of
from app.components.counterfactuals import atoms as counterfactual_atoms
from app.components.counterfactuals.search import MOST_SECONDS, concepts_of, has_concepts
from app.components.markdown import plain
from app.counterfactuals.request import MOST_BUDGET, Aim, Request, kept
from datasets.molecule import InputRow, RowProblem
from datasets.standardize import standardize
from datasets.tasks import TASKS, Task

if TYPE_CHECKING:
    from megan.predictor import Predictor

#: Longest SMILES that is taken from an address.
MOST_CHARACTERS: Final = 4000
REQUEST: Final = "cf-request"
"""Session key of the last request."""
_ADDRESS = "cf-address"
_LEAVE, _DISAGREE, _RAISE, _LOWER = "leave", "disagree", "raise", "lower"
_TO = "to:"
_EDITS = (1, 2, 3)
EXAMPLE: Final = "O=[N+]([O-])c1ccc(C)cc1"


def ask(models: Mapping[str, Predictor]) -> Request | None:
    """Show the input card."""
    linked = _take_address(models)
    _restore(models)
    with st.container(border=True, key="wm-input"):
        st.text_input("Molecule as SMILES", key="cf-smiles", placeholder=EXAMPLE)
        smiles = str(st.session_state["cf-smiles"] or "").strip()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            name = st.selectbox(
                "Task", list(models), format_func=lambda key: models[key].task.title, key="cf-task", width=280
            )
            task = models[name].task
            request = _goal(Request(smiles, name, seconds=MOST_SECONDS), task, models)
        with st.expander("Keep a part, or search more widely", key="cf-more"):
            request = _bounds(request, smiles)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            pressed = st.button("Search", type="primary", key="cf-search")
            st.button("Load example", on_click=_load_example, key="cf-example")
    if not pressed and not linked:
        return None
    return _checked(request, task)


def fill(request: Request, models: Mapping[str, Predictor]) -> None:
    """Put a request into the fields; before they are drawn."""
    task = models[request.task].task
    state = st.session_state
    state["cf-smiles"], state["cf-task"], state["cf-keep"] = request.smiles, request.task, request.keep
    state["cf-edits"], state["cf-count"], state["cf-budget"] = request.max_edits, request.count, request.budget
    state[f"cf-goal-{request.task}"] = goal_word(request, task)
    if request.aim is Aim.MOVE:
        state["cf-amount"] = abs(request.by)
    state["cf-both"] = request.both
    note_address(request, task)


def note_address(request: Request, task: Task) -> None:
    """Let the address name the request, so that it can be bookmarked."""
    asked = {"smiles": request.smiles, "task": request.task, "goal": goal_word(request, task)}
    st.query_params.from_dict(asked)
    st.session_state[_ADDRESS] = tuple(asked.values())


def goal_word(request: Request, task: Task) -> str:
    """The goal as the address and the field name it."""
    if request.aim is Aim.FLIP:
        return f"{_TO}{request.to or task.classes[0]}"
    if request.aim is Aim.MOVE:
        return _RAISE if request.by > 0 else _LOWER
    return _LEAVE if request.aim is Aim.LEAVE else _DISAGREE


def goals_of(task: Task, has_concepts: bool) -> dict[str, str]:
    """What can be asked of a task: the word in the address, and the words for people."""
    if task.kind == "classification":
        goals = {f"{_TO}{name}": f"Become {name}" for name in task.classes}
    else:
        quantity = value_words.quantity(task)
        goals = {_RAISE: f"Raise {quantity}", _LOWER: f"Lower {quantity}"}
    if has_concepts:
        goals[_LEAVE] = "Leave a concept"
    return goals | {_DISAGREE: "Stress test: where the model knows least"}


def _goal(request: Request, task: Task, models: Mapping[str, Predictor]) -> Request:
    goals = goals_of(task, has_concepts(request.task, models))
    goal = st.selectbox("Goal", list(goals), format_func=goals.__getitem__, key=f"cf-goal-{request.task}", width=340)
    if goal.startswith(_TO):
        wanted = goal.removeprefix(_TO)
        request = replace(request, aim=Aim.FLIP, to=wanted)
        others = [m.task for n, m in models.items() if n != request.task and n in TASKS and m.task.classes]
        if wanted == task.classes[0] and others:
            first = " and ".join(other.classes[0] for other in others)
            request = replace(request, both=st.toggle(f"and {first} at once", key="cf-both"))
    elif goal in (_RAISE, _LOWER):
        unit = task.unit or "units"
        st.session_state.setdefault("cf-amount", 1.0)
        amount = st.number_input(f"by ({unit})", 0.1, 100.0, step=0.5, key="cf-amount", width=170)
        request = replace(request, aim=Aim.MOVE, by=amount if goal == _RAISE else -amount)
    elif goal == _LEAVE:
        names = {concept.id: name_of(concept) for concept in concepts_of(request.smiles, request.task, models)}
        chosen = st.selectbox(
            "Concept",
            list(names),
            format_func=lambda key: f"{key}: {names[key]}",
            key=f"cf-concept-{request.task}-{request.smiles}",
            placeholder="The molecule is in none",
            disabled=not names,
            width=420,
        )
        request = replace(request, aim=Aim.LEAVE, concept=chosen or "")
    else:
        request = replace(request, aim=Aim.DISAGREE)
    return request


def _bounds(request: Request, smiles: str) -> Request:
    if "cf-keep-next" in st.session_state:
        st.session_state["cf-keep"] = st.session_state.pop("cf-keep-next")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.session_state.setdefault("cf-edits", 3)
        st.session_state.setdefault("cf-count", 5)
        most = st.segmented_control("Edits at most", _EDITS, required=True, key="cf-edits")
        count = st.number_input("Molecules to show", 1, 20, key="cf-count", width=150)
        budget = st.number_input(
            "Predictions at most",
            50,
            MOST_BUDGET,
            value=None,
            step=100,
            key="cf-budget",
            placeholder="by size",
            help="More find more, and take longer. Empty: a number that falls with the size of the molecule.",
            width=190,
        )
    keep = st.text_input(
        "Keep this part",
        key="cf-keep",
        placeholder="SMARTS such as c1ccccc1, or atom numbers such as 1-4, 7",
        help="Its atoms, charges and the bonds among them stay; new neighbours may be hung on it.",
    )
    molecule = standardize(InputRow(0, "", smiles)) if smiles else None
    if molecule is not None and not isinstance(molecule, RowProblem):
        st.caption("Or click atoms: the marked ones stay.")
        counterfactual_atoms.show(molecule.smiles, "cf-keep")
    return replace(request, keep=keep.strip(), max_edits=most or 3, count=count, budget=budget)


def _checked(request: Request, task: Task) -> Request | None:
    if not request.smiles:
        st.warning("There is no molecule yet. Type a SMILES, or load the example.")
        return None
    if request.aim is Aim.LEAVE and not request.concept:
        st.info("This molecule is in no concept of this model, so that there is none to leave.")
        return None
    try:
        kept(request.keep)
    except ValueError as problem:
        st.error(plain(str(problem)))
        return None
    note_address(request, task)
    return request


def _take_address(models: Mapping[str, Predictor]) -> bool:
    """Fill the fields from an address that was not seen yet; whether there was one."""
    asked = st.query_params
    smiles = asked.get("smiles", "").strip()[:MOST_CHARACTERS]
    name, goal = asked.get("task", ""), asked.get("goal", "")
    if not smiles or st.session_state.get(_ADDRESS) == (smiles, name, goal):
        return False
    if name not in models:
        name = next(iter(models))
    task = models[name].task
    if goal not in goals_of(task, has_concepts=False):
        goal = next(iter(goals_of(task, has_concepts=False)))
    state = st.session_state
    state["cf-smiles"], state["cf-task"], state[f"cf-goal-{name}"] = smiles, name, goal
    return True


def _restore(models: Mapping[str, Predictor]) -> None:
    """Fields are forgotten while another page is shown; the last request is not."""
    last: Request | None = st.session_state.get(REQUEST)
    if "cf-smiles" not in st.session_state and last is not None and last.task in models:
        fill(last, models)


def _load_example() -> None:
    st.session_state["cf-smiles"] = EXAMPLE
