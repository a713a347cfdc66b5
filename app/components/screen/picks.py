"""The picks of a screening on its page: what to pick, the plates, the picked molecules, and their files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from app.components.markdown import plain
from app.components.screen import downloads as screen_downloads
from app.components.screen import filters as screen_filters
from app.components.screen import queries as screen_queries
from app.components.screen import table as screen_table
from app.components.screen.plate import plate_html
from app.components.screen.queries import Stamp
from app.components.screen.session import widgets_of
from app.components.screen.table import PAGE, Names
from app.components.table import page_of, pages
from app.components.words import plural
from app.jobs.worker import State
from app.screening.page.picks import MOST, Picks, PicksAsked, Placed, new_picks, picks_of
from app.screening.page.runs import ScreenRun
from app.screening.page.selection import selected
from app.screening.results.exporting import Asked
from app.screening.results.picking import MOST_CANDIDATES
from app.screening.results.plates import FORMATS, write_plate_map
from app.screening.results.row_filter import of_rows
from app.screening.results.table import Results
from app.screening.run_folder import Run, open_run
from app.screening.run_tasks import tasks_of
from datasets.tasks import Task

ALL, FILTERED, SELECTED = "all molecules", "those that pass the filters", "my selection"
#: Seconds between two looks at the folder.
EVERY: Final = 1.0


def show(run: ScreenRun, opened: Run, stamp: Stamp) -> None:
    """The form, and the picks that were asked for last.

    Raises
    ------
    ValueError
        If the results cannot be read.
    """
    _form(run, opened, stamp)
    picks = picks_of(run)
    if picks is not None:
        busy = picks.state() is State.RUNNING
        st.fragment(_state, run_every=EVERY if busy else None)(picks)
        if not busy and picks.state() is State.FINISHED:
            _picked(run, opened, stamp, picks)


def _form(run: ScreenRun, opened: Run, stamp: Stamp) -> None:
    ticked, where = selected(run.folder), screen_filters.kept(opened)
    sources = [ALL, *([FILTERED] if where is not None else []), *([SELECTED] if ticked else [])]
    with st.container(border=True, key="wm-screen-pick"):
        st.html(
            '<div class="wm-lead"><h2>Pick molecules for an assay</h2><p>Repeats and rows without a prediction are '
            "never picked. Unlike molecules are found by MaxMin over circular fingerprints (Ashton et al. 2002).</p>"
            "</div>"
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            n = st.number_input("How many", 1, MOST, 384, key="screen-pick-n", width=130, persist_state="session")
            # Selected molecules are wanted all; of the others, unlike ones.
            source = st.selectbox(
                "From", sources, index=len(sources) - 1, key=f"screen-pick-from-{len(sources)}", width=260
            )
            way = st.segmented_control(
                "Way", ("unlike each other", "first in the file"), default="unlike each other", required=True,
                key="screen-pick-way", persist_state="session",
            )  # fmt: skip
            plate = st.selectbox(
                "Wells of a plate", sorted(FORMATS, reverse=True), key="screen-pick-plate", width=130,
                persist_state="session",
            )  # fmt: skip
            seed = st.number_input(
                "Seed", 0, 2**31, 0, key="screen-pick-seed", width=110, persist_state="session",
                help="Decides the first pick; the same seed gives the same picks.",
            )  # fmt: skip
        without = _without(opened, stamp)
        condition = {ALL: "", FILTERED: where or "", SELECTED: of_rows(opened.columns, ticked)}[source]
        if way == "unlike each other" and screen_queries.count(stamp, condition or None) > MOST_CANDIDATES:
            st.caption(f"{MOST_CANDIDATES:,} molecules are drawn first, and the picks are found among them.")
        if st.button("Pick", type="primary", key="screen-pick"):
            asked = PicksAsked(
                int(n), way == "unlike each other", str(source), condition, tuple(without), int(plate), int(seed)
            )
            try:
                new_picks(run, asked)
            except (OSError, ValueError) as problem:
                st.error(f"The picks could not be made: {plain(str(problem))}")
            else:
                st.rerun()


def _without(opened: Run, stamp: Stamp) -> list[str]:
    counted = {c.id: c for found in screen_queries.concepts(stamp).values() for c in found}
    if not counted:
        return []
    chosen: list[str] = st.multiselect(
        "Without molecules of these concepts", sorted(counted, key=lambda key: -counted[key].count),
        format_func=lambda key: f"{key}: {counted[key].name} ({counted[key].count:,})" if key in counted else key,
        key=f"screen-pick-without-{widgets_of(opened)}", placeholder="none is left out", persist_state="session",
    )  # fmt: skip
    return chosen


def _state(picks: Picks) -> None:
    state = picks.state()
    watched = "screen-picking"
    if st.session_state.get(watched) and state is not State.RUNNING:
        st.session_state[watched] = False
        st.rerun(scope="app")
    st.session_state[watched] = state is State.RUNNING
    if state is State.RUNNING:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="wm-training-picks"):
            st.markdown(f"Picking {plural(picks.asked.n, 'molecule')} from {plain(picks.asked.source)} …")
            st.button("Cancel", on_click=picks.stop, key="screen-pick-stop")
    elif state is State.FAILED:
        st.error(plain(picks.reason()[:1].upper() + picks.reason()[1:]) + ".")
    elif state is State.STOPPED:
        st.info("The picking was stopped before its end. Pick again.")


def _picked(run: ScreenRun, opened: Run, stamp: Stamp, picks: Picks) -> None:
    placed = picks.placed()
    if not placed:
        st.error("The picks cannot be read any more. Pick again.")
        return
    names, tasks = Names(tuple(opened.columns)), tasks_of(opened)
    with st.container(border=True, key="wm-screen-picked"):
        asked, candidates = picks.asked, picks.candidates()
        of = f" of {candidates:,} that could be" if candidates is not None else ""
        way = "unlike each other" if asked.diverse else "first in the file"
        plates = placed[-1].plate
        st.html(f'<div class="wm-lead"><h2>{plural(len(placed), "molecule")} picked</h2></div>')
        st.caption(
            f"{len(placed):,}{of}, from {plain(asked.source)}, {way}, on "
            f"{plural(plates, 'plate')} of {asked.plate} wells."
        )
        _files(run, placed, asked.plate)
        task = _marked(tasks, widgets_of(opened))
        number = st.pagination(plates, key=f"screen-plate-{len(placed)}") if plates > 1 else 1
        of_plate = [pick for pick in placed if pick.plate == number]
        wanted = screen_table.needed(names, tasks, (), None)
        rows = screen_queries.asked(
            stamp, lambda results: results.rows([pick.row for pick in of_plate], wanted).to_pylist()
        )
        known = {int(row[names("row")]): row for row in rows}
        st.html(plate_html(of_plate, known, asked.plate, names, task))
        _table(opened, stamp, of_plate, number, task)


def _marked(tasks: Sequence[Task], of: str) -> Task:
    """The task whose verdicts mark the wells, and whose atoms the pictures."""
    if len(tasks) == 1:
        return tasks[0]
    titles = {task.name: task.title for task in tasks}
    name = st.segmented_control(
        "Wells and pictures show", list(titles), format_func=titles.__getitem__, default=tasks[0].name, required=True,
        key=f"screen-picked-task-{of}", persist_state="session",
    )  # fmt: skip
    return next(task for task in tasks if task.name == name)


def _table(opened: Run, stamp: Stamp, of_plate: list[Placed], plate: int, task: Task) -> None:
    names, tasks = Names(tuple(opened.columns)), tasks_of(opened)
    masks_of = task if opened.settings.masks else None
    count = pages(len(of_plate), PAGE)
    place = st.container()
    number = st.pagination(count, key=f"screen-picked-page-{plate}-{len(of_plate)}") if count > 1 else 1
    shown = [of_plate[i] for i in page_of(range(len(of_plate)), number, PAGE)]
    wanted = screen_table.needed(names, tasks, (), masks_of)
    rows = screen_queries.asked(stamp, lambda results: results.rows([pick.row for pick in shown], wanted).to_pylist())
    table = screen_table.page_table(rows, names, tasks, (), masks_of)
    wells = {pick.row: pick.well for pick in shown}
    table.insert(0, "well", [wells.get(int(row[names("row")]), "") for row in rows])
    place.dataframe(
        table, hide_index=True, row_height=screen_table.ROW_HEIGHT, placeholder="",
        height=min(44 + screen_table.ROW_HEIGHT * len(rows), 520),
        column_config=screen_table.column_config(names, tasks, ()) | {
            "well": st.column_config.TextColumn("Well", width=56)
        },
        alt="Picked molecules in the order of their wells",
    )  # fmt: skip


def _files(run: ScreenRun, placed: list[Placed], size: int) -> None:
    rows = tuple(pick.row for pick in placed)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Plate map", partial(plate_map, run, rows, size), file_name=f"{run.name}-plates.csv", mime="text/csv",
            key="screen-plate-map", on_click="ignore", icon=":material/download:",
            help="CSV with plate and well in front of all columns",
        )  # fmt: skip
        screen_downloads.buttons(run, f"{run.name}-picks", Asked(rows=rows))


def plate_map(run: ScreenRun, rows: tuple[int, ...], size: int) -> bytes:
    """The plate map of these rows with all of their columns, as CSV."""
    with Results(open_run(run.folder)) as results, tempfile.TemporaryDirectory(dir=run.folder) as folder:
        table = results.rows(rows)
        cells = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        file = Path(folder) / "plates.csv"
        write_plate_map(file, table.column_names, cells, size)
        return file.read_bytes()
