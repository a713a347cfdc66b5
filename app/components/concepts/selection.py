"""What was selected on a map: its concepts with counts, and the structures where they are known."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.components.concepts import words as concept_words
from app.components.concepts.chips import concept_chip
from app.components.concepts.map_figure import concepts_on_map
from app.components.table import thumbnail
from app.components.words import plural
from concepts.concept import ConceptSet
from concepts.report.wording import Wording
from datasets.tasks import TASKS
from megan.structures import Structures, measured_structures

#: Structures that are drawn; the others are in the file.
MOST_DRAWN = 200


@dataclass(frozen=True, slots=True)
class Selected:
    """Points of a map."""

    points: tuple[int, ...]
    """Positions in the map, each once, ascending; all of one channel."""

    @classmethod
    def of_event(cls, event: Mapping[str, Any], found: ConceptSet, channel: int) -> Selected:
        """The points that a selection names; whatever else the browser sends is left out."""
        points = event.get("selection", {}).get("points", [])
        given = {data[1] for point in points if isinstance(data := point.get("customdata"), list) and len(data) == 2}
        size = len(found.map.channel)
        return cls(
            tuple(sorted(i for i in given if isinstance(i, int) and 0 <= i < size and found.map.channel[i] == channel))
        )


def show(name: str, found: ConceptSet, words: Wording, selected: Selected) -> None:
    """The tables of a selection."""
    counts = Counter(_concepts(found, selected))
    st.html(concepts_html(name, found, words, counts))
    table = structure_table(found, words, selected, structures_of(found))
    if table.empty:
        st.caption("Their structures are shown where the measured tables are on this machine.")
        return
    drawn = table.head(MOST_DRAWN).copy()
    drawn.insert(0, "structure", [_picture(smiles) for smiles in drawn["smiles"]])
    st.dataframe(
        drawn,
        hide_index=True,
        row_height=72,
        height=min(42 + 72 * len(drawn), 400),
        column_config={
            "structure": st.column_config.ImageColumn("Structure", width=140),
            "smiles": st.column_config.TextColumn("SMILES", width=300),
            "measured": st.column_config.TextColumn("Measured", width=140),
            "concept": st.column_config.TextColumn("Concept", width=130),
            "name": st.column_config.TextColumn("Name", width=260),
        },
        alt="Structures of the selected points",
    )
    if len(table) > MOST_DRAWN:
        st.caption(f"The first {MOST_DRAWN} of {plural(len(table), 'structure')}; all of them are in the file.")
    st.download_button(
        "Selected structures as CSV",
        lambda: selection_csv(table),
        file_name=f"{name}-selection.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"selection-csv-{name}",
    )


def concepts_html(name: str, found: ConceptSet, words: Wording, counts: Mapping[int, int]) -> str:
    """A table of the selected points by concept, most points first, those in none last."""
    total = sum(counts.values())
    rows = []
    for position in sorted(counts, key=lambda p: (p < 0, -counts[p], p)):
        if position < 0:
            rows.append(f'<tr><td colspan="4">in no concept</td><td class="wm-num">{counts[position]:,}</td></tr>')
            continue
        concept = found.concepts[position]
        rows.append(
            f"<tr><td>{concept_chip(name, concept)}</td><td>{html.escape(concept.id)}</td>"
            f'<td class="wm-num">{concept_words.share(concept.hit_rate)}</td>'
            f"<td>{html.escape(concept_words.alerts_in_words(concept, 1))}</td>"
            f'<td class="wm-num">{counts[position]:,} of {concept.n_members:,}</td></tr>'
        )
    side = html.escape(words.side(next((found.concepts[p].channel for p in counts if p >= 0), 0)))
    return (
        f'<p class="wm-summary"><span><b>{total:,}</b> {"molecule" if total == 1 else "molecules"} selected</span></p>'
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Concept</th><th>Id</th>'
        f"<th>Measured {side}</th><th>Alerts</th><th>Selected</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
        "</div>"
    )


def structure_table(found: ConceptSet, words: Wording, selected: Selected, structures: Structures) -> pd.DataFrame:
    """The selected molecules whose structures are known: in the set itself, or in the measured table by their key."""
    rows: list[dict[str, str]] = []
    placed = zip(_concepts(found, selected), selected.points, strict=True)
    for position, i in sorted(placed, key=lambda entry: (entry[0] < 0, entry)):
        concept = None if position < 0 else found.concepts[position]
        told = {"concept": concept.id if concept else "", "name": concept.name if concept else ""}
        known: Sequence[tuple[float | None, str]] = structures.get(int(found.map.keys[i]), [])
        if found.map.smiles:
            labels = [label for label, smiles in known if smiles == found.map.smiles[i]]
            known = [(labels[0] if labels else None, found.map.smiles[i])]
        rows += [{"smiles": smiles, "measured": _label(words, label), **told} for label, smiles in known]
    return pd.DataFrame(rows, columns=["smiles", "measured", "concept", "name"]).drop_duplicates(ignore_index=True)


def selection_csv(table: pd.DataFrame) -> str:
    """The table as CSV, without formulas that a spreadsheet would run."""
    from app.exports.tables import without_formula

    return str(table.map(without_formula).to_csv(index=False, lineterminator="\n"))


def structures_of(found: ConceptSet) -> Structures:
    """Structures of the measured table by key; empty where it is not on this machine."""
    task = TASKS.get(found.task)
    return {} if task is None else _measured(task.name)


@st.cache_resource(show_spinner=False, max_entries=4)
def _measured(task: str) -> Structures:
    return measured_structures(TASKS[task])


def _concepts(found: ConceptSet, selected: Selected) -> list[int]:
    """Position of the concept of each selected point, or -1."""
    if not selected.points:
        return []
    channel = int(found.map.channel[selected.points[0]])
    return [int(position) for position in concepts_on_map(found, channel)[list(selected.points)]]


def _label(words: Wording, label: float | None) -> str:
    if label is None:
        return ""
    return f"{label:.2f} {words.unit}".rstrip() if words.of_values else words.side(int(label >= 0.5))


def _picture(smiles: str) -> str | None:
    try:
        return thumbnail(smiles)
    except ValueError:
        return None
