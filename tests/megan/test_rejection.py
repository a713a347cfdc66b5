"""Rejection curves by hand, against counting every order of ties, and against what a random order gives."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from megan.rejection import judge_rejection, rejection_area, rejection_curve


def reference_area(losses: list[float], trust: list[float]) -> float:
    """Slow and obvious: every order that the trust allows, every number of kept molecules."""
    areas = []
    for order in permutations(range(len(losses))):
        if all(trust[a] >= trust[b] for a, b in pairwise(order)):
            kept = [losses[i] for i in order]
            areas.append(np.mean([np.mean(kept[: k + 1]) for k in range(len(kept))]))
    return float(np.mean(areas))


def test_the_most_trusted_come_first() -> None:
    curve = rejection_curve([1, 0, 0, 1], [0.1, 0.9, 0.8, 0.2], points=4)
    assert curve.kept.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.error.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert rejection_area([1, 0, 0, 1], [0.1, 0.9, 0.8, 0.2]) == pytest.approx((1 / 3 + 1 / 2) / 4)


def test_roots_are_drawn_of_means_of_squares() -> None:
    assert rejection_curve([9, 1], [0, 1], points=2, root=True).error.tolist() == pytest.approx([1, np.sqrt(5)])
    assert rejection_area([9, 1], [0, 1], root=True) == pytest.approx(np.sqrt((1 + 5) / 2))
    judged = judge_rejection([9, 1], [0, 1], draws=20, root=True)
    assert judged.gain.value == pytest.approx(np.sqrt(5) - np.sqrt(3))


def test_few_molecules_have_few_points() -> None:
    curve = rejection_curve([0, 1, 1], [3, 2, 1], points=50)
    assert curve.kept.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert rejection_curve(np.zeros(701), np.arange(701)).kept[[0, -1]].tolist() == pytest.approx([15 / 701, 1])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6))
def test_area_is_the_mean_over_every_order_of_ties(rows: list[tuple[int, int]]) -> None:
    losses, trust = [float(loss) for loss, _ in rows], [float(order) for _, order in rows]
    assert rejection_area(losses, trust) == pytest.approx(reference_area(losses, trust))


def test_no_trust_at_all_is_a_random_order() -> None:
    losses = [0.0, 1.0, 1.0, 0.0, 1.0]
    assert rejection_area(losses, [7.0] * 5) == pytest.approx(0.6)
    judged = judge_rejection(losses, [7.0] * 5, draws=50)
    assert (judged.gain.value, judged.gain.low, judged.gain.high) == pytest.approx((0, 0, 0))
    rng = np.random.default_rng(0)
    drawn = [rejection_area(losses, rng.random(5)) for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(0.6, abs=0.01)


def test_an_order_that_ranks_errors_is_told_from_one_that_does_not() -> None:
    rng = np.random.default_rng(1)
    doubt = rng.random(600)
    losses = (rng.random(600) < doubt / 2).astype(float)
    ranked, blind = judge_rejection(losses, -doubt, draws=200), judge_rejection(losses, rng.random(600), draws=200)
    assert ranked.gain.low > 0
    assert blind.gain.low < 0 < blind.gain.high
    assert ranked.area.low < ranked.area.value < ranked.area.high
    assert ranked.area.value + ranked.gain.value == pytest.approx(losses.mean())
    assert ranked == judge_rejection(losses, -doubt, draws=200)
    assert judge_rejection(losses, doubt, draws=200).gain.high < 0


def test_only_the_order_of_trust_matters() -> None:
    rng = np.random.default_rng(2)
    losses, trust = rng.random(40), rng.normal(size=40)
    assert rejection_area(losses, trust) == pytest.approx(rejection_area(losses, np.exp(3 * trust)))
    rows = rng.permutation(40)
    assert rejection_area(losses[rows], trust[rows]) == pytest.approx(rejection_area(losses, trust))


@pytest.mark.parametrize(
    ("losses", "trust", "says"),
    [
        ([0, 1], [0.5], "one each per molecule"),
        ([], [], "at least one"),
        ([0, np.nan], [1, 2], "not finite"),
        ([0, 1], [1, np.inf], "not finite"),
        ([0, -1], [1, 2], "a loss is -1"),
    ],
)
def test_wrong_input_is_named(losses: list[float], trust: list[float], says: str) -> None:
    for function in (rejection_curve, rejection_area, judge_rejection):
        with pytest.raises(ValueError, match=says):
            function(losses, trust)


def test_no_points_and_no_draws_are_named() -> None:
    with pytest.raises(ValueError, match="points is 0"):
        rejection_curve([1], [1], points=0)
    with pytest.raises(ValueError, match="draws is 0"):
        judge_rejection([1], [1], draws=0)
