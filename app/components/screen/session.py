"""Which session of screenings a browser is in: its secret name stands in the address, where a reload finds it again."""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

from app.screening.page.runs import ScreenRun, is_session, new_session
from app.screening.run_folder import Run as Screening

SESSION, RUN = "session", "run"
_KEPT: Final = "screen-session"
_OPEN: Final = "screen-open"
_SAID: Final = "screen-said"


def current() -> str:
    """The session of the address, or else that of this visit; empty where nothing was screened yet."""
    asked = st.query_params.get(SESSION, "")
    if is_session(asked):
        st.session_state[_KEPT] = asked
    kept = str(st.session_state.get(_KEPT, ""))
    return kept if is_session(kept) else ""


def open_name() -> str:
    """Name of the screening that is to be shown: the address names it, or it was open when this page was left.

    A browser that goes back, and a click on the page's name, come without an address of their own.
    """
    if RUN in st.query_params or SESSION in st.query_params:
        return st.query_params.get(RUN, "")
    return str(st.session_state.get(_OPEN, ""))


def begun() -> str:
    """The session that a new screening belongs to."""
    st.session_state[_KEPT] = current() or new_session()
    return str(st.session_state[_KEPT])


def go_to(run: ScreenRun) -> None:
    """Let the address lead to a screening."""
    st.session_state[_OPEN] = run.name
    _lead_to({SESSION: run.session, RUN: run.name})


def go_to_all() -> None:
    """Let the address lead to all screenings of the session."""
    st.session_state.pop(_OPEN, None)
    session = current()
    _lead_to({SESSION: session} if session else {})


def widgets_of(run: Screening) -> str:
    """Tells the widgets of one screening from those of any other, also of a later one with the same name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{run.folder.parent.name}-{run.folder.name}-{run.record['created']}")


def say_once(sentence: str) -> None:
    """Keep a sentence for the next run of the page."""
    st.session_state[_SAID] = sentence


def has_said() -> bool:
    """Whether a sentence waits to be said."""
    return _SAID in st.session_state


def said() -> str:
    """What was to be said, once."""
    return str(st.session_state.pop(_SAID, ""))


def _lead_to(address: dict[str, str]) -> None:
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
