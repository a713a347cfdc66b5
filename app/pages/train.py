"""Train: a model from the user's own measurements, watched while it learns, found again after a reload."""

from __future__ import annotations

import streamlit as st

from app.components.markdown import plain
from app.components.models import own_table, training
from app.training.runs import State, find_run, new_run, unfinished_runs

st.html(
    '<div class="wm-lead"><h1>Train on your own measurements</h1><p>A table of molecules with what was '
    "measured becomes a model that explains itself, on this machine.</p></div>"
)

# The address holds the name, so that a reload or a bookmark comes back to the training.
run = find_run(st.query_params.get("run", ""))
if run is None:
    st.query_params.clear()
    for other in unfinished_runs():
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{other.name}"):
            words = {State.RUNNING: "is being trained", State.FAILED: "could not be trained"}
            st.markdown(f"**{plain(other.asked.title)}** {words.get(other.state(), 'was stopped')}.")
            if st.button("Show", key=f"show-{other.name}"):
                st.query_params["run"] = other.name
                st.rerun()
    with st.container(border=True, key="wm-input"):
        draft = own_table.ask()
        if draft is not None and st.button("Train", type="primary", key="train"):
            try:
                started = new_run(draft.asked, draft.name, draft.content)
                started.start()
            except (ValueError, OSError) as problem:
                st.error(f"The training could not be started: {plain(str(problem))}")
            else:
                st.query_params["run"] = started.name
                st.rerun()
else:
    training.show(run)
