"""Is one method better than another on the same molecules? Over all of them, and within bins of a property.

Both methods are judged on the same resampled molecules, so that what a hard or an easy draw does to both cancels out
(paired bootstrap, Efron and Tibshirani 1993, doi 10.1007/978-1-4899-4541-9).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def resampled(statistic: Callable[[Rows], float], n_rows: int, draws: int = DRAWS, seed: int = 0) -> Interval:
    """A statistic of rows on all of them, with the 95 % percentile interval of its values on resampled ones.

    Parameters
    ----------
    statistic
        Takes positions of rows, (n_rows,) with repetitions; a ValueError says that it is not defined on them.
    n_rows
        Number of rows.
    draws
        Number of resamples; those on which the statistic is not defined are left out.
    seed
        The same seed draws the same rows, whatever the statistic.

    Raises
    ------
    ValueError
        As the statistic does on all rows, or if it is defined on none of the resamples.
    """
    value = statistic(np.arange(n_rows))
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        rows = rng.integers(0, n_rows, n_rows)
        try:
            found.append(statistic(rows))
        except ValueError:
            continue
    if not found:
        raise ValueError(f"none of {draws} resamples of {n_rows} rows can be judged; expected more rows")
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(value=value, low=float(low), high=float(high))


def paired_difference(metric: Metric, y: Array, ours: Array, theirs: Array, draws: int = DRAWS) -> Interval:
    """How much more our predictions get than theirs on the same molecules, with its 95 % interval.

    Parameters
    ----------
    metric
        A function of labels and predictions, as those of `megan.metrics`.
    y, ours, theirs
        Labels and both predictions, shape (n,).

    Raises
    ------
    ValueError
        If the arrays differ in length, or as `resampled`.
    """
    if not len(y) == len(ours) == len(theirs):
        raise ValueError(
            f"there are {len(y)} labels, {len(ours)} and {len(theirs)} predictions; expected one each per molecule"
        )
    return resampled(lambda rows: metric(y[rows], ours[rows]) - metric(y[rows], theirs[rows]), len(y), draws)


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
