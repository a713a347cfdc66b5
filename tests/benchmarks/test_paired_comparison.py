"""Differences between methods agree with slow references, and bins hold what they should."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.paired_comparison import (
    Rows,
    judged_together,
    mean_over_bins,
    properties,
    quartile_bins,
    within_bins,
)
from megan.metrics import Array, Metric, auroc, bootstrap_interval, rmse


@pytest.fixture
def scored() -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(3)
    y = (rng.random(80) < 0.4).astype(np.float64)
    return y, y + rng.normal(0, 0.8, 80), y + rng.normal(0, 1.5, 80)


def on(y: Array, metric: Metric) -> Callable[[Array, Rows], float]:
    return lambda p, rows: metric(y[rows], p[rows])


def test_leads_agree_with_a_slow_reference(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    rng = np.random.default_rng(0)
    slow = []
    for _ in range(200):
        drawn = rng.integers(0, len(y), len(y)).tolist()
        labels = [y[i] for i in drawn]
        slow.append(roc_auc_score(labels, [ours[i] for i in drawn]) - roc_auc_score(labels, [theirs[i] for i in drawn]))
    scores, leads = judged_together(on(y, auroc), {"a": theirs, "b": ours}, ours="b", draws=200)
    assert list(leads) == ["a"]
    assert leads["a"].value == pytest.approx(roc_auc_score(y, ours) - roc_auc_score(y, theirs))
    assert [leads["a"].low, leads["a"].high] == pytest.approx(np.quantile(slow, [0.025, 0.975]).tolist())
    assert leads["a"].low < leads["a"].value < leads["a"].high
    # The intervals of the cards.
    for name, p in (("a", theirs), ("b", ours)):
        card = bootstrap_interval(auroc, y, p, n=200)
        assert dataclasses.astuple(scores[name]) == pytest.approx(dataclasses.astuple(card))


def test_a_method_is_as_good_as_itself(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    _, leads = judged_together(on(y, rmse), {"a": ours, "b": ours.copy(), "c": theirs}, ours="a", draws=50)
    assert (leads["b"].value, leads["b"].low, leads["b"].high) == (0, 0, 0)
    _, back = judged_together(on(y, rmse), {"a": ours, "c": theirs}, ours="c", draws=50)
    assert (leads["c"].low, leads["c"].high) == pytest.approx((-back["a"].high, -back["a"].low))


def test_without_ours_there_are_no_leads(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    scores, leads = judged_together(on(y, auroc), {"a": ours, "b": theirs}, draws=5)
    assert set(scores) == {"a", "b"}
    assert leads == {}


def test_lengths_must_agree(scored: tuple[Array, Array, Array]) -> None:
    y, ours, theirs = scored
    with pytest.raises(ValueError, match=r"predictions are of lengths \[79, 80\]; expected one each"):
        judged_together(on(y, auroc), {"a": ours, "b": theirs[1:]})


def test_draws_without_an_answer_are_left_out() -> None:
    y = np.array([1.0, 0.0, 0.0])
    scores, _ = judged_together(on(y, auroc), {"a": y}, draws=40)
    assert (scores["a"].low, scores["a"].high) == (1, 1)

    def only_in_order(p: Array, rows: Rows) -> float:
        if not np.array_equal(rows, np.arange(3)):
            raise ValueError
        return 1.0

    with pytest.raises(ValueError, match="none of 4 resamples of 3 molecules can be judged"):
        judged_together(only_in_order, {"a": y}, draws=4)


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
