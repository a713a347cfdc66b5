"""Design rules on the page: many molecules in, a table of what each kind of edit does, with example pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.counterfactuals.design_rule_table import show_rules
from app.components.examples import EXAMPLE
from app.components.inputs import ENDINGS, MOST_MEGABYTES
from app.components.markdown import plain
from app.components.words import plural
from app.counterfactuals.design_rule_input import Molecules, measured_labels, molecules_of
from app.counterfactuals.design_rule_records import as_columns
from app.exports.counterfactuals import table_text
from datasets.library import read_structures
from datasets.smiles import read_pasted
from datasets.tasks import TASKS

if TYPE_CHECKING:
    from concepts.counterfactuals.design_rules import RuleSet
    from megan.predictor import Predictor

#: Molecules on the page; more belong to the command line.
MOST_MOLECULES: Final = 300
BUDGETS: Final = {"quick: 1,000 edits": 1000, "usual: 3,000 edits": 3000, "thorough: 10,000 edits": 10_000}
PASTE, FILE = "Paste", "File"
_KEPT: Final = "dr-result"


@dataclass(frozen=True, slots=True)
class Question:
    """What rules are asked for."""

    smiles: tuple[str, ...]
    task: str
    budget: int
    least: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The rules, and what they were made from."""

    asked: Question
    rules: RuleSet
    unreadable: int
    left_out: int
    """Molecules beyond `MOST_MOLECULES`."""


def show(models: Mapping[str, Predictor]) -> None:
    """Show the input card, and the rules once there are some."""
    with st.container(border=True, key="wm-input"):
        source = st.segmented_control(
            "Input", (PASTE, FILE), default=PASTE, required=True, key="dr-source", label_visibility="collapsed"
        )
        if source == FILE:
            st.file_uploader("File with structures", type=list(ENDINGS), key="dr-file", max_upload_size=MOST_MEGABYTES)
        else:
            st.text_area(
                "Molecules, one a line: SMILES, then a space or tab and a name",
                key="dr-pasted",
                height=168,
                placeholder="O=[N+]([O-])c1ccccc1 nitrobenzene",
            )
        st.caption(f"The first {MOST_MOLECULES} molecules are used here; larger sets go through the command line.")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            name = st.selectbox(
                "Task", list(models), format_func=lambda key: models[key].task.title, key="dr-task", width=280
            )
            budget = st.selectbox("Edits to predict", list(BUDGETS), index=1, key="dr-budget", width=240)
            least = st.number_input("Molecules a rule needs", 1, 100, value=3, key="dr-least", width=190)
            if source == PASTE:
                st.button("Load example", on_click=_load_example, key="dr-example")
            pressed = st.button("Find rules", type="primary", key="dr-find")
    if pressed:
        molecules = _molecules(source == FILE)
        if molecules is not None:
            _find(molecules, name, BUDGETS[budget], least, models[name])
    answer: Answer | None = st.session_state.get(_KEPT)
    if answer is not None and answer.asked.task in models:
        _show(answer, models[answer.asked.task])


def _load_example() -> None:
    st.session_state["dr-pasted"] = EXAMPLE


def _molecules(from_file: bool) -> Molecules | None:
    if not from_file:
        found = molecules_of(read_pasted(st.session_state.get("dr-pasted") or ""))
        what = "There is nothing to edit yet. Paste at least one SMILES, or load the example."
    else:
        upload = st.session_state.get("dr-file")
        if upload is None:
            st.warning("Choose a file first.")
            return None
        try:
            file = read_structures(upload.name, content=upload.getvalue())
            found = molecules_of(row.structure for row in file)
        except (ValueError, OSError) as problem:
            st.error(f"{plain(upload.name)} could not be read: {plain(str(problem))}")
            return None
        what = f"{plain(upload.name)} holds no structures."
    if not found.rows:
        st.warning(what)
        return None
    if not found.smiles:
        st.error(f"None of {plural(found.rows, 'row')} is a molecule.")
        return None
    return found


def _find(molecules: Molecules, name: str, budget: int, least: int, model: Predictor) -> None:
    from concepts.counterfactuals.design_rule_judge import judge_of
    from concepts.counterfactuals.design_rules import RuleSettings, design_rules

    asked = Question(molecules.smiles[:MOST_MOLECULES], name, budget, least)
    kept: Answer | None = st.session_state.get(_KEPT)
    if kept is not None and kept.asked == asked:
        return
    bar = st.progress(0.0, text="Reading what was measured")

    def tell(done: int, of: int) -> None:
        bar.progress(done / of, text=f"{done:,} of {plural(of, 'molecule')} edited")

    found = design_rules(asked.smiles, judge_of(model), RuleSettings(budget, least), _measured(name) or None, tell)
    bar.empty()
    left_out = len(molecules.smiles) - len(asked.smiles)
    st.session_state[_KEPT] = Answer(asked, found, molecules.unreadable, left_out)


@st.cache_resource(show_spinner=False, max_entries=4)
def _measured(task: str) -> dict[str, float]:
    return measured_labels(TASKS[task]) if task in TASKS else {}


def _show(answer: Answer, model: Predictor) -> None:
    found, task = answer.rules, model.task
    source = f"{plural(found.judged, 'edit')} of {plural(found.molecules, 'molecule')}"
    parts = [f"<b>{len(found.rules):,}</b> rules from {source}"]
    if found.pairs:
        parts.append(f"<b>{found.pairs:,}</b> measured pairs")
    if answer.unreadable:
        parts.append(f"<b>{answer.unreadable:,}</b> rows are no molecule")
    if answer.left_out:
        parts.append(f"{answer.left_out:,} molecules beyond the first {MOST_MOLECULES} were left out")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-bar"):
        st.html(f'<p class="wm-summary">{"".join(f"<span>{part}</span>" for part in parts)}</p>')
        if found.rules:
            st.download_button(
                "CSV",
                table_text([as_columns(rule, task) for rule in found.rules]),
                file_name=f"whymol-rules-{task.name}.csv",
                mime="text/csv",
                key="dr-csv",
                on_click="ignore",
                icon=":material/download:",
                help="All rules with intervals, contexts, measured pairs and an example each",
            )
    if not found.rules:
        st.info(
            "No kind of edit was made in enough molecules for a rule. Give more molecules, or ask for fewer a rule."
        )
        return
    show_rules(found.rules, task)
