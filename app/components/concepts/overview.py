"""A set of concepts as a whole: what it is of, its map, its list, and how it was made."""

from __future__ import annotations

import html

import streamlit as st

from app import theme
from app.components.concepts import card_list as concept_list
from app.components.concepts import downloads as concept_downloads
from app.components.concepts import map_section as concept_map
from app.components.words import plural
from concepts.concept import ConceptSet
from concepts.report.wording import Wording


def show(name: str, found: ConceptSet, words: Wording) -> None:
    """Head and downloads, map, list, and the small print."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-concept-bar"):
        st.html(summary_html(found))
        concept_downloads.show(name, found)
    if found.concepts:
        concept_map.show(name, found, words)
        concept_list.show(name, found, words)
    else:
        st.info("No concept was found in these molecules. How the search went stands below.")
    with st.expander("What a concept is, and how these were found", expanded=not found.concepts, key=f"about-{name}"):
        st.html(about_html(found, words))


def summary_html(found: ConceptSet) -> str:
    """How many concepts each channel has, of how many molecules."""
    parts = [f"<span><b>{len(found):,}</b> {'concept' if len(found) == 1 else 'concepts'}</span>"]
    for k, channel in enumerate(found.channels):
        own = plural(len(found.of_channel(k)), "concept")
        parts.append(f'<span class="wm-side">{theme.mark(k, 12)}{html.escape(channel)}: {own}</span>')
    return (
        f'<p class="wm-summary">{"".join(parts)}</p><p class="wm-muted wm-source">From '
        f"{plural(found.n_molecules, 'molecule')} of {html.escape(found.data)}.</p>"
    )


def about_html(found: ConceptSet, words: Wording) -> str:
    """What a concept is, how these were found, and what a reader must know of the making."""
    from concepts.report.document import WHAT_A_CONCEPT_IS, filter_sentences  # brings torch in, after all else is shown

    sentences = "".join(f"<li>{html.escape(said)}</li>" for said in (*filter_sentences(found, words), *found.notes))
    return (
        f'<div class="wm-about"><p>{html.escape(WHAT_A_CONCEPT_IS)}</p><p>{html.escape(words.hit())}</p>'
        f'<ul class="wm-changes">{sentences}</ul>'
        '<p class="wm-muted">Made from the weights with sha256 '
        f"<code>{html.escape(found.model_sha256[:16])}…</code></p></div>"
    )
