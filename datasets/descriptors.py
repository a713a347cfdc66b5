"""Numbers that describe a whole molecule: what tree models read, and what an encoder learns to tell.

Tree models read counted circular and atom-pair environments beside RDKit's descriptors. The self-explaining network
reads atoms and bonds alone; a teacher that reads these instead errs in other places.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import Descriptors, rdFingerprintGenerator
from rdkit.rdBase import BlockLogs

Floats = npt.NDArray[np.float32]

RADIUS = 2
CIRCULAR_BITS = 2048
PAIR_BITS = 1024
LARGEST_COUNT = 15
LARGEST_DESCRIPTOR = 1e4
_UNBOUNDED = ("Ipc", "AvgIpc", "SPS")
"""Slow, or growing beyond all bounds."""
_TOLD_BY_COUNTS = ("fr_", "BCUT")
"""Fragment counts say what the circular counts say."""


@cache
def all_descriptor_names() -> tuple[str, ...]:
    """The RDKit descriptors of bounded size, in their order."""
    return tuple(name for name, _ in Descriptors.descList if not name.startswith(_UNBOUNDED))


@cache
def descriptor_names() -> tuple[str, ...]:
    """The RDKit descriptors that trees read beside counted environments, in their order."""
    return tuple(name for name in all_descriptor_names() if not name.startswith(_TOLD_BY_COUNTS))


def descriptor_table(smiles: Sequence[str]) -> Floats:
    """Every descriptor of bounded size, shape (n, len(all_descriptor_names())), in their own units, clipped.

    A descriptor that cannot be computed is 0.

    Parameters
    ----------
    smiles
        Each parses with RDKit.

    Raises
    ------
    ValueError
        If a SMILES does not parse.
    """
    functions = _functions(all_descriptor_names())
    table = np.zeros((len(smiles), len(functions)), dtype=np.float32)
    with BlockLogs():
        for row, text in enumerate(smiles):
            mol = _parsed(row, text)
            table[row] = [_computed(function, mol) for function in functions]
    return table


def tree_features(smiles: Sequence[str]) -> Floats:
    """Features of molecules for tree models.

    Parameters
    ----------
    smiles
        Each parses with RDKit.

    Returns
    -------
    numpy.ndarray
        Shape (n, CIRCULAR_BITS + PAIR_BITS + len(descriptor_names())): counts of hashed environments, capped, then
        descriptors in their own units, clipped; a descriptor that cannot be computed is 0.

    Raises
    ------
    ValueError
        If a SMILES does not parse.
    """
    makers = (
        rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=CIRCULAR_BITS),
        rdFingerprintGenerator.GetAtomPairGenerator(fpSize=PAIR_BITS),
    )
    functions = _functions(descriptor_names())
    features = np.zeros((len(smiles), CIRCULAR_BITS + PAIR_BITS + len(functions)), dtype=np.float32)
    with BlockLogs():
        for row, text in enumerate(smiles):
            mol = _parsed(row, text)
            counts = [np.minimum(maker.GetCountFingerprintAsNumPy(mol), LARGEST_COUNT) for maker in makers]
            features[row] = np.concatenate([*counts, [_computed(function, mol) for function in functions]])
    return features


def _functions(names: Sequence[str]) -> list[object]:
    taken = set(names)
    return [function for name, function in Descriptors.descList if name in taken]


def _parsed(row: int, text: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(text)
    if mol is None:
        raise ValueError(f"smiles[{row}] is {text[:80]!r}; expected a SMILES that parses")
    return mol


def _computed(function: object, mol: Chem.Mol) -> float:
    assert callable(function)
    try:
        value = float(function(mol))
    except (ValueError, ZeroDivisionError, RuntimeError):
        return 0.0
    return float(np.clip(value, -LARGEST_DESCRIPTOR, LARGEST_DESCRIPTOR)) if np.isfinite(value) else 0.0
