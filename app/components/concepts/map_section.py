"""The map of a set on the page: one plane a channel, coloured as asked, with a picture beside it and a list below."""

from __future__ import annotations

import streamlit as st

from app.components.concepts import hover as concept_hover
from app.components.concepts import selection as concept_selection
from app.components.concepts.map_figure import BY_HIT_RATE, COLOURINGS, map_figure
from app.components.concepts.selection import Selected
from app.components.words import plural
from concepts.concept import ConceptSet
from concepts.report.wording import Wording

_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "scrollZoom": True,
}


@st.fragment
def show(name: str, found: ConceptSet, words: Wording) -> None:
    """The map with its controls, and what was selected on it."""
    with st.container(border=True, key="wm-concept-map"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-map-bar"):
            channel = _channel(name, found)
            colourings = [c for c in COLOURINGS if c != BY_HIT_RATE or any(concept.hit_rate for concept in found)]
            colouring = st.segmented_control(
                "Coloured by", colourings, default=colourings[0], required=True, key=f"colouring-{name}"
            )
        figure = map_figure(found, channel, words, str(colouring))
        if figure is None:
            st.info(f"No molecule passed the filter of {found.channels[channel]}, so it has no map.")
            return
        with st.container(key="wm-map-body"):
            with st.container(key=concept_hover.MAP_KEY):
                event = st.plotly_chart(
                    figure,
                    theme=None,
                    config=_CONFIG,
                    key=f"map-{name}-{channel}-{colouring}",
                    on_select="rerun",
                    selection_mode=("points", "box", "lasso"),
                    alt=f"Map of the molecules that speak for {found.channels[channel]}, coloured by {colouring}",
                )
            with st.container(key="wm-map-side"):
                positions = [p for p, concept in enumerate(found) if concept.channel == channel]
                concept_hover.show(f"{name}-{channel}", name, found, words, positions)
        st.caption(_caption(found, channel))
        selected = Selected.of_event(dict(event), found, channel)
        if selected.points:
            concept_selection.show(name, found, words, selected)


def _channel(name: str, found: ConceptSet) -> int:
    largest = max(range(len(found.channels)), key=lambda k: (len(found.of_channel(k)) > 0, k))
    channel = st.segmented_control(
        "Molecules that speak for",
        range(len(found.channels)),
        default=largest,
        required=True,
        format_func=lambda k: found.channels[k],
        key=f"plane-{name}",
    )
    return int(channel or 0)


def _caption(found: ConceptSet, channel: int) -> str:
    passed, loose = found.passed[channel], found.unclustered[channel]
    groups = plural(len(found.of_channel(channel)), "concept")
    shown = int((found.map.channel == channel).sum())
    some = f"The map shows {shown:,} of them. " if shown < passed else ""
    return (
        f"{plural(passed, 'molecule')}, of which {passed - loose:,} in {groups} and {loose:,}, in grey, in none. {some}"
        "Neighbours have like marked parts; empty space and areas mean nothing. Numbers are those of the concepts' ids."
    )
