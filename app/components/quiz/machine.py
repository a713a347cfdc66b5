"""The same quiz, taken by a language model on request: the exact text is shown first, and sent only on a click."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.components.markdown import plain
from app.components.quiz.results import language_model_sentence, outcome_html, save
from app.quiz.language_model import answer_schema, answers_in, quiz_prompt
from app.quiz.session import QuizSession, outcome_of
from app.quiz.store import Answered
from concepts.hypotheses.client import LanguageModel, NoHypothesis, language_model, send
from concepts.hypotheses.prompt import Prompt, one_line

_SHOWN, _ANSWERED = "quiz-machine-shown", "quiz-machine-answered"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a language model answered to a quiz."""

    quiz: int
    """Which quiz of this session, by its identity."""
    model: str
    answers: list[Answered]
    kept: bool = False


def show(session: QuizSession) -> None:
    """The way to ask, and what came of it."""
    with st.container(border=True, key="wm-hypothesis"):
        st.markdown("**The same quiz for a language model**")
        found = st.session_state.get(_ANSWERED)
        if isinstance(found, Machine) and found.quiz == id(session):
            _answered(session, found)
            return
        if st.session_state.get(_SHOWN) != id(session):
            st.button("Show what would be sent", key="quiz-machine-show", on_click=_set, args=(_SHOWN, id(session)))
            st.caption("The exact text is shown first; nothing is sent before you have seen it.")
            return
        _offer(session)


def _offer(session: QuizSession) -> None:
    prompt, to = quiz_prompt(session.material, session.plan), language_model()
    st.markdown("**This text would be sent, and nothing else**")
    st.code(prompt.text, language=None, wrap_lines=True, height=320)
    if isinstance(to, NoHypothesis):
        st.warning(plain(to.sentence))
        st.markdown(
            "Set `WHYMOL_LLM_MODEL`, `WHYMOL_LLM_KEY` and, for a server other than OpenAI's, `WHYMOL_LLM_URL` in the "
            "environment in which you start WhyMol, and start it again."
        )
    else:
        st.caption(f"It goes to {plain(to.url)}, to the model {plain(to.model)}. Prompt sha256 {prompt.sha256[:16]}….")
    with st.container(horizontal=True, gap="small"):
        sent = isinstance(to, LanguageModel) and st.button("Send it", type="primary", key="quiz-machine-send")
        st.button("Close", key="quiz-machine-close", on_click=_set, args=(_SHOWN, None))
    if sent and isinstance(to, LanguageModel):
        _send(session, prompt, to)


def _send(session: QuizSession, prompt: Prompt, to: LanguageModel) -> None:
    with st.spinner("Waiting for the language model"):
        text = send(prompt, to, answer_schema(session.material.names))
    words = (
        text
        if isinstance(text, NoHypothesis)
        else answers_in(text, session.material.names, len(session.plan.questions))
    )
    if isinstance(words, NoHypothesis):
        st.error(plain(words.sentence))
        return
    st.session_state[_ANSWERED] = Machine(id(session), one_line(to.model), session.answered_by(words))
    st.rerun()


def _answered(session: QuizSession, found: Machine) -> None:
    skipped = sum(not answer.given for answer in found.answers)
    st.markdown(plain(language_model_sentence(found.model, found.answers, skipped)))
    st.html(outcome_html(outcome_of(found.answers)))
    if found.kept:
        st.success("The answers are kept on this machine.")
    elif st.button("Save these answers", key="quiz-machine-save"):
        save(session.taken("", found.model, found.answers))
        st.session_state[_ANSWERED] = Machine(found.quiz, found.model, found.answers, kept=True)
        st.rerun()


def _set(key: str, value: int | None) -> None:
    st.session_state[key] = value
