"""Where a molecule comes apart at bonds outside rings: terminal groups with one open end, linkers with two.

A piece is named by its canonical SMILES with `*` for the open end, `[1*]` and `[2*]` for those of a linker, without
stereo marks; equal pieces have equal names, so that tables of exchanges can be looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rdkit import Chem

LARGEST_GROUP: Final = 12
"""Heavy atoms of a terminal group that is exchanged or removed."""
LARGEST_LINKER: Final = 5
HYDROGEN: Final = "*[H]"
"""The name of no group at all."""


@dataclass(frozen=True, slots=True)
class TerminalGroup:
    """A piece that hangs on one bond."""

    anchor: int
    """The atom that stays."""
    root: int
    """The piece's own atom at the bond."""
    atoms: tuple[int, ...]
    """All of the piece, `root` among them."""
    name: str
    rest: str
    """What stays, named alike."""


@dataclass(frozen=True, slots=True)
class Linker:
    """A piece between two bonds."""

    anchors: tuple[int, int]
    """The atoms that stay, at `[1*]` and at `[2*]`."""
    roots: tuple[int, int]
    """The piece's own atoms at the bonds; the same one twice for a linker such as O."""
    atoms: tuple[int, ...]
    name: str
    reverse: str
    """The name with the two open ends the other way round."""


def without_marks(mol: Chem.Mol) -> Chem.Mol:
    """A copy without stereo marks."""
    plain = Chem.Mol(mol)
    Chem.RemoveStereochemistry(plain)
    return plain


def cut_bonds(mol: Chem.Mol) -> list[Chem.Bond]:
    """Single bonds outside rings; those within nitro groups and the like, between charges, are left out."""
    return [
        bond
        for bond in mol.GetBonds()
        if bond.GetBondType() == Chem.BondType.SINGLE
        and not bond.IsInRing()
        and not (bond.GetBeginAtom().GetFormalCharge() and bond.GetEndAtom().GetFormalCharge())
    ]


def terminal_groups(mol: Chem.Mol, largest: int = LARGEST_GROUP) -> list[TerminalGroup]:
    """All terminal groups of up to `largest` heavy atoms that are no more than half of the molecule.

    Parameters
    ----------
    mol
        Sanitised and connected.
    """
    plain = without_marks(mol)
    most = min(largest, mol.GetNumAtoms() // 2)
    found = []
    for bond in cut_bonds(plain):
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        sides = [side_of(plain, ends[0], ends[1], most), side_of(plain, ends[1], ends[0], most)]
        if not any(sides):
            continue
        pieces = Chem.FragmentOnBonds(plain, [bond.GetIdx()], dummyLabels=[(0, 0)])
        atoms: list[tuple[int, ...]] = []
        mols = Chem.GetMolFrags(pieces, asMols=True, sanitizeFrags=False, fragsMolAtomMapping=atoms)
        if len(mols) != 2:
            continue
        names = [Chem.MolToSmiles(piece) for piece in mols]
        for side, root, anchor in ((sides[0], *ends), (sides[1], ends[1], ends[0])):
            if side:
                own = 0 if root in atoms[0] else 1
                found.append(TerminalGroup(anchor, root, side, names[own], names[1 - own]))
    return found


def linkers(mol: Chem.Mol, largest: int = LARGEST_LINKER) -> list[Linker]:
    """All linkers of up to `largest` heavy atoms.

    Parameters
    ----------
    mol
        Sanitised and connected.
    """
    plain = without_marks(mol)
    cuts = {bond.GetIdx() for bond in cut_bonds(plain)}
    found = []
    for first in sorted(cuts):
        for inside, second in _pieces_beside(plain, cuts, first, largest):
            if second > first:
                found.append(_linker(plain, first, second, inside))
    return found


def _pieces_beside(mol: Chem.Mol, cuts: set[int], first: int, largest: int) -> list[tuple[frozenset[int], int]]:
    """Small pieces between one cut bond and another, with the other bond."""
    bond = mol.GetBondWithIdx(first)
    found: dict[tuple[frozenset[int], int], None] = {}
    for root, anchor in ((bond.GetBeginAtom(), bond.GetEndAtomIdx()), (bond.GetEndAtom(), bond.GetBeginAtomIdx())):
        # The other bond is at most `largest` atoms away, whatever the size of the molecule.
        for at in _within(root, anchor, largest):
            for other in mol.GetAtomWithIdx(at).GetBonds():
                if other.GetIdx() not in cuts or other.GetIdx() == first:
                    continue
                inside = _enclosed(mol, root.GetIdx(), anchor, other.GetOtherAtomIdx(at), at, largest)
                if inside is not None:
                    found[inside, other.GetIdx()] = None
    return list(found)


def _within(root: Chem.Atom, anchor: int, steps: int) -> list[int]:
    reached, frontier = {root.GetIdx(): None}, [root]
    for _ in range(steps - 1):
        near = [
            n for atom in frontier for n in atom.GetNeighbors() if n.GetIdx() not in reached and n.GetIdx() != anchor
        ]
        reached.update(dict.fromkeys(n.GetIdx() for n in near))
        frontier = near
    return list(reached)


def _enclosed(
    mol: Chem.Mol, root: int, anchor: int, other_anchor: int, other_root: int, largest: int
) -> frozenset[int] | None:
    """Atoms between two cut bonds; None if there are too many, or the bonds do not face each other."""
    if other_anchor in (anchor, root):
        return None
    reached, frontier = {root}, [root]
    while frontier:
        at = frontier.pop()
        for near in mol.GetAtomWithIdx(at).GetNeighbors():
            index = near.GetIdx()
            if index in reached or (at, index) in ((root, anchor), (other_root, other_anchor)):
                continue
            if index in (anchor, other_anchor) or len(reached) == largest:
                return None
            reached.add(index)
            frontier.append(index)
    return frozenset(reached) if other_root in reached else None


def _linker(mol: Chem.Mol, first: int, second: int, inside: frozenset[int]) -> Linker:
    roots, anchors = [], []
    for index in (first, second):
        bond = mol.GetBondWithIdx(index)
        own = bond.GetBeginAtomIdx() if bond.GetBeginAtomIdx() in inside else bond.GetEndAtomIdx()
        roots.append(own)
        anchors.append(bond.GetOtherAtomIdx(own))
    names = [_linker_name(mol, (first, second), min(inside), labels) for labels in ((1, 2), (2, 1))]
    return Linker((anchors[0], anchors[1]), (roots[0], roots[1]), tuple(sorted(inside)), names[0], names[1])


def side_of(mol: Chem.Mol, root: int, anchor: int, most: int) -> tuple[int, ...]:
    """Atoms on the root's side of a bond outside rings, ascending; none if there are more than `most`."""
    reached, frontier = {root}, [root]
    while frontier:
        for near in mol.GetAtomWithIdx(frontier.pop()).GetNeighbors():
            index = near.GetIdx()
            if index != anchor and index not in reached:
                reached.add(index)
                frontier.append(index)
        if len(reached) > most:
            return ()
    return tuple(sorted(reached))


def _linker_name(mol: Chem.Mol, bonds: tuple[int, int], inside: int, labels: tuple[int, int]) -> str:
    # RDKit labels the dummy on each side of a cut bond by (begin, end): both get the label of their bond.
    pieces = Chem.FragmentOnBonds(mol, list(bonds), dummyLabels=[(label, label) for label in labels])
    for atoms, piece in zip(
        Chem.GetMolFrags(pieces), Chem.GetMolFrags(pieces, asMols=True, sanitizeFrags=False), strict=True
    ):
        if inside in atoms:
            return Chem.MolToSmiles(piece)
    raise AssertionError("the piece between two cut bonds is one of the fragments")
