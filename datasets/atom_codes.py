"""The vocabulary of atom and bond features: small integer codes, one column a feature.

Codes are looked up in embeddings, so a column needs as many rows as it has codes. The last code of every column
stands for a value that the vocabulary does not list, so that nothing is silently folded into something else. Every
feature is independent of the order of atoms: chirality and double-bond geometry tell that a centre is specified,
never a handedness that depends on the numbering.

The functions here read RDKit objects one atom at a time: slow and obvious. `datasets.mol_binary` computes the same
codes from RDKit's binary form for whole batches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rdkit import Chem

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of codes."""

    name: str
    size: int
    """Number of codes; valid codes are 0 .. size-1, and size-1 means "not listed"."""
    meaning: str


N_ELEMENTS = 119
"""Atomic numbers 0 (any atom) to 118."""
LARGEST_DEGREE = 8
LARGEST_HYDROGENS = 4
LARGEST_CHARGE = 4
LARGEST_RING = 8
N_HYBRIDISATIONS = 8
LARGEST_RING_BONDS = 4

ATOM_FEATURES: tuple[Feature, ...] = (
    Feature("element", N_ELEMENTS + 1, "atomic number"),
    Feature("degree", LARGEST_DEGREE + 2, "explicit neighbours"),
    Feature("hydrogens", LARGEST_HYDROGENS + 2, "hydrogens not drawn as atoms"),
    Feature("charge", 2 * LARGEST_CHARGE + 2, "formal charge + 4"),
    Feature("hybridisation", N_HYBRIDISATIONS + 1, "RDKit's hybridisation, unspecified to sp3d2"),
    Feature("aromatic", 3, "0 no, 1 yes"),
    Feature("ring_size", LARGEST_RING + 2, "size of the smallest ring through the atom, 0 for none"),
    Feature("ring_bonds", LARGEST_RING_BONDS + 2, "bonds of the atom that lie in a ring"),
    Feature("stereocentre", 3, "0 unspecified, 1 specified"),
    Feature("radicals", 4, "unpaired electrons"),
    Feature("isotope", 3, "0 natural, 1 labelled"),
)

BOND_FEATURES: tuple[Feature, ...] = (
    Feature("order", 6, "0 single, 1 double, 2 triple, 3 aromatic, 4 dative"),
    Feature("conjugated", 3, "0 no, 1 yes"),
    Feature("ring_size", LARGEST_RING + 2, "size of the smallest ring through the bond, 0 for none"),
    Feature("stereo", 4, "0 none, 1 Z or cis, 2 E or trans"),
)

#: RDKit bond type number -> code of the column "order"; every other type gets the last code.
BOND_ORDER_CODES = {1: 0, 2: 1, 3: 2, 12: 3, 17: 4}
#: RDKit bond stereo number -> code of the column "stereo"; every other gets the last code.
BOND_STEREO_CODES = {0: 0, 2: 1, 4: 1, 3: 2, 5: 2}


def atom_codes(atom: Chem.Atom) -> list[int]:
    """Codes of one atom in the order of `ATOM_FEATURES`."""
    rings = atom.GetOwningMol().GetRingInfo()
    ring = rings.MinAtomRingSize(atom.GetIdx())
    return [
        listed(atom.GetAtomicNum(), N_ELEMENTS),
        listed(atom.GetDegree(), LARGEST_DEGREE + 1),
        listed(atom.GetTotalNumHs(), LARGEST_HYDROGENS + 1),
        listed(atom.GetFormalCharge() + LARGEST_CHARGE, 2 * LARGEST_CHARGE + 1),
        listed(int(atom.GetHybridization()), N_HYBRIDISATIONS),
        int(atom.GetIsAromatic()),
        listed(ring, LARGEST_RING + 1),
        listed(sum(bond.IsInRing() for bond in atom.GetBonds()), LARGEST_RING_BONDS + 1),
        int(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED),
        listed(atom.GetNumRadicalElectrons(), 3),
        int(atom.GetIsotope() != 0),
    ]


def bond_codes(bond: Chem.Bond) -> list[int]:
    """Codes of one bond in the order of `BOND_FEATURES`."""
    rings = bond.GetOwningMol().GetRingInfo()
    return [
        BOND_ORDER_CODES.get(int(bond.GetBondType()), BOND_FEATURES[0].size - 1),
        int(bond.GetIsConjugated()),
        listed(rings.MinBondRingSize(bond.GetIdx()), LARGEST_RING + 1),
        BOND_STEREO_CODES.get(int(bond.GetStereo()), BOND_FEATURES[3].size - 1),
    ]


def listed(value: int, size: int) -> int:
    """`value` where 0 <= value < size, else `size`, the code of values that are not listed."""
    return value if 0 <= value < size else size


def mol_codes(mol: Chem.Mol) -> tuple[Codes, Codes, npt.NDArray[np.int32]]:
    """Codes of a whole molecule through RDKit's interface.

    Parameters
    ----------
    mol
        A sanitised molecule.

    Returns
    -------
    atoms : (n_atoms, len(ATOM_FEATURES)) uint8
    bonds : (n_bonds, len(BOND_FEATURES)) uint8
    ends : (n_bonds, 2) int32
        Begin and end atom of every bond.
    """
    atoms = np.array([atom_codes(a) for a in mol.GetAtoms()], dtype=np.uint8).reshape(-1, len(ATOM_FEATURES))
    bonds = np.array([bond_codes(b) for b in mol.GetBonds()], dtype=np.uint8).reshape(-1, len(BOND_FEATURES))
    ends = np.array([(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds()], dtype=np.int32).reshape(-1, 2)
    return atoms, bonds, ends
