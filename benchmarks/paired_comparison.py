"""Is one method better than another on the same molecules? Over all of them, and within bins of a property.

Both methods are judged on the same resampled molecules, so that what a hard or an easy draw does to both cancels out
(paired bootstrap, Efron and Tibshirani 1993, doi 10.1007/978-1-4899-4541-9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from megan.metrics import Array, Interval, Metric

Rows = npt.NDArray[np.int64]

DRAWS: Final = 1000
PROPERTIES: Final = {
    "logP": "CrippenClogP",
    "molecular weight": "amw",
    "TPSA": "tpsa",
    "aromatic rings": "NumAromaticRings",
}
"""What a table's shortcuts run along, and RDKit's names for it."""


def judged_together(
    statistic: Callable[[Array, Rows], float],
    predictions: Mapping[str, Array],
    ours: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[dict[str, Interval], dict[str, Interval]]:
    """Judge all methods on all molecules, and on the same resampled ones.

    Parameters
    ----------
    statistic
        Takes a method's predictions and positions of molecules, with repetitions, and says how good the method is on
        them; a ValueError says that this cannot be said.
    predictions
        Shape (n,) by the method's name; at least one.
    ours
        The method whose lead over each other one is wanted.
    draws
        Number of resamples; those on which the statistic is not defined are left out. With the same seed they are those
        of `megan.metrics.bootstrap_interval`, so that intervals agree with the cards.

    Returns
    -------
    scores
        By name: the statistic with its 95 % percentile interval.
    leads
        By the name of each other method: the statistic of ours minus its own, with the interval of that difference.

    Raises
    ------
    ValueError
        If predictions differ in length, as the statistic does on all molecules, or if it is defined on no resample.
    """
    names, columns = list(predictions), list(predictions.values())
    if len(lengths := {len(column) for column in columns}) != 1:
        raise ValueError(f"predictions are of lengths {sorted(lengths)}; expected one each per molecule")
    (n,) = lengths
    values = np.array([statistic(column, np.arange(n)) for column in columns])
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        rows = rng.integers(0, n, n)
        try:
            found.append([statistic(column, rows) for column in columns])
        except ValueError:
            continue
    if not found:
        raise ValueError(f"none of {draws} resamples of {n} molecules can be judged; expected more molecules")
    drawn = np.array(found)
    scores = {name: _interval(values[i], drawn[:, i]) for i, name in enumerate(names)}
    if ours is None:
        return scores, {}
    us = names.index(ours)
    leads = {
        name: _interval(values[us] - values[i], drawn[:, us] - drawn[:, i])
        for i, name in enumerate(names)
        if name != ours
    }
    return scores, leads


def _interval(value: float, drawn: Array) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value=float(value), low=float(low), high=float(high))


def quartile_bins(values: Array) -> tuple[npt.NDArray[np.int64], list[float]]:
    """Cut values at their quartiles.

    Parameters
    ----------
    values
        Shape (n,).

    Returns
    -------
    bins
        Shape (n,): 0 for the lowest; a value on a cut belongs to the upper bin. Where quartiles coincide there are
        fewer than four bins, and none is empty.
    cuts
        Between the bins, ascending.
    """
    cuts = np.unique(np.quantile(values, [0.25, 0.5, 0.75]))
    # A quartile among equal values can leave a bin without any.
    filled, bins = np.unique(np.searchsorted(cuts, values, side="right"), return_inverse=True)
    return bins.astype(np.int64), [float(cuts[b - 1]) for b in filled[1:]]


def mean_over_bins(metric: Metric, y: Array, p: Array, bins: npt.NDArray[np.int64]) -> float:
    """Mean over the bins of a metric within each; bins count equally, however many molecules they hold.

    Raises
    ------
    ValueError
        As the metric does within a bin.
    """
    return float(np.mean(within_bins(metric, y, p, bins)))


def within_bins(metric: Metric, y: Array, p: Array, bins: npt.NDArray[np.int64]) -> list[float]:
    """A metric within each bin, from the lowest to the highest.

    Raises
    ------
    ValueError
        As the metric does within a bin.
    """
    return [metric(y[bins == b], p[bins == b]) for b in np.unique(bins)]


def properties(smiles: Sequence[str]) -> dict[str, Array]:
    """The values of `PROPERTIES`, each of shape (len(smiles),).

    Raises
    ------
    ValueError
        If a SMILES does not parse.
    """
    computed = rdMolDescriptors.Properties(list(PROPERTIES.values()))
    rows = np.empty((len(smiles), len(PROPERTIES)))
    for row, text in enumerate(smiles):
        molecule = Chem.MolFromSmiles(text)
        if molecule is None:
            raise ValueError(f"smiles[{row}] is {text!r}; expected a SMILES that parses")
        rows[row] = list(computed.ComputeProperties(molecule))
    return dict(zip(PROPERTIES, rows.T, strict=True))
