"""Would a concept be found again with other molecules? Clusterwise stability by resampling.

Molecules are drawn with replacement, and those drawn are clustered anew; a group has come back if some new group shares
at least half of what both hold (Jaccard) among the drawn molecules. Repeats are dropped, since points that lie on each
other would be dense by themselves; the sizes that clustering asks for shrink with the share that is left.

Source: Hennig 2007, doi 10.1016/j.csda.2006.11.025.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from concepts.clustering import Channel, Groups, Ints, grouped
from concepts.concept import ExtractionSettings
from concepts.geometry import Doubles

SAME: Final = 0.5
"""Jaccard similarity from which a group counts as found again."""


def stability(channel: Channel, groups: Groups, settings: ExtractionSettings) -> Doubles:
    """Share of resamples in which each group is found again, (C,).

    Parameters
    ----------
    channel, groups
        What was clustered, and what was found.
    settings
        As the groups were found with; `resamples` says how often.

    Returns
    -------
    (C,)
        0 to 1; 1 throughout where there are no resamples.
    """
    if not settings.resamples or not len(groups):
        return np.ones(len(groups))
    rng = np.random.default_rng(settings.seed)
    n = len(channel.vectors)
    again = np.zeros(len(groups))
    for _ in range(settings.resamples):
        drawn = np.unique(rng.integers(0, n, n))
        clustered = drawn
        if len(drawn) > settings.most_points:
            clustered = np.sort(rng.choice(drawn, settings.most_points, replace=False))
        share = len(clustered) / groups.clustered
        least = max(2, round(settings.least_members * share))
        neighbours = max(1, round(settings.neighbours * share))
        new = grouped(channel, clustered, least, neighbours, settings.merge_within)
        again += best_jaccard(groups.labels[drawn], new.labels[drawn], len(groups), len(new)) >= SAME
    return again / settings.resamples


def best_jaccard(first: Ints, second: Ints, n_first: int, n_second: int) -> Doubles:
    """Of each group of one labelling, the Jaccard similarity to the most similar group of another.

    Parameters
    ----------
    first, second : (n,)
        Labels of the same points; negative for none.
    n_first, n_second
        Numbers of groups.

    Returns
    -------
    (n_first,)
        0 where the group holds no point.
    """
    if not n_second:
        return np.zeros(n_first)
    a, b = first[:, None] == np.arange(n_first), second[:, None] == np.arange(n_second)
    shared = a.T.astype(np.float64) @ b
    either = a.sum(axis=0)[:, None] + b.sum(axis=0)[None, :] - shared
    best: Doubles = (shared / np.maximum(either, 1)).max(axis=1)
    return best
