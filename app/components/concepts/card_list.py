"""The searchable list of a set's concepts on the page: filters, order, and pages of cards."""

from __future__ import annotations

import streamlit as st

from app.components.concepts.cards import ORDERS, PAGE, Filters, cards_html, chosen_concepts
from app.components.table import page_of, pages
from app.components.words import plural
from concepts.concept import ConceptSet
from concepts.report.wording import Wording

_ALL = "all"


@st.fragment
def show(name: str, found: ConceptSet, words: Wording) -> None:
    """The filters, and the cards of the concepts that pass them."""
    filters = _filters(name, found)
    chosen = chosen_concepts(found, filters)
    if not chosen:
        st.info("No concept passes these filters.")
        return
    count = pages(len(chosen), PAGE)
    place = st.container()
    page = st.pagination(count, key=f"cards-{name}-{hash(filters)}") if count > 1 else 1
    shown = page_of(range(len(chosen)), page, PAGE)
    which = f"{shown[0] + 1} to {shown[-1] + 1} of " if count > 1 else ""
    with place:
        st.html(
            f'<p class="wm-muted">{which}{plural(len(chosen), "concept")}</p>'
            + cards_html(name, words, [chosen[i] for i in shown])
        )


def _filters(name: str, found: ConceptSet) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-concept-filters"):
        text = st.text_input(
            "Search",
            key=f"search-{name}",
            type="search",
            width=270,
            placeholder="name, alert, id, SMARTS or SMILES",
        )
        sides = [_ALL, *(str(k) for k in range(len(found.channels)))]
        side = st.segmented_control(
            "Speaks for",
            sides,
            default=_ALL,
            required=True,
            key=f"side-{name}",
            format_func=lambda side: _ALL if side == _ALL else found.channels[int(side)],
        )
        order = st.selectbox("Order", ORDERS, key=f"order-{name}", width=190)
        unknown = st.toggle("Matches no known alert", key=f"unknown-{name}")
        stable = st.toggle("Only stable", key=f"stable-{name}", help="Found again in more than half of the resamples")
    channel = None if side is None or side == _ALL else int(side)
    return Filters(text.strip() if text else "", channel, stable, unknown, str(order))
