"""Predict: paste, upload or draw molecules; read verdicts, evidence and the atoms that made them."""

from __future__ import annotations

import streamlit as st

from app.components import empty_state, inputs, results
from app.components.predictors import predictors

empty_state.lead()
job = inputs.ask() or st.session_state.get("job")

if job is None:
    empty_state.show()
    predictors()  # Warm once the page stands, so that the first prediction need not wait for torch.
else:
    st.session_state["job"] = job
    results.show(job)
