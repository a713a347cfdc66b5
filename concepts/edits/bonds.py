"""Edits of one bond: its order, and bonds that close or open a ring.

Bonds of aromatic rings are left to `concepts.edits.rings`, which changes such a ring as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from concepts.edits.atoms import can_join
from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import HALOGENS, Workbench

NEW_RINGS: Final = (3, 4, 5, 6, 7)
"""Sizes of rings that an edit closes."""
_NAMES: Final = {1: "single", 2: "double", 3: "triple"}


def bond_edits(bench: Workbench) -> Iterator[Plan]:
    """All edits of one bond."""
    yield from _orders(bench)
    yield from _openings(bench)
    yield from _closures(bench)


def _bonds(bench: Workbench) -> Iterator[tuple[int, int, int]]:
    """One bond of each set that symmetry makes equal."""
    seen: set[tuple[int, int]] = set()
    for a, near in enumerate(bench.bonds):
        for b, order in near.items():
            both = bench.place[a], bench.place[b]
            if a < b and both not in seen:
                seen |= {both, both[::-1]}
                yield a, b, order


def _in_aromatic_ring(bench: Workbench, a: int, b: int) -> bool:
    return bench.aromatic[a] and bench.aromatic[b] and bench.is_ring_bond(a, b)


def _orders(bench: Workbench) -> Iterator[Plan]:
    for a, b, order in _bonds(bench):
        if _in_aromatic_ring(bench, a, b) or bench.charges[a] or bench.charges[b]:
            continue
        for wanted in (order - 1, order + 1):
            if not 1 <= wanted <= 3:
                continue
            if wanted > order and not (bench.hydrogens[a] and bench.hydrogens[b]):
                continue
            if wanted == 3 and bench.is_ring_bond(a, b):
                continue
            what = f"make the {_NAMES[order]} bond {_NAMES[wanted]}"
            yield Plan(Kind.CHANGE_BOND, what, (a, b), bonds=((a, b, wanted),))


def _openings(bench: Workbench) -> Iterator[Plan]:
    for a, b, order in _bonds(bench):
        if order != 1 or not bench.is_ring_bond(a, b) or _in_aromatic_ring(bench, a, b):
            continue
        if not bench.charges[a] and not bench.charges[b]:
            size = min(len(ring) for ring in bench.rings if a in ring and b in ring)
            yield Plan(Kind.OPEN_RING, f"open the {size}-membered ring", (a, b), bonds=((a, b, 0),), cost=1.2)


def _closures(bench: Workbench) -> Iterator[Plan]:
    free = [
        atom
        for atom, hydrogens in enumerate(bench.hydrogens)
        if hydrogens and not bench.charges[atom] and bench.elements[atom] not in HALOGENS
    ]
    for a in free:
        distance = _distances(bench, a, max(NEW_RINGS) - 1)
        for b in free:
            size = distance.get(b, 0) + 1
            if b <= a or size not in NEW_RINGS or not can_join(bench, a, b):
                continue
            if bench.aromatic[a] and bench.aromatic[b] and size < 5:
                continue
            what = f"close a {size}-membered ring"
            yield Plan(Kind.CLOSE_RING, what, (a, b), bonds=((a, b, 1),), cost=1.2 + 0.3 * (size in (3, 4, 7)))


def _distances(bench: Workbench, start: int, most: int) -> dict[int, int]:
    """Bonds on the shortest way to every atom within reach."""
    found, frontier = {start: 0}, [start]
    for distance in range(1, most + 1):
        frontier = list(dict.fromkeys(b for a in frontier for b in bench.bonds[a] if b not in found))
        found.update(dict.fromkeys(frontier, distance))
    return found
