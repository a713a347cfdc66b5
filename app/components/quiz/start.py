"""The start of a quiz: which model, how many questions; everything is drawn when the button is pressed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.markdown import plain
from app.components.quiz.drawing import drawn
from app.components.quiz.keeping import begin
from datasets.tasks import TASKS

if TYPE_CHECKING:
    from megan.predictor import Predictor

QUESTIONS: Final = (12, 20, 32, 40)
EXAMPLES: Final = (4, 8, 12)
_MOST_SEED: Final = 2**31 - 1


def show(models: Mapping[str, Predictor]) -> None:
    """The form."""
    with st.container(border=True, key="wm-input"):
        st.html(
            '<div class="wm-lead"><h2>How it goes</h2><p>First you see examples with the verdicts of the model. Then '
            "you predict its verdict on new molecules: half of them come with the parts that the model marked and "
            "the concepts that they look like, half without, in random order. Your answers are timed. At the end you "
            "see whether the explanations helped you.</p></div>"
        )
        first, second, third, fourth = st.columns([3, 2, 2, 2])
        name = first.selectbox(
            "Model",
            list(models),
            format_func=lambda name: TASKS[name].title if name in TASKS else name,
            key="quiz-model",
        )
        questions = second.selectbox("Questions", QUESTIONS, index=1, key="quiz-questions")
        examples = third.selectbox("Examples to learn from", EXAMPLES, index=1, key="quiz-examples")
        seed = fourth.number_input(
            "Seed", min_value=0, max_value=_MOST_SEED, value=None, placeholder="drawn", key="quiz-seed",
            help="The same number draws the same quiz; leave it empty for a new one",
        )  # fmt: skip
        st.caption(
            "The right answer is what the model says, whether or not it is true. Nothing leaves this machine. Your "
            "answers are kept while you take the quiz, so that a reload does not lose them, and removed when you leave "
            "it, unless you save it at the end."
        )
        if st.button("Start the quiz", type="primary", key="quiz-start"):
            chosen = secrets.randbelow(_MOST_SEED) if seed is None else int(seed)
            with st.spinner("Drawing the molecules", show_time=False):
                begun = drawn(models, name, questions, examples, chosen)
            if isinstance(begun, str):
                st.error(plain(begun))
            else:
                begin(begun)
                st.rerun()
