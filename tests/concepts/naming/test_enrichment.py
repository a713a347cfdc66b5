"""Odds ratios, Fisher's test and its correction, beside scipy's and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, fisher_exact
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from concepts.naming.enrichment import corrected, fisher_p, odds_ratio

COUNTS = [(8, 10, 20, 100), (0, 10, 20, 100), (10, 10, 10, 100), (3, 40, 30, 400), (100, 100, 100, 100)]


def cells(counts: tuple[int, int, int, int]) -> np.ndarray:
    a, members, in_all, n = counts
    return np.array([[a, members - a], [in_all - a, n - members - in_all + a]])


@pytest.mark.parametrize("counts", COUNTS)
def test_odds_ratio_is_that_of_scipy_with_half_a_count_more(counts: tuple[int, int, int, int]) -> None:
    # Doubled, half a count is a whole one; the ratio stays.
    expected = scipy_odds_ratio(2 * cells(counts) + 1, kind="sample").statistic
    found = odds_ratio(*counts)
    assert found.value == pytest.approx(expected)
    assert found.low < found.value < found.high


def test_interval_is_that_of_scipy_where_half_a_count_is_nothing() -> None:
    counts = (30_000, 40_000, 50_000, 200_000)
    expected = scipy_odds_ratio(cells(counts), kind="sample").confidence_interval(0.95)
    found = odds_ratio(*counts)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-3)


@pytest.mark.parametrize("counts", COUNTS)
def test_p_is_that_of_scipy(counts: tuple[int, int, int, int]) -> None:
    assert fisher_p(*counts) == pytest.approx(fisher_exact(cells(counts), alternative="greater").pvalue)


def test_correction_is_that_of_scipy_and_by_hand() -> None:
    p = np.random.default_rng(0).uniform(size=30) ** 3
    assert np.allclose(corrected(p), false_discovery_control(p))
    assert corrected([0.01, 0.04, 0.03, 0.5]).tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert corrected([]).shape == (0,)
    assert corrected([0.9, 0.9]).tolist() == [0.9, 0.9]


@pytest.mark.parametrize("counts", [(11, 10, 20, 100), (5, 10, 4, 100), (1, 90, 20, 100)])
def test_counts_that_contradict_each_other_are_refused(counts: tuple[int, int, int, int]) -> None:
    for test in (odds_ratio, fisher_p):
        with pytest.raises(ValueError, match="contradict"):
            test(*counts)
