"""The slow and obvious featuriser: one RDKit question an atom, straight from the definitions.

It is written apart from the product's code on purpose; only the vocabulary's sizes are shared knowledge.
"""

from __future__ import annotations

from rdkit import Chem


def _capped(value: int, largest: int) -> int:
    return value if 0 <= value <= largest else largest + 1


def _smallest_ring(member_of: list[tuple[int, ...]], index: int) -> int:
    sizes = [len(ring) for ring in member_of if index in ring]
    return _capped(min(sizes), 8) if sizes else 0


def reference_atoms(mol: Chem.Mol) -> list[list[int]]:
    """Codes of all atoms."""
    rings = [tuple(ring) for ring in mol.GetRingInfo().AtomRings()]
    in_ring = {b for ring in mol.GetRingInfo().BondRings() for b in ring}
    return [
        [
            _capped(atom.GetAtomicNum(), 118),
            _capped(len(atom.GetNeighbors()), 8),
            _capped(atom.GetNumExplicitHs() + atom.GetNumImplicitHs(), 4),
            _capped(atom.GetFormalCharge() + 4, 8),
            _capped(int(atom.GetHybridization()), 7),
            1 if atom.GetIsAromatic() else 0,
            _smallest_ring(rings, atom.GetIdx()),
            _capped(len([b for b in atom.GetBonds() if b.GetIdx() in in_ring]), 4),
            1 if str(atom.GetChiralTag()) != "CHI_UNSPECIFIED" else 0,
            _capped(atom.GetNumRadicalElectrons(), 2),
            1 if atom.GetIsotope() else 0,
        ]
        for atom in mol.GetAtoms()
    ]


def reference_bonds(mol: Chem.Mol) -> list[list[int]]:
    """Codes of all bonds."""
    orders = {"SINGLE": 0, "DOUBLE": 1, "TRIPLE": 2, "AROMATIC": 3, "DATIVE": 4}
    stereo = {"STEREONONE": 0, "STEREOZ": 1, "STEREOCIS": 1, "STEREOE": 2, "STEREOTRANS": 2}
    rings = [tuple(ring) for ring in mol.GetRingInfo().BondRings()]
    return [
        [
            orders.get(str(bond.GetBondType()), 5),
            1 if bond.GetIsConjugated() else 0,
            _smallest_ring(rings, bond.GetIdx()),
            stereo.get(str(bond.GetStereo()), 3),
        ]
        for bond in mol.GetBonds()
    ]
