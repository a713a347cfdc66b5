"""How true, small and steady explanation masks are: pure functions of masks, known causes and outputs.

A mask is one number per atom, higher meaning more important; it may be any real number, so that the masks of the
network and the attributions of other methods are judged alike. Where a cause is known in several valid versions, a mask
is judged by the version that suits it best, as the graph attribution benchmark does (Sanchez-Lengeling et al. 2020,
"Evaluating Attribution for Graph Neural Networks", NeurIPS).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from datasets.explained import Bools
from megan.metrics import auroc, average_precision

Floats = npt.NDArray[np.float64]

HIGHLIGHTED = 0.5
"""Importance from which an atom counts as pointed at."""
VISIBLE = 0.1
"""Importance from which an atom can be seen at all; the network damps what is fainter."""
DECIMALS = 4
"""Values are rounded to these before they are ranked, so that equal atoms tie in spite of the order of a sum."""


def node_auroc(scores: npt.ArrayLike, valid: Bools) -> float | None:
    """How well a mask ranks the atoms of the cause above the others.

    Parameters
    ----------
    scores : (n_atoms,)
    valid : (V, n_atoms)
        Every valid explanation.

    Returns
    -------
    float or None
        0 to 1, the best over the valid explanations; 0.5 for a constant mask. None where no explanation has atoms both
        inside and outside, since then there is nothing to rank.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    return _best(auroc, scores, valid)


def node_average_precision(scores: npt.ArrayLike, valid: Bools) -> float | None:
    """Area under the precision-recall curve of a mask over atoms; parameters and None as in `node_auroc`.

    A random mask gets the share of atoms in the cause.
    """
    return _best(average_precision, scores, valid)


def sign_consistency(fidelity: npt.ArrayLike, spoken: npt.ArrayLike | None = None) -> Floats:
    """Share of molecules in which a channel moves the output in its own direction.

    Parameters
    ----------
    fidelity : (G, K)
        From `megan.losses.fidelity`; only values above 0 count.
    spoken : (G, K) bool, optional
        Pairs to count; the others are left out. All by default, so that an empty mask counts against the channel.

    Returns
    -------
    share : (K,)
        0 to 1; NaN for a channel without any pair to count.
    """
    values = np.asarray(fidelity, dtype=np.float64)
    counted = np.ones(values.shape, dtype=np.bool_) if spoken is None else np.asarray(spoken, dtype=np.bool_)
    if values.ndim != 2 or values.shape != counted.shape:
        raise ValueError(f"fidelity has shape {values.shape}, spoken {counted.shape}; expected (G, K) for both")
    n = counted.sum(axis=0).astype(np.float64)
    share: Floats = np.divide(((values > 0) & counted).sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    return share


def spoken_channels(masks: npt.ArrayLike, atom_offsets: npt.ArrayLike, threshold: float = VISIBLE) -> Bools:
    """Which channels of which molecules have an atom of at least `threshold`, (N, K) to (G, K)."""
    return _atoms_at_least(masks, atom_offsets, threshold) > 0


def empty_share(masks: npt.ArrayLike, atom_offsets: npt.ArrayLike, threshold: float = VISIBLE) -> Floats:
    """Share of molecules in which a channel shows nothing.

    Parameters
    ----------
    masks : (N, K)
        In [0, 1].
    atom_offsets : (G + 1,)
        As in `datasets.featurize.FlatBatch`.
    threshold
        Importance from which an atom is seen.

    Returns
    -------
    share : (K,)
    """
    share: Floats = 1.0 - spoken_channels(masks, atom_offsets, threshold).mean(axis=0)
    return share


def mask_size(masks: npt.ArrayLike, atom_offsets: npt.ArrayLike, threshold: float = HIGHLIGHTED) -> Floats:
    """Share of each molecule's atoms that a channel points at.

    Parameters
    ----------
    masks : (N, K)
        In [0, 1].
    atom_offsets : (G + 1,)
    threshold
        Importance from which an atom counts.

    Returns
    -------
    share : (G, K)
    """
    counts = np.diff(np.asarray(atom_offsets))
    share: Floats = _atoms_at_least(masks, atom_offsets, threshold) / counts[:, None]
    return share


def rank_agreement(one: npt.ArrayLike, other: npt.ArrayLike) -> float | None:
    """Spearman's rank correlation of two masks of the same atoms, ties sharing their mean rank.

    Returns
    -------
    float or None
        -1 to 1. None if one of them is constant, since then it ranks nothing; two that are both constant are nothing to
        compare either.

    Raises
    ------
    ValueError
        If they are not of one length.
    """
    a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"the masks have shapes {a.shape} and {b.shape}; expected one value per atom in both")
    rank_a, rank_b = _ranks(a.round(DECIMALS)), _ranks(b.round(DECIMALS))
    if not len(a) or np.ptp(rank_a) == 0 or np.ptp(rank_b) == 0:
        return None
    return float(np.corrcoef(rank_a, rank_b)[0, 1])


def mean_fall(curves: npt.ArrayLike) -> Floats:
    """How far an output falls while atoms are taken away, most important first: area between its start and its curve.

    Parameters
    ----------
    curves : (G, S)
        Outputs at S >= 2 evenly spaced shares of removed atoms, from none to all.

    Returns
    -------
    fall : (G,)
        In the outputs' unit, by the trapezoid rule over the share 0 to 1. Larger means that the mask found sooner what
        the output rests on; a method is compared with a random order on the same molecules.

    Raises
    ------
    ValueError
        If there are fewer than two points.
    """
    values = np.asarray(curves, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"curves has shape {values.shape}; expected (G, S) with at least 2 points")
    fall = values[:, :1] - values
    area: Floats = (fall[:, :-1] + fall[:, 1:]).mean(axis=1) / 2
    return area


def _best(metric: Callable[[Floats, Floats], float], scores: npt.ArrayLike, valid: Bools) -> float | None:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or valid.ndim != 2 or valid.shape[1:] != values.shape:
        raise ValueError(
            f"scores have shape {values.shape}, valid explanations {valid.shape}; expected (n,) and (V, n)"
        )
    rounded = values if not len(values) or np.ptp(values) == 0 else (values / np.abs(values).max()).round(DECIMALS)
    found = [metric(mask.astype(np.float64), rounded) for mask in valid if 0 < mask.sum() < len(mask)]
    return max(found) if found else None


def _atoms_at_least(masks: npt.ArrayLike, atom_offsets: npt.ArrayLike, threshold: float) -> Floats:
    """Count atoms of at least `threshold` per molecule and channel, (G, K)."""
    above, offsets = np.asarray(masks) >= threshold, np.asarray(atom_offsets)
    if above.ndim != 2 or not len(offsets) or offsets[-1] != len(above):
        raise ValueError(f"masks have shape {above.shape}; expected (N, K) with N = atom_offsets[-1]")
    running = np.concatenate([np.zeros((1, above.shape[1])), np.cumsum(above, axis=0)])
    counts: Floats = running[offsets[1:]] - running[offsets[:-1]]
    return counts


def _ranks(values: Floats) -> Floats:
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(size) - (size - 1) / 2)[group]
    return ranks
