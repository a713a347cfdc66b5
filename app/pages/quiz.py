"""Quiz: whether a person predicts the model better with its explanations than without."""

from __future__ import annotations

import streamlit as st

from app.components.markdown import plain
from app.components.predictors import predictors
from app.components.quiz import keeping as quiz_keeping
from app.components.quiz import kept as quiz_kept
from app.components.quiz import machine as quiz_machine
from app.components.quiz import questions as quiz_questions
from app.components.quiz import results as quiz_results
from app.components.quiz import start as quiz_start

session = quiz_keeping.current()
if session is None:
    st.html(
        '<div class="wm-lead"><h1>Can you predict the model?</h1><p>A quiz on whether its explanations help you: the '
        "same question as in a study, put to a person.</p></div>"
    )
    with st.spinner("Loading the models", show_time=False):
        models = predictors()
        found = quiz_keeping.brought_back(models)
    if not isinstance(found, str):
        st.session_state[quiz_keeping.SESSION] = found
        st.rerun()
    if found:
        st.query_params.clear()
        st.warning(plain(found))
    if models:
        quiz_start.show(models)
    else:
        st.error("No model is shipped with this copy of WhyMol. Train one with: python -m app train TASK")
    quiz_kept.show()
    quiz_kept.show_begun()
elif session.learning:
    quiz_questions.learn(session)
elif not session.done:
    quiz_questions.ask(session)
else:
    quiz_results.show(session)
    quiz_machine.show(session)
