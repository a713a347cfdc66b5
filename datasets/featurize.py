"""Many SMILES to one flat batch of integer codes, at nearly the speed at which RDKit parses them.

The batch holds the atoms of all molecules behind each other, the bonds likewise, and the offsets: no per-molecule
object, nothing to collate. Molecules that the compiled reader does not understand (more than 255 atoms, atom maps,
another RDKit version) go through RDKit's interface and yield the same codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, Codes, mol_codes
from datasets.mol_binary import count_atoms_and_bonds, read_batch

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FlatBatch:
    """G molecules with N atoms and M bonds in all, as arrays."""

    atoms: Codes
    """Shape (N, len(ATOM_FEATURES)), uint8 codes."""
    bonds: Codes
    """Shape (M, len(BOND_FEATURES)), uint8 codes."""
    ends: Ints
    """Shape (M, 2): begin and end atom of every bond, counted over the whole batch, RDKit's bond order."""
    atom_offsets: Ints
    """Shape (G + 1,): molecule g owns the atoms atom_offsets[g] .. atom_offsets[g + 1]."""
    bond_offsets: Ints
    """Shape (G + 1,): likewise for bonds."""

    def __len__(self) -> int:
        return len(self.atom_offsets) - 1

    def select(self, chosen: npt.ArrayLike) -> FlatBatch:
        """The molecules of the given positions, in the given order; a position may come twice.

        Parameters
        ----------
        chosen : (n,) int
        """
        index = np.asarray(chosen, dtype=np.int64)
        n_atoms = np.diff(self.atom_offsets)[index]
        n_bonds = np.diff(self.bond_offsets)[index]
        atom_offsets, bond_offsets = _offsets(n_atoms), _offsets(n_bonds)
        atom_rows = _ranges(self.atom_offsets[index], n_atoms, atom_offsets)
        bond_rows = _ranges(self.bond_offsets[index], n_bonds, bond_offsets)
        shift = np.repeat(atom_offsets[:-1] - self.atom_offsets[index], n_bonds)
        return FlatBatch(
            atoms=self.atoms[atom_rows],
            bonds=self.bonds[bond_rows],
            ends=self.ends[bond_rows] + shift[:, None],
            atom_offsets=atom_offsets,
            bond_offsets=bond_offsets,
        )


def featurize(smiles: Sequence[str]) -> FlatBatch:
    """Features of many molecules.

    Parameters
    ----------
    smiles
        Valid SMILES; rows that may be bad go through `datasets.standardize` first.

    Raises
    ------
    ValueError
        If one cannot be parsed; the message names its position.
    """
    blobs: list[bytes] = []
    parse = Chem.MolFromSmiles
    no_properties = 0
    for text in smiles:
        mol = parse(text)
        if mol is None:
            raise ValueError(f"smiles[{len(blobs)}] is {text[:80]!r}; expected a SMILES that RDKit can parse")
        blobs.append(mol.ToBinary(no_properties))
    return _read(blobs)


def featurize_mols(mols: Sequence[Chem.Mol]) -> FlatBatch:
    """Features of sanitised molecules; see `featurize`."""
    return _read([mol.ToBinary(0) for mol in mols])


def joined(batches: Sequence[FlatBatch]) -> FlatBatch:
    """The molecules of batches behind each other; at least one batch."""
    atoms = _offsets(np.array([len(batch.atoms) for batch in batches]))
    return FlatBatch(
        atoms=np.concatenate([batch.atoms for batch in batches]),
        bonds=np.concatenate([batch.bonds for batch in batches]),
        ends=np.concatenate([batch.ends + first for batch, first in zip(batches, atoms[:-1], strict=True)]),
        atom_offsets=_offsets(np.concatenate([np.diff(batch.atom_offsets) for batch in batches])),
        bond_offsets=_offsets(np.concatenate([np.diff(batch.bond_offsets) for batch in batches])),
    )


def _read(blobs: list[bytes]) -> FlatBatch:
    data = np.frombuffer(b"".join(blobs), dtype=np.uint8)
    starts = _offsets(np.fromiter(map(len, blobs), dtype=np.int64, count=len(blobs)))
    n_atoms, n_bonds = count_atoms_and_bonds(data, starts)
    understood = n_atoms >= 0
    slow: dict[int, tuple[Codes, Codes, npt.NDArray[np.int32]]] = {}
    for index in np.flatnonzero(~understood):
        _slow_path(blobs, int(index), slow, n_atoms, n_bonds)
    atom_offsets, bond_offsets = _offsets(n_atoms), _offsets(n_bonds)
    atoms = np.empty((atom_offsets[-1], len(ATOM_FEATURES)), dtype=np.uint8)
    bonds = np.empty((bond_offsets[-1], len(BOND_FEATURES)), dtype=np.uint8)
    ends = np.empty((bond_offsets[-1], 2), dtype=np.int32)
    read_batch(data, starts, n_atoms, n_bonds, atom_offsets[:-1], bond_offsets[:-1], atoms, bonds, ends, understood)
    for index in np.flatnonzero(~understood):
        if index not in slow:
            _slow_path(blobs, int(index), slow, n_atoms, n_bonds)
        rows = slice(atom_offsets[index], atom_offsets[index + 1])
        bond_rows = slice(bond_offsets[index], bond_offsets[index + 1])
        atoms[rows], bonds[bond_rows], ends[bond_rows] = slow[int(index)]
    return FlatBatch(
        atoms=atoms,
        bonds=bonds,
        ends=ends + np.repeat(atom_offsets[:-1], n_bonds)[:, None],
        atom_offsets=atom_offsets,
        bond_offsets=bond_offsets,
    )


def _slow_path(
    blobs: list[bytes],
    index: int,
    slow: dict[int, tuple[Codes, Codes, npt.NDArray[np.int32]]],
    n_atoms: Ints,
    n_bonds: Ints,
) -> None:
    slow[index] = mol_codes(Chem.Mol(blobs[index]))  # type: ignore[call-overload]  # RDKit's stubs say str
    n_atoms[index], n_bonds[index] = len(slow[index][0]), len(slow[index][1])


def _offsets(counts: Ints) -> Ints:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def _ranges(first: Ints, counts: Ints, offsets: Ints) -> Ints:
    """The numbers first[i] .. first[i] + counts[i] behind each other."""
    return np.arange(offsets[-1], dtype=np.int64) + np.repeat(first - offsets[:-1], counts)
