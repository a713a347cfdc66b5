"""What would change this: the smallest edits that change a verdict, and what edits do over many molecules."""

from __future__ import annotations

import streamlit as st

from app.components.counterfactuals import design_rule_section
from app.components.counterfactuals import inputs as counterfactual_inputs
from app.components.counterfactuals import results as counterfactual_results
from app.components.links import follow_links
from app.components.predictors import predictors

ONE, MANY = "One molecule", "Rules over many molecules"

follow_links()
st.html(
    '<div class="wm-lead"><h1>What would change this?</h1><p>The smallest changes of a molecule that change a verdict, '
    "as a chemist would draw them, and what they do to every endpoint.</p></div>"
)
with st.spinner("Loading the models", show_time=False):
    models = predictors()
if not models:
    st.error("No model is shipped with this copy of WhyMol. Train one with: python -m app train TASK")
    st.stop()
part = st.segmented_control(
    "Part", (ONE, MANY), default=ONE, required=True, key="cf-part", label_visibility="collapsed"
)
if part == MANY:
    design_rule_section.show(models)
    st.stop()
asked = counterfactual_inputs.ask(models)
if asked is not None:
    counterfactual_results.begin(asked)
last = st.session_state.get(counterfactual_inputs.REQUEST)
if last is not None and last.task in models:
    counterfactual_results.show(last, models)
