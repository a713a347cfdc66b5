"""How good predictions are: ranking, verdicts, calibration and errors, each with an interval by resampling.

Free functions over two equally long arrays, labels first, in numpy only, so that training, cards and commands report
the same numbers. Labels of classification are 0 or 1 and predictions probabilities of label 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Metric = Callable[[Array, Array], float]

#: Equal-width probability bins of `ece` and `reliability_bins`.
BINS: Final = 15

_Z95: Final = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with the range that resampling the rows leaves it in."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RocCurve:
    """A point for every threshold that changes a verdict, from (0, 0) to (1, 1)."""

    fpr: Array
    """False positive rate, 0 to 1, never falling."""
    tpr: Array
    """True positive rate at the same thresholds."""


@dataclass(frozen=True, slots=True)
class ReliabilityBins:
    """Predicted against observed frequency; bins that no prediction falls into are left out. All arrays are (B,)."""

    edges: Array
    """Lower edge of each kept bin."""
    mean_predicted: Array
    """Mean predicted probability in the bin."""
    observed: Array
    """Fraction of label 1 in the bin."""
    count: npt.NDArray[np.int64]
    """Predictions in the bin."""
    low: Array
    """Lower end of the 95 % Wilson interval of `observed`."""
    high: Array
    """Upper end of it."""


def auroc(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Area under the ROC curve: how often a row of label 1 is ranked above one of label 0, a tie counting half.

    Parameters
    ----------
    y
        Labels, 0 or 1, shape (n,).
    p
        Scores, higher for label 1, any finite scale, shape (n,).

    Returns
    -------
    float
        0 to 1; 0.5 says nothing, 1 ranks without a fault.

    Raises
    ------
    ValueError
        If the arrays differ in length, hold a value that is not finite, or the labels are not both 0 and 1.
    """
    labels, scores = _both_classes(y, p)
    positives = float(labels.sum())
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    rank = (last - (size - 1) / 2)[group]
    return float((rank[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def roc_curve(y: npt.ArrayLike, p: npt.ArrayLike) -> RocCurve:
    """False and true positive rate at every threshold that changes a verdict, equal scores taken together.

    Raises
    ------
    ValueError
        As `auroc`.
    """
    true, taken = _counts_from_the_top(*_both_classes(y, p))
    tpr, fpr = true / true[-1], (taken - true) / (taken[-1] - true[-1])
    return RocCurve(fpr=np.concatenate(([0.0], fpr)), tpr=np.concatenate(([0.0], tpr)))


def average_precision(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Precision averaged over the steps in recall, without interpolation (interpolating flatters it).

    Source: Davis and Goadrich 2006, doi 10.1145/1143844.1143874.

    Returns
    -------
    float
        0 to 1; a ranking by chance gets the fraction of label 1.

    Raises
    ------
    ValueError
        As `auroc`.
    """
    true, taken = _counts_from_the_top(*_both_classes(y, p))
    gained = np.diff(true, prepend=0.0)
    return float((gained * true / taken).sum() / true[-1])


def balanced_accuracy(y: npt.ArrayLike, p: npt.ArrayLike, threshold: float = 0.5) -> float:
    """Mean of the fractions of label 1 and of label 0 that get the right verdict.

    Parameters
    ----------
    y
        Labels, 0 or 1, shape (n,).
    p
        Probabilities of label 1, shape (n,).
    threshold
        Probability from which the verdict is label 1.

    Returns
    -------
    float
        0 to 1; any constant verdict gets 0.5.

    Raises
    ------
    ValueError
        As `auroc`.
    """
    labels, scores = _both_classes(y, p)
    verdict = scores >= threshold
    return float((verdict[labels == 1].mean() + (~verdict[labels == 0]).mean()) / 2)


def ece(y: npt.ArrayLike, p: npt.ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: distance of predicted from observed frequency, averaged over the predictions.

    Equal-width bins over [0, 1]; a bin includes its lower edge, the last one also 1. Source: Naeini et al. 2015,
    doi 10.1609/aaai.v29i1.9602.

    Returns
    -------
    float
        0 (calibrated) to 1.

    Raises
    ------
    ValueError
        If the arrays differ in length or are empty, a label is not 0 or 1, or a probability is outside 0..1.
    """
    found = reliability_bins(y, p, bins)
    gap = np.abs(found.mean_predicted - found.observed)
    return float((gap * found.count).sum() / found.count.sum())


def ece_by_chance(p: npt.ArrayLike, bins: int = BINS, draws: int = 200, seed: int = 0) -> Interval:
    """The calibration error that a perfect calibration would show on as many molecules with these probabilities.

    Few molecules in a bin leave a gap by chance, and the error only adds gaps up, so that it is never 0. Labels are
    drawn from the probabilities themselves.

    Parameters
    ----------
    p
        Probabilities of label 1, shape (n,).
    bins
        As in `ece`.
    draws, seed
        Of the labels.

    Returns
    -------
    Interval
        The mean over the draws, and the range that holds 95 % of them.

    Raises
    ------
    ValueError
        As `ece`, or if there are no draws.
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; expected at least 1")
    scores = np.asarray(p, dtype=np.float64)
    rng = np.random.default_rng(seed)
    found = [ece((rng.random(scores.shape) < scores).astype(np.float64), scores, bins) for _ in range(draws)]
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(value=float(np.mean(found)), low=float(low), high=float(high))


def proportion(hits: int, count: int) -> Interval:
    """A share with its 95 % Wilson interval, see `reliability_bins`.

    Raises
    ------
    ValueError
        If there is nothing to take a share of, or more hits than that.
    """
    if count < 1 or not 0 <= hits <= count:
        raise ValueError(f"hits is {hits} of {count}; expected 0 to {count} of at least 1")
    low, high = _wilson(np.array([hits / count]), np.array([count]))
    return Interval(value=hits / count, low=float(low[0]), high=float(high[0]))


def reliability_bins(y: npt.ArrayLike, p: npt.ArrayLike, bins: int = BINS) -> ReliabilityBins:
    """Observed frequency of label 1 by predicted probability, with 95 % Wilson intervals.

    The Wilson interval stays inside 0..1 and is honest for few rows, where the usual normal one is not. Source:
    Wilson 1927, doi 10.1080/01621459.1927.10502953.

    Raises
    ------
    ValueError
        As `ece`.
    """
    labels, scores = _binary(y, p)
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(f"probabilities span {scores.min():g}..{scores.max():g}; expected 0..1")
    which = np.minimum((scores * bins).astype(np.int64), bins - 1)
    every = np.bincount(which, minlength=bins)
    kept = every > 0
    count = every[kept]
    observed = np.bincount(which, weights=labels, minlength=bins)[kept] / count
    low, high = _wilson(observed, count)
    return ReliabilityBins(
        edges=np.flatnonzero(kept) / bins,
        mean_predicted=np.bincount(which, weights=scores, minlength=bins)[kept] / count,
        observed=observed,
        count=count,
        low=low,
        high=high,
    )


def rmse(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Root of the mean squared error, in the unit of the values.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, or hold a value that is not finite.
    """
    labels, values = _paired(y, p)
    return float(np.sqrt(np.mean((labels - values) ** 2)))


def mae(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Mean absolute error, in the unit of the values.

    Raises
    ------
    ValueError
        As `rmse`.
    """
    labels, values = _paired(y, p)
    return float(np.mean(np.abs(labels - values)))


def r2(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Fraction of the labels' variance that the values explain; below 0 where their mean would do better.

    Raises
    ------
    ValueError
        As `rmse`, and if all labels are equal, since then there is nothing to explain.
    """
    labels, values = _paired(y, p)
    spread = float(((labels - labels.mean()) ** 2).sum())
    if np.ptp(labels) == 0:
        raise ValueError(f"all labels are {labels[0]:g}; expected at least two different values")
    return 1.0 - float(((labels - values) ** 2).sum()) / spread


def bootstrap_interval(
    metric: Metric, y: npt.ArrayLike, p: npt.ArrayLike, n: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """Percentile interval of a metric under resampling of the rows.

    Parameters
    ----------
    metric
        Any function of this module that takes labels and predictions and returns a float.
    y, p
        As the metric takes them, shape (n_rows,).
    n
        Number of resamples.
    seed
        Seed of the resampling; the same seed gives the same interval.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    Interval
        The metric on all rows, and the range that holds `level` of the resampled ones. Resamples on which the metric
        is not defined (a single class) are left out.

    Raises
    ------
    ValueError
        As the metric does on all rows, or if it is defined on none of the resamples.
    """
    labels, scores = _paired(y, p)
    value = metric(labels, scores)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        rows = rng.integers(0, len(labels), len(labels))
        try:
            found.append(metric(labels[rows], scores[rows]))
        except ValueError:
            continue
    if not found:
        raise ValueError(f"none of {n} resamples of {len(labels)} rows holds both classes; expected more rows")
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value=value, low=float(low), high=float(high))


def _paired(y: npt.ArrayLike, p: npt.ArrayLike) -> tuple[Array, Array]:
    labels, values = np.asarray(y, dtype=np.float64), np.asarray(p, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != values.shape:
        raise ValueError(f"labels have shape {labels.shape}, predictions {values.shape}; expected one each per row")
    if not len(labels):
        raise ValueError("there are no rows; expected at least one")
    if not (np.isfinite(labels).all() and np.isfinite(values).all()):
        raise ValueError("a label or a prediction is not finite; expected numbers")
    return labels, values


def _binary(y: npt.ArrayLike, p: npt.ArrayLike) -> tuple[Array, Array]:
    labels, scores = _paired(y, p)
    strange = labels[(labels != 0) & (labels != 1)]
    if len(strange):
        raise ValueError(f"a label is {strange[0]:g}; expected 0 or 1")
    return labels, scores


def _both_classes(y: npt.ArrayLike, p: npt.ArrayLike) -> tuple[Array, Array]:
    labels, scores = _binary(y, p)
    if labels.min() == labels.max():
        raise ValueError(f"all labels are {labels[0]:g}; expected both 0 and 1")
    return labels, scores


def _counts_from_the_top(labels: Array, scores: Array) -> tuple[Array, Array]:
    """Count rows of label 1, and all rows, at or above each distinct score, from the highest score down."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    return np.cumsum(labels[order])[ends], ends + 1.0


def _wilson(fraction: Array, count: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    square = _Z95**2 / count
    centre = (fraction + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * np.sqrt(fraction * (1 - fraction) / count + square / (4 * count))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
