"""Concepts: what a model has learned, as groups of molecules with a name; a map, a list, and each concept in full."""

from __future__ import annotations

import streamlit as st

from app.components.concepts import extraction as concept_extraction
from app.components.concepts import hypothesis as concept_hypothesis
from app.components.concepts import in_full as concept_full
from app.components.concepts import overview as concept_overview
from app.components.concepts.choice import choose_set
from app.components.links import follow_links
from app.components.markdown import plain
from app.concepts.folders import wording_of_set
from app.concepts.runs import find_run
from app.jobs.worker import State

follow_links()
st.html(
    '<div class="wm-lead"><h1>Concepts</h1><p>What a model has learned: groups of molecules in which it marks like '
    "parts, each with a name, its record, and what speaks against it.</p></div>"
)

# The address holds set and concept, so that links, bookmarks and reloads come back to them.
run = find_run(st.query_params.get("set", ""))
if run is not None and run.state() is not State.FINISHED:
    concept_extraction.show(run)
    st.stop()

concept_extraction.others()
chosen = choose_set()
if chosen is None:
    concept_extraction.form()
else:
    found = concept_hypothesis.with_kept(chosen.name, chosen.found)
    words = wording_of_set(found)
    asked = st.query_params.get("concept", "")
    concept = next((concept for concept in found if concept.id == asked), None)
    if asked and concept is None:
        st.warning(f"This set has no concept {plain(repr(asked[:80]))}; all of them are shown.")
    if concept is None:
        concept_overview.show(chosen.name, found, words)
    else:
        concept_full.show(chosen.name, found, words, concept)
