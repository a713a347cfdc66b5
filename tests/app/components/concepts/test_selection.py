"""What is selected on a map: only points that are there, counted by concept, with the structures that are known."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.components.concepts.map_figure import BY_CONTRIBUTION, BY_HIT_RATE, COLOURINGS, map_figure
from app.components.concepts.selection import Selected, concepts_html, selection_csv, structure_table
from concepts.concept import ConceptSet
from concepts.report.wording import wording_of
from tests.concepts.hand_made import three_concepts

MADE = three_concepts()
FOUND = replace(MADE, map=replace(MADE.map, concept=np.array([0, 2, 1, 2, 0, -1])))
"""Six points, even ones in channel 0, whose concepts are 0 and 1; odd ones in channel 1, whose concept is 2."""


def _event(*customdata: Any) -> dict[str, Any]:
    return {"selection": {"points": [{"customdata": data} for data in customdata]}}


def test_points_are_taken_once_and_in_order() -> None:
    assert Selected.of_event(_event([2, 4], [0, 0], [2, 4]), FOUND, 0) == Selected((0, 4))


@pytest.mark.parametrize("data", [None, [], [0], [0, -1], [0, 6], [0, "1"], [0, 1], "00", {"a": 1}])
def test_what_is_no_point_of_the_channel_is_left_out(data: Any) -> None:
    assert Selected.of_event(_event(data), FOUND, 0) == Selected(())


@pytest.mark.parametrize("event", [{}, {"selection": {}}, {"selection": {"points": []}}])
def test_nothing_selected(event: dict[str, Any]) -> None:
    assert Selected.of_event(event, FOUND, 0) == Selected(())


def test_concepts_are_counted_most_points_first_and_none_last() -> None:
    html = concepts_html("mine", FOUND, wording_of(FOUND), {-1: 9, 0: 2, 1: 5})
    assert html.index("non-mutagenic-02") < html.index("non-mutagenic-01") < html.index("in no concept")
    assert "<b>16</b> molecules selected" in html
    assert "5 of 12" in html
    assert "alcohol &lt;b&gt;" in html


def test_structures_come_from_the_set_or_by_key_from_the_measured_table() -> None:
    words, selected = wording_of(FOUND), Selected((0, 2, 4))
    own = structure_table(FOUND, words, selected, {})
    # The same structure twice in one concept is listed once.
    assert own["smiles"].tolist() == ["C", "C"]
    assert own["concept"].tolist() == ["non-mutagenic-01", "non-mutagenic-02"]
    assert own["measured"].tolist() == ["", ""]
    shipped = replace(FOUND, map=replace(FOUND.map, smiles=()))
    assert structure_table(shipped, words, selected, {}).empty
    keys = [int(key) for key in FOUND.map.keys]
    known = {keys[0]: [(1.0, "CCO"), (0.0, "CCS")], keys[2]: [(0.0, "CCN")], keys[1]: [(1.0, "CCF")]}
    found = structure_table(shipped, words, selected, known)
    assert found["smiles"].tolist() == ["CCO", "CCS", "CCN"]
    assert found["measured"].tolist() == ["mutagenic", "non-mutagenic", "non-mutagenic"]
    assert found["concept"].tolist() == ["non-mutagenic-01", "non-mutagenic-01", "non-mutagenic-02"]


def test_values_keep_their_unit() -> None:
    found = replace(FOUND, task="solubility", channels=("lowers", "raises"), map=replace(FOUND.map, smiles=()))
    table = structure_table(found, wording_of(found), Selected((0,)), {int(found.map.keys[0]): [(-2.5, "CCO")]})
    assert table["measured"].tolist() == ["-2.50 log10 mol/L"]


def test_csv_of_a_selection_runs_no_formula() -> None:
    formula = replace(FOUND.concepts[0], name="=1+1")
    found = replace(FOUND, concepts=(formula, *FOUND.concepts[1:]))
    rows = list(
        csv.DictReader(io.StringIO(selection_csv(structure_table(found, wording_of(found), Selected((0,)), {}))))
    )
    assert rows == [{"smiles": "C", "measured": "", "concept": "non-mutagenic-01", "name": "'=1+1"}]


def _points(found: ConceptSet, channel: int, colouring: str) -> list[list[int]]:
    figure = map_figure(found, channel, wording_of(found), colouring)
    assert figure is not None
    return [data for trace in figure.data for data in trace.customdata]


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_every_point_of_a_channel_is_drawn_once_and_carries_its_place(colouring: str) -> None:
    for channel, rows in ((0, [0, 2, 4]), (1, [1, 3, 5])):
        points = _points(FOUND, channel, colouring)
        assert sorted(row for _, row in points) == rows
        assert all(FOUND.map.concept[row] == position for position, row in points)


@pytest.mark.parametrize("wrong", [2, 3, 99, -7])
def test_a_point_of_a_concept_that_its_channel_does_not_have_is_in_none(wrong: int) -> None:
    found = replace(FOUND, map=replace(FOUND.map, concept=np.array([wrong, 2, 1, 2, 0, -1])))
    assert [-1, 0] in _points(found, 0, COLOURINGS[0])
    assert structure_table(found, wording_of(found), Selected((0,)), {})["concept"].tolist() == [""]


def test_names_on_the_map_are_escaped_and_a_channel_without_points_has_no_map() -> None:
    figure = map_figure(FOUND, 1, wording_of(FOUND))
    assert figure is not None
    texts = "".join(text for trace in figure.data for text in trace.text)
    assert "alcohol &lt;b&gt;" in texts
    nobody = replace(FOUND.map, channel=np.zeros(6, dtype=np.int64))
    assert map_figure(replace(FOUND, map=nobody), 1, wording_of(FOUND)) is None


def test_colour_follows_the_number_asked_for() -> None:
    figure = map_figure(FOUND, 0, wording_of(FOUND), BY_CONTRIBUTION)
    assert figure is not None
    (trace,) = figure.data
    assert set(trace.marker.color) == {0.5}
    figure = map_figure(FOUND, 0, wording_of(FOUND), BY_HIT_RATE)
    assert figure is not None
    known = [colour for colour in figure.data[0].marker.color if not np.isnan(colour)]
    assert known == [0.9, 0.9]
