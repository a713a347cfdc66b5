"""A task's measured molecules, ready for a network: standardised, featurised, fingerprinted, by split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from datasets.featurize import featurize
from datasets.standardize import Policy, parent_smiles
from megan.domain import SPLITS, MeasuredSet, fingerprint, key_hash
from megan.training import LabelledSet


@dataclass(frozen=True, slots=True)
class SplitTable:
    """A task's molecules after standardisation, by split."""

    sets: dict[str, LabelledSet]
    smiles: dict[str, tuple[str, ...]]
    """Standardised SMILES by split, in the order of its set."""
    measured: MeasuredSet
    dropped: int
    """Rows whose SMILES could not be standardised."""


def split_table(table: pd.DataFrame) -> SplitTable:
    """Standardise (parent of salts, neutralised), featurise and fingerprint a table.

    Parameters
    ----------
    table
        Columns smiles, label, inchikey14, split, as `datasets.sources.load_table` yields them.

    Raises
    ------
    ValueError
        If a split holds no usable molecule.
    """
    smiles = [parent_smiles(text, Policy.PARENT) for text in table["smiles"]]
    usable = np.array([text is not None for text in smiles])
    kept = table[usable].reset_index(drop=True)
    parents = [text for text in smiles if text is not None]
    labels = kept["label"].to_numpy(dtype=np.float32)
    sets = {}
    chosen: dict[str, tuple[str, ...]] = {}
    for split in SPLITS:
        rows = np.flatnonzero((kept["split"] == split).to_numpy())
        if not len(rows):
            raise ValueError(f"split {split!r} holds no usable molecule; expected train, valid and test rows")
        chosen[split] = tuple(parents[row] for row in rows)
        sets[split] = LabelledSet(featurize(chosen[split]), labels[rows])
    measured = MeasuredSet(
        fingerprints=np.stack([fingerprint(text) for text in parents]),
        labels=labels,
        splits=np.array([SPLITS.index(split) for split in kept["split"]], dtype=np.uint8),
        keys=np.array([key_hash(key) for key in kept["inchikey14"]], dtype=np.uint64),
    )
    return SplitTable(sets, chosen, measured, int((~usable).sum()))
