"""The quiz's interval is exact: known in closed form at the ends, covering by brute force in between."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy import stats

from app.quiz.statistics import difference_interval, outcome


@pytest.mark.parametrize("n", [1, 4, 10, 16])
def test_all_against_none_is_known_in_closed_form(n: int) -> None:
    # The tail is p^n (1 - q)^n, largest for p = 1 - q = (1 + d) / 2.
    low, high = difference_interval(n, n, 0, n)
    assert low == pytest.approx(2 * 0.025 ** (1 / (2 * n)) - 1, abs=1e-4)
    assert high == 1


def test_sides_are_mirrored_and_certain_counts_reach_the_ends() -> None:
    one, other = difference_interval(7, 9, 2, 5), difference_interval(2, 5, 7, 9)
    assert one == pytest.approx((-other[1], -other[0]), abs=1e-6)
    low, high = difference_interval(5, 8, 5, 8)
    assert low == pytest.approx(-high, abs=1e-6)
    assert difference_interval(0, 3, 3, 3)[0] == -1


def test_more_right_answers_never_lower_the_interval() -> None:
    lows = [difference_interval(right, 8, 3, 8)[0] for right in range(9)]
    assert lows == sorted(lows)
    assert lows[0] < 0 < lows[-1]


@cache
def _interval(a: int, b: int, n: int) -> tuple[float, float]:
    return difference_interval(a, n, b, n)


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.5), (0.9, 0.4), (0.2, 0.25), (0.97, 0.97), (1.0, 0.1)])
def test_interval_covers_the_truth_at_least_as_often_as_it_says(p: float, q: float) -> None:
    n = 5
    covered = 0.0
    for a, b in product(range(n + 1), repeat=2):
        low, high = _interval(a, b, n)
        if low - 1e-6 <= p - q <= high + 1e-6:
            covered += float(stats.binom.pmf(a, n, p) * stats.binom.pmf(b, n, q))
    assert covered >= 0.95


def test_interval_is_the_inversion_of_a_slow_test() -> None:
    low, high = difference_interval(5, 6, 2, 5)
    seen = 5 / 6 - 2 / 5

    def tail(difference: float, sign: int) -> float:
        worst = 0.0
        for q in np.linspace(max(0, -difference), min(1, 1 - difference), 101):
            chance = sum(
                stats.binom.pmf(a, 6, q + difference) * stats.binom.pmf(b, 5, q)
                for a, b in product(range(7), range(6))
                if sign * (a / 6 - b / 5 - seen) >= -1e-9
            )
            worst = max(worst, float(chance))
        return worst

    assert tail(low - 0.01, 1) <= 0.025 <= tail(low + 0.01, 1)
    assert tail(high + 0.01, -1) <= 0.025 <= tail(high - 0.01, -1)


@pytest.mark.parametrize("counts", [(5, 4, 0, 1), (-1, 4, 0, 1), (0, 0, 0, 1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="right; expected 0 to all"):
        difference_interval(*counts)


def test_outcome_counts_each_kind_by_itself() -> None:
    right = [True, True, False, True, False, False]
    explained = [True, True, True, True, False, False]
    found = outcome(right, explained, [1.0, 3.0, None, 8.0, 5.0, 7.0])
    assert (found.with_explanation.right, found.with_explanation.asked) == (3, 4)
    assert found.with_explanation.seconds == 3.0
    assert found.without.seconds == 6.0
    assert found.difference == pytest.approx(0.75)
    assert found.low < found.difference < found.high
    assert not found.decided
    exact = stats.beta.ppf(0.025, 3, 2)
    assert found.with_explanation.low == pytest.approx(exact)
    assert outcome([True] * 8 + [False] * 8, [True] * 8 + [False] * 8, [None] * 16).decided


def test_outcome_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="without an explanation"):
        outcome([True], [True], [None])
    with pytest.raises(ValueError, match="as many of each"):
        outcome([True], [True, False], [None])
