"""Edits of a ring as a whole: shift a substituent along it, saturate it, make it aromatic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdkit import Chem

from concepts.edits.atoms import can_join
from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import CARBON, NITROGEN, Workbench

LARGEST_SHIFTED_ALONG: Final = 8
"""Ring size up to which substituents are shifted."""
_ORDERS: Final = {Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3}


def ring_edits(bench: Workbench) -> Iterator[Plan]:
    """All edits of a ring."""
    for ring in bench.rings:
        if len(ring) <= LARGEST_SHIFTED_ALONG:
            yield from _shifts(bench, ring)
        if len(ring) in (5, 6):
            yield from _saturation(bench, ring)
        if len(ring) == 6:
            yield from _aromatisation(bench, ring)


def _shifts(bench: Workbench, ring: tuple[int, ...]) -> Iterator[Plan]:
    """Hang a substituent on another atom of the ring that has a hydrogen to give."""
    members = set(ring)
    for position, a in enumerate(ring):
        if bench.charges[a]:
            continue
        for root, order in bench.bonds[a].items():
            if order != 1 or root in members or bench.is_ring_bond(a, root):
                continue
            for target, b in enumerate(ring):
                if b == a or not bench.hydrogens[b] or bench.charges[b] or not can_join(bench, b, root):
                    continue
                steps = min((target - position) % len(ring), (position - target) % len(ring))
                yield Plan(
                    Kind.SHIFT_SUBSTITUENT,
                    f"shift the substituent by {steps} ring atom{'s' if steps > 1 else ''}",
                    (a, b, root),
                    bonds=((a, root, 0), (b, root, 1)),
                )


def _saturation(bench: Workbench, ring: tuple[int, ...]) -> Iterator[Plan]:
    """Single bonds all around, except where another aromatic ring goes on."""
    if not all(bench.aromatic[atom] for atom in ring) or any(bench.charges[atom] for atom in ring):
        return
    others = [set(r) for r in bench.rings if r != ring and all(bench.aromatic[a] for a in r)]
    own = [atom for atom in ring if not any(atom in r for r in others)]
    draft = Chem.RWMol(bench.mol)
    for atom in own:
        _let_hydrogens_come(draft.GetAtomWithIdx(atom)).SetIsAromatic(False)
    for a, b in _around(ring):
        if not any({a, b} <= r for r in others):
            bond = draft.GetBondBetweenAtoms(a, b)
            bond.SetBondType(Chem.BondType.SINGLE)
            bond.SetIsAromatic(False)
    what = f"saturate the {len(ring)}-membered aromatic ring"
    yield from _rewritten(bench, draft, Kind.SATURATE_RING, what, own)


def _aromatisation(bench: Workbench, ring: tuple[int, ...]) -> Iterator[Plan]:
    """Make a six-membered ring aromatic where every atom has a hydrogen to give or is aromatic already."""
    own = [atom for atom in ring if not bench.aromatic[atom]]
    if not own or any(bench.charges[atom] for atom in ring):
        return
    for atom in own:
        inside = [order for near, order in bench.bonds[atom].items() if near in ring]
        outside = [order for near, order in bench.bonds[atom].items() if near not in ring]
        room = bench.elements[atom] == CARBON or (bench.elements[atom] == NITROGEN and not outside)
        if not room or max(outside, default=1) > 1 or not (bench.hydrogens[atom] or 2 in inside):
            return
    draft = Chem.RWMol(bench.mol)
    for atom in own:
        _let_hydrogens_come(draft.GetAtomWithIdx(atom)).SetIsAromatic(True)
    for a, b in _around(ring):
        bond = draft.GetBondBetweenAtoms(a, b)
        bond.SetBondType(Chem.BondType.AROMATIC)
        bond.SetIsAromatic(True)
    yield from _rewritten(bench, draft, Kind.AROMATISE_RING, "make the 6-membered ring aromatic", own)


def _rewritten(bench: Workbench, draft: Chem.RWMol, kind: Kind, what: str, own: list[int]) -> Iterator[Plan]:
    """A plan from what becomes of the single and double bonds, whichever of them the workbench had drawn where."""
    if not own:
        return
    draft.UpdatePropertyCache(strict=False)
    try:
        Chem.Kekulize(draft, clearAromaticFlags=True)
    except Chem.KekulizeException:
        return
    changed = []
    for bond in draft.GetBonds():
        a, b, order = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), _ORDERS.get(bond.GetBondType(), 1)
        if bench.order(a, b) != order:
            changed.append((a, b, order))
    # Only the ring's own atoms win or lose a hydrogen.
    sums = dict.fromkeys(own, 0)
    for a, b, order in changed:
        for end in (a, b):
            sums[end] = sums.get(end, 0) + order - bench.order(a, b)
    if changed and all(not difference for atom, difference in sums.items() if atom not in own):
        yield Plan(kind, what, tuple(own), bonds=tuple(changed), cost=1.5)


def _around(ring: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(ring[i - 1], ring[i]) for i in range(len(ring))]


def _let_hydrogens_come(atom: Chem.Atom) -> Chem.Atom:
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)
    return atom
