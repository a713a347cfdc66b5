"""A quiz in progress outlives its page: kept with each answer, found again by the token in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.markdown import plain
from app.components.quiz.drawing import drawn
from app.quiz.in_progress import find_begun, forget_begun, keep_begun, new_token
from app.quiz.session import QuizSession
from app.quiz.store import QuizStoreError

if TYPE_CHECKING:
    from megan.predictor import Predictor

SESSION: Final = "quiz-session"
ADDRESS: Final = "quiz"
"""The part of the address that holds the token."""


def current() -> QuizSession | None:
    """The quiz of this page, if it has one; an address with the token of another quiz is followed first."""
    session = st.session_state.get(SESSION)
    asked = st.query_params.get(ADDRESS, "")
    if not isinstance(session, QuizSession) or (asked and asked != session.token):
        return None
    if session.token and not asked:  # the page was left for another, and the address with it
        st.query_params[ADDRESS] = session.token
    return session


def brought_back(models: Mapping[str, Predictor]) -> QuizSession | str:
    """The quiz that the address asks for, or why it cannot go on; empty where none is asked for."""
    token = st.query_params.get(ADDRESS, "")
    if not token:
        return ""
    try:
        begun = find_begun(token)
    except (QuizStoreError, OSError) as problem:
        return str(problem)
    if begun is None:
        return "There is no such quiz on this machine: it was saved, left, or deleted."
    if begun.model not in models:
        return f"The quiz cannot go on: the model {begun.model} is no longer on this machine."
    session = drawn(models, begun.model, begun.questions, begun.examples, begun.seed)
    if isinstance(session, str) or session.fingerprint != begun.fingerprint:
        return "The quiz cannot go on: the model or its molecules have changed since it was begun."
    session.token = begun.token
    session.go_on(begun.answers, begun.learning)
    return session


def begin(session: QuizSession) -> None:
    """Make a quiz that of the page, with a token if it can be kept."""
    session.token = new_token()
    st.session_state[SESSION] = session
    if not keep(session):
        session.token = ""


def keep(session: QuizSession) -> bool:
    """Keep where the quiz stands; where that cannot be done, the page says so, and the next answer tries again."""
    try:
        keep_begun(session)
    except (QuizStoreError, OSError) as problem:
        st.toast(f"A reload would lose your last answers: {plain(str(problem))}", duration="long")
        return False
    return True


def forget(session: QuizSession) -> None:
    """Remove what was kept on the way; the quiz on the page stays."""
    token, session.token = session.token, ""
    st.query_params.clear()
    try:
        forget_begun([token] if token else [])
    except (QuizStoreError, OSError) as problem:
        st.toast(plain(str(problem)), duration="long")


def leave() -> None:
    """Forget the quiz of this page, and what was kept of it."""
    session = st.session_state.pop(SESSION, None)
    if isinstance(session, QuizSession):
        forget(session)
