"""Everything that a committee says about the molecules of a table, in the arrays that concepts are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from concepts.naming.fragments import MASKED
from datasets.featurize import FlatBatch, featurize
from datasets.standardize import parent_smiles
from megan.calibration import probability
from megan.committee import ask
from megan.domain import key_hash
from megan.predictor import Predictor

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
BATCH = 1000
"""Molecules that are standardised and asked about together."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers on n different molecules with K channels."""

    smiles: tuple[str, ...]
    labels: Doubles
    """Shape (n,): what was measured; NaN where nothing was."""
    splits: tuple[str, ...]
    keys: npt.NDArray[np.uint64]
    """Shape (n,): key hashes; 0 where the table names no InChIKey."""
    prediction: Doubles
    """Shape (n,): calibrated probability of class 1, or the value in the task's unit."""
    contribution: Floats
    """Shape (n, K): fidelity, mean over the committee."""
    embedding: Floats
    """Shape (n, K, D): of one member."""
    mask_size: npt.NDArray[np.int64]
    """Shape (n, K): atoms whose importance is at least 0.5."""
    masks: tuple[Floats, ...]
    """Each (n_atoms, K): importance of the atoms in the order of the SMILES."""
    unreadable: int
    """Rows that are no molecule."""
    repeated: int
    """Rows with a structure that an earlier row has."""

    def __len__(self) -> int:
        return len(self.smiles)


def answers(
    predictor: Predictor,
    table: pd.DataFrame,
    member: int = 0,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Answers:
    """Standardise a table and ask the committee about every different molecule in it.

    Parameters
    ----------
    predictor
        The model.
    table
        Column smiles; also label (numbers, NaN for none), split and inchikey14 if it has them.
    member
        Whose embeddings are taken; all other numbers are those of the whole committee.
    tell
        Called with a sentence on the way.

    Raises
    ------
    ValueError
        If there is no such member, or no row is a molecule.
    """
    members = predictor.bundle.members
    if not 0 <= member < len(members):
        raise ValueError(f"member is {member}; expected 0 to {len(members) - 1}")
    parents = [parent_smiles(str(text)) for text in table["smiles"]]
    first: dict[str, int] = {}
    for row, smiles in enumerate(parents):
        if smiles is not None:
            first.setdefault(smiles, row)
    if not first:
        raise ValueError(f"none of {len(parents)} structures could be read; expected SMILES")
    rows, chosen = list(first.values()), list(first)
    # Embeddings are those of whoever is asked first.
    order = [members[member], *members[:member], *members[member + 1 :]]
    logits, contributions, embeddings, sizes, masks = [], [], [], [], []
    for start in range(0, len(chosen), BATCH):
        batch = featurize(chosen[start : start + BATCH])
        answer = ask(order, batch)
        logits.append(answer.outputs.astype(np.float64).mean(axis=0))
        contributions.append(answer.fidelity)
        embeddings.append(answer.embedding)
        sizes.append(mask_sizes(answer.node_importance, batch))
        masks += np.split(answer.node_importance, batch.atom_offsets[1:-1])
        tell(f"asked about {min(start + BATCH, len(chosen)):,} of {len(chosen):,} molecules")
    output = np.concatenate(logits)
    if predictor.task.kind == "classification":
        output = probability(output, predictor.card["calibration"]["temperature"])
    unreadable = sum(smiles is None for smiles in parents)
    keys = [key_hash(table["inchikey14"].iloc[row]) for row in rows] if "inchikey14" in table else [0] * len(rows)
    return Answers(
        smiles=tuple(chosen),
        labels=table["label"].to_numpy(np.float64)[rows] if "label" in table else np.full(len(rows), np.nan),
        splits=tuple(str(table["split"].iloc[row]) for row in rows) if "split" in table else ("",) * len(rows),
        keys=np.array(keys, dtype=np.uint64),
        prediction=output,
        contribution=np.concatenate(contributions),
        embedding=np.concatenate(embeddings),
        mask_size=np.concatenate(sizes),
        masks=tuple(masks),
        unreadable=unreadable,
        repeated=len(parents) - unreadable - len(rows),
    )


def mask_sizes(importance: Floats, batch: FlatBatch) -> npt.NDArray[np.int64]:
    """Masked atoms of every molecule and channel, (G, K), from the importance of all atoms, (N, K)."""
    counted = np.zeros((len(importance) + 1, importance.shape[1]), np.int64)
    np.cumsum(importance >= MASKED, axis=0, out=counted[1:])
    sizes: npt.NDArray[np.int64] = np.diff(counted[batch.atom_offsets], axis=0)
    return sizes
