"""Predict: paste, upload or draw molecules; read verdicts, evidence and the atoms that made them."""

from __future__ import annotations

import streamlit as st

from app.components import inputs
from app.components.links import follow_links
from app.components.predict import empty_state, from_address, results
from app.components.predictors import predictors

follow_links()
empty_state.lead()
opened = from_address.job_of_address()
asked = inputs.ask()
if asked is not None:
    from_address.forget()
job = asked or opened or st.session_state.get("job")

if job is None:
    empty_state.show()
    predictors()  # Warm once the page stands, so that the first prediction need not wait for torch.
else:
    st.session_state["job"] = job
    from_address.way_back()
    results.show(job)
