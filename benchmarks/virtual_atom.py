"""One more atom in every molecule, bonded to all others, as a short way between distant parts.

A variant of the ablations: a mask over such an atom would point at nothing, so what is judged leaves it out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.featurize import FlatBatch


def with_virtual_atom(batch: FlatBatch) -> FlatBatch:
    """The molecules, each with one atom more behind its own; its codes and those of its bonds are "not listed"."""
    n_atoms, n_bonds = np.diff(batch.atom_offsets), np.diff(batch.bond_offsets)
    molecules = np.arange(len(batch))
    atom_offsets = batch.atom_offsets + np.arange(len(batch) + 1)
    bond_offsets = batch.bond_offsets + batch.atom_offsets
    of_atom, of_bond = np.repeat(molecules, n_atoms), np.repeat(molecules, n_bonds)

    atoms = np.empty((atom_offsets[-1], len(ATOM_FEATURES)), dtype=np.uint8)
    atoms[:] = [feature.size - 1 for feature in ATOM_FEATURES]
    moved = np.arange(len(batch.atoms)) + of_atom
    atoms[moved] = batch.atoms

    # Behind the bonds of a molecule come those of its virtual atom, one for each of its atoms.
    kept = np.arange(len(batch.bonds)) + batch.atom_offsets[:-1][of_bond]
    added = np.arange(len(batch.atoms)) + batch.bond_offsets[1:][of_atom]
    bonds = np.empty((bond_offsets[-1], len(BOND_FEATURES)), dtype=np.uint8)
    bonds[:] = [feature.size - 1 for feature in BOND_FEATURES]
    bonds[kept] = batch.bonds
    ends = np.empty((bond_offsets[-1], 2), dtype=batch.ends.dtype)
    ends[kept] = batch.ends + of_bond[:, None]
    ends[added, 0] = moved
    ends[added, 1] = atom_offsets[1:][of_atom] - 1
    return FlatBatch(atoms, bonds, ends, atom_offsets, bond_offsets)


def without_virtual_atom(values: npt.NDArray[Any], batch: FlatBatch) -> npt.NDArray[Any]:
    """Of one row an atom, (N, ...), those that are no virtual atom's; `batch` holds one in every molecule."""
    return np.delete(values, batch.atom_offsets[1:] - 1, axis=0)
