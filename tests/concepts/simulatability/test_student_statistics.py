"""Paired scores by hand and against scipy, and ranks within graphs against ranks of one graph at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concepts.simulatability.student_statistics import grouped_auroc, paired_score
from megan.metrics import auroc


def test_score_by_hand() -> None:
    reference = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    explained = reference + np.array([0.1, 0.3, 0.0, 0.2, -0.1])
    found = paired_score(reference, explained)
    assert found.score == pytest.approx(0.1)
    assert found.mean == pytest.approx(0.1)
    assert found.better == pytest.approx(0.7)
    assert found.effect == pytest.approx(0.1 / np.std([0.1, 0.3, 0.0, 0.2, -0.1], ddof=1))
    assert found.p == pytest.approx(stats.ttest_rel(explained, reference).pvalue)
    assert found.p_wilcoxon == pytest.approx(stats.wilcoxon([0.1, 0.3, 0.2, -0.1]).pvalue)
    assert -0.1 <= found.low <= found.score <= found.high <= 0.3
    assert found.repetitions == 5


def test_exchanging_the_students_turns_the_score_round() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.random(25), rng.random(25) + 0.6
    there, back = paired_score(one, other), paired_score(other, one)
    assert there.score == pytest.approx(-back.score)
    assert there.p == pytest.approx(back.p)
    assert there.low == pytest.approx(-back.high)
    assert there.low > 0


def test_equal_students_score_nothing() -> None:
    found = paired_score([0.5, 0.7, 0.9], [0.5, 0.7 + 1e-12, 0.9])
    assert (found.score, found.low, found.high, found.effect) == (0, 0, 0, 0)
    assert (found.p, found.p_wilcoxon, found.better) == (1, 1, 0.5)


def test_no_score_without_pairs_or_of_failures() -> None:
    with pytest.raises(ValueError, match="R at least 2"):
        paired_score([0.5], [0.6])
    with pytest.raises(ValueError, match="not finite"):
        paired_score([0.5, float("nan")], [0.6, 0.7])


def test_grouped_ranks_are_those_of_each_group() -> None:
    rng = np.random.default_rng(1)
    group = rng.integers(0, 9, 300)
    scores = rng.random(300).round(1)
    belongs = (rng.random(300) < 0.3) & (group != 4)
    found = grouped_auroc(scores, belongs, group, 10)
    for g in range(9):
        own = group == g
        if g == 4:
            assert np.isnan(found[g])
        else:
            assert found[g] == pytest.approx(auroc(belongs[own], scores[own]))
    assert np.isnan(found[9])
