"""A molecule that the address of the predict page names, as links from concepts do; it can be bookmarked.

Opening one sets aside what was predicted before, and offers the way back to it.
"""

from __future__ import annotations

import streamlit as st

from app.components.job import Job, new_job
from app.components.words import plural
from datasets.molecule import InputRow
from datasets.standardize import Policy

#: Longest SMILES that is taken from an address.
MOST_CHARACTERS = 4000
_BEFORE, _ADDRESS = "job-before", "job-of-address"


def job_of_address() -> Job | None:
    """The job that the address asks for, in the run in which it is new; else None."""
    for name in ("set", "concept"):
        # Going back in the browser can leave the query of the page that was left.
        st.query_params.pop(name, None)
    smiles = st.query_params.get("smiles", "").strip()[:MOST_CHARACTERS]
    if not smiles or st.session_state.get(_ADDRESS) == smiles:
        return None
    before: Job | None = st.session_state.get("job")
    if before is not None and _ADDRESS not in st.session_state:
        st.session_state[_BEFORE] = before
    st.session_state[_ADDRESS] = smiles
    st.session_state["pasted"] = smiles
    st.session_state["source"] = "Paste"
    return new_job([InputRow(row=0, id="", text=smiles)], Policy.PARENT)


def forget() -> None:
    """The reader asks for something else: neither address nor way back count any more."""
    for name in (_BEFORE, _ADDRESS):
        st.session_state.pop(name, None)
    st.query_params.clear()


def way_back() -> None:
    """Offer what was predicted before the address took its place."""
    before: Job | None = st.session_state.get(_BEFORE)
    if before is not None:
        label = f"Back to the {plural(len(before.rows), 'molecule')} predicted before"
        st.button(label, on_click=_back, key="job-back", icon=":material/arrow_back:")


def _back() -> None:
    st.session_state["job"] = st.session_state[_BEFORE]
    forget()
