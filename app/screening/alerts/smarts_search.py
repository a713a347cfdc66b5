"""The compiled search of `smarts_filter`: one molecule after the other, one pattern after the other."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from app.screening.alerts.smarts_graphs import RECURSIVE, STEP_AND, STEP_NOT, STEP_OR, STEP_RECURSIVE, UNSURE, Graphs

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_MOST_STEPS: Final = 4000
_MOST_QUERY_ATOMS: Final = 128
_MOST_OPEN: Final = 64
_NO, _YES, _LONG = 0, 1, 2
_ANYWHERE: Final = -1


@njit(cache=True, nogil=True)
def search(
    kinds: Ints,
    ring_bonds: npt.NDArray[np.uint8],
    odd_atoms: Flags,
    may_bits: Bits,
    test_bits: Bits,
    bond_kinds: Ints,
    odd_bonds: Flags,
    bond_bits: Bits,
    pairs: Ints,
    pair_bits: Bits,
    ends: Ints,
    atom_offsets: Ints,
    bond_offsets: Ints,
    graphs: Graphs,
    holds: Flags,
    unsure: Flags,
) -> None:
    """Find patterns in G molecules with N atoms and M bonds.

    Parameters
    ----------
    kinds : (N,)
        Kinds of atoms, rows of `may_bits` and `test_bits`.
    ring_bonds : (N,)
        How many bonds of each atom lie in rings.
    odd_atoms : (N,)
        Atoms that codes do not tell apart; their molecules may hold anything.
    may_bits, test_bits
        The atom queries that each kind may answer, and the tests that it passes.
    bond_kinds, odd_bonds, bond_bits
        Likewise: (M,), (M,), and the bond queries that each kind answers.
    pairs, pair_bits
        Kinds of bonds with both atoms, (M,), and the `Graphs.pairs` that each can be.
    ends, atom_offsets, bond_offsets
        Of the `FlatBatch`.
    graphs
        The P patterns.
    holds, unsure : (G, P), written
        What is there for sure, and what RDKit must tell; both false at first.
    """
    most = 0
    for g in range(len(atom_offsets) - 1):
        most = max(most, atom_offsets[g + 1] - atom_offsets[g])
    may, known = np.empty((most, may_bits.shape[1]), dtype=np.uint64), np.empty((most, may_bits.shape[1]), np.uint64)
    have, have_atoms = np.zeros(pair_bits.shape[1], dtype=np.uint64), np.zeros(may_bits.shape[1], dtype=np.uint64)
    settled = np.zeros(len(graphs.step_starts) - 1, dtype=np.int8)
    image, tried = np.empty(_MOST_QUERY_ATOMS, dtype=np.int64), np.empty(_MOST_QUERY_ATOMS, dtype=np.int64)
    used = np.zeros(most, dtype=np.bool_)
    for g in range(len(atom_offsets) - 1):
        first, n = atom_offsets[g], atom_offsets[g + 1] - atom_offsets[g]
        first_bond, last_bond = bond_offsets[g], bond_offsets[g + 1]
        if odd_atoms[first : first + n].any() or odd_bonds[first_bond:last_bond].any():
            unsure[g, :] = True
            continue
        have[:] = 0
        for bond in range(first_bond, last_bond):
            have |= pair_bits[pairs[bond]]
        have_atoms[:] = 0
        in_rings, fused = 0, 0
        for atom in range(n):
            may[atom] = may_bits[kinds[first + atom]]
            have_atoms |= may[atom]
            in_rings += ring_bonds[first + atom] > 1
            fused += ring_bonds[first + atom] > 2
        offsets, others, through = _neighbours(ends, first, n, bond_kinds, bond_bits, first_bond, last_bond)
        fresh = True
        for p in range(graphs.n_patterns):
            size = graphs.starts[p + 1] - graphs.starts[p]
            if size > n or graphs.ring_atoms[p, 0] > in_rings or graphs.ring_atoms[p, 1] > fused:
                continue
            if _lacks(graphs.needed[p], have) or _lacks(graphs.needed_atoms[p], have_atoms):
                continue
            if _repeats_too_little(graphs, p, pairs[first_bond:last_bond], pair_bits):
                continue
            if size > _MOST_QUERY_ATOMS:
                unsure[g, p] = True
                continue
            found = _holds(graphs, p, _ANYWHERE, may, n, offsets, others, through, image, tried, used)
            if found == _YES and graphs.kinds[p] == RECURSIVE:
                if fresh:
                    known[:n] = may[:n]
                    settled[:] = _NO
                    fresh = False
                found = _work_out(
                    graphs, p, kinds[first : first + n], test_bits, known, n, offsets, others, through, settled,
                    image, tried, used,
                )  # fmt: skip
                if found == _YES:
                    found = _holds(graphs, p, _ANYWHERE, known, n, offsets, others, through, image, tried, used)
            if found == _LONG or (found == _YES and graphs.kinds[p] == UNSURE):
                unsure[g, p] = True
            elif found == _YES:
                holds[g, p] = True


@njit(cache=True, nogil=True)
def _lacks(needed: Bits, have: Bits) -> bool:
    # The first words hold what is rarest, so most patterns end there.
    word = 0
    while word < len(needed) and not needed[word] & ~have[word]:
        word += 1
    return word < len(needed)


@njit(cache=True, nogil=True)
def _repeats_too_little(graphs: Graphs, p: int, pairs: Ints, pair_bits: Bits) -> bool:
    """Whether too few bonds of a molecule can be one that the pattern needs several times."""
    for place in range(graphs.repeats_starts[p], graphs.repeats_starts[p + 1]):
        pair, left = graphs.repeats[place, 0], graphs.repeats[place, 1]
        word, bit = pair >> 6, np.uint64(pair & 63)
        for bond in range(len(pairs)):
            left -= np.int64((pair_bits[pairs[bond], word] >> bit) & np.uint64(1))
        if left > 0:
            return True
    return False


@njit(cache=True, nogil=True)
def _neighbours(
    ends: Ints, first: int, n: int, bond_kinds: Ints, bond_bits: Bits, first_bond: int, last_bond: int
) -> tuple[Ints, Ints, Bits]:
    """Neighbours of each atom of a molecule behind each other, and what the bonds to them answer."""
    offsets = np.zeros(n + 1, dtype=np.int64)
    for bond in range(first_bond, last_bond):
        offsets[ends[bond, 0] - first + 1] += 1
        offsets[ends[bond, 1] - first + 1] += 1
    for atom in range(n):
        offsets[atom + 1] += offsets[atom]
    others = np.empty(2 * (last_bond - first_bond), dtype=np.int64)
    through = np.empty(2 * (last_bond - first_bond), dtype=np.uint64)
    at = offsets[:-1].copy()
    for bond in range(first_bond, last_bond):
        a, b = ends[bond, 0] - first, ends[bond, 1] - first
        answers = bond_bits[bond_kinds[bond]]
        others[at[a]], through[at[a]] = b, answers
        others[at[b]], through[at[b]] = a, answers
        at[a] += 1
        at[b] += 1
    return offsets, others, through


@njit(cache=True, nogil=True)
def _work_out(
    graphs: Graphs,
    p: int,
    kinds: Ints,
    test_bits: Bits,
    known: Bits,
    n: int,
    offsets: Ints,
    others: Ints,
    through: Bits,
    settled: npt.NDArray[np.int8],
    image: Ints,
    tried: Ints,
    used: Flags,
) -> int:
    """Settle which atoms answer the queries of a pattern that hold recursive SMARTS; `_LONG` where that takes long.

    Inner queries come first, so that the patterns of recursive SMARTS find all of theirs settled.
    """
    values = np.zeros(_MOST_OPEN, dtype=np.bool_)
    for place in range(graphs.first_starts[p], graphs.first_starts[p + 1]):
        query = graphs.first[place]
        if settled[query] == _LONG:
            return _LONG
        if settled[query] == _YES:
            continue
        word, bit = query >> 6, np.uint64(1) << np.uint64(query & 63)
        for atom in range(n):
            if not known[atom, word] & bit:
                continue
            depth = 0
            for at in range(graphs.step_starts[query], graphs.step_starts[query + 1]):
                step = graphs.steps[at]
                if step >= 0:
                    passed = test_bits[kinds[atom], step >> 6] >> np.uint64(step & 63)
                    values[depth] = (passed & np.uint64(1)) == np.uint64(1)
                    depth += 1
                elif step == STEP_NOT:
                    values[depth - 1] = not values[depth - 1]
                elif step == STEP_AND:
                    depth -= 1
                    values[depth - 1] &= values[depth]
                elif step == STEP_OR:
                    depth -= 1
                    values[depth - 1] |= values[depth]
                else:
                    inner = STEP_RECURSIVE - step
                    found = _holds(graphs, inner, atom, known, n, offsets, others, through, image, tried, used)
                    if found == _LONG:
                        settled[query] = _LONG
                        return _LONG
                    values[depth] = found == _YES
                    depth += 1
                if depth == _MOST_OPEN:
                    settled[query] = _LONG
                    return _LONG
            if not values[0]:
                known[atom, word] &= ~bit
        settled[query] = _YES
    return _YES


@njit(cache=True, nogil=True)
def _holds(
    graphs: Graphs,
    p: int,
    anchor: int,
    bits: Bits,
    n: int,
    offsets: Ints,
    others: Ints,
    through: Bits,
    image: Ints,
    tried: Ints,
    used: Flags,
) -> int:
    """Depth-first search for a pattern, its first atom anywhere or at one atom; `_LONG` where it takes too long."""
    start = graphs.starts[p]
    size = graphs.starts[p + 1] - start
    if size > _MOST_QUERY_ATOMS:
        return _LONG
    if size > n:
        return _NO
    for atom in range(n):
        used[atom] = False
    tried[0] = 0 if anchor == _ANYWHERE else anchor
    depth = 0
    steps = 0
    while True:
        at = start + depth
        asked = graphs.query[at]
        word, bit = asked >> 6, np.uint64(asked & 63)
        free = graphs.parent[at] < 0
        begin, end = 0, n
        if not free:
            begin = offsets[image[graphs.parent[at]]]
            end = offsets[image[graphs.parent[at]] + 1] - begin
        elif depth == 0 and anchor != _ANYWHERE:
            end = anchor + 1
        placed = False
        while tried[depth] < end:
            steps += 1
            place = begin + tried[depth]
            atom = tried[depth] if free else others[place]
            tried[depth] += 1
            if used[atom] or not (bits[atom, word] >> bit) & np.uint64(1):
                continue
            if not free and not (through[place] >> np.uint64(graphs.parent_bond[at])) & np.uint64(1):
                continue
            if _rings_close(graphs, at, atom, image, offsets, others, through):
                image[depth] = atom
                used[atom] = True
                placed = True
                break
        if steps > _MOST_STEPS:
            return _LONG
        if placed:
            depth += 1
            if depth == size:
                return _YES
            tried[depth] = 0
        else:
            depth -= 1
            if depth < 0:
                return _NO
            used[image[depth]] = False


@njit(cache=True, nogil=True)
def _rings_close(graphs: Graphs, at: int, atom: int, image: Ints, offsets: Ints, others: Ints, through: Bits) -> bool:
    for ring in range(graphs.ring_starts[at], graphs.ring_starts[at + 1]):
        target = image[graphs.ring_other[ring]]
        closed = False
        for place in range(offsets[atom], offsets[atom + 1]):
            if others[place] == target:
                closed = (through[place] >> np.uint64(graphs.ring_bond[ring])) & np.uint64(1) == np.uint64(1)
                break
        if not closed:
            return False
    return True
