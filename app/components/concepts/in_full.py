"""One concept in full: what the data say, its numbers, members, prototypes, parts and alerts, and a hypothesis."""

from __future__ import annotations

import html

import streamlit as st

from app.components.concepts import hypothesis as concept_hypothesis
from app.components.concepts.facts import alerts_html, head_html, histograms_html, parts_html, tiles_html
from app.components.concepts.molecules import members_html, prototypes_html, search_html
from app.components.concepts.pictures import as_image
from app.components.links import link, to_concept
from app.components.table import page_of, pages
from app.components.words import plural
from concepts.concept import Concept, ConceptSet
from concepts.report.concept_page import ConceptPage, concept_page
from concepts.report.molecule_pictures import scale_picture
from concepts.report.wording import Wording

#: Members of one page; own sets hold hundreds.
PAGE = 12


def show(name: str, found: ConceptSet, words: Wording, concept: Concept) -> None:
    """The whole concept."""
    st.html(trail_html(name, found, words, concept))
    page = concept_page(concept, "concept", words, found.filters.resamples)
    with st.container(border=True, key="wm-concept-full"):
        st.html(head_html(concept, words) + tiles_html(concept, words, found.filters.resamples))
        _members(name, words, concept)
        st.html(against_html(words, concept, page))
        st.html(f"<h3>How the members are spread</h3>{histograms_html(page)}")
        st.html(_prototypes(words, concept, page))
        st.html(f"<h3>Parts that tell members from others</h3>{parts_html(concept)}")
        st.html(f"<h3>Published alerts that members carry</h3>{alerts_html(concept)}")
        concept_hypothesis.show(name, concept, words.task)


def trail_html(name: str, found: ConceptSet, words: Wording, concept: Concept) -> str:
    """The way back to all concepts, and to the ones before and after in the same channel."""
    own = found.of_channel(concept.channel)
    at = next(i for i, other in enumerate(own) if other.id == concept.id)
    back = link(to_concept(name), f"‹ All concepts of {html.escape(words.title)}")
    steps = [
        link(to_concept(name, own[i].id), said, hint=own[i].name)
        for i, said in ((at - 1, "‹ Previous"), (at + 1, "Next ›"))
        if 0 <= i < len(own)
    ]
    return f'<nav class="wm-trail"><span>{back}</span><span class="wm-trail-steps">{"".join(steps)}</span></nav>'


@st.fragment
def _members(name: str, words: Wording, concept: Concept) -> None:
    kept = len(concept.members)
    which = f"the {kept} nearest of {concept.n_members:,}" if kept < concept.n_members else "nearest first"
    scale = as_image(scale_picture(concept.channel), "Scale of importance from 0 to 1")
    st.html(
        f'<div class="wm-section"><h3>Members <small>{which}</small></h3>'
        f'<span class="wm-scale-legend"><span>importance</span>{scale}</span></div>'
    )
    place, count = st.container(), pages(kept, PAGE)
    page = st.pagination(count, key=f"members-{name}-{concept.id}") if count > 1 else 1
    with place:
        st.html(members_html(words, concept, [concept.members[i] for i in page_of(range(kept), page, PAGE)]))


def against_html(words: Wording, concept: Concept, page: ConceptPage) -> str:
    """Members that were measured otherwise, or that there is none."""
    head = "<h3>Measured otherwise</h3>"
    shown = concept.counterexamples[:PAGE]
    if not shown:
        return f'{head}<p class="wm-muted">{html.escape(page.against_head)}</p>'
    which = f"The {plural(len(shown), 'member')} nearest to the middle of the concept that speak against it."
    return f'{head}<p class="wm-muted">{which}</p>{members_html(words, concept, shown)}'


def _prototypes(words: Wording, concept: Concept, page: ConceptPage) -> str:
    head = "<h3>Prototypes <small>the smallest molecules that the model still sees as this concept</small></h3>"
    if not concept.prototypes:
        return f'{head}<p class="wm-muted">None was searched for, or none was found.</p>'
    grown = "" if page.search is None else f"<h4>How the first was found</h4>{search_html(page.search)}"
    return f"{head}{prototypes_html(words, concept)}{grown}"
