"""Do members hold a substructure more often than other molecules? Odds ratios, Fisher's exact test, and its correction.

Sources: odds ratio with half a count added to each cell, Haldane 1956, doi 10.1111/j.1469-1809.1955.tb01285.x, and its
interval, Woolf 1955, doi 10.1111/j.1469-1809.1955.tb01348.x; correction for many tests, Benjamini and Hochberg 1995,
doi 10.1111/j.2517-6161.1995.tb02031.x.

The fragments are those that are common among the members, and are tested on the same members: small p values tell
fragments that are typical from those that are everywhere, and are no proof that the rule holds elsewhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from megan.metrics import Interval

Doubles = npt.NDArray[np.float64]
Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def odds_ratio(in_members: int, n_members: int, in_all: int, n_all: int) -> Interval:
    """Odds of holding it among members over the odds among all others, with its 95 % interval.

    Parameters
    ----------
    in_members, n_members
        Members that hold it, and all members.
    in_all, n_all
        Molecules of the table that hold it, and all molecules; members included.

    Raises
    ------
    ValueError
        If the counts contradict each other.
    """
    a, b, c, d = _cells(in_members, n_members, in_all, n_all)
    log = np.log((a + 0.5) * (d + 0.5)) - np.log((b + 0.5) * (c + 0.5))
    half = Z95 * np.sqrt(sum(1 / (cell + 0.5) for cell in (a, b, c, d)))
    return Interval(value=float(np.exp(log)), low=float(np.exp(log - half)), high=float(np.exp(log + half)))


def fisher_p(in_members: int, n_members: int, in_all: int, n_all: int) -> float:
    """Chance that so many or more members hold it if membership had nothing to do with it; arguments as above.

    Raises
    ------
    ValueError
        If the counts contradict each other.
    """
    from scipy.stats import hypergeom

    _cells(in_members, n_members, in_all, n_all)
    return float(min(1.0, hypergeom.sf(in_members - 1, n_all, in_all, n_members)))


def corrected(p: npt.ArrayLike) -> Doubles:
    """P values corrected for their number, so that at most that share of those accepted is false; (n,)."""
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given)[::-1]
    n = len(given)
    raised = given[order] * n / np.arange(n, 0, -1)
    result = np.empty(n)
    result[order] = np.minimum(1, np.minimum.accumulate(raised)) if n else raised
    return result


def _cells(in_members: int, n_members: int, in_all: int, n_all: int) -> tuple[int, int, int, int]:
    cells = (in_members, n_members - in_members, in_all - in_members, n_all - n_members - in_all + in_members)
    if min(cells) < 0:
        raise ValueError(
            f"{in_members} of {n_members} members and {in_all} of {n_all} molecules contradict each other; expected "
            "members to be part of all"
        )
    return cells
