"""In which rows of a table the values of classes stand while a batch is computed block by block.

Most classes are of use in the block of molecules in which they are first seen, and never again: their values stand in
rows that the next block takes over. Only values that a later block refers to are kept, and only until the last block
that does. So the tables stay small enough for the processor's caches, however many molecules are asked about together.

The first rows of a table are those of kept values; behind them stand all values of the block that is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table for one kind of class."""

    kept: Ids
    """Which values of their block are kept, counted in the block, block after block."""
    kept_rows: Ids
    """In which row each of them stands; rows are given again once no later block refers to what stands there."""
    kept_seen: Ids
    """Shape (B + 1,): kept values before each block and after the last."""
    first: int
    """The row of the first value of each block; kept ones stand before it."""
    size: int
    """Rows in all."""


@dataclass(frozen=True, slots=True)
class References:
    """Who refers to classes."""

    classes: Ids
    """Which class, counted in order of sight."""
    starts: Ids
    """Shape (B + 1,): where the references from each block begin."""


def lay_out(seen: Ids, references: list[References]) -> tuple[Table, list[Ids]]:
    """The table of the classes of a batch, and the rows that references refer to.

    Parameters
    ----------
    seen
        Shape (B + 1,): classes seen before each of B blocks and after the last.
    references
        All of them; none refers to a class that is first seen in a later block.
    """
    last = np.full(int(seen[-1]), -1, dtype=np.int32)
    for some in references:
        _mark(some.classes, some.starts, seen, last)
    kept, kept_rows, kept_seen, row, first = _number(last, seen)
    largest = int(np.diff(seen).max(initial=0))
    rows = [_rows(some.classes, some.starts, seen, row, first) for some in references]
    return Table(kept, kept_rows, kept_seen, first, first + largest), rows


@njit(cache=True, nogil=True)
def _mark(classes: Ids, starts: Ids, seen: Ids, last: Ids) -> None:
    """Note the last later block that refers to a class."""
    for block in range(len(starts) - 1):
        for at in range(starts[block], starts[block + 1]):
            if classes[at] < seen[block]:
                last[classes[at]] = max(last[classes[at]], block)


@njit(cache=True, nogil=True)
def _number(last: Ids, seen: Ids) -> tuple[Ids, Ids, Ids, Ids, int]:
    """`kept`, `kept_rows` and `kept_seen` of `Table`, the row of each kept class, and how many rows these take."""
    n_blocks = len(seen) - 1
    count = (last >= 0).sum()
    kept, kept_rows = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
    kept_seen = np.zeros(n_blocks + 1, dtype=np.int32)
    row = np.full(len(last), -1, dtype=np.int32)
    # Rows that fall free after a block are a chain that begins at `ends[block]`.
    ends, chain = np.full(n_blocks, -1, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    free = np.empty(count, dtype=np.int32)
    n_free, taken, at = 0, 0, 0
    for block in range(n_blocks):
        # What the block before was the last to refer to; this block's values are kept while it refers to the others.
        one = ends[block - 1] if block else -1
        while one >= 0:
            free[n_free] = one
            n_free += 1
            one = chain[one]
        for known in range(seen[block], seen[block + 1]):
            if last[known] < 0:
                continue
            if n_free:
                n_free -= 1
                own = free[n_free]
            else:
                own = taken
                taken += 1
            kept[at], kept_rows[at], row[known] = known - seen[block], own, own
            chain[own] = ends[last[known]]
            ends[last[known]] = own
            at += 1
        kept_seen[block + 1] = at
    return kept, kept_rows, kept_seen, row, taken


@njit(cache=True, nogil=True)
def _rows(classes: Ids, starts: Ids, seen: Ids, row: Ids, first: int) -> Ids:
    rows = np.empty(len(classes), dtype=np.int32)
    for block in range(len(starts) - 1):
        for at in range(starts[block], starts[block + 1]):
            known = classes[at]
            rows[at] = row[known] if known < seen[block] else first + known - seen[block]
    return rows


@njit(cache=True, nogil=True)
def keep_rows(values: npt.NDArray[np.float32], kept: Ids, kept_rows: Ids, first: int, old: int, new: int) -> None:
    """Copy some kept values from the rows of their block to their own.

    Parameters
    ----------
    values
        Shape (size, any) or (size,): the table's values.
    kept, kept_rows, first
        As in `Table`.
    old, new
        Which of the kept values.
    """
    for at in range(old, new):
        values[kept_rows[at]] = values[first + kept[at]]
