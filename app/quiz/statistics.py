"""What a quiz says: accuracy with and without explanations, and an exact interval of the difference.

The interval makes no assumption about how often either kind of question is answered rightly: it holds every difference
of two probabilities under which a difference as large as the one seen is not too unlikely, whatever the probabilities.
Source: Santner & Snell 1980, J. Am. Stat. Assoc. 75, 386 (exact and unconditional, by inverting two one-sided tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE: Final = 0.95
_NUISANCE: Final = 401
"""Points at which the unknown probability is tried."""
_STEPS: Final = 22
"""Halvings, to a width of 2 / 2**22."""
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Arm:
    """The questions of one kind."""

    right: int
    asked: int
    low: float
    """Lower end of the 95 % Clopper-Pearson interval of the accuracy."""
    high: float
    seconds: float | None
    """Median time of an answer; None where it was not taken."""

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.asked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a quiz came to."""

    with_explanation: Arm
    without: Arm
    difference: float
    """Accuracy with explanations less accuracy without."""
    low: float
    """Lower end of its exact 95 % interval."""
    high: float

    @property
    def decided(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def outcome(right: Sequence[bool], explained: Sequence[bool], seconds: Sequence[float | None]) -> Outcome:
    """Judge the answers of a quiz.

    Parameters
    ----------
    right, explained, seconds
        Of each question: whether it was answered rightly, whether it came with an explanation, how long it took.

    Raises
    ------
    ValueError
        If the lengths differ, or one kind of question was not asked.
    """
    if not len(right) == len(explained) == len(seconds):
        raise ValueError(
            f"quiz has {len(right)}, {len(explained)} and {len(seconds)} answers; expected as many of each"
        )
    arms = []
    for kind in (True, False):
        own = [i for i, shown in enumerate(explained) if shown == kind]
        if not own:
            raise ValueError(f"no question {'with' if kind else 'without'} an explanation was asked; expected some")
        taken = [value for i in own if (value := seconds[i]) is not None]
        arms.append(_arm(sum(right[i] for i in own), len(own), median(taken) if taken else None))
    low, high = difference_interval(arms[0].right, arms[0].asked, arms[1].right, arms[1].asked)
    return Outcome(arms[0], arms[1], arms[0].accuracy - arms[1].accuracy, low, high)


def difference_interval(
    right_one: int, asked_one: int, right_other: int, asked_other: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Exact unconditional interval of the difference of two probabilities, one less other.

    Parameters
    ----------
    right_one, asked_one, right_other, asked_other
        Counts; 0 <= right <= asked, asked at least 1.

    Returns
    -------
    low, high
        In [-1, 1].

    Raises
    ------
    ValueError
        If counts are out of range.
    """
    for name, right, asked in (("one", right_one, asked_one), ("other", right_other, asked_other)):
        if asked < 1 or not 0 <= right <= asked:
            raise ValueError(f"{name} has {right} of {asked} right; expected 0 to all of at least 1")
    tail = (1 - confidence) / 2
    low = _lower(right_one, asked_one, right_other, asked_other, tail)
    high = -_lower(right_other, asked_other, right_one, asked_one, tail)
    return low, high


def _lower(a: int, n: int, b: int, m: int, tail: float) -> float:
    """The largest difference under which one at least as large as a/n - b/m stays as unlikely as `tail`."""
    seen = a / n - b / m
    as_large = np.arange(n + 1)[:, None] / n - np.arange(m + 1) / m >= seen - _EPSILON
    if as_large.all():
        return -1.0
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        # The largest probability of the tail grows with the difference: halving finds where it passes `tail`.
        if _most_likely(as_large, middle) <= tail:
            low = middle
        else:
            high = middle
    return low


def _most_likely(region: npt.NDArray[np.bool_], difference: float) -> float:
    """Largest probability of a region of (right one, right other), over all pairs of probabilities that far apart."""
    n, m = (size - 1 for size in region.shape)
    other = np.linspace(max(0.0, -difference), min(1.0, 1 - difference), _NUISANCE)
    one = np.clip(other + difference, 0, 1)
    return float((_binomial(n, one) * (region.astype(np.float64) @ _binomial(m, other))).sum(axis=0).max())


def _binomial(n: int, p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probability of 0 to n successes, shape (n + 1, len(p))."""
    k = np.arange(n + 1)[:, None]
    ways = np.array([comb(n, i) for i in range(n + 1)], dtype=np.float64)[:, None]
    probability: npt.NDArray[np.float64] = ways * p**k * (1 - p) ** (n - k)
    return probability


def _arm(right: int, asked: int, seconds: float | None) -> Arm:
    exact = stats.binomtest(right, asked).proportion_ci(CONFIDENCE, method="exact")
    return Arm(right, asked, float(exact.low), float(exact.high), seconds)
