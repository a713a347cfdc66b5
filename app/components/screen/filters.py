"""The filters above the table of a screening; `ask` answers what they say as a condition that was checked.

Their values are kept while other views or pages are open.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from app.components import value_words
from app.components.markdown import plain
from app.components.screen import queries as screen_queries
from app.components.screen import words as screen_words
from app.components.screen.queries import Stamp
from app.components.screen.session import widgets_of
from app.components.screen.table import Names, output_key
from app.screening.results.row_filter import ABSENT, FOUND, RowFilter, TaskFilter, condition
from app.screening.results.table import Order
from app.screening.run_folder import Run
from app.screening.run_tasks import tasks_of
from datasets.tasks import Task

_AS_GIVEN: Final = "\0"
_STATUS: Final = {"ok": "predicted", "warning": "predicted, with a note", "error": "not predicted"}
_ARE: Final = {FOUND: "in any of these", ABSENT: "in none of these"}
MOST_OPTIONS: Final = 400
_WHERE: Final = "screen-where-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the filters say."""

    where: str | None
    """Checked, in SQL; None keeps all rows."""
    order: Order | None


def ask(run: Run, stamp: Stamp) -> Chosen:
    """Show the filters.

    Raises
    ------
    ValueError
        If the results cannot be read.
    """
    tasks, names = tasks_of(run), Names(tuple(run.columns))
    of = widgets_of(run)
    with st.container(border=True, key="wm-screen-filters"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            text = st.text_input(
                "Search", key=f"screen-text-{of}", width=230, placeholder="name, or part of a SMILES",
                persist_state="session",
            )  # fmt: skip
            status = _many("Rows", list(_STATUS), _STATUS, f"screen-status-{of}", 250)
            order = _order(names, tasks, of)
        per_task = _of_tasks(tasks, stamp, of)
        with st.expander("Concepts, alerts, and a condition of your own", key=f"screen-more-filters-{of}"):
            concepts, concepts_are = _concepts(stamp, of)
            alerts, alerts_are = _alerts(run, stamp, of)
            with st.container(horizontal=True, gap="medium"):
                without_alerts = run.settings.alerts and st.toggle(
                    "Without any alert", key=f"screen-clean-{of}", persist_state="session"
                )
                without_repeats = st.toggle(
                    "Without repeats", key=f"screen-repeats-{of}", persist_state="session",
                    help="Only the first of rows with the same structure",
                )  # fmt: skip
            sql = st.text_input(
                "Condition in SQL over the columns", key=f"screen-sql-{of}", persist_state="session",
                placeholder=f"{names(output_key(tasks[0]))} between 0.4 and 0.6 and {names('status')} = 'ok'",
            )  # fmt: skip
            st.html(columns_html(names))
        asked = RowFilter(
            text, tuple(status), per_task, tuple(concepts), concepts_are, tuple(alerts), alerts_are,
            bool(without_alerts), without_repeats, sql,
        )  # fmt: skip
        where = _checked(stamp, asked)
    st.session_state[f"{_WHERE}{of}"] = where
    return Chosen(where, order)


def kept(run: Run) -> str | None:
    """What the filters said when they were shown last; None where they kept all rows, or were not shown."""
    found = st.session_state.get(f"{_WHERE}{widgets_of(run)}")
    return None if found is None else str(found)


def columns_html(names: Names) -> str:
    """The columns that a condition may speak of, folded away."""
    listed = " ".join(f"<code>{html.escape(c.name)}</code>" for c in names.columns)
    return (
        '<details class="wm-screen-columns"><summary>Names of the columns</summary>'
        f'<p>{listed}</p><p class="wm-muted">A name with spaces or signs stands in "double quotes", a text in '
        "'single quotes'. The same condition works after --where in the terminal.</p></details>"
    )


def _checked(stamp: Stamp, asked: RowFilter) -> str | None:
    try:
        where = screen_queries.asked(stamp, lambda results: condition(results, asked))
        screen_queries.count(stamp, where)
    except ValueError as problem:
        said = str(problem)
        st.error(f"{plain(said[:1].upper() + said[1:])}. It is left out for now.")
        return screen_queries.asked(stamp, lambda results: condition(results, _without_sql(asked)))
    return where


def _without_sql(asked: RowFilter) -> RowFilter:
    return RowFilter(
        asked.text, asked.status, asked.tasks, asked.concepts, asked.concepts_are, asked.alerts, asked.alerts_are,
        asked.without_alerts, asked.without_repeats,
    )  # fmt: skip


def _order(names: Names, tasks: Sequence[Task], of: str) -> Order | None:
    named = {_AS_GIVEN: "as in the file"}
    named |= {names(output_key(task)): f"{task.title}" for task in tasks}
    for task in tasks:
        short = task.name.replace("_", " ")
        for suffix, words in (("spread", "spread of the networks"), ("domain", "similarity to training compounds")):
            if names.has(f"{task.name}_{suffix}"):
                named[names(f"{task.name}_{suffix}")] = f"{short}: {words}"
    named |= {name: f"your column {name}" for name in names.own() if name not in named}
    column = st.selectbox(
        "Sort by", list(named), format_func=named.__getitem__, key=f"screen-order-{of}", width=270,
        persist_state="session",
    )  # fmt: skip
    highest = st.segmented_control(
        "Direction", ("highest first", "lowest first"), default="highest first", required=True,
        key=f"screen-way-{of}", label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return None if column == _AS_GIVEN else Order(str(column), highest == "highest first")


def _of_tasks(tasks: Sequence[Task], stamp: Stamp, of: str) -> dict[str, TaskFilter]:
    found = {}
    for task, place in zip(tasks, st.columns(max(len(tasks), 1), gap="medium"), strict=False):
        with place:
            st.html(f'<p class="wm-kicker">{html.escape(task.title)}</p>')
            options = task.classes or value_words.class_names(task)
            verdicts = (
                _many(f"Verdict, {task.name}", options, {}, f"screen-verdict-{task.name}-{of}", "stretch", hidden=True)
                if options
                else []
            )
            low, high = _range(task, stamp, of)
            inside = st.toggle("Only inside the domain", key=f"screen-inside-{task.name}-{of}", persist_state="session")
        found[task.name] = TaskFilter(tuple(verdicts), low, high, inside)
    return found


def _range(task: Task, stamp: Stamp, of: str) -> tuple[float | None, float | None]:
    """Limits of the outputs; None at an end that the slider leaves open."""
    if task.kind == "classification":
        first, last, name = 0.0, 1.0, f"Probability of {task.positive}"
    else:
        bins = screen_queries.bins(stamp).get(task.name)
        if bins is None or bins.edges[-1] - bins.edges[0] < 0.02:
            return None, None
        # Rounded outwards, so that the ends hold every molecule.
        first, last = float(f"{bins.edges[0] - 0.005:.2f}"), float(f"{bins.edges[-1] + 0.005:.2f}")
        name = f"Value ({task.unit})" if task.unit else "Value"
    low, high = st.slider(
        name, first, last, (first, last), 0.01, key=f"screen-range-{task.name}-{of}-{first}-{last}",
        persist_state="session",
    )  # fmt: skip
    return (None if low <= first else low), (None if high >= last else high)


def _concepts(stamp: Stamp, of: str) -> tuple[list[tuple[str, str]], str]:
    counted = {
        (task, concept.id): concept for task, found in screen_queries.concepts(stamp).items() for concept in found
    }
    if not counted:
        return [], FOUND
    options = sorted(counted, key=lambda key: -counted[key].count)[:MOST_OPTIONS]

    def words(key: tuple[str, str]) -> str:
        found = counted.get(key)
        return f"{key[1]}: {found.name} ({found.count:,})" if found is not None else key[1]

    return _listed("Concepts", options, words, f"screen-concepts-{of}")


def _alerts(run: Run, stamp: Stamp, of: str) -> tuple[list[tuple[str, str]], str]:
    if not run.settings.alerts:
        return [], FOUND
    counted = {(alert.catalog, alert.name): alert.count for alert in screen_queries.alerts(stamp)}
    if not counted:
        return [], FOUND

    def words(key: tuple[str, str]) -> str:
        return f"{screen_words.catalog(key[0])}: {screen_words.alert(key[1])} ({counted.get(key, 0):,})"

    return _listed("Alerts", list(counted)[:MOST_OPTIONS], words, f"screen-alerts-{of}")


def _listed(label: str, options: list[tuple[str, str]], words: Any, key: str) -> tuple[list[tuple[str, str]], str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen: list[tuple[str, str]] = st.multiselect(
            label, options, format_func=words, key=key, placeholder="no matter", width=620, persist_state="session"
        )
        are = st.segmented_control(
            f"{label} are", list(_ARE), format_func=_ARE.__getitem__, default=FOUND, required=True, key=f"{key}-are",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    return chosen, str(are)


def _many(
    label: str, options: Sequence[str], words: dict[str, str], key: str, width: Any, *, hidden: bool = False
) -> list[str]:
    chosen: list[str] = st.multiselect(
        label, options, format_func=lambda name: words.get(name, name), key=key, placeholder="all", width=width,
        label_visibility="collapsed" if hidden else "visible", persist_state="session",
    )  # fmt: skip
    return chosen
