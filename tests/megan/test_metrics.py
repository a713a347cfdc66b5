"""Metrics against values worked out by hand, against their definitions, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from megan import metrics

LABELS = [0, 0, 1, 1]
SCORES = [0.1, 0.4, 0.35, 0.8]


def _random(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(float)
    # Rounding makes ties, on which rank formulas go wrong first.
    return y, np.round(np.clip(0.3 * y + 0.7 * rng.random(n), 0, 1), 2)


def test_auroc_counts_pairs() -> None:
    assert metrics.auroc(LABELS, SCORES) == 0.75
    assert metrics.auroc([0, 1], [0.5, 0.5]) == 0.5
    assert metrics.auroc([0, 1], [0.2, 0.9]) == 1.0
    assert metrics.auroc([1, 0], [0.2, 0.9]) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4)), min_size=2, max_size=25))
def test_auroc_is_the_fraction_of_pairs_in_order(rows: list[tuple[int, int]]) -> None:
    y, p = [label for label, _ in rows], [score for _, score in rows]
    pairs = [(a > b) + 0.5 * (a == b) for i, a in enumerate(p) for j, b in enumerate(p) if y[i] > y[j]]
    if not pairs:
        with pytest.raises(ValueError, match="expected both 0 and 1"):
            metrics.auroc(y, p)
    else:
        assert metrics.auroc(y, p) == pytest.approx(np.mean(pairs))


def test_average_precision_by_hand() -> None:
    # From the top: 1 of 1, 1 of 2, 2 of 3; recall steps at the first and third row.
    assert metrics.average_precision(LABELS, SCORES) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert metrics.average_precision([0, 1, 0, 0], [0.5] * 4) == 0.25


def test_balanced_accuracy_weighs_classes_equally() -> None:
    assert metrics.balanced_accuracy([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.7]) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.balanced_accuracy([1, 0], [0.5, 0.49]) == 1.0
    assert metrics.balanced_accuracy([1, 0, 0], [0.3, 0.3, 0.2], threshold=0.3) == 0.75


def test_ece_by_hand() -> None:
    # Two bins: {0.1, 0.3} hold no 1 (gap 0.2), {0.6, 1.0} hold one (gap 0.3).
    assert metrics.ece([0, 0, 0, 1], [0.1, 0.3, 0.6, 1.0], bins=2) == pytest.approx(0.25)
    assert metrics.ece([0, 1], [0.0, 1.0]) == 0.0


def test_reliability_bins_leave_empty_bins_out() -> None:
    found = metrics.reliability_bins([0, 0, 0, 1], [0.1, 0.3, 0.6, 1.0], bins=4)
    assert found.edges.tolist() == [0.0, 0.25, 0.5, 0.75]
    found = metrics.reliability_bins([0, 0, 1, 1], [0.1, 0.1, 0.9, 1.0], bins=4)
    assert found.edges.tolist() == [0.0, 0.75]
    assert found.count.tolist() == [2, 2]
    assert found.observed.tolist() == [0.0, 1.0]
    assert found.mean_predicted.tolist() == pytest.approx([0.1, 0.95])


def test_wilson_interval_of_a_known_count() -> None:
    # 5 of 10: centre 0.5, half width z / (1 + z^2/10) * sqrt(0.025 + z^2/400) = 0.26341 (Wilson 1927).
    found = metrics.reliability_bins([0] * 5 + [1] * 5, [0.5] * 10, bins=1)
    assert found.low[0] == pytest.approx(0.23659, abs=1e-5)
    assert found.high[0] == pytest.approx(0.76341, abs=1e-5)


def test_proportion_has_the_same_interval() -> None:
    found = metrics.proportion(5, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.23659, 0.76341), abs=1e-5)
    assert metrics.proportion(0, 3).low == 0
    for hits, count in ((1, 0), (4, 3), (-1, 3)):
        with pytest.raises(ValueError, match=f"hits is {hits} of {count}"):
            metrics.proportion(hits, count)


def test_calibration_error_by_chance_of_a_known_case() -> None:
    # All n labels in one bin at p = 1/2: the mean absolute gap is sqrt(1 / (2 pi n)).
    chance = metrics.ece_by_chance([0.5] * 400, draws=4000)
    assert chance.value == pytest.approx(np.sqrt(1 / (2 * np.pi * 400)), rel=0.05)
    assert chance.low < chance.value < chance.high
    assert metrics.ece_by_chance([0.0, 1.0]).value == 0


def test_calibration_error_by_chance_falls_with_molecules_and_is_what_true_probabilities_show() -> None:
    p = np.random.default_rng(0).random(4000)
    few, many = metrics.ece_by_chance(p[:300]), metrics.ece_by_chance(p)
    assert few.value > 2.5 * many.value
    y = (np.random.default_rng(1).random(4000) < p).astype(float)
    assert many.low <= metrics.ece(y, p) <= many.high
    assert metrics.ece_by_chance(p) == many
    with pytest.raises(ValueError, match="expected 0..1"):
        metrics.ece_by_chance([0.5, 1.5])
    with pytest.raises(ValueError, match="draws is 0"):
        metrics.ece_by_chance(p, draws=0)


def test_roc_curve_starts_and_ends_in_the_corners() -> None:
    curve = metrics.roc_curve(LABELS, SCORES)
    assert curve.fpr.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curve.tpr.tolist() == [0, 0.5, 0.5, 1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_area_under_the_curve_is_the_auroc(seed: int) -> None:
    y, p = _random(seed)
    curve = metrics.roc_curve(y, p)
    assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(metrics.auroc(y, p))


def test_errors_of_values() -> None:
    assert metrics.rmse([1, 2, 3], [1, 2, 6]) == pytest.approx(np.sqrt(3))
    assert metrics.mae([1, 2, 3], [1, 2, 6]) == 1.0
    assert metrics.r2([1, 2, 3], [1, 2, 3]) == 1.0
    assert metrics.r2([1, 2, 3], [2, 2, 2]) == 0.0
    with pytest.raises(ValueError, match="all labels are 2"):
        metrics.r2([2, 2], [1, 3])


def test_bootstrap_holds_the_value_and_repeats() -> None:
    y, p = _random(0)
    first = metrics.bootstrap_interval(metrics.auroc, y, p, n=200, seed=3)
    assert first.low < first.value < first.high
    assert first.value == metrics.auroc(y, p)
    assert first == metrics.bootstrap_interval(metrics.auroc, y, p, n=200, seed=3)
    assert first != metrics.bootstrap_interval(metrics.auroc, y, p, n=200, seed=4)


def test_bootstrap_narrows_with_rows_and_survives_rare_classes() -> None:
    few, many = _random(1, 40), _random(1, 4000)
    narrow = metrics.bootstrap_interval(metrics.auroc, *many, n=100)
    wide = metrics.bootstrap_interval(metrics.auroc, *few, n=100)
    assert narrow.high - narrow.low < wide.high - wide.low
    rare = metrics.bootstrap_interval(metrics.auroc, [1, 0, 0, 0, 0], [0.9, 0.1, 0.2, 0.3, 0.4], n=50)
    assert rare.low == rare.high == 1.0


@pytest.mark.parametrize(
    ("y", "p", "says"),
    [
        ([0, 1], [0.5], "one each per row"),
        ([], [], "at least one"),
        ([0, np.nan], [0.5, 0.5], "not finite"),
        ([0, 1], [0.5, np.inf], "not finite"),
        ([0, 2], [0.5, 0.5], "a label is 2"),
        ([1, 1], [0.5, 0.5], "all labels are 1"),
    ],
)
def test_wrong_input_is_named(y: list[float], p: list[float], says: str) -> None:
    for metric in (metrics.auroc, metrics.average_precision, metrics.balanced_accuracy, metrics.roc_curve):
        with pytest.raises(ValueError, match=says):
            metric(y, p)


def test_ece_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match="expected 0..1"):
        metrics.ece([0, 1], [0.5, 1.5])


@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_agrees(seed: int) -> None:
    reference = pytest.importorskip("sklearn.metrics")
    y, p = _random(seed)
    assert metrics.auroc(y, p) == pytest.approx(reference.roc_auc_score(y, p))
    assert metrics.average_precision(y, p) == pytest.approx(reference.average_precision_score(y, p))
    assert metrics.balanced_accuracy(y, p) == pytest.approx(reference.balanced_accuracy_score(y, p >= 0.5))
    assert metrics.rmse(y, p) == pytest.approx(reference.root_mean_squared_error(y, p))
    assert metrics.mae(y, p) == pytest.approx(reference.mean_absolute_error(y, p))
    assert metrics.r2(y, p) == pytest.approx(reference.r2_score(y, p))
