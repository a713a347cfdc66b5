"""Simulate: a study of whether explanations teach anything, watched while it runs, found again after a reload."""

from __future__ import annotations

import streamlit as st

from app.components.simulate import form as simulate_form
from app.components.simulate import study as simulate_study
from app.components.simulate.words import meaning_html
from app.simulate.runs import find_run

st.html(
    '<div class="wm-lead"><h1>Do the explanations teach anything?</h1><p>An explanation is worth what it lets another '
    "learn. A study trains many pairs of small networks, one of each pair with the explanations, and compares "
    "them.</p></div>"
)

# The address holds the name, so that a reload or a bookmark comes back to the study.
run = find_run(st.query_params.get("run", ""))
if run is None:
    st.query_params.clear()
    simulate_form.show()
    with st.expander("What the score means, and what it does not"):
        st.html(meaning_html())
    simulate_study.others()
else:
    simulate_study.show(run)
