"""What a quiz came to: both accuracies, their difference with its exact interval, times; saving it; every question."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from app.components.markdown import plain
from app.components.quiz.cards import review_html
from app.components.quiz.keeping import forget, leave
from app.components.words import percent
from app.quiz.session import QuizSession
from app.quiz.statistics import Arm, Outcome
from app.quiz.store import LONGEST_NAME, QuizStoreError, TakenQuiz, as_csv, keep

_DRAWBACKS = (
    "The molecules with and without explanations are different ones, so chance decides which are hard; a single quiz "
    "rarely has enough questions to show a difference of less than a third.",
    "Explanations may give a verdict away by how much they mark. That is measured too.",
    "To predict the model is not to know the truth: a model that is wrong is to be predicted wrong.",
)


def show(session: QuizSession) -> None:
    """The result with everything that can be done with it."""
    st.html(f'<div class="wm-lead"><h2>Your result</h2></div>{outcome_html(session.outcome())}')
    _save(session)
    with st.expander("Every question"):
        st.html(review_html(session.answers, session.material.names))
    with st.expander("What this can say, and what not"):
        st.html('<ul class="wm-changes">' + "".join(f"<li>{html.escape(line)}</li>" for line in _DRAWBACKS) + "</ul>")


def outcome_html(found: Outcome) -> str:
    """The numbers as tiles, with a sentence."""
    explained, without = found.with_explanation, found.without
    difference = (
        f"<span>Difference</span><b>{100 * found.difference:+.0f} points</b>"
        f"<small>{100 * found.low:+.0f} to {100 * found.high:+.0f}, exact 95 % interval</small>"
    )
    tiles = (_tile("With explanations", explained), _tile("Without", without), difference, _times(found))
    return (
        f'<div class="wm-tiles wm-quiz-tiles">{"".join(f"<div class=wm-tile>{tile}</div>" for tile in tiles)}</div>'
        f'<p class="wm-sentence">{html.escape(sentence(found))}</p>'
    )


def sentence(found: Outcome) -> str:
    """What the interval allows to say."""
    if not found.decided:
        return "The interval holds 0: this quiz does not show whether the explanations helped or not."
    if found.low > 0:
        return "The interval lies above 0: the explanations helped to predict the model."
    return "The interval lies below 0: the explanations made it harder to predict the model."


def language_model_sentence(model: str, answers: Sequence[object], skipped: int) -> str:
    """Who answered, and how many answers were no verdict."""
    said = f"Answered by {model}: {len(answers)} questions."
    return said if not skipped else f"{said} {skipped} of the answers are no verdict and count as wrong."


def _tile(name: str, arm: Arm) -> str:
    return (
        f"<span>{name}</span><b>{percent(arm.accuracy)}</b><small>{arm.right} of {arm.asked} right; "
        f"{100 * arm.low:.0f} to {100 * arm.high:.0f} %</small>"
    )


def _times(found: Outcome) -> str:
    one, other = found.with_explanation.seconds, found.without.seconds
    if one is None or other is None:
        return "<span>Time of an answer</span><b>–</b><small>not taken</small>"
    return (
        f"<span>Time of an answer</span><b>{one:.1f} s</b><small>with explanations, {other:.1f} s without "
        "(medians)</small>"
    )


def _save(session: QuizSession) -> None:
    with st.container(border=True, key="wm-quiz-save"):
        if session.kept:
            st.success("The quiz is kept on this machine.")
        else:
            who = st.text_input("Name, if you like", key="quiz-who", max_chars=LONGEST_NAME)
            if st.button("Save the result", type="primary", key="quiz-save"):
                save(session.taken(who))
                session.kept = True
                forget(session)
                st.rerun()
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "CSV", lambda: as_csv([session.taken("")]), file_name="quiz.csv", mime="text/csv", key="quiz-csv",
                on_click="ignore", icon=":material/download:", help="One line a question",
            )  # fmt: skip
            st.button("Another quiz", key="quiz-again", on_click=leave)


def save(taken: TakenQuiz) -> None:
    """Keep a quiz; where that cannot be done, the page says so and stops."""
    try:
        keep(taken)
    except (QuizStoreError, OSError) as problem:
        st.error(f"The quiz could not be saved: {plain(str(problem))}")
        st.stop()
