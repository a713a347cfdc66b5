"""The compiled search of `app.screening.smarts_filter`: one molecule after the other, one pattern after the other."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_MOST_STEPS: Final = 4000
_MOST_QUERY_ATOMS: Final = 128


@njit(cache=True, nogil=True)
def search(
    atom_bits: Bits,
    odd_atoms: Flags,
    bond_bits: Bits,
    odd_bonds: Flags,
    pair_bits: Bits,
    ends: Ints,
    atom_offsets: Ints,
    bond_offsets: Ints,
    starts: Ints,
    query: Ints,
    parent: Ints,
    parent_bond: Ints,
    ring_starts: Ints,
    ring_other: Ints,
    ring_bond: Ints,
    needed: Bits,
) -> Flags:
    """Shape (G, P): whether molecule g may hold pattern p.

    Parameters
    ----------
    atom_bits : (N, W)
        The atom queries that each atom answers.
    odd_atoms : (N,)
        Atoms that codes do not tell apart; their molecules may hold anything.
    bond_bits : (M,)
        The bond queries that each bond answers.
    odd_bonds : (M,)
        Likewise.
    pair_bits : (M, V)
        The pairs of atom queries, bonded by a bond query, that each bond can be.
    ends, atom_offsets, bond_offsets
        Of the `FlatBatch`.
    starts, query, parent, parent_bond, ring_starts, ring_other, ring_bond, needed
        Of the `SmartsFilter`.
    """
    n_molecules, n_patterns, n_words = len(atom_offsets) - 1, len(starts) - 1, needed.shape[1]
    found = np.zeros((n_molecules, n_patterns), dtype=np.bool_)
    have = np.zeros(n_words, dtype=np.uint64)
    image = np.empty(_MOST_QUERY_ATOMS, dtype=np.int64)
    tried = np.empty(_MOST_QUERY_ATOMS, dtype=np.int64)
    for g in range(n_molecules):
        first, last = atom_offsets[g], atom_offsets[g + 1]
        first_bond, last_bond = bond_offsets[g], bond_offsets[g + 1]
        if odd_atoms[first:last].any() or odd_bonds[first_bond:last_bond].any():
            found[g, :] = True
            continue
        have[:] = 0
        for bond in range(first_bond, last_bond):
            for word in range(n_words):
                have[word] |= pair_bits[bond, word]
        offsets, others, through = _neighbours(ends, first, last, first_bond, last_bond)
        used = np.zeros(last - first, dtype=np.bool_)
        for p in range(n_patterns):
            enough = True
            for word in range(n_words):
                if needed[p, word] & ~have[word]:
                    enough = False
                    break
            if not enough:
                continue
            size = starts[p + 1] - starts[p]
            if size > _MOST_QUERY_ATOMS:
                found[g, p] = True
                continue
            if size > last - first:
                continue
            found[g, p] = _holds(
                atom_bits, first, last - first, bond_bits, offsets, others, through, image, tried, used,
                starts[p], size, query, parent, parent_bond, ring_starts, ring_other, ring_bond,
            )  # fmt: skip
    return found


@njit(cache=True, nogil=True)
def _neighbours(ends: Ints, first: int, last: int, first_bond: int, last_bond: int) -> tuple[Ints, Ints, Ints]:
    """Neighbours of each atom of a molecule behind each other, and the bonds to them."""
    n = last - first
    offsets = np.zeros(n + 1, dtype=np.int64)
    for bond in range(first_bond, last_bond):
        offsets[ends[bond, 0] - first + 1] += 1
        offsets[ends[bond, 1] - first + 1] += 1
    for atom in range(n):
        offsets[atom + 1] += offsets[atom]
    others = np.empty(2 * (last_bond - first_bond), dtype=np.int64)
    through = np.empty(2 * (last_bond - first_bond), dtype=np.int64)
    at = offsets[:-1].copy()
    for bond in range(first_bond, last_bond):
        a, b = ends[bond, 0] - first, ends[bond, 1] - first
        others[at[a]], through[at[a]] = b, bond
        others[at[b]], through[at[b]] = a, bond
        at[a] += 1
        at[b] += 1
    return offsets, others, through


@njit(cache=True, nogil=True)
def _holds(
    bits: Bits,
    first: int,
    n: int,
    bond_bits: Bits,
    offsets: Ints,
    others: Ints,
    through: Ints,
    image: Ints,
    tried: Ints,
    used: Flags,
    start: int,
    size: int,
    query: Ints,
    parent: Ints,
    parent_bond: Ints,
    ring_starts: Ints,
    ring_other: Ints,
    ring_bond: Ints,
) -> bool:
    """Depth-first search for one pattern; True also where it takes too long."""
    used[:] = False
    tried[0] = 0
    depth = 0
    steps = 0
    while True:
        at = start + depth
        asked = query[at]
        word, bit = asked >> 6, np.uint64(asked & 63)
        if depth == 0:
            end = n
        else:
            anchor = image[parent[at]]
            end = offsets[anchor + 1] - offsets[anchor]
        placed = False
        while tried[depth] < end:
            steps += 1
            if depth == 0:
                atom = tried[depth]
            else:
                place = offsets[anchor] + tried[depth]
                atom = others[place]
            tried[depth] += 1
            if used[atom] or not (bits[first + atom, word] >> bit) & np.uint64(1):
                continue
            if depth and not (bond_bits[through[place]] >> np.uint64(parent_bond[at])) & np.uint64(1):
                continue
            if _rings_close(atom, at, image, bond_bits, offsets, others, through, ring_starts, ring_other, ring_bond):
                image[depth] = atom
                used[atom] = True
                placed = True
                break
        if steps > _MOST_STEPS:
            return True
        if placed:
            depth += 1
            if depth == size:
                return True
            tried[depth] = 0
        else:
            depth -= 1
            if depth < 0:
                return False
            used[image[depth]] = False


@njit(cache=True, nogil=True)
def _rings_close(
    atom: int,
    at: int,
    image: Ints,
    bond_bits: Bits,
    offsets: Ints,
    others: Ints,
    through: Ints,
    ring_starts: Ints,
    ring_other: Ints,
    ring_bond: Ints,
) -> bool:
    for ring in range(ring_starts[at], ring_starts[at + 1]):
        target = image[ring_other[ring]]
        closed = False
        for place in range(offsets[atom], offsets[atom + 1]):
            if others[place] == target:
                closed = (bond_bits[through[place]] >> np.uint64(ring_bond[ring])) & np.uint64(1) == np.uint64(1)
                break
        if not closed:
            return False
    return True
