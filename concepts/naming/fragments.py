"""The parts of a molecule that a mask points at, as fragments that can be counted and searched for.

A masked part is a connected piece of atoms whose importance is at least 0.5. Counting pieces as they are splits what is
the same: a mask may leave out an atom of a ring. So every piece is counted a second time with its rings completed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem

MASKED: Final = 0.5
"""Importance from which an atom counts as masked."""
RING_SHARE: Final = 0.5
"""Share of a ring's atoms from which the ring counts as meant."""
LARGEST: Final = 24
"""Atoms beyond which a fragment is a molecule of its own and names nothing."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a molecule."""

    smiles: str
    """Canonical, atoms aromatic as in the molecule; equal for equal pieces."""
    smarts: str
    """Finds it: elements, charges, aromaticity and bonds, any neighbours."""
    atoms: tuple[int, ...]
    """Ascending."""


def masked_atoms(mask: npt.ArrayLike) -> frozenset[int]:
    """Atoms whose importance is at least `MASKED`."""
    return frozenset(np.flatnonzero(np.asarray(mask) >= MASKED).tolist())


def pieces(mol: Chem.Mol, atoms: Iterable[int]) -> list[tuple[int, ...]]:
    """Connected pieces of the atoms, largest first."""
    left = set(atoms)
    found = []
    while left:
        piece, reach = set(), [min(left)]
        while reach:
            atom = reach.pop()
            if atom in left:
                left.remove(atom)
                piece.add(atom)
                reach += [n.GetIdx() for n in mol.GetAtomWithIdx(atom).GetNeighbors()]
        found.append(tuple(sorted(piece)))
    return sorted(found, key=lambda piece: (-len(piece), piece))


def with_rings(mol: Chem.Mol, atoms: Iterable[int]) -> frozenset[int]:
    """The atoms, with every ring of up to eight completed of which they hold at least half and no less than three."""
    kept = frozenset(atoms)
    meant = [
        ring
        for ring in mol.GetRingInfo().AtomRings()
        if len(ring) <= 8 and len(kept & set(ring)) >= max(3, RING_SHARE * len(ring))
    ]
    return kept.union(*meant)


def fragment(mol: Chem.Mol, atoms: Sequence[int]) -> Fragment:
    """A piece as text."""
    chosen = sorted(atoms)
    bonds = [
        bond.GetIdx()
        for bond in mol.GetBonds()
        if bond.GetBeginAtomIdx() in set(chosen) and bond.GetEndAtomIdx() in set(chosen)
    ]
    smiles = Chem.MolFragmentToSmiles(mol, chosen, bonds, isomericSmiles=False)
    return Fragment(smiles, _smarts(mol, chosen, bonds), tuple(chosen))


def fragments(mol: Chem.Mol, mask: npt.ArrayLike, extra: Sequence[Iterable[int]] = ()) -> list[Fragment]:
    """All pieces of the masked part, as they are and with rings completed, and further sets of atoms; no repeats.

    Pieces of one atom name nothing, and those over `LARGEST` too much; both are left out.
    """
    atoms = masked_atoms(mask)
    cut = [*pieces(mol, atoms), *pieces(mol, with_rings(mol, atoms)), *(tuple(sorted(group)) for group in extra)]
    found = {piece: None for piece in cut if 2 <= len(piece) <= LARGEST}
    by_text = {f.smiles: f for f in (fragment(mol, piece) for piece in reversed(found))}
    return list(by_text.values())


def _smarts(mol: Chem.Mol, atoms: Sequence[int], bonds: Sequence[int]) -> str:
    """SMARTS of a piece in which an aromatic atom finds aromatic atoms only, which RDKit's own leaves to the bonds."""
    piece = Chem.RWMol(mol)
    for index in atoms:
        atom = mol.GetAtomWithIdx(index)
        letter = atom.GetSymbol().lower() if atom.GetIsAromatic() else atom.GetSymbol()
        charge = f"{atom.GetFormalCharge():+d}" if atom.GetFormalCharge() else ""
        piece.ReplaceAtom(index, Chem.AtomFromSmarts(f"[{letter}{charge}]"))
    return Chem.MolFragmentToSmarts(piece, list(atoms), list(bonds), isomericSmarts=False)
