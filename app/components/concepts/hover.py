"""The picture beside a map: of the concept that the mouse points at, without asking the server.

Plotly's labels hold text only. This small component listens to the plot of the map and shows what was sent with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from app.components.concepts import words as concept_words
from app.components.concepts.pictures import concept_data_uri
from app.components.links import CAUGHT, to_concept
from concepts.concept import Concept, ConceptSet
from concepts.report.wording import Wording

#: Class of the container whose plot is listened to.
MAP_KEY: Final = "wm-map"

_HTML: Final = """
<div class="wm-hover">
  <p class="wm-hover-hint wm-muted">Point at the map to see its concepts. Click a point, or draw around several,
  to list them below.</p>
  <div class="wm-hover-full" hidden>
    <img alt="Nearest member of the concept">
    <p class="wm-hover-name"></p>
    <div class="wm-hover-lines wm-muted"></div>
    <a class="CAUGHT">Open this concept</a>
  </div>
</div>
""".replace("CAUGHT", CAUGHT)

_SCRIPT: Final = """
export default function (component) {
  const { data, parentElement } = component;
  const find = (name) => parentElement.querySelector(name);
  const show = (position) => {
    const concept = data.concepts[String(position)];
    if (!concept) return;
    find(".wm-hover-full").hidden = false;
    const image = find("img");
    image.hidden = !concept.picture;
    if (concept.picture) image.src = concept.picture;
    find(".wm-hover-name").textContent = concept.name;
    const lines = find(".wm-hover-lines");
    lines.replaceChildren(...concept.lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }));
    find("a").setAttribute("href", concept.address);
  };
  const follow = (event) => {
    const point = event.points && event.points[0];
    if (point && point.customdata) show(point.customdata[0]);
  };
  show(data.first);
  let listened = null;
  const listen = () => {
    const plot = document.querySelector(".st-key-" + data.map + " .js-plotly-plot");
    if (!plot || plot === listened || !plot.on) return;
    plot.on("plotly_hover", follow);
    listened = plot;
  };
  listen();
  const timer = setInterval(listen, 300);
  return () => {
    clearInterval(timer);
    if (listened && listened.removeListener) listened.removeListener("plotly_hover", follow);
  };
}
"""

_panel = st.components.v2.component("whymol_concept_hover", html=_HTML, js=_SCRIPT, isolate_styles=False)


def show(key: str, name: str, found: ConceptSet, words: Wording, positions: Sequence[int]) -> None:
    """The panel for the concepts at these positions of the set called `name`; `key` is unique on the page."""
    concepts = {str(position): _told(name, words, found.concepts[position]) for position in positions}
    first = str(positions[0]) if positions else ""
    _panel(data={"map": MAP_KEY, "concepts": concepts, "first": first}, key=f"hover-{key}")


def _told(name: str, words: Wording, concept: Concept) -> dict[str, object]:
    """What the panel shows of a concept: plain texts, and a picture as a data address."""
    return {
        "picture": concept_data_uri(concept),
        "name": concept_words.name_of(concept),
        "lines": [
            f"{concept.id}, {concept.n_members:,} members",
            f"{concept_words.contribution_in_words(words, concept)} on average",
            f"{concept_words.hit_rate_in_words(words, concept)}.",
            concept_words.alerts_in_words(concept, 1),
        ],
        "address": to_concept(name, concept.id),
    }
