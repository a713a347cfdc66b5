"""Which atoms of a batch look alike: classes of equal surroundings, found once for every network that asks.

What a network computes for an atom depends on its surroundings alone, and a library repeats surroundings without end:
the value is needed once per class. What a layer of `megan.layers.AttentionLayer` reads decides what must be equal.
With H(0) an atom's codes, layer l reads of the edge j -> i the states of i and j, the sum of the states of j's
neighbours, and the bond::

    A(l)_j = (H(l-1)_j, multiset of H(l-1)_k over neighbours k of j)       "around": what j sends, but for the bond
    H(l)_i = (H(l-1)_i, multiset of (A(l)_j, bond ij) over neighbours j)   the state of i after layer l

so each layer widens the reach by two bonds. Classes are found by 64-bit hashes of their contents, and contents are
compared before two atoms share a class: a collision of hashes can only cost time.

The order in which neighbours are listed follows from the hashes, which follow from contents alone. So sums over
neighbours do not depend on the order of atoms, nor on what else is in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, Codes
from datasets.featurize import FlatBatch
from megan.class_rows import References, Table, lay_out

Ids = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]

ATOM_SIZES = np.array([f.size for f in ATOM_FEATURES], dtype=np.int64)
BOND_SIZES = np.array([f.size for f in BOND_FEATURES], dtype=np.int64)
N_BOND_KINDS = int(BOND_SIZES.prod())
"""Bonds that the vocabulary can tell apart; few enough to number them all."""


BLOCK_ATOMS = 4096
"""Atoms of consecutive molecules whose new classes are computed together, small enough for the processor's cache."""


@dataclass(frozen=True, slots=True)
class Level:
    """The classes of one layer: P of what atoms send ("around"), Q of states. Ids count classes in order of sight."""

    around_state: Ids
    """Shape (P,): the sender's state class, one level below."""
    around_offsets: Ids
    """Shape (P + 1,)"""
    around_neighbours: Ids
    """State classes, one level below, of the sender's neighbours; around_offsets tells whose."""
    before: Ids
    """Shape (Q,): the state class one level below."""
    offsets: Ids
    """Shape (Q + 1,): where the incoming edges of a class begin; edge t here is edge t of `before`, too."""
    source: Ids
    """Around class at the start of each incoming edge."""
    bond: Ids
    """Kind of each incoming edge's bond, below `N_BOND_KINDS`."""
    around_seen: Ids
    """Shape (B + 1,): around classes seen before each of B blocks of molecules and after the last."""
    seen: Ids
    """Shape (B + 1,): likewise for state classes. A class refers to none that was first seen in a later block."""

    def __len__(self) -> int:
        return len(self.before)


@dataclass(frozen=True, slots=True)
class LevelRows:
    """Where a network finds and leaves values of a level while it goes from block to block, see `megan.class_rows`."""

    arounds: Table
    states: Table
    around_state: Ids
    around_neighbours: Ids
    before: Ids
    source: Ids
    """As in `Level`, but rows of tables instead of classes."""
    edges_before: Ids
    """Shape (Q,): where the edges of the class one level below begin; all 0 on the first level."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Classes of a batch with N atoms and M bonds, for networks of `len(levels)` layers."""

    codes: Codes
    """Shape (C, len(ATOM_FEATURES)): the different atoms, the state classes of level 0."""
    bonds: Ids
    """The kinds of bonds that occur, ascending."""
    levels: tuple[Level, ...]
    of_atom: Ids
    """Shape (N,): state class of each atom on the last level."""
    offsets: Ids
    """Shape (N + 1,): where the incoming edges of each atom begin, in the order of its class."""
    start: Ids
    """Shape (2M,): atom at which an incoming edge starts."""
    reverse: Ids
    """Shape (2M,): position of the same bond's other direction."""
    of_bond: Ids
    """Shape (M,): position of each bond's direction from its begin to its end atom."""
    blocks: npt.NDArray[np.int64]
    """Shape (B + 1,): first atoms of blocks of whole molecules, and N."""
    rows: tuple[LevelRows, ...]
    """Of each level."""
    row_of_atom: Ids
    """Shape (N,): row of each atom's state on the last level while its block is computed."""
    edges_of_atom: Ids
    """Shape (N,): where the edges of each atom's class begin on the last level."""


def find_surroundings(batch: FlatBatch, layers: int) -> Surroundings:
    """Classes of equal surroundings in a batch.

    Parameters
    ----------
    batch
        The molecules.
    layers
        Layers of the networks that will ask.

    Raises
    ------
    ValueError
        If `layers` is less than 1.
    """
    if layers < 1:
        raise ValueError(f"layers is {layers}; expected at least 1")
    n = len(batch.atoms)
    bonds = bond_kinds(batch.bonds)
    offsets, start, edge, bond = _incoming(np.ascontiguousarray(batch.ends, dtype=np.int64), bonds, n)
    first, of_atom, hashes = _number_atoms(_keys(batch.atoms, ATOM_SIZES))
    table = np.empty(_table_size(n), dtype=np.int32)
    tied = np.zeros(len(start), dtype=np.int64)
    blocks = _blocks(batch.atom_offsets)
    levels = []
    for _ in range(layers):
        table.fill(-1)
        around, around_hashes, *sends = _number_around(offsets, start, of_atom, hashes, table)
        table.fill(-1)
        of_atom, hashes, *states = _number_states(
            offsets, start, edge, bond, tied, of_atom, hashes, around, around_hashes, table
        )
        fields: list[Ids] = [*sends, *states, _seen(around, blocks), _seen(of_atom, blocks)]
        levels.append(Level(*fields))
    reverse, of_bond = _directions(edge)
    occurring = np.flatnonzero(np.bincount(bonds, minlength=N_BOND_KINDS)).astype(np.int32)
    rows, row_of_atom = _level_rows(levels, of_atom, blocks)
    return Surroundings(
        codes=batch.atoms[first],
        bonds=occurring,
        levels=tuple(levels),
        of_atom=of_atom,
        offsets=offsets,
        start=start,
        reverse=reverse,
        of_bond=of_bond,
        blocks=blocks,
        rows=rows,
        row_of_atom=row_of_atom,
        edges_of_atom=levels[-1].offsets[of_atom],
    )


def _level_rows(levels: list[Level], of_atom: Ids, blocks: npt.NDArray[np.int64]) -> tuple[tuple[LevelRows, ...], Ids]:
    """Rows of all levels, and of the atoms."""
    # The different atoms are few, and all of them are kept.
    below = [(level.around_state, level.around_neighbours, level.before) for level in levels[:1]]
    rows: list[LevelRows] = []
    for number, level in enumerate(levels):
        arounds, [source] = lay_out(level.around_seen, [References(level.source, level.offsets[level.seen])])
        if number + 1 < len(levels):
            above = levels[number + 1]
            states, seen_from_above = lay_out(
                level.seen,
                [
                    References(above.around_state, above.around_seen),
                    References(above.around_neighbours, above.around_offsets[above.around_seen]),
                    References(above.before, above.seen),
                ],
            )
        else:
            states, seen_from_above = lay_out(level.seen, [References(of_atom, blocks.astype(np.int32))])
        around_state, around_neighbours, before = below[-1]
        edges_before = levels[number - 1].offsets[level.before] if number else np.zeros(len(level), dtype=np.int32)
        rows.append(LevelRows(arounds, states, around_state, around_neighbours, before, source, edges_before))
        if number + 1 < len(levels):
            below.append((seen_from_above[0], seen_from_above[1], seen_from_above[2]))
    return tuple(rows), seen_from_above[0]


def bond_kinds(bonds: Codes) -> Ids:
    """One number for the codes of a bond, (M, len(BOND_FEATURES)) -> (M,)."""
    return _keys(bonds, BOND_SIZES).astype(np.int32)


def codes_of_bond_kinds(kinds: Ids) -> Codes:
    """The inverse of `bond_kinds`, (n,) -> (n, len(BOND_FEATURES))."""
    return np.stack(np.unravel_index(kinds, BOND_SIZES, order="F"), axis=1).astype(np.uint8)


def _blocks(atom_offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """First atoms of blocks of whole molecules, and the number of atoms."""
    # Molecules without atoms can stand anywhere, but begin no block.
    first = np.unique(atom_offsets[:-1])
    first = first[first < atom_offsets[-1]]
    return np.append(first[np.diff(first // BLOCK_ATOMS, prepend=-1) > 0], atom_offsets[-1])


def _seen(ids: Ids, blocks: npt.NDArray[np.int64]) -> Ids:
    """How many ids, given in order of sight, are seen before each place, (B + 1,)."""
    counts = np.zeros(len(blocks), dtype=np.int32)
    if len(ids):
        np.maximum.accumulate(np.maximum.reduceat(ids, blocks[:-1]) + 1, out=counts[1:])
    return counts


def _table_size(n: int) -> int:
    """A power of two with room for n entries and as many gaps."""
    return 1 << max(4, int(2 * n).bit_length())


@njit(cache=True, nogil=True)
def _keys(codes: Codes, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
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
def _incoming(ends: npt.NDArray[np.int64], bonds: Ids, n_atoms: int) -> tuple[Ids, Ids, Ids, Ids]:
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
def _number_atoms(keys: npt.NDArray[np.int64]) -> tuple[Ids, Ids, Hashes]:
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
def _number_around(
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
def _number_states(
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
def _directions(edge: Ids) -> tuple[Ids, Ids]:
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
