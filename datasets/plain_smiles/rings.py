"""Which bonds lie in rings, which rings hang together, and how small the rings are."""

from __future__ import annotations

from datasets.atom_codes import LARGEST_RING
from datasets.compiled import compiled
from datasets.plain_smiles.sketch import (
    BEGIN,
    BOND_RING_SIZE,
    DEGREE,
    END,
    IN_RING,
    NEIGHBOUR,
    PARENT,
    QUEUE,
    RING_BONDS,
    RING_SIZE,
    SEEN,
    SYSTEM,
    THROUGH,
    Sketch,
)  # fmt: skip


@compiled
def find_ring_bonds(sketch: Sketch, n: int, m: int) -> None:
    """Mark bonds in rings, and give atoms that are connected by such bonds the same `system`.

    The bonds of the text without its ring digits are a tree. A bond of the tree lies in a ring if it is on the way in
    the tree between the ends of a ring bond.
    """
    for bond in range(m):
        sketch.bonds[IN_RING, bond] = 0
    for atom in range(n):
        sketch.atoms[SYSTEM, atom] = atom
        sketch.atoms[RING_BONDS, atom] = 0
    for bond in range(n - 1, m):
        sketch.bonds[IN_RING, bond] = 1
        a, b = int(sketch.bonds[BEGIN, bond]), int(sketch.bonds[END, bond])
        join(sketch, SYSTEM, a, b)
        # A parent stands before its children, so the later of two atoms is no ancestor of the other.
        while a != b:
            later = max(a, b)
            sketch.bonds[IN_RING, later - 1] = 1
            parent = int(sketch.atoms[PARENT, later])
            join(sketch, SYSTEM, later, parent)
            if later == a:
                a = parent
            else:
                b = parent
    for bond in range(m):
        if sketch.bonds[IN_RING, bond]:
            sketch.atoms[RING_BONDS, sketch.bonds[BEGIN, bond]] += 1
            sketch.atoms[RING_BONDS, sketch.bonds[END, bond]] += 1
    name_by_root(sketch, SYSTEM, n)


@compiled
def _root(sketch: Sketch, row: int, atom: int) -> int:
    while sketch.atoms[row, atom] != atom:
        atom = int(sketch.atoms[row, atom])
    return atom


@compiled
def join(sketch: Sketch, row: int, a: int, b: int) -> None:
    """Let two atoms belong together in a row of the sketch; the earlier of two roots stands for both."""
    a, b = _root(sketch, row, a), _root(sketch, row, b)
    if a < b:
        sketch.atoms[row, b] = a
    elif b < a:
        sketch.atoms[row, a] = b


@compiled
def name_by_root(sketch: Sketch, row: int, n: int) -> None:
    """After all are joined, let each atom name the first of those that belong together; -1 stays."""
    for atom in range(n):
        if sketch.atoms[row, atom] >= 0:
            sketch.atoms[row, atom] = _root(sketch, row, atom)


@compiled
def measure_rings(sketch: Sketch, n: int, m: int) -> None:
    """Write the code of the smallest ring through each atom and bond, 0 for none.

    RDKit's rings are a smallest set of smallest rings. It has a smallest ring through every bond: a smaller one than
    all of the set through that bond could not be a sum of rings of the set that are no larger.
    """
    for atom in range(n):
        sketch.atoms[RING_SIZE, atom] = 0
        sketch.atoms[SEEN, atom] = -1
    for bond in range(m):
        sketch.bonds[BOND_RING_SIZE, bond] = 0
        if not sketch.bonds[IN_RING, bond]:
            continue
        size = _smallest_ring(sketch, bond)
        sketch.bonds[BOND_RING_SIZE, bond] = size
        for end in (sketch.bonds[BEGIN, bond], sketch.bonds[END, bond]):
            if sketch.atoms[RING_SIZE, end] == 0 or size < sketch.atoms[RING_SIZE, end]:
                sketch.atoms[RING_SIZE, end] = size


@compiled
def _smallest_ring(sketch: Sketch, bond: int) -> int:
    """Code of the smallest ring through a bond: a search in breadth from one end to the other without it."""
    target = sketch.bonds[END, bond]
    sketch.atoms[QUEUE, 0] = sketch.bonds[BEGIN, bond]
    sketch.atoms[SEEN, sketch.bonds[BEGIN, bond]] = bond
    first, last, size = 0, 1, 1
    while first < last and size < LARGEST_RING:
        size += 1
        end = last
        for at in range(first, end):
            atom = sketch.atoms[QUEUE, at]
            for slot in range(sketch.atoms[DEGREE, atom]):
                through = sketch.links[THROUGH, atom, slot]
                if through == bond or not sketch.bonds[IN_RING, through]:
                    continue
                other = sketch.links[NEIGHBOUR, atom, slot]
                if other == target:
                    return size
                if sketch.atoms[SEEN, other] != bond:
                    sketch.atoms[SEEN, other] = bond
                    sketch.atoms[QUEUE, last] = other
                    last += 1
        first = end
    return LARGEST_RING + 1
