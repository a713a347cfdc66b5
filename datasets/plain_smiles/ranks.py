"""The ranks that decide in which order RDKit writes the atoms of a plain molecule.

Source: Schneider, Sahnoun and Landrum 2015, doi 10.1021/acs.jcim.5b00543. Atoms start in one class. Classes are split
by what their atoms are and by the classes of their neighbours until nothing changes; then ties are broken one by one.
Which class is looked at next decides the ranks, so it is done here in the very same order. Marks of stereo do not
occur. The extra rules for cages, where most ring atoms are alike, are not here: `rank_atoms` says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from datasets.compiled import compiled
from datasets.plain_smiles.sketch import (
    CHARGE,
    DEGREE,
    ELEMENT,
    HYDROGENS,
    MOST_ATOMS,
    NEIGHBOUR,
    ORDER,
    RING_BONDS,
    THROUGH,
    Sketch,
)

Ids = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

_IDLE, _LAST = -2, -1
_MANY_ALIKE: Final = 0.5


RANK: Final = 0
"""Class of each atom, named by the place at which it begins in `_PLACE`; in the end, the rank."""
_PLACE: Final = 1
"""Atoms, class by class."""
_COUNT: Final = 2
"""Size of a class, at its first atom; 0 at the others."""
_NEXT: Final = 3
"""The class to look at after this one, by its first atom."""
_TOUCHED: Final = 4
_ROWS: Final = 5


class Ranking(NamedTuple):
    """Memory of the ranking of one molecule."""

    atoms: Ids
    """Shape (rows, MOST_ATOMS)"""
    keys: Keys
    """Shape (2, MOST_ATOMS): what an atom is, and its neighbours: bonds and classes, highest first, 16 bits each."""


def new_ranking() -> Ranking:
    """Fresh memory."""
    return Ranking(np.zeros((_ROWS, MOST_ATOMS), dtype=np.int32), np.zeros((2, MOST_ATOMS), dtype=np.uint64))


@compiled
def rank_atoms(sketch: Sketch, n: int, memory: Ranking) -> bool:
    """Rank the atoms; False for a cage, which is ranked by further rules.

    Parameters
    ----------
    sketch
        With hydrogens and ring bonds.
    n
        Number of atoms, all of one fragment.
    memory
        Its first n `rank` are written.
    """
    for atom in range(n):
        # Charges are compared as if they had no sign.
        charge = int(sketch.atoms[CHARGE, atom]) & 0xFF
        kind = int(sketch.atoms[DEGREE, atom]) << 8 | int(sketch.atoms[ELEMENT, atom])
        memory.keys[0, atom] = np.uint64((kind << 4 | int(sketch.atoms[HYDROGENS, atom])) << 8 | charge)
        memory.atoms[RANK, atom] = 0
        memory.atoms[_PLACE, atom] = atom
        memory.atoms[_COUNT, atom] = 0
        memory.atoms[_NEXT, atom] = _IDLE
        memory.atoms[_TOUCHED, atom] = 0
    memory.atoms[_COUNT, 0] = n
    if n == 1:
        return True
    memory.atoms[_NEXT, 0] = _LAST
    _refine(sketch, n, memory, 0)
    if _is_cage(sketch, n, memory):
        return False
    _break_ties(sketch, n, memory)
    return True


@compiled
def _is_cage(sketch: Sketch, n: int, memory: Ranking) -> bool:
    """Whether rings share atoms and most ring atoms lie in classes of more than two."""
    in_rings, alike, shared, ties = 0, 0, False, False
    for atom in range(n):
        ties |= memory.atoms[_COUNT, atom] == 0
        if sketch.atoms[RING_BONDS, atom]:
            in_rings += 1
            shared |= sketch.atoms[RING_BONDS, atom] > 2
            if memory.atoms[_COUNT, atom] > 2:
                alike += memory.atoms[_COUNT, atom]
    return ties and shared and alike > _MANY_ALIKE * in_rings


@compiled
def _look_around(sketch: Sketch, memory: Ranking, atom: int) -> None:
    key = np.uint64(0)
    degree = sketch.atoms[DEGREE, atom]
    taken = np.uint64(1) << np.uint64(62)
    for _ in range(degree):
        best = np.uint64(0)
        for slot in range(degree):
            bond = np.uint64(sketch.bonds[ORDER, sketch.links[THROUGH, atom, slot]])
            rank = np.uint64(memory.atoms[RANK, sketch.links[NEIGHBOUR, atom, slot]])
            entry = (bond << np.uint64(8) | rank) + np.uint64(1)
            entry = entry << np.uint64(3) | np.uint64(slot)
            if entry < taken and entry > best:
                best = entry
        taken = best
        key = key << np.uint64(16) | best >> np.uint64(3)
    memory.keys[1, atom] = key << np.uint64(16 * (4 - degree))


@compiled
def _refine(sketch: Sketch, n: int, memory: Ranking, active: int) -> None:
    """Split classes, beginning with the active one and those that follow it, until none can be split."""
    order, rank, count = memory.atoms[_PLACE], memory.atoms[RANK], memory.atoms[_COUNT]
    following, touched, kinds, arounds = memory.atoms[_NEXT], memory.atoms[_TOUCHED], memory.keys[0], memory.keys[1]
    while active != _LAST:
        part = active
        active = following[part]
        following[part] = _IDLE
        size, offset = count[part], rank[part]
        end = offset + size
        for at in range(offset, end):
            _look_around(sketch, memory, order[at])
        # Equal atoms keep their order.
        for at in range(offset + 1, end):
            atom = order[at]
            kind, around = kinds[atom], arounds[atom]
            to = at
            while to > offset:
                other = order[to - 1]
                if kinds[other] < kind or (kinds[other] == kind and arounds[other] <= around):
                    break
                order[to] = other
                to -= 1
            order[to] = atom
        first = order[offset]
        count[first] = 1
        for at in range(offset + 1, end):
            atom, before = order[at], order[at - 1]
            if kinds[atom] == kinds[before] and arounds[atom] == arounds[before]:
                count[first] += 1
                count[atom] = 0
            else:
                first = atom
                count[first] = 1
        changed = offset + count[order[offset]]
        name = changed
        lowest, highest = n, -1
        for at in range(changed, end):
            atom = order[at]
            if count[atom]:
                name = at
            rank[atom] = name
        for at in range(changed, end):
            atom = order[at]
            for slot in range(sketch.atoms[DEGREE, atom]):
                place = rank[sketch.links[NEIGHBOUR, atom, slot]]
                touched[place] = 1
                lowest, highest = min(lowest, place), max(highest, place)
        active = _activate(memory, lowest, highest, active)


@compiled
def _activate(memory: Ranking, lowest: int, highest: int, active: int) -> int:
    """Put classes that were touched before the active one; the first of all."""
    for place in range(lowest, highest + 1):
        if memory.atoms[_TOUCHED, place]:
            part = memory.atoms[_PLACE, place]
            if memory.atoms[_COUNT, part] > 1 and memory.atoms[_NEXT, part] == _IDLE:
                memory.atoms[_NEXT, part] = active
                active = part
            memory.atoms[_TOUCHED, place] = 0
    return active


@compiled
def _break_ties(sketch: Sketch, n: int, memory: Ranking) -> None:
    """Set the last atom of the first class of several apart, refine, and so on."""
    place = 0
    while place < n:
        part = memory.atoms[_PLACE, place]
        before = memory.atoms[RANK, part]
        while memory.atoms[_COUNT, part] > 1:
            size = memory.atoms[_COUNT, part]
            last = memory.atoms[RANK, part] + size - 1
            atom = memory.atoms[_PLACE, last]
            memory.atoms[RANK, atom] = last
            memory.atoms[_COUNT, part] = size - 1
            memory.atoms[_COUNT, atom] = 1
            lowest, highest = n, -1
            for slot in range(sketch.atoms[DEGREE, atom]):
                touched = memory.atoms[RANK, sketch.links[NEIGHBOUR, atom, slot]]
                memory.atoms[_TOUCHED, touched] = 1
                lowest, highest = min(lowest, touched), max(highest, touched)
            _refine(sketch, n, memory, _activate(memory, lowest, highest, _LAST))
        # Splitting may have moved the class away from here.
        if memory.atoms[RANK, part] == before:
            place += 1
