"""Files of a screening on its page: everything, the filtered, or the selected, in four formats.

Few rows come at a click. Many are written into the run folder first, and offered when they are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from app.components.markdown import plain
from app.components.screen import queries as screen_queries
from app.components.screen.queries import Stamp
from app.components.screen.source import here_only
from app.components.words import plural
from app.jobs.worker import State
from app.screening.page.exports import AT_ONCE, FORMATS, Export, large_export, small_export
from app.screening.page.runs import ScreenRun
from app.screening.page.selection import selected
from app.screening.results.exporting import Asked
from app.screening.run_folder import Run

ALL, FILTERED, SELECTED = "everything", "filtered", "selected"
#: Seconds between two looks at a file that is being written.
EVERY: Final = 1.5
MOST_BYTES: Final = 500_000_000
"""A larger file would have to be held in memory to be sent."""
MIME: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sdf": "chemical/x-mdl-sdfile",
    "parquet": "application/vnd.apache.parquet",
}
_NAMES: Final = {"csv": "CSV", "xlsx": "Excel", "sdf": "SDF", "parquet": "Parquet"}
_HINTS: Final = {
    "csv": "All columns; your own first",
    "xlsx": "For spreadsheets; a sheet holds a million rows",
    "sdf": "Structures with the importance of every atom",
    "parquet": "The smallest, for Python and R",
}


def show(run: ScreenRun, opened: Run, stamp: Stamp, where: str | None, kept: int) -> None:
    """The choice of rows, and a button for each format.

    Parameters
    ----------
    run, opened, stamp
        The screening.
    where
        The filters, checked; None where there are none.
    kept
        Rows that pass them.
    """
    del opened
    ticked = selected(run.folder)
    choices = {ALL: screen_queries.count(stamp, None)}
    if where is not None:
        choices[FILTERED] = kept
    if ticked:
        choices[SELECTED] = len(ticked)
    with st.container(border=True, key="wm-screen-files"):
        st.markdown("**Take home**")
        words = {name: f"{name} ({count:,})" for name, count in choices.items()}
        usual = FILTERED if FILTERED in choices else ALL
        # A new set of choices is a new widget, so that a filter that was set is also what is taken.
        which = st.segmented_control(
            "Which rows", list(choices), format_func=words.__getitem__, default=usual, required=True,
            key=f"screen-which-{'-'.join(choices)}", label_visibility="collapsed",
        )  # fmt: skip
        if which == SELECTED:
            at_once(run, f"{run.name}-selected", Asked(rows=tuple(ticked)))
        elif not choices[str(which)]:
            st.caption("No row to write.")
        elif choices[str(which)] <= AT_ONCE:
            at_once(run, f"{run.name}-{which}", Asked(where=where if which == FILTERED else None))
        else:
            _large(run, str(which), where if which == FILTERED else None, choices[str(which)])


def at_once(run: ScreenRun, name: str, asked: Asked) -> None:
    """Buttons that make their file when they are pressed."""
    with st.container(horizontal=True, gap="small"):
        buttons(run, name, asked)


def buttons(run: ScreenRun, name: str, asked: Asked) -> None:
    """The same without a row of their own."""
    for kind in FORMATS:
        _button(kind, f"{name}.{kind}", partial(small_export, run, kind, asked))


def _large(run: ScreenRun, which: str, where: str | None, rows: int) -> None:
    files = {kind: large_export(run, kind, which, where) for kind in FORMATS}
    st.caption(f"{plural(rows, 'row')}: the file is written first, and offered here when it is whole.")
    busy = any(file.state() is State.RUNNING for file in files.values())
    st.fragment(_files, run_every=EVERY if busy else None)(files)


def _files(files: dict[str, Export]) -> None:
    states = {kind: file.state() for kind, file in files.items()}
    watched, busy = "screen-writing", State.RUNNING in states.values()
    if st.session_state.get(watched) and not busy:
        # The timer stops with the last file.
        st.session_state[watched] = False
        st.rerun(scope="app")
    st.session_state[watched] = busy
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for kind, file in files.items():
            if states[kind] is State.FINISHED:
                if file.written() <= MOST_BYTES:
                    _button(kind, file.file.name, file.file.read_bytes, f"{_NAMES[kind]}, {_size(file.written())}")
            elif states[kind] is not State.RUNNING and st.button(
                f"Write {_NAMES[kind]}", key=f"screen-write-{kind}", help=_HINTS[kind]
            ):
                _start(file)
    for kind in (kind for kind, state in states.items() if state is State.RUNNING):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"Writing {_NAMES[kind]}, {_size(files[kind].written())} so far")
            st.button("Cancel", on_click=files[kind].stop, key=f"screen-stop-{kind}")
    for kind, file in files.items():
        if states[kind] is State.FAILED:
            st.error(f"{_NAMES[kind]} could not be written: {plain(file.reason())}")
        elif states[kind] is State.FINISHED:
            _where_it_lies(kind, file)


def _where_it_lies(kind: str, file: Export) -> None:
    large = file.written() > MOST_BYTES
    if here_only():
        why = " It is too large to be sent to a browser." if large else ""
        st.caption(f"The {_NAMES[kind]} file also lies at {plain(str(file.file.resolve()))}.{why}")
    elif large:
        st.caption(
            f"The {_NAMES[kind]} file has {_size(file.written())}, too much for a browser; choose Parquet, or filter "
            "the rows."
        )


def _start(file: Export) -> None:
    try:
        file.start()
    except OSError as problem:
        st.error(f"The file could not be written: {plain(problem.strerror or str(problem))}.")
    else:
        st.session_state["screen-writing"] = True
        st.rerun(scope="app")


def _button(kind: str, name: str, content: Callable[[], bytes], label: str = "") -> None:
    st.download_button(
        label or _NAMES[kind], content, file_name=name, mime=MIME[kind], key=f"screen-file-{Path(name).name}",
        on_click="ignore", icon=":material/download:", help=_HINTS[kind],
    )  # fmt: skip


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.0f} kB"
