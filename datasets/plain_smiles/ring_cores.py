"""The parts of ring systems in which RDKit may turn alternating bonds into aromatic ones, or the other way round.

Only atoms with room for a p orbital take part, so a saturated carbon belongs to no aromatic ring. A core is what is
left of rings without saturated carbons, and without what then ends in an open chain: rings through such atoms alone.

What becomes of a core depends on its atoms, their charges and bonds, on the multiple bonds that leave it, and on which
of its rings are smallest. Rings outside can only matter to the last: if they join two atoms of a core
that are no neighbours. Such systems are taken as a whole. So two cores with equal contents, atoms in the same order,
have the same fate.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from datasets.compiled import compiled
from datasets.plain_smiles.rings import join, name_by_root
from datasets.plain_smiles.sketch import (
    AROMATIC,
    BEGIN,
    CHARGE,
    CORE,
    DEGREE,
    ELEMENT,
    END,
    HYDROGENS,
    IN_CORE,
    IN_RING,
    NEIGHBOUR,
    ORDER,
    QUEUE,
    RING_BONDS,
    SEEN,
    SINGLE_BOND,
    SYSTEM,
    THROUGH,
    Longs,
    Sketch,
)  # fmt: skip

LONGEST: Final = 2048
"""Most entries of the contents of one core."""
_OUTSIDE: Final = -1
_HASH_BASIS = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x9E3779B97F4A7C15)


@compiled
def find_cores(sketch: Sketch, n: int, m: int) -> bool:
    """Mark the atoms and bonds of cores; False where an aromatic atom lies in none.

    Parameters
    ----------
    sketch
        With ring bonds and hydrogens.
    n, m
        Numbers of atoms and bonds.
    """
    _mark_cores(sketch, n, m)
    for atom in range(n):
        if sketch.atoms[CORE, atom] == atom and _is_bridged(sketch, n, atom):
            _take_whole(sketch, n, m, sketch.atoms[SYSTEM, atom])
    return not ((sketch.atoms[AROMATIC, :n] != 0) & (sketch.atoms[CORE, :n] == _OUTSIDE)).any()


@compiled
def _mark_cores(sketch: Sketch, n: int, m: int) -> None:
    for atom in range(n):
        total = sketch.atoms[DEGREE, atom] + sketch.atoms[HYDROGENS, atom]
        saturated = sketch.atoms[ELEMENT, atom] == 6 and not sketch.atoms[AROMATIC, atom] and total == 4
        sketch.atoms[CORE, atom] = atom if sketch.atoms[RING_BONDS, atom] and not saturated else _OUTSIDE
    # Strip ends of open chains; SEEN counts bonds to atoms that are left.
    waiting = 0
    for atom in range(n):
        if sketch.atoms[CORE, atom] == _OUTSIDE:
            continue
        left = 0
        for slot in range(sketch.atoms[DEGREE, atom]):
            inside = sketch.atoms[CORE, sketch.links[NEIGHBOUR, atom, slot]] != _OUTSIDE
            left += inside and sketch.bonds[IN_RING, sketch.links[THROUGH, atom, slot]] != 0
        sketch.atoms[SEEN, atom] = left
        if left < 2:
            sketch.atoms[QUEUE, waiting] = atom
            waiting += 1
    while waiting:
        waiting -= 1
        atom = sketch.atoms[QUEUE, waiting]
        sketch.atoms[CORE, atom] = _OUTSIDE
        for slot in range(sketch.atoms[DEGREE, atom]):
            other = sketch.links[NEIGHBOUR, atom, slot]
            if sketch.atoms[CORE, other] == _OUTSIDE or not sketch.bonds[IN_RING, sketch.links[THROUGH, atom, slot]]:
                continue
            sketch.atoms[SEEN, other] -= 1
            if sketch.atoms[SEEN, other] == 1:
                sketch.atoms[QUEUE, waiting] = other
                waiting += 1
    for bond in range(m):
        a, b = sketch.bonds[BEGIN, bond], sketch.bonds[END, bond]
        inside = sketch.atoms[CORE, a] != _OUTSIDE and sketch.atoms[CORE, b] != _OUTSIDE
        sketch.bonds[IN_CORE, bond] = 1 if inside and sketch.bonds[IN_RING, bond] else 0
        if sketch.bonds[IN_CORE, bond]:
            join(sketch, CORE, a, b)
    name_by_root(sketch, CORE, n)


@compiled
def _is_bridged(sketch: Sketch, n: int, core: int) -> bool:
    """Whether rings outside of a core join two of its atoms that are no neighbours."""
    for atom in range(n):
        sketch.atoms[SEEN, atom] = 0
    for start in range(n):
        outside = sketch.atoms[RING_BONDS, start] > 0 and sketch.atoms[CORE, start] != core
        if not outside or sketch.atoms[SEEN, start] or sketch.atoms[SYSTEM, start] != sketch.atoms[SYSTEM, core]:
            continue
        # All that hangs together with this atom, the core left out; and the atoms of the core that it is bonded to.
        one, other_one = -1, -1
        sketch.atoms[SEEN, start] = 1
        sketch.atoms[QUEUE, 0] = start
        waiting = 1
        while waiting:
            waiting -= 1
            atom = sketch.atoms[QUEUE, waiting]
            for slot in range(sketch.atoms[DEGREE, atom]):
                if not sketch.bonds[IN_RING, sketch.links[THROUGH, atom, slot]]:
                    continue
                other = sketch.links[NEIGHBOUR, atom, slot]
                if sketch.atoms[CORE, other] != core:
                    if not sketch.atoms[SEEN, other]:
                        sketch.atoms[SEEN, other] = 1
                        sketch.atoms[QUEUE, waiting] = other
                        waiting += 1
                elif one < 0 or one == other:
                    one = other
                elif other_one < 0 or other_one == other:
                    other_one = other
                else:
                    return True
        if other_one >= 0:
            neighbours = False
            for slot in range(sketch.atoms[DEGREE, one]):
                neighbours |= sketch.links[NEIGHBOUR, one, slot] == other_one
            if not neighbours:
                return True
    return False


@compiled
def _take_whole(sketch: Sketch, n: int, m: int, system: int) -> None:
    """Let a whole ring system be one core."""
    for atom in range(n):
        if sketch.atoms[RING_BONDS, atom] and sketch.atoms[SYSTEM, atom] == system:
            sketch.atoms[CORE, atom] = system
    for bond in range(m):
        if sketch.bonds[IN_RING, bond] and sketch.atoms[SYSTEM, sketch.bonds[BEGIN, bond]] == system:
            sketch.bonds[IN_CORE, bond] = 1


@compiled
def describe(sketch: Sketch, n: int, core: int, place: Longs, contents: Longs) -> int:
    """Contents of a core: an entry an atom, an entry a bond; their number, or 0 where there are too many.

    Parameters
    ----------
    sketch
        With cores.
    n
        Number of atoms.
    core
        Which one.
    place : (n,), written
        Position of its atoms in it.
    contents : (LONGEST,), written
    """
    length, count = 0, 0
    for atom in range(core, n):
        if sketch.atoms[CORE, atom] != core:
            continue
        if length + 1 + sketch.atoms[DEGREE, atom] > LONGEST:
            return 0
        place[atom] = count
        count += 1
        leaving = 0
        for slot in range(sketch.atoms[DEGREE, atom]):
            bond = sketch.links[THROUGH, atom, slot]
            if sketch.bonds[IN_CORE, bond] or sketch.bonds[ORDER, bond] == SINGLE_BOND:
                continue
            other = sketch.links[NEIGHBOUR, atom, slot]
            what = int(sketch.atoms[ELEMENT, other]) << 4 | int(sketch.bonds[ORDER, bond])
            if sketch.atoms[RING_BONDS, other]:
                what |= 4
            if sketch.bonds[IN_RING, bond]:
                what |= 8
            leaving = leaving << 12 | what
        code = int(sketch.atoms[ELEMENT, atom]) | int(sketch.atoms[AROMATIC, atom]) << 8
        # A hydrogen and a substituent are alike to a ring.
        code |= (int(sketch.atoms[DEGREE, atom]) + int(sketch.atoms[HYDROGENS, atom])) << 9
        code |= int(sketch.atoms[CHARGE, atom] + 4) << 17 | leaving << 21
        contents[length] = code
        length += 1
        for slot in range(sketch.atoms[DEGREE, atom]):
            other = sketch.links[NEIGHBOUR, atom, slot]
            bond = sketch.links[THROUGH, atom, slot]
            if other < atom and sketch.bonds[IN_CORE, bond]:
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
