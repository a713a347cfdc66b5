"""Differences between methods agree with slow references, and bins hold what they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.paired_comparison import (
    mean_over_bins,
    paired_difference,
    properties,
    quartile_bins,
    resampled,
    within_bins,
)
from megan.metrics import Array, auroc, rmse


@pytest.fixture
def scored() -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(3)
    y = (rng.random(80) < 0.4).astype(np.float64)
    return y, y + rng.normal(0, 0.8, 80), y + rng.normal(0, 1.5, 80)


def test_difference_agrees_with_a_slow_reference(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    rng = np.random.default_rng(0)
    slow = []
    for _ in range(200):
        drawn = rng.integers(0, len(y), len(y)).tolist()
        labels = [y[i] for i in drawn]
        slow.append(roc_auc_score(labels, [ours[i] for i in drawn]) - roc_auc_score(labels, [theirs[i] for i in drawn]))
    found = paired_difference(auroc, y, ours, theirs, draws=200)
    assert found.value == pytest.approx(roc_auc_score(y, ours) - roc_auc_score(y, theirs))
    assert [found.low, found.high] == pytest.approx(np.quantile(slow, [0.025, 0.975]).tolist())
    assert found.low < found.value < found.high


def test_a_method_is_as_good_as_itself(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    found = paired_difference(auroc, y, ours, ours.copy(), draws=50)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    there, back = paired_difference(rmse, y, ours, theirs, 50), paired_difference(rmse, y, theirs, ours, 50)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_lengths_must_agree(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    with pytest.raises(ValueError, match="80 labels, 80 and 79 predictions; expected one each"):
        paired_difference(auroc, y, ours, theirs[1:])


def test_draws_without_an_answer_are_left_out() -> None:
    y = np.array([1.0, 0.0, 0.0])
    found = resampled(lambda rows: auroc(y[rows], y[rows]), 3, draws=40)
    assert (found.low, found.high) == (1, 1)

    def only_in_order(rows: np.ndarray[Any, Any]) -> float:
        if not np.array_equal(rows, np.arange(3)):
            raise ValueError
        return 1.0

    with pytest.raises(ValueError, match="none of 4 resamples of 3 rows can be judged"):
        resampled(only_in_order, 3, draws=4)


def test_quartiles_cut_evenly() -> None:
    bins, cuts = quartile_bins(np.arange(8.0)[::-1])
    assert bins.tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    assert cuts == [1.75, 3.5, 5.25]


@pytest.mark.parametrize(
    ("values", "expected", "between"),
    [
        ([0, 0, 0, 0, 0, 1, 2, 3], [0, 0, 0, 0, 0, 0, 1, 1], [1.25]),
        ([1, 2, 3, 3, 3, 3, 3, 3], [0, 0, 1, 1, 1, 1, 1, 1], [3]),
        ([2, 2, 2, 2], [0, 0, 0, 0], []),
    ],
)
def test_equal_values_share_a_bin(values: list[float], expected: list[int], between: list[float]) -> None:
    bins, cuts = quartile_bins(np.array(values, dtype=np.float64))
    assert bins.tolist() == expected
    assert cuts == between


def test_bins_count_equally(scored: tuple[Array, Array, Array]) -> None:
    y, p, _ = scored
    bins = np.repeat([0, 1], [20, 60])
    by_hand = [roc_auc_score(y[:20], p[:20]), roc_auc_score(y[20:], p[20:])]
    assert within_bins(auroc, y, p, bins) == pytest.approx(by_hand)
    assert mean_over_bins(auroc, y, p, bins) == pytest.approx(sum(by_hand) / 2)


def test_properties_of_known_molecules() -> None:
    found = properties(["c1ccccc1", "CCO"])
    assert found["aromatic rings"].tolist() == [1, 0]
    assert found["molecular weight"] == pytest.approx([78.11, 46.07], abs=0.01)
    assert found["TPSA"] == pytest.approx([0, 20.23])
    assert found["logP"][0] > found["logP"][1]
    with pytest.raises(ValueError, match=r"smiles\[1\] is 'c1cc'; expected a SMILES"):
        properties(["C", "c1cc"])
