"""Are the molecules that a model trusts most also those it is right about? The error of the most trusted share.

Molecules are ordered by a measure of trust, and the least trusted are given away one after the other. A measure that
ranks errors lets the error of those that are kept fall; a random order leaves it where it is, on average. The area
under the curve sums it up (Geifman, Uziel and El-Yaniv 2019, arXiv 1805.08206).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from megan.metrics import Array, Interval

POINTS: Final = 50
DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class RejectionCurve:
    """The error of the most trusted molecules, by how many of them are kept. Both arrays are (B,), B <= points."""

    kept: Array
    """Share of the molecules that is kept, ascending, the last one 1."""
    error: Array
    """Their error; at 1 that of all molecules."""


@dataclass(frozen=True, slots=True)
class RejectionArea:
    """What an order by trust is worth, with intervals by resampling the molecules."""

    area: Interval
    """Error of the kept, averaged over every number of molecules kept."""
    gain: Interval
    """By how much the area is below that of a random order, which is the error of all. Above 0: errors are ranked."""


def rejection_curve(
    losses: npt.ArrayLike, trust: npt.ArrayLike, points: int = POINTS, root: bool = False
) -> RejectionCurve:
    """The error of the most trusted, at evenly spaced shares.

    Parameters
    ----------
    losses
        Loss of each molecule, 0 or above, shape (n,): 1 for a wrong verdict and 0 for a right one, or a squared error.
    trust
        Higher for molecules to be kept longer, any finite scale, shape (n,). Equally trusted molecules count as if
        they came in every possible order.
    points
        The most points of the curve, at least 1.
    root
        Whether the error is the root of the mean loss (RMSE from squared errors) instead of the mean loss.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold a value that is not finite, or a loss is below 0; or if there
        are no points.
    """
    if points < 1:
        raise ValueError(f"points is {points}; expected at least 1")
    means = _means_of_the_kept(*_checked(losses, trust))
    count = np.unique(np.ceil(np.arange(1, points + 1) / points * len(means)).astype(int))
    error = means[count - 1]
    return RejectionCurve(kept=count / len(means), error=np.sqrt(error) if root else error)


def rejection_area(losses: npt.ArrayLike, trust: npt.ArrayLike, root: bool = False) -> float:
    """Area under the curve over every number of kept molecules: the mean of the means of the 1, 2, ..., n most trusted.

    Parameters
    ----------
    losses, trust, root
        As `rejection_curve` takes them. The root is drawn after the mean over all numbers, so that a random order still
        gets the error of all.

    Returns
    -------
    float
        In the unit of the error; a random order gets the error of all, on average.

    Raises
    ------
    ValueError
        As `rejection_curve`.
    """
    area, _ = _area_and_gain(*_checked(losses, trust), root)
    return area


def judge_rejection(
    losses: npt.ArrayLike, trust: npt.ArrayLike, draws: int = DRAWS, seed: int = 0, root: bool = False
) -> RejectionArea:
    """The area and its gain over a random order, with 95 % percentile intervals.

    Both are computed on the same resampled molecules, so that an easy or a hard draw does not blur the gain.

    Parameters
    ----------
    losses, trust, root
        As `rejection_area` takes them.
    draws
        Number of resamples, at least 1.
    seed
        The same seed draws the same molecules, whatever the order.

    Raises
    ------
    ValueError
        As `rejection_curve`, or if there are no draws.
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; expected at least 1")
    loss, order = _checked(losses, trust)
    area, gain = _area_and_gain(loss, order, root)
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, 2))
    for draw in range(draws):
        rows = rng.integers(0, len(loss), len(loss))
        drawn[draw] = _area_and_gain(loss[rows], order[rows], root)
    return RejectionArea(_interval(area, drawn[:, 0]), _interval(gain, drawn[:, 1]))


def _interval(value: float, drawn: Array) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _area_and_gain(losses: Array, trust: Array, root: bool) -> tuple[float, float]:
    area, overall = float(_means_of_the_kept(losses, trust).mean()), float(losses.mean())
    if root:
        area, overall = float(np.sqrt(area)), float(np.sqrt(overall))
    return area, overall - area


def _means_of_the_kept(losses: Array, trust: Array) -> Array:
    """Mean loss of the k most trusted, for k from 1 to n; ties count by their mean, as every order expects."""
    _, group, size = np.unique(-trust, return_inverse=True, return_counts=True)
    mean = np.bincount(group, weights=losses) / size
    result: Array = np.cumsum(np.repeat(mean, size)) / np.arange(1, len(losses) + 1)
    return result


def _checked(losses: npt.ArrayLike, trust: npt.ArrayLike) -> tuple[Array, Array]:
    loss, order = np.asarray(losses, dtype=np.float64), np.asarray(trust, dtype=np.float64)
    if loss.shape != order.shape or loss.ndim != 1:
        raise ValueError(f"losses have shape {loss.shape} and trust {order.shape}; expected one each per molecule")
    if not len(loss):
        raise ValueError("there are no molecules; expected at least one")
    if not (np.isfinite(loss).all() and np.isfinite(order).all()):
        raise ValueError("a loss or a trust is not finite; expected numbers")
    if loss.min() < 0:
        raise ValueError(f"a loss is {loss.min():g}; expected 0 or above")
    return loss, order
