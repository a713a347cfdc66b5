"""Small plots say what the numbers say."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concepts.concept import ConceptSet, Histogram
from concepts.prototypes.genetic_search import OUTSIDE
from concepts.report.axes import Scale, text, ticks
from concepts.report.histogram_plot import HEIGHT as HIST_HEIGHT
from concepts.report.histogram_plot import histogram_plot
from concepts.report.label_places import label_places
from concepts.report.map_plot import COLOURS, SHAPES, map_plot, mark_of, mark_picture, number_of
from concepts.report.search_plot import last_gain, search_plot
from tests.concepts.hand_made import three_concepts
from tests.concepts.report.made_sets import without_concepts


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_round_and_within(low: float, width: float, about: int) -> None:
    places = ticks(low, low + width, about)
    slack = 1e-6 * width
    assert all(low - slack <= place <= low + width + slack for place in places)
    assert len(places) <= about + 2
    steps = np.diff(places)
    assert np.allclose(steps, steps[:1])


def test_ticks_known() -> None:
    assert ticks(0, 1) == (0, 0.5, 1)
    assert ticks(0, 10, 5) == (0, 2, 4, 6, 8, 10)
    assert ticks(-0.5, 3.5, 8, whole=True) == (0, 1, 2, 3)
    assert ticks(2, 2) == (2,)


def test_a_scale_goes_from_end_to_end() -> None:
    scale = Scale(2, 4, 10, 30)
    assert (scale(2), scale(3), scale(4)) == (10, 20, 30)
    assert Scale(2, 2, 10, 30)(2) == 20


def test_labels_are_escaped() -> None:
    assert "&lt;b&gt;" in text(0, 0, "<b>")
    assert "<b>" not in histogram_plot(Histogram((0.0, 1.0), (1,)), "<b>", "#0072B2")


def test_bars_are_as_high_as_their_counts() -> None:
    svg = histogram_plot(Histogram((0.0, 1.0, 2.0, 3.0), (2, 0, 4)), "x", "#0072B2", at=1.5)
    bars = [(float(y), float(h)) for y, h in re.findall(r'<rect [^>]*y="([\d.]+)" [^>]*height="([\d.]+)"', svg)]
    assert len(bars) == 2
    assert bars[1][1] == pytest.approx(2 * bars[0][1], abs=0.2)
    assert sum(bars[0]) == pytest.approx(sum(bars[1]), abs=0.2)
    assert "stroke-dasharray" in svg
    assert "6 members" in svg
    assert "stroke-dasharray" not in histogram_plot(Histogram((0.0, 1.0), (1,)), "x", "#0072B2", at=7)


def test_an_empty_histogram_is_drawn() -> None:
    svg = histogram_plot(Histogram((0.0, 1.0), (0,)), "x", "#0072B2")
    assert "<rect" not in svg
    assert f'height="{HIST_HEIGHT}"' in svg


def test_a_search_that_found_nothing_has_no_plot() -> None:
    assert search_plot((), "#0072B2") == ""
    assert search_plot((OUTSIDE + 3, OUTSIDE + 2), "#0072B2") == ""
    svg = search_plot((OUTSIDE + 3, 9.2, 9.1, 4.4), "#0072B2")
    assert "9 before the search, 4 after 3 rounds" in svg
    assert last_gain((9.0, 9.0, 4.0, 4.0)) == 2
    assert last_gain((4.0,)) == 0


places = st.lists(st.tuples(st.floats(0, 700), st.floats(0, 400)), max_size=40)


@given(places)
def test_labels_stay_on_the_map_and_apart(named: list[tuple[float, float]]) -> None:
    found = label_places(named, (20, 14), 720, 430)
    assert len(found) == len(named)
    for at, (x, y) in enumerate(found):
        assert 10 <= x <= 710
        assert 7 <= y <= 423
        for other_x, other_y in found[:at]:
            assert abs(x - other_x) >= 20 or abs(y - other_y) >= 14


def dots(svg: str) -> int:
    """Points of all marks; a ring is drawn twice."""
    return sum(path.count("M") for path in re.findall(r'<path d="([^"]*)"', svg))


def test_every_point_of_a_channel_is_on_its_map() -> None:
    found = three_concepts()
    for channel in (0, 1):
        svg = map_plot(found, channel, "a map")
        assert dots(svg) == int((found.map.channel == channel).sum())
    assert map_plot(without_concepts(), 0, "a map") == ""


def test_points_lie_within_the_map_whatever_they_are() -> None:
    found = three_concepts()
    for points in (np.zeros((6, 2)), np.full((6, 2), 1e6), np.arange(12).reshape(6, 2) * 1e-9):
        moved: ConceptSet = dataclasses.replace(
            found, map=dataclasses.replace(found.map, points=points.astype(np.float32))
        )
        for x, y in re.findall(r"M([\d.-]+) ([\d.-]+)", map_plot(moved, 0, "a map")):
            assert 0 <= float(x) <= 720
            assert 0 <= float(y) <= 430


def test_marks_differ_and_all_can_be_drawn() -> None:
    n = len(COLOURS) * len(SHAPES)
    assert len({mark_of(rank) for rank in range(n)}) == n
    assert len({mark_picture(rank) for rank in range(n)}) == n
    assert mark_picture(None) not in {mark_picture(rank) for rank in range(n)}


def test_a_concept_is_called_by_its_number() -> None:
    assert number_of("mutagenic-07", 2) == "07"
    assert number_of("mutagenic", 2) == "03"
    assert number_of("x-<b>", 0) == "01"
