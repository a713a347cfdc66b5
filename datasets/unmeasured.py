"""Molecules without a measurement: material for a teacher, and for pretraining."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from datasets.library import read_structures
from datasets.sources import published_table
from datasets.standardize import Policy, parent_smiles
from datasets.tasks import TASKS

LEAST_ATOMS = 4
MOST_ATOMS = 50
"""Larger ones cost much and teach little about small molecules."""


def unmeasured(
    smiles: Sequence[str], measured_keys: Iterable[str], size: int, seed: int = 0, policy: Policy = Policy.PARENT
) -> list[str]:
    """Draw standardised molecules at random, leaving out whatever has been measured in any split.

    Parameters
    ----------
    smiles
        Molecules of other tables; those that cannot be standardised are passed over.
    measured_keys
        First blocks (14 characters) of the InChIKeys of the task's own compounds: train, valid and test.
    size
        Most molecules to draw.

    Returns
    -------
    list of str
        At most `size` different molecules of `LEAST_ATOMS` to `MOST_ATOMS` heavy atoms.

    Raises
    ------
    ValueError
        If `size` is negative.
    """
    if size < 0:
        raise ValueError(f"size is {size}; expected 0 or more")
    seen = {key[:14] for key in measured_keys}
    drawn: list[str] = []
    with BlockLogs():
        for row in np.random.default_rng(seed).permutation(len(smiles)):
            if len(drawn) >= size:
                break
            parent = parent_smiles(smiles[row], policy)
            mol = Chem.MolFromSmiles(parent) if parent is not None else None
            if parent is None or mol is None or not LEAST_ATOMS <= mol.GetNumHeavyAtoms() <= MOST_ATOMS:
                continue
            key = str(Chem.MolToInchiKey(mol))[:14]
            if key not in seen:
                seen.add(key)
                drawn.append(parent)
    return drawn


def unjudged(libraries: Sequence[Sequence[str]], seed: int = 0) -> list[str]:
    """Different standardised molecules that neither validate nor test any task: material for pretraining.

    Parameters
    ----------
    libraries
        SMILES beside those of the tasks' training splits.
    seed
        Of the order in which they come.

    Raises
    ------
    FileNotFoundError
        If the table of a task is not on this machine.
    """
    smiles: list[str] = []
    judging: set[str] = set()
    for name in TASKS:
        table = published_table(TASKS[name])
        learned = (table["split"] == "train").to_numpy()
        smiles += table["smiles"][learned].tolist()
        judging |= set(table["inchikey14"][~learned])
    smiles += [text for library in libraries for text in library]
    return unmeasured(smiles, judging, len(smiles), seed)


def drawn_from(file: Path, most: int, seed: int = 0) -> list[str]:
    """At most so many structures of a file, drawn at random; rows that are no SMILES may be among them.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    rows = [row.structure.text for row in read_structures(file)]
    if len(rows) <= most:
        return rows
    return [rows[i] for i in np.random.default_rng(seed).choice(len(rows), most, replace=False)]
