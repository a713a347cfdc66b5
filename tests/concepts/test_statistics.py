"""Intervals and histograms of members."""

from __future__ import annotations

import numpy as np
import pytest

from concepts.statistics import histogram, hit_rate, mean_interval
from megan.metrics import proportion


def test_mean_with_its_interval() -> None:
    values = np.random.default_rng(0).normal(3, 1, 400)
    found = mean_interval(values)
    assert found.value == pytest.approx(values.mean(), abs=1e-5)
    # The bootstrap of a mean is nearly normal.
    half = 1.96 * values.std() / 20
    assert (found.value - found.low, found.high - found.value) == pytest.approx((half, half), rel=0.15)
    assert mean_interval(values) == found
    one = mean_interval([2.0])
    assert (one.value, one.low, one.high) == (2, 2, 2)
    many = mean_interval(np.full(2_000_000, 1.0))
    assert (many.value, many.low, many.high) == (1, 1, 1)
    with pytest.raises(ValueError, match="values is empty"):
        mean_interval([])


def test_hit_rate_is_wilsons() -> None:
    found, expected = hit_rate([True] * 8 + [False] * 2), proportion(8, 10)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high), abs=1e-5
    )
    assert hit_rate([]) is None


def test_histograms_count_everything() -> None:
    values = np.random.default_rng(1).uniform(0, 1, 100)
    found = histogram(values, 0, 1)
    assert sum(found.counts) == 100
    assert len(found.edges) == len(found.counts) + 1
    assert (found.edges[0], found.edges[-1]) == (0, 1)
    wider = histogram([-1.0, 2.0], 0, 1)
    assert (wider.edges[0], wider.edges[-1], sum(wider.counts)) == (-1, 2, 2)
    assert sum(histogram([5.0, 5.0], 5, 5).counts) == 2


def test_whole_numbers_get_a_bin_each() -> None:
    found = histogram([0, 1, 1, 3], 0, 3, whole=True)
    assert found.edges == (-0.5, 0.5, 1.5, 2.5, 3.5)
    assert found.counts == (1, 2, 0, 1)
    assert len(histogram([0, 100], 0, 100, whole=True).counts) == 12
