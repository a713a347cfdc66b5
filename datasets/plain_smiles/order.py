"""Whether a text has the order in which RDKit writes it, from the ranks of its atoms.

RDKit goes through a molecule in depth, from the atom of lowest rank. At each atom come first the neighbours that close
a ring with it, then those that no ring leads to, then those in rings, multiple bonds before single ones; within these,
lower ranks first. The text is gone through in the same way, and each atom must turn up when it is its turn.
"""

from __future__ import annotations

import numpy as np

from datasets.compiled import compiled
from datasets.plain_smiles.ranks import RANK, Ids, Ranking
from datasets.plain_smiles.sketch import (
    CLOSURES,
    DEGREE,
    IN_BRANCH,
    IN_RING,
    MOST_NEIGHBOURS,
    N_CLOSURES,
    NEIGHBOUR,
    ORDER,
    PARENT,
    THROUGH,
    Longs,
    Sketch,
)

_WHITE, _GREY, _BLACK = 0, 1, 2
_RDKIT_ORDER = (1, 2, 3, 12)
_HIGHEST_ORDER = 32
_STEP = 5000
"""RDKit's bound on ranks: what a bond's kind weighs."""


@compiled
def in_canonical_order(sketch: Sketch, n: int, ranking: Ranking, seen: Longs, waiting: Ids) -> bool:
    """Whether atoms, ring digits and branches stand as RDKit would write them.

    Parameters
    ----------
    sketch
        With ring bonds.
    n
        Number of atoms.
    ranking
        With their ranks.
    seen : (n, 3)
        Memory.
    waiting : (n, MOST_NEIGHBOURS)
        Memory.
    """
    if ranking.atoms[RANK, 0] != 0:
        return False
    for atom in range(n):
        seen[atom, 0] = _WHITE
        seen[atom, 1] = 0  # ring digits that are accounted for
        seen[atom, 2] = -1  # the child that came last
    atom, came_by, count = 0, -1, 0
    while True:
        if seen[atom, 0] == _WHITE:
            if atom != count or not _enter(sketch, ranking, atom, came_by, seen, waiting):
                return False
            seen[atom, 0] = _GREY
            count += 1
        # The next neighbour that was not reached on another way.
        child = -1
        for place in range(MOST_NEIGHBOURS):
            candidate = waiting[atom, place]
            if candidate < 0:
                break
            other = int(sketch.links[NEIGHBOUR, atom, candidate])
            if seen[other, 0] == _WHITE:
                child = candidate
                break
        if child >= 0:
            other = int(sketch.links[NEIGHBOUR, atom, child])
            if sketch.atoms[PARENT, other] != atom:
                return False
            # All but the last child stand in parentheses.
            if seen[atom, 2] >= 0 and not sketch.atoms[IN_BRANCH, seen[atom, 2]]:
                return False
            seen[atom, 2] = other
            came_by = sketch.links[THROUGH, atom, child]
            atom = other
            continue
        seen[atom, 0] = _BLACK
        if seen[atom, 1] != sketch.atoms[N_CLOSURES, atom]:
            return False
        if seen[atom, 2] >= 0 and sketch.atoms[IN_BRANCH, seen[atom, 2]]:
            return False
        if atom == 0:
            return count == n
        atom = int(sketch.atoms[PARENT, atom])


@compiled
def _enter(sketch: Sketch, ranking: Ranking, atom: int, came_by: int, seen: Longs, waiting: Ids) -> bool:
    """Check ring digits that are written here for atoms before, and line up the neighbours that follow."""
    last = np.int64(-(1 << 62))
    n_waiting = 0
    for _ in range(sketch.atoms[DEGREE, atom]):
        best, lowest = -1, np.int64(1 << 62)
        for slot in range(sketch.atoms[DEGREE, atom]):
            bond = sketch.links[THROUGH, atom, slot]
            if bond == came_by:
                continue
            other = sketch.links[NEIGHBOUR, atom, slot]
            key = np.int64(ranking.atoms[RANK, other])
            weight = np.int64(_HIGHEST_ORDER - _RDKIT_ORDER[sketch.bonds[ORDER, bond]]) * _STEP
            if seen[other, 0] == _GREY:
                key += weight - np.int64(_HIGHEST_ORDER + 1) * _STEP * _STEP
            elif sketch.bonds[IN_RING, bond]:
                key += weight * _STEP
            if last < key < lowest:
                best, lowest = slot, key
        if best < 0:
            break
        last = lowest
        other = sketch.links[NEIGHBOUR, atom, best]
        if seen[other, 0] == _GREY:
            bond = sketch.links[THROUGH, atom, best]
            if not _next_digit(sketch, other, bond, seen) or not _next_digit(sketch, atom, bond, seen):
                return False
        else:
            waiting[atom, n_waiting] = best
            n_waiting += 1
    if n_waiting < MOST_NEIGHBOURS:
        waiting[atom, n_waiting] = -1
    return True


@compiled
def _next_digit(sketch: Sketch, atom: int, bond: int, seen: Longs) -> bool:
    place = seen[atom, 1]
    if place >= sketch.atoms[N_CLOSURES, atom] or sketch.links[CLOSURES, atom, place] != bond:
        return False
    seen[atom, 1] = place + 1
    return True
