"""Which bonds lie in rings, and what each system of rings looks like: all that decides whether it stays as written.

RDKit turns alternating bonds into aromatic ones, or the other way round, ring system by ring system: of the rest of
the molecule it looks at hydrogens, charges, and the bonds that leave the system. So two systems with equal contents,
atoms in the same order, have the same fate.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from datasets.compiled import compiled
from datasets.plain_smiles.sketch import (
    AROMATIC,
    BEGIN,
    CHARGE,
    DEGREE,
    ELEMENT,
    END,
    HYDROGENS,
    IN_RING,
    NEIGHBOUR,
    ORDER,
    PARENT,
    RING_BONDS,
    SINGLE_BOND,
    SYSTEM,
    THROUGH,
    Longs,
    Sketch,
)

LONGEST: Final = 2048
"""Most entries of the contents of one system."""
_HASH_BASIS = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x9E3779B97F4A7C15)


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
        _join(sketch, a, b)
        # A parent stands before its children, so the later of two atoms is no ancestor of the other.
        while a != b:
            later = max(a, b)
            sketch.bonds[IN_RING, later - 1] = 1
            parent = int(sketch.atoms[PARENT, later])
            _join(sketch, later, parent)
            if later == a:
                a = parent
            else:
                b = parent
    for bond in range(m):
        if sketch.bonds[IN_RING, bond]:
            sketch.atoms[RING_BONDS, sketch.bonds[BEGIN, bond]] += 1
            sketch.atoms[RING_BONDS, sketch.bonds[END, bond]] += 1
    for atom in range(n):
        sketch.atoms[SYSTEM, atom] = _root(sketch, atom)


@compiled
def _root(sketch: Sketch, atom: int) -> int:
    while sketch.atoms[SYSTEM, atom] != atom:
        atom = int(sketch.atoms[SYSTEM, atom])
    return atom


@compiled
def _join(sketch: Sketch, a: int, b: int) -> None:
    """Let the earlier of two roots stand for both."""
    a, b = _root(sketch, a), _root(sketch, b)
    if a < b:
        sketch.atoms[SYSTEM, b] = a
    elif b < a:
        sketch.atoms[SYSTEM, a] = b


@compiled
def describe(sketch: Sketch, n: int, system: int, place: Longs, contents: Longs) -> int:
    """Contents of a ring system: an entry an atom, an entry a bond; their number, or 0 where there are too many.

    Parameters
    ----------
    sketch
        With hydrogens and ring bonds.
    n
        Number of atoms.
    system
        Which one.
    place : (n,), written
        Position of its atoms in it.
    contents : (LONGEST,), written
    """
    length, count = 0, 0
    for atom in range(system, n):
        if sketch.atoms[SYSTEM, atom] != system:
            continue
        if length + 1 + sketch.atoms[DEGREE, atom] > LONGEST:
            return 0
        place[atom] = count
        count += 1
        leaving = 0
        for slot in range(sketch.atoms[DEGREE, atom]):
            bond = sketch.links[THROUGH, atom, slot]
            if sketch.bonds[IN_RING, bond] or sketch.bonds[ORDER, bond] == SINGLE_BOND:
                continue
            other = sketch.links[NEIGHBOUR, atom, slot]
            what = int(sketch.atoms[ELEMENT, other]) << 3 | int(sketch.bonds[ORDER, bond])
            if sketch.atoms[RING_BONDS, other]:
                what |= 4
            leaving = leaving << 11 | what
        code = int(sketch.atoms[ELEMENT, atom]) | int(sketch.atoms[AROMATIC, atom]) << 8
        code |= int(sketch.atoms[HYDROGENS, atom]) << 9 | int(sketch.atoms[DEGREE, atom]) << 13
        code |= int(sketch.atoms[CHARGE, atom] + 4) << 17 | leaving << 21
        contents[length] = code
        length += 1
        for slot in range(sketch.atoms[DEGREE, atom]):
            other = sketch.links[NEIGHBOUR, atom, slot]
            bond = sketch.links[THROUGH, atom, slot]
            if other < atom and sketch.bonds[IN_RING, bond]:
                contents[length] = -1 - (place[other] << 2 | int(sketch.bonds[ORDER, bond]))
                length += 1
    return length


@compiled
def hash_of(contents: Longs, length: int) -> int:
    """A hash that is at least 0."""
    value = _HASH_BASIS
    for at in range(length):
        value = (value ^ np.uint64(contents[at])) * _HASH_PRIME
        value ^= value >> np.uint64(29)
    return int(np.int64(value >> np.uint64(1)))
