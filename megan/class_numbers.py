"""Compiled loops that number the classes of equal contents: of atoms, of what they send, and of their states.

Contents are found by a hash and compared before a number is shared; see `megan.surroundings` for what they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from datasets.atom_codes import BOND_FEATURES, Codes

Ids = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]

BOND_SIZES = np.array([f.size for f in BOND_FEATURES], dtype=np.int64)
N_BOND_KINDS = int(BOND_SIZES.prod())
"""Bonds that the vocabulary can tell apart; few enough to number them all."""


def table_size(n: int) -> int:
    """A power of two with room for n entries and as many gaps."""
    return 1 << max(4, int(2 * n).bit_length())


@njit(cache=True, nogil=True)
def content_keys(codes: Codes, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One number for each row of codes, (n,)."""
    keys = np.empty(len(codes), dtype=np.int64)
    for row in range(len(codes)):
        key = np.int64(0)
        for column in range(len(sizes) - 1, -1, -1):
            key = key * sizes[column] + np.int64(codes[row, column])
        keys[row] = key
    return keys


@njit(cache=True, nogil=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """Steele, Lea and Flood 2014, doi 10.1145/2714064.2660195."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True, inline="always")
def _mix_both(first: np.uint64, second: np.uint64) -> np.uint64:
    return _mix(first * np.uint64(0x9E3779B97F4A7C15) + second + np.uint64(0x632BE59BD9B4E019))


@njit(cache=True, nogil=True)
def incoming_edges(ends: npt.NDArray[np.int64], bonds: Ids, n_atoms: int) -> tuple[Ids, Ids, Ids, Ids]:
    """Incoming edges of every atom: offsets, start atoms, numbers (b, or M + b for the way back), kinds of bonds."""
    m = len(ends)
    offsets = np.zeros(n_atoms + 1, dtype=np.int32)
    for b in range(m):
        offsets[ends[b, 0] + 1] += 1
        offsets[ends[b, 1] + 1] += 1
    for i in range(n_atoms):
        offsets[i + 1] += offsets[i]
    fill = offsets[:-1].copy()
    start = np.empty(2 * m, dtype=np.int32)
    edge = np.empty(2 * m, dtype=np.int32)
    bond = np.empty(2 * m, dtype=np.int32)
    for b in range(m):
        for way in range(2):
            source, destination = ends[b, way], ends[b, 1 - way]
            at = fill[destination]
            fill[destination] += 1
            start[at] = source
            edge[at] = b + way * m
            bond[at] = bonds[b]
    return offsets, start, edge, bond


@njit(cache=True, nogil=True)
def number_atoms(keys: npt.NDArray[np.int64]) -> tuple[Ids, Ids, Hashes]:
    """First atom of each class, class of each atom, hash of each class."""
    table = np.full(1024, -1, dtype=np.int32)
    first = np.empty(512, dtype=np.int32)
    of_atom = np.empty(len(keys), dtype=np.int32)
    count = 0
    for i in range(len(keys)):
        place = np.int64(_mix(np.uint64(keys[i])) & np.uint64(len(table) - 1))
        while table[place] >= 0 and keys[first[table[place]]] != keys[i]:
            place = (place + 1) & (len(table) - 1)
        if table[place] < 0:
            table[place] = count
            first[count] = i
            count += 1
        of_atom[i] = table[place]
        if count == len(first):
            first = np.concatenate((first, np.empty_like(first)))
            table = np.full(2 * len(table), -1, dtype=np.int32)
            for known in range(count):
                place = np.int64(_mix(np.uint64(keys[first[known]])) & np.uint64(len(table) - 1))
                while table[place] >= 0:
                    place = (place + 1) & (len(table) - 1)
                table[place] = known
    hashes = np.empty(count, dtype=np.uint64)
    for known in range(count):
        hashes[known] = _mix(np.uint64(keys[first[known]]) + np.uint64(1))
    return first[:count].copy(), of_atom, hashes


@njit(cache=True, nogil=True)
def number_around(
    offsets: Ids, start: Ids, of_atom: Ids, hashes: Hashes, table: Ids
) -> tuple[Ids, Hashes, Ids, Ids, Ids]:
    """Around class of each atom, their hashes, and `Level`'s around fields."""
    n = len(of_atom)
    mask = np.uint64(len(table) - 1)
    around = np.empty(n, dtype=np.int32)
    class_hash = np.empty(n, dtype=np.uint64)
    class_state = np.empty(n, dtype=np.int32)
    class_offsets = np.zeros(n + 1, dtype=np.int32)
    neighbours = np.empty(len(start), dtype=np.int32)
    count, end = 0, 0
    for i in range(n):
        # The contents are written where a new class would keep them, and stay there if the class is new.
        degree = offsets[i + 1] - offsets[i]
        for t in range(degree):
            state = of_atom[start[offsets[i] + t]]
            at = end + t
            while at > end and hashes[neighbours[at - 1]] > hashes[state]:
                neighbours[at] = neighbours[at - 1]
                at -= 1
            neighbours[at] = state
        found = _mix(hashes[of_atom[i]] + np.uint64(2))
        for t in range(degree):
            found = _mix_both(found, hashes[neighbours[end + t]])
        place = np.int64(found & mask)
        while table[place] >= 0:
            known = table[place]
            same = class_hash[known] == found and class_state[known] == of_atom[i]
            same = same and class_offsets[known + 1] - class_offsets[known] == degree
            if same:
                for t in range(degree):
                    if neighbours[class_offsets[known] + t] != neighbours[end + t]:
                        same = False
                        break
            if same:
                break
            place = (place + 1) & np.int64(mask)
        if table[place] < 0:
            table[place] = count
            class_hash[count] = found
            class_state[count] = of_atom[i]
            end += degree
            count += 1
            class_offsets[count] = end
        around[i] = table[place]
    return (
        around,
        class_hash[:count].copy(),
        class_state[:count].copy(),
        class_offsets[: count + 1].copy(),
        neighbours[:end].copy(),
    )


@njit(cache=True, nogil=True)
def number_states(
    offsets: Ids,
    start: Ids,
    edge: Ids,
    bond: Ids,
    tied: npt.NDArray[np.int64],
    of_atom: Ids,
    hashes: Hashes,
    around: Ids,
    around_hashes: Hashes,
    table: Ids,
) -> tuple[Ids, Hashes, Ids, Ids, Ids, Ids]:
    """State class of each atom, their hashes, and `Level`'s state fields.

    Sorts the incoming edges (start, edge, bond) within each atom: edges with equal `tied` by what they bring now, so
    that the order on one level refines the order on the level below. Writes the new contents into `tied`.
    """
    n = len(of_atom)
    mask = np.uint64(len(table) - 1)
    state = np.empty(n, dtype=np.int32)
    class_hash = np.empty(n, dtype=np.uint64)
    before = np.empty(n, dtype=np.int32)
    class_offsets = np.zeros(n + 1, dtype=np.int32)
    source = np.empty(len(start), dtype=np.int32)
    kind = np.empty(len(start), dtype=np.int32)
    brought = np.empty(len(start), dtype=np.uint64)
    count, end = 0, 0
    for i in range(n):
        begin, degree = offsets[i], offsets[i + 1] - offsets[i]
        found = _mix(hashes[of_atom[i]] + np.uint64(3))
        for t in range(degree):
            at = begin + t
            j, e, b, tie = start[at], edge[at], bond[at], tied[at]
            hashed = _mix_both(around_hashes[around[j]], np.uint64(b))
            while at > begin and tied[at - 1] == tie and brought[at - 1] > hashed:
                start[at], edge[at], bond[at] = start[at - 1], edge[at - 1], bond[at - 1]
                brought[at] = brought[at - 1]
                at -= 1
            start[at], edge[at], bond[at], brought[at] = j, e, b, hashed
        for t in range(degree):
            at = begin + t
            source[end + t] = around[start[at]]
            kind[end + t] = bond[at]
            tied[at] = np.int64(around[start[at]]) * N_BOND_KINDS + bond[at]
            found = _mix_both(found, brought[at])
        place = np.int64(found & mask)
        while table[place] >= 0:
            known = table[place]
            same = class_hash[known] == found and before[known] == of_atom[i]
            same = same and class_offsets[known + 1] - class_offsets[known] == degree
            if same:
                for t in range(degree):
                    other = class_offsets[known] + t
                    if source[other] != source[end + t] or kind[other] != kind[end + t]:
                        same = False
                        break
            if same:
                break
            place = (place + 1) & np.int64(mask)
        if table[place] < 0:
            table[place] = count
            class_hash[count] = found
            before[count] = of_atom[i]
            end += degree
            count += 1
            class_offsets[count] = end
        state[i] = table[place]
    return (
        state,
        class_hash[:count].copy(),
        before[:count].copy(),
        class_offsets[: count + 1].copy(),
        source[:end].copy(),
        kind[:end].copy(),
    )


@njit(cache=True, nogil=True)
def directions(edge: Ids) -> tuple[Ids, Ids]:
    """Position of the other direction of each edge, and of each bond's first direction."""
    m = len(edge) // 2
    position = np.empty(len(edge), dtype=np.int32)
    for at in range(len(edge)):
        position[edge[at]] = at
    reverse = np.empty(len(edge), dtype=np.int32)
    for b in range(m):
        reverse[position[b]] = position[m + b]
        reverse[position[m + b]] = position[b]
    return reverse, position[:m].copy()
