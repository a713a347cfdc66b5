"""The start of a quiz: which model, how many questions; everything is drawn when the button is pressed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.concept_sets import known_concepts
from app.components.markdown import plain
from app.components.predictors import predict
from app.quiz_material import material_of
from app.quiz_order import most_questions, plan
from app.quiz_session import QuizSession
from datasets.sources import table_sha256
from datasets.tasks import TASKS
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED

if TYPE_CHECKING:
    from megan.predictor import Predictor

SESSION: Final = "quiz-session"
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
            "The right answer is what the model says, whether or not it is true. Nothing leaves this machine, and "
            "nothing is kept unless you save it at the end."
        )
        if st.button("Start the quiz", type="primary", key="quiz-start"):
            with st.spinner("Drawing the molecules", show_time=False):
                begun = _begin(models, name, questions, examples, seed)
            if isinstance(begun, str):
                st.error(plain(begun))
            else:
                st.session_state[SESSION] = begun
                st.rerun()


def _begin(
    models: Mapping[str, Predictor], name: str, questions: int, examples: int, seed: int | None
) -> QuizSession | str:
    """A quiz, or why there can be none."""
    chosen = secrets.randbelow(_MOST_SEED) if seed is None else int(seed)
    known = known_concepts({name: models[name]}).get(name)
    material = material_of(models[name], predict, known, chosen)
    most = most_questions(material.verdicts, examples)
    if most < questions:
        sides = [f"{material.verdicts.count(side)} {material.names[side]}" for side in (0, 1)]
        return (
            f"{questions} questions are more than these molecules allow ({' and '.join(sides)}); expected at most "
            f"{most}, or fewer examples."
        )
    return QuizSession(material, plan(material.verdicts, examples, questions, chosen), chosen, _weights(name))


def _weights(name: str) -> str:
    shipped = PRETRAINED / name
    folder = shipped if (shipped / "card.json").is_file() else own_bundles().get(name)
    file = None if folder is None else folder / "weights.safetensors"
    return table_sha256(file) if file is not None and file.is_file() else ""
