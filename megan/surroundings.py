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

from datasets.atom_codes import ATOM_FEATURES, Codes
from datasets.featurize import FlatBatch
from megan.class_numbers import (
    BOND_SIZES,
    N_BOND_KINDS,
    Ids,
    content_keys,
    directions,
    incoming_edges,
    number_around,
    number_atoms,
    number_states,
    table_size,
)
from megan.class_rows import References, Table, lay_out

ATOM_SIZES = np.array([f.size for f in ATOM_FEATURES], dtype=np.int64)

BLOCK_ATOMS = 2048
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
    offsets, start, edge, bond = incoming_edges(np.ascontiguousarray(batch.ends, dtype=np.int64), bonds, n)
    first, of_atom, hashes = number_atoms(content_keys(batch.atoms, ATOM_SIZES))
    table = np.empty(table_size(n), dtype=np.int32)
    tied = np.zeros(len(start), dtype=np.int64)
    blocks = _blocks(batch.atom_offsets)
    levels = []
    for _ in range(layers):
        table.fill(-1)
        around, around_hashes, *sends = number_around(offsets, start, of_atom, hashes, table)
        table.fill(-1)
        of_atom, hashes, *states = number_states(
            offsets, start, edge, bond, tied, of_atom, hashes, around, around_hashes, table
        )
        fields: list[Ids] = [*sends, *states, _seen(around, blocks), _seen(of_atom, blocks)]
        levels.append(Level(*fields))
    reverse, of_bond = directions(edge)
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
    return content_keys(bonds, BOND_SIZES).astype(np.int32)


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
