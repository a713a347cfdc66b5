"""Which of several candidates no other one beats in everything, and a choice among them that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def pareto_front(costs: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Rows that no other row beats: better or equal everywhere and better somewhere.

    Parameters
    ----------
    costs : (n, m)
        m objectives, lower is better.

    Returns
    -------
    on_front : (n,)
        Equal rows are all on it or all off it.

    Raises
    ------
    ValueError
        If the array has not two dimensions.
    """
    given = np.asarray(costs, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError(f"costs has shape {given.shape}; expected (n, m)")
    on_front = np.ones(len(given), dtype=np.bool_)
    for row in range(len(given)):
        no_worse = (given <= given[row]).all(axis=1)
        better = (given < given[row]).any(axis=1)
        on_front[row] = not (no_worse & better).any()
    return on_front


def choose_different(
    worth: Sequence[float],
    traits: Sequence[frozenset[str]],
    count: int,
    penalty: float,
    before: Sequence[frozenset[str]] = (),
) -> list[int]:
    """Pick the most worthy one by one; what shares traits with those already picked is worth less.

    Parameters
    ----------
    worth
        Of every candidate, higher is better.
    traits
        Of every candidate, such as its kinds of edits and their places.
    count
        How many to pick at most.
    penalty
        What a candidate loses whose traits were all picked before; a part of them costs in proportion.
    before
        Traits of what was picked already, elsewhere.

    Returns
    -------
    list of int
        Positions, in the order of the choice; the first is the most worthy, ties in order.
    """
    chosen: list[int] = []
    picked = list(before)
    left = list(range(len(worth)))
    while left and len(chosen) < count:

        def value(i: int) -> float:
            shared = max((_overlap(traits[i], other) for other in picked), default=0.0)
            return worth[i] - penalty * shared

        best = max(left, key=lambda i: (value(i), -i))
        chosen.append(best)
        picked.append(traits[best])
        left.remove(best)
    return chosen


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0
