"""The molecules of a screening: filters, pages of the table, what is ticked, and files of any of these."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components.markdown import plain
from app.components.screen import downloads as screen_downloads
from app.components.screen import filters as screen_filters
from app.components.screen import queries as screen_queries
from app.components.screen import table as screen_table
from app.components.screen.filters import Chosen
from app.components.screen.opened import cards_html
from app.components.screen.queries import Stamp
from app.components.screen.session import widgets_of
from app.components.screen.table import PAGE, Names
from app.components.table import pages
from app.components.words import plural
from app.screening.page.runs import ScreenRun
from app.screening.page.selection import MOST, change, selected
from app.screening.run_folder import Run
from app.screening.run_tasks import tasks_of
from datasets.tasks import Task

if TYPE_CHECKING:
    from streamlit.elements.arrow import DataframeStateInput

#: Ticked molecules that are opened below the table.
MOST_OPENED: Final = 4
_ALONE: Final = "structure alone"
_TURN, _TICKED = "screen-turn", "screen-ticked"


def show(run: ScreenRun, opened: Run, stamp: Stamp) -> None:
    """Filters, table, selection and files.

    Raises
    ------
    ValueError
        If the results cannot be read.
    """
    chosen = screen_filters.ask(opened, stamp)
    total, kept = screen_queries.count(stamp, None), screen_queries.count(stamp, chosen.where)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-screen-bar"):
        said = plural(total, "row") if chosen.where is None else f"{kept:,} of {plural(total, 'row')}"
        st.html(f'<p class="wm-summary"><span><b>{said.partition(" ")[0]}</b> {said.partition(" ")[2]}</span></p>')
        masks_of = _pictures(opened, tasks_of(opened))
        own = _own_columns(opened)
    if kept:
        rows = _table(run, opened, stamp, chosen, kept, masks_of, own)
        _selection(run, opened, stamp, chosen, kept, rows)
    else:
        st.info("No row passes these filters.")
    screen_downloads.show(run, opened, stamp, chosen.where, kept)


def _pictures(run: Run, tasks: Sequence[Task]) -> Task | None:
    """The task whose atoms are shown; None for structures alone."""
    if not run.settings.masks:
        return None
    titles = {task.name: f"atoms behind {task.name.replace('_', ' ')}" for task in tasks}
    name = st.selectbox(
        "Pictures show", [*titles, _ALONE], format_func=lambda key: titles.get(key, key),
        key=f"screen-pictures-{widgets_of(run)}", width=230, persist_state="session",
    )  # fmt: skip
    return next((task for task in tasks if task.name == name), None)


def _own_columns(run: Run) -> list[str]:
    names = Names(tuple(run.columns)).own()
    if not names:
        return []
    chosen: list[str] = st.multiselect(
        "Your columns", names, key=f"screen-own-{widgets_of(run)}", placeholder="none", width=260,
        persist_state="session",
    )  # fmt: skip
    return chosen


def _table(
    run: ScreenRun, opened: Run, stamp: Stamp, chosen: Chosen, kept: int, masks_of: Task | None, own: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    """One page of the rows that pass; what of them was read."""
    names, tasks = Names(tuple(opened.columns)), tasks_of(opened)
    of = hashlib.sha256(repr((stamp, chosen)).encode()).hexdigest()[:12]
    count = pages(kept, PAGE)
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        number = st.pagination(count, key=f"screen-page-{of}", persist_state="session") if count > 1 else 1
        st.caption(
            "Tick rows at their left to keep them in your selection. A click on a column's head sorts this page alone."
        )
    wanted = screen_table.needed(names, tasks, own, masks_of)
    rows: list[Mapping[str, Any]] = screen_queries.asked(
        stamp,
        lambda results: results.page(wanted, chosen.where, chosen.order, PAGE, (number - 1) * PAGE).to_pylist(),
    )
    shown = [int(row[names("row")]) for row in rows]
    key = f"screen-table-{of}-{number}-{st.session_state.get(_TURN, 0)}"
    if key not in st.session_state:
        # What was ticked before is ticked when this page of the table comes; from then on the browser says.
        ticked = set(selected(run.folder))
        st.session_state[_TICKED] = [place for place, row in enumerate(shown) if row in ticked]
    place.dataframe(
        screen_table.page_table(rows, names, tasks, own, masks_of),
        key=key,
        hide_index=True,
        row_height=screen_table.ROW_HEIGHT,
        placeholder="",
        height=min(44 + screen_table.ROW_HEIGHT * len(rows), 620),
        column_config=screen_table.column_config(names, tasks, own),
        on_select=lambda: _tick(run, key, shown),
        selection_mode="multi-row",
        selection_default=_ticked_at(st.session_state[_TICKED]),
        alt="Screened molecules; ticked rows are kept in the selection",
    )
    return rows


def _ticked_at(places: Sequence[int]) -> DataframeStateInput:
    return {"selection": {"rows": list(places)}}


def _tick(run: ScreenRun, key: str, shown: Sequence[int]) -> None:
    """Keep what is ticked on a page of the table."""
    places: list[int] = st.session_state[key]["selection"]["rows"]
    ticked = [shown[place] for place in places if place < len(shown)]
    _change(run, ticked, [row for row in shown if row not in ticked])


def _change(run: ScreenRun, tick: Sequence[int], untick: Sequence[int] = ()) -> None:
    try:
        change(run.folder, tick, untick)
    except (ValueError, OSError) as problem:
        st.session_state["screen-selection-problem"] = str(problem)


def _clear(run: ScreenRun) -> None:
    _change(run, (), selected(run.folder))
    _begin_anew()


def _begin_anew() -> None:
    """Let the table come with the ticks that are kept by now instead of those that the browser holds."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _selection(
    run: ScreenRun, opened: Run, stamp: Stamp, chosen: Chosen, kept: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    names, tasks = Names(tuple(opened.columns)), tasks_of(opened)
    ticked = selected(run.folder)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-screen-selection"):
        st.markdown(f"**{plural(len(ticked), 'molecule')}** in your selection")
        if kept <= MOST:
            st.button(
                f"Add all {kept:,} that pass" if chosen.where is not None else f"Add all {kept:,}",
                key="screen-add-all", on_click=_add_all, args=(run, stamp, chosen),
            )  # fmt: skip
        if ticked:
            st.button("Clear", key="screen-clear", on_click=_clear, args=(run,))
    if problem := st.session_state.pop("screen-selection-problem", ""):
        st.error(plain(problem))
    here = set(ticked)
    mine = [row for row in rows if row[names("row")] in here and row[names("smiles")]][:MOST_OPENED]
    if mine:
        wanted = None  # every column: pictures of all tasks are drawn
        full = screen_queries.asked(
            stamp, lambda results: results.rows([int(row[names("row")]) for row in mine], wanted).to_pylist()
        )
        st.html(cards_html(full, names, tasks, opened))


def _add_all(run: ScreenRun, stamp: Stamp, chosen: Chosen) -> None:
    try:
        rows = screen_queries.asked(stamp, lambda results: results.numbers(chosen.where, chosen.order, MOST))
    except ValueError as problem:
        st.session_state["screen-selection-problem"] = str(problem)
        return
    _change(run, rows)
    _begin_anew()
