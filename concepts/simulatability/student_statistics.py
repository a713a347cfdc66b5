"""Did the explanations teach anything? Paired statistics of students with and without masks, and truth of their masks.

Source: Teufel et al. 2023, "Quantifying the Intrinsic Usefulness of Attributional Explanations for GNNs with Artificial
Simulatability Studies": the score is the median of the paired differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Doubles = npt.NDArray[np.float64]
RESAMPLES: Final = 4000
LEAST_PAIRS: Final = 2


@dataclass(frozen=True, slots=True)
class Score:
    """The simulatability score with what is needed to judge it; differences are explanation student less reference."""

    score: float
    """Median difference, in the metric's unit."""
    low: float
    """Lower end of the 95 % percentile bootstrap interval of the median."""
    high: float
    """Upper end of it."""
    p: float
    """Of the paired t-test, two-sided; 1 where all pairs are equal."""
    p_wilcoxon: float
    """Of the signed-rank test, two-sided; pairs that are equal are left out, 1 where all are."""
    effect: float
    """Mean difference in standard deviations of the differences (Cohen's d of pairs); 0 where all pairs are equal."""
    mean: float
    """Mean difference."""
    better: float
    """Share of repetitions in which the explanation student was better; a tie counts half."""
    repetitions: int
    """Pairs that were judged."""


def paired_score(reference: npt.ArrayLike, explained: npt.ArrayLike, seed: int = 0) -> Score:
    """Judge R pairs of students.

    Parameters
    ----------
    reference, explained : (R,)
        Performance of the two students of every repetition.

    Raises
    ------
    ValueError
        If there are fewer than two pairs, their numbers differ, or one is not finite.
    """
    one, other = np.asarray(reference, dtype=np.float64), np.asarray(explained, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1 or len(one) < LEAST_PAIRS:
        raise ValueError(f"pairs have shapes {one.shape} and {other.shape}; expected (R,) for both, R at least 2")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("a performance is not finite; expected failed repetitions to be left out")
    # Means of equal accuracies differ in the last digits, which a rank test would take for a difference.
    difference = (other - one).round(9)
    drawn = np.random.default_rng(seed).integers(0, len(difference), (RESAMPLES, len(difference)))
    low, high = np.quantile(np.median(difference[drawn], axis=1), [0.025, 0.975])
    spread = float(difference.std(ddof=1))
    equal = not difference.any()
    return Score(
        score=float(np.median(difference)),
        low=float(low),
        high=float(high),
        p=_t_test(difference, spread),
        p_wilcoxon=1.0 if equal else float(stats.wilcoxon(difference[difference != 0]).pvalue),
        effect=float(difference.mean() / spread) if spread else 0.0,
        mean=float(difference.mean()),
        better=float((difference > 0).mean() + 0.5 * (difference == 0).mean()),
        repetitions=len(difference),
    )


def _t_test(difference: Doubles, spread: float) -> float:
    if spread == 0:
        return 1.0 if difference[0] == 0 else 0.0
    return float(stats.ttest_1samp(difference, 0.0).pvalue)


def grouped_auroc(scores: npt.ArrayLike, belongs: npt.ArrayLike, group: npt.ArrayLike, n_groups: int) -> Doubles:
    """How well masks rank what belongs to an explanation, in every graph and channel by itself.

    Parameters
    ----------
    scores : (n,)
        Of places.
    belongs : (n,) bool
        Which of them belong.
    group : (n,) int
        Graph and channel of each, 0 .. n_groups - 1.

    Returns
    -------
    auroc : (n_groups,)
        0 to 1, a tie counting half; NaN where all or nothing belongs.
    """
    values, groups = np.asarray(scores), np.asarray(group, dtype=np.int64)
    inside = np.asarray(belongs, dtype=np.float64)
    size = np.bincount(groups, minlength=n_groups)
    positives = np.bincount(groups, inside, n_groups)
    pairs = positives * (size - positives)
    rank = _ranks_within(values, groups) - (np.cumsum(size) - size)[groups]
    above = np.bincount(groups, rank * inside, n_groups) - positives * (positives + 1) / 2
    auroc: Doubles = np.divide(above, pairs, out=np.full(n_groups, np.nan), where=pairs > 0)
    return auroc


def _ranks_within(values: npt.NDArray[np.floating], groups: npt.NDArray[np.integer]) -> Doubles:
    """Ranks by (group, value) from 1, equal values of a group sharing their mean rank."""
    order = np.lexsort((values, groups))
    sorted_values, sorted_groups = values[order], groups[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(sorted_values) != 0) | (np.diff(sorted_groups) != 0)
    tie = np.cumsum(new) - 1
    size = np.bincount(tie)
    mean_rank = np.cumsum(size) - (size - 1) / 2
    ranks = np.empty(len(order))
    ranks[order] = mean_rank[tie]
    return ranks
