"""The quiz while it is taken: the examples, then one question after the other."""

from __future__ import annotations

import html

import streamlit as st

from app.components.markdown import plain
from app.components.quiz.cards import examples_html, question_html
from app.components.quiz.keeping import keep, leave
from app.components.words import plural
from app.quiz.material import TEST_SPLIT
from app.quiz.session import QuizSession


def learn(session: QuizSession) -> None:
    """The examples, for as long as the reader likes."""
    material, count = session.material, len(session.plan.examples)
    seen = "The model has not learned from any of these molecules." if material.source == TEST_SPLIT else (
        "The measured table is not on this machine, so these are well-known molecules; the model may have learned from "
        "some of them."
    )  # fmt: skip
    st.html(
        f'<div class="wm-lead"><h2>Learn from {plural(count, "example")}</h2><p>{html.escape(material.task.question)} '
        f"What the model says stands above each molecule. Below is what it marked for either verdict. {seen}</p></div>"
    )
    st.html(examples_html(material, session.plan.examples))
    st.caption(
        f"{plural(len(session.plan.questions), 'question')} follow, without a way back. The clock of a question runs "
        "from when it is shown; there is no limit."
    )
    with st.container(horizontal=True, gap="small"):
        st.button("Begin", type="primary", key="quiz-begin", on_click=_begin, args=(session,))
        st.button("Leave the quiz", key="quiz-leave-examples", on_click=leave)


def ask(session: QuizSession) -> None:
    """The next question."""
    number, of = len(session.answers), len(session.plan.questions)
    st.progress(number / of, text=f"Question {number + 1} of {of}")
    with st.container(border=True, key="wm-quiz-question"):
        st.markdown(f"**What does the model say?** {plain(session.material.task.question)}")
        st.html(question_html(session.material.task, session.item, explained=session.question.explained))
        for column, (verdict, name) in zip(st.columns(2), enumerate(session.material.names), strict=True):
            column.button(
                name[:1].upper() + name[1:],
                key=f"quiz-{number}-{verdict}",
                on_click=_answer,
                args=(session, number, verdict),
                width="stretch",
            )
    st.button("Leave the quiz", key="quiz-leave", on_click=leave, help="Nothing of it is kept")
    session.show()


def _begin(session: QuizSession) -> None:
    session.learning = False
    keep(session)


def _answer(session: QuizSession, number: int, verdict: int) -> None:
    session.answer(number, verdict)
    keep(session)
