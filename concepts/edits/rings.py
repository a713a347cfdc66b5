"""Edits of a ring as a whole: shift a substituent along it, saturate it, make it aromatic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from concepts.edits.atoms import can_join
from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import CARBON, Workbench

LARGEST_SHIFTED_ALONG: Final = 8
"""Ring size up to which substituents are shifted."""


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
    """Single bonds all around, except those that are part of another aromatic ring."""
    if not all(bench.aromatic[atom] for atom in ring) or any(bench.charges[atom] for atom in ring):
        return
    pairs = [(ring[i - 1], ring[i]) for i in range(len(ring))]
    other = [set(r) for r in bench.rings if r != ring and all(bench.aromatic[a] for a in r)]
    lowered = [(a, b) for a, b in pairs if bench.order(a, b) == 2 and not any({a, b} <= r for r in other)]
    if not lowered:
        return
    shared = [(a, b) for a, b in pairs if any({a, b} <= r for r in other)]
    # A neighbour ring whose own double bonds would be left one short is not a choice of Kekulé structure we can see.
    if any(bench.order(a, b) == 1 for a, b in shared):
        return
    atoms = tuple(dict.fromkeys(atom for pair in lowered for atom in pair))
    yield Plan(
        Kind.SATURATE_RING,
        f"saturate the {len(ring)}-membered aromatic ring",
        atoms,
        bonds=tuple((a, b, 1) for a, b in lowered),
        cost=1.5,
    )


def _aromatisation(bench: Workbench, ring: tuple[int, ...]) -> Iterator[Plan]:
    """Three double bonds in a six-membered ring, where hydrogens allow it."""
    orders = [bench.order(ring[i - 1], ring[i]) for i in range(6)]
    if all(bench.aromatic[atom] for atom in ring) or any(bench.charges[atom] for atom in ring):
        return
    for first in (0, 1):
        wanted = [2 if i % 2 == first else 1 for i in range(6)]
        if any(before > after for before, after in zip(orders, wanted, strict=True)):
            continue
        raised = [(ring[i - 1], ring[i]) for i in range(6) if wanted[i] > orders[i]]
        if all(bench.hydrogens[a] and bench.hydrogens[b] for a, b in raised) and any(
            bench.elements[atom] == CARBON for atom in ring
        ):
            atoms = tuple(dict.fromkeys(atom for pair in raised for atom in pair))
            yield Plan(
                Kind.AROMATISE_RING,
                "make the 6-membered ring aromatic",
                atoms,
                bonds=tuple((a, b, 2) for a, b in raised),
                cost=1.5,
            )
