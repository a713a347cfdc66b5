"""Numbers of a concept: means with bootstrap intervals, hit rates, and histograms over its members."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.concept import Histogram
from megan.metrics import Interval, proportion

RESAMPLES: Final = 1000
MOST_DRAWN: Final = 1_000_000
"""Numbers drawn at once, which bounds the memory."""
BINS: Final = 12


def mean_interval(values: npt.ArrayLike, seed: int = 0) -> Interval:
    """Mean of (n,) values with the range that holds it in 95 % of bootstrap resamples.

    Raises
    ------
    ValueError
        If there are no values.
    """
    given = np.asarray(values, dtype=np.float64)
    if not given.size:
        raise ValueError("values is empty; expected at least one number")
    rng = np.random.default_rng(seed)
    rounds = max(1, min(RESAMPLES, MOST_DRAWN // len(given)))
    means: list[float] = []
    while len(means) < RESAMPLES:
        means += given[rng.integers(0, len(given), (rounds, len(given)))].mean(axis=1).tolist()
    low, high = np.quantile(means[:RESAMPLES], [0.025, 0.975])
    return _rounded(float(given.mean()), float(low), float(high))


def hit_rate(on_side: npt.ArrayLike) -> Interval | None:
    """Share of True among (n,) measured members with its Wilson interval; None where there are none."""
    given = np.asarray(on_side, dtype=bool)
    if not given.size:
        return None
    share = proportion(int(given.sum()), given.size)
    return _rounded(share.value, share.low, share.high)


def histogram(values: npt.ArrayLike, low: float, high: float, whole: bool = False) -> Histogram:
    """Counts of (n,) values in equal bins between two ends, which are widened where values lie outside.

    Parameters
    ----------
    values
        Finite.
    low, high
        The same for all concepts of a channel, so that their histograms compare.
    whole
        Whether values are whole numbers, which get a bin each while there are few.
    """
    given = np.asarray(values, dtype=np.float64)
    low, high = min(low, float(given.min())), max(high, float(given.max()))
    if whole and high - low < 2 * BINS:
        edges = np.arange(low - 0.5, high + 1)
    else:
        edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    counts, edges = np.histogram(given, edges)
    return Histogram(tuple(round(float(edge), 6) for edge in edges), tuple(int(count) for count in counts))


def _rounded(value: float, low: float, high: float) -> Interval:
    return Interval(round(value, 5), round(low, 5), round(high, 5))
