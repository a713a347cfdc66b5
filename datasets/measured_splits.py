"""Train, valid and test for a user's own table, which may be small: by scaffold where that works, else at random.

A split that cannot be judged (one class only, hardly any rows) is never returned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from datasets.splits import SPLITS, Names, random_split, scaffold_split
from datasets.tasks import Kind

Labels = npt.NDArray[np.float64]

#: Rows of a class (or, for regression, rows by two) under which more than a tenth goes to valid and to test each.
FEW = 200
#: Molecules that each class needs in each split.
LEAST_OF_CLASS = 2
#: Molecules of each class that are enough to fill the splits.
LEAST_PER_CLASS = 10

_SEEDS = 20


def split_measured(smiles: Sequence[str], labels: Labels, kind: Kind) -> tuple[Names, str]:
    """Split a table.

    Parameters
    ----------
    smiles
        One parsable SMILES a molecule, N of them.
    labels
        Shape (N,); 0 or 1 for classification, of each class at least `LEAST_PER_CLASS`.
    kind
        classification or regression.

    Returns
    -------
    split
        Shape (N,): train, valid or test.
    how
        "scaffold" or "random".
    """
    rarest = min((labels == 0).sum(), (labels == 1).sum()) if kind == "classification" else len(labels) / 2
    fractions = (0.8, 0.1, 0.1) if rarest >= FEW else (0.6, 0.2, 0.2)
    for seed in range(_SEEDS):
        split = scaffold_split(smiles, fractions, seed)
        sizes = [int((split == name).sum()) for name in SPLITS]
        large = all(size >= 0.5 * share * len(labels) for size, share in zip(sizes, fractions, strict=True))
        if large and not split_problem(split, labels, kind):
            return split, "scaffold"
    # One class after the other, so that a rare one is in every split.
    split = np.full(len(labels), "train", dtype="<U5")
    classes = [labels == c for c in (0, 1)] if kind == "classification" else [np.ones(len(labels), dtype=bool)]
    for rows in classes:
        split[rows] = random_split(int(rows.sum()), fractions, seed=0)
    return split, "random"


def split_problem(split: Names, labels: Labels, kind: Kind) -> str:
    """Say what keeps a split from being judged, as the end of a sentence; empty if nothing does."""
    for name in SPLITS:
        held = labels[split == name]
        if kind == "regression":
            if len(held) < LEAST_OF_CLASS or np.ptp(held) == 0:
                return f"{name} holds {len(held)} molecules with {len(np.unique(held))} different values"
            continue
        for c in (0, 1):
            if (count := int((held == c).sum())) < LEAST_OF_CLASS:
                return f"{name} holds {count} molecules of class {c}"
    return ""
