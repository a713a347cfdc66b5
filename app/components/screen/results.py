"""The results of a screening in three views: the summary, the molecules, and the picks.

Only the view that is open asks for anything, so that each is quick whatever the size of the library.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.components.markdown import plain
from app.components.screen import molecules as screen_molecules
from app.components.screen import overview as screen_overview
from app.components.screen import picks as screen_picks
from app.components.screen.queries import stamp_of
from app.components.screen.session import widgets_of
from app.screening.page.runs import ScreenRun

SUMMARY, MOLECULES, PICKS = "Summary", "Molecules", "Picks"
VIEWS: Final = (SUMMARY, MOLECULES, PICKS)


def show(run: ScreenRun, *, finished: bool) -> None:
    """The results that are written so far; nothing where there are none and more may come."""
    opened, stamp = run.opened(), stamp_of(run)
    if opened is None or stamp is None:
        if finished:
            st.info("The file holds no rows, so there are no results.")
        return
    if not finished:
        st.caption("Results as far as they are written. Repeats are known once all rows are screened.")
    view = st.segmented_control(
        "View", VIEWS, default=SUMMARY, required=True, key=f"screen-view-{widgets_of(opened)}",
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    try:
        if view == MOLECULES:
            screen_molecules.show(run, opened, stamp)
        elif view == PICKS:
            screen_picks.show(run, opened, stamp)
        else:
            screen_overview.show(opened, stamp)
    except ValueError as problem:
        st.error(f"{plain(str(problem)[:1].upper() + str(problem)[1:])}.")
