"""Quizzes on this machine, those that were saved and those that were never finished, and the way to delete them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import streamlit as st

from app.components.markdown import plain
from app.components.words import percent
from app.quiz.in_progress import all_begun, forget_begun
from app.quiz.session import outcome_of
from app.quiz.store import PERSON, QuizStoreError, TakenQuiz, as_csv, delete, kept
from datasets.tasks import TASKS

MOST_LISTED: Final = 30
_ASKING: Final = "quiz-deleting"


def show() -> None:
    """The list; nothing where there is none."""
    try:
        found = kept()
    except (QuizStoreError, OSError) as problem:
        st.error(plain(str(problem)))
        return
    if not found:
        return
    st.html('<div class="wm-lead"><h2>Saved on this machine</h2></div>')
    for quiz in found[:MOST_LISTED]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{quiz.id}"):
            st.markdown(line(quiz))
            st.button("Delete", key=f"quiz-delete-{quiz.id}", on_click=_delete, args=([quiz.id],))
    if len(found) > MOST_LISTED:
        st.caption(f"and {len(found) - MOST_LISTED} older ones; all are in the CSV.")
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV of all", lambda: as_csv(found), file_name="quizzes.csv", mime="text/csv", key="quiz-all-csv",
            on_click="ignore", icon=":material/download:", help="One line an answer",
        )  # fmt: skip
        if not st.session_state.get(_ASKING):
            st.button("Delete all", key="quiz-delete-all", on_click=_set, args=(True,))
            return
        st.markdown("Remove all saved quizzes with every answer?")
        st.button("Delete them", type="primary", key="quiz-delete-now", on_click=_delete, args=([q.id for q in found],))
        st.button("Keep them", key="quiz-keep-all", on_click=_set, args=(False,))


def show_begun() -> None:
    """Quizzes that were begun and neither saved nor left, without their answers; nothing where there is none."""
    try:
        found = all_begun()
    except (QuizStoreError, OSError):
        return  # the list of saved ones has said so
    if not found:
        return
    st.html('<div class="wm-lead"><h2>Begun and not finished</h2></div>')
    st.caption("A quiz goes on at its own address, which the browser's history knows. Here it can be deleted.")
    for quiz in found[:MOST_LISTED]:
        # The token opens the quiz, and names of widgets stand in the page.
        name = hashlib.sha256(quiz.token.encode()).hexdigest()[:16]
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{name}"):
            st.markdown(
                f"**{plain(_title(quiz.model))}**, {plain(quiz.since[:10])}: {len(quiz.answers)} of "
                f"{quiz.questions} questions answered"
            )
            st.button("Delete", key=f"quiz-forget-{name}", on_click=_forget, args=([quiz.token],))
    if len(found) > 1:
        everything = [quiz.token for quiz in found]
        st.button("Delete all of these", key="quiz-forget-all", on_click=_forget, args=(everything,))


def line(quiz: TakenQuiz) -> str:
    """A saved quiz in one line of markdown."""
    who = quiz.who or ("somebody" if quiz.taker == PERSON else quiz.taker)
    try:
        result = outcome_of(quiz.answers)
    except ValueError:
        return f"**{plain(who)}**, {plain(quiz.taken)}: no answers"
    return (
        f"**{plain(who)}**, {plain(quiz.model)}, {plain(quiz.taken[:10])}: "
        f"{percent(result.with_explanation.accuracy)} with explanations, {percent(result.without.accuracy)} without; "
        f"difference {100 * result.difference:+.0f} points ({100 * result.low:+.0f} to {100 * result.high:+.0f}), "
        f"{len(quiz.answers)} questions"
    )


def _delete(numbers: Sequence[str]) -> None:
    _set(False)
    try:
        delete(numbers)
    except (QuizStoreError, OSError) as problem:
        st.toast(plain(str(problem)), duration="long")


def _title(model: str) -> str:
    return TASKS[model].title if model in TASKS else model


def _forget(tokens: Sequence[str]) -> None:
    try:
        forget_begun(tokens)
    except (QuizStoreError, OSError) as problem:
        st.toast(plain(str(problem)), duration="long")


def _set(value: bool) -> None:
    st.session_state[_ASKING] = value
