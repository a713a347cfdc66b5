"""In which rows of a table the values of classes stand while a batch is computed block by block.

Most classes are of use in the block of molecules in which they are first seen, and never again: their values stand in
rows that the next block takes over. Only values that a later block refers to are kept. So the tables stay small enough
for the processor's caches, however many molecules are asked about together.

The first rows of a table are those of kept values; behind them stand all values of the block that is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table for one kind of class."""

    kept: Ids
    """Which values of their block are kept, counted in the block, block after block; they stand in rows 0, 1, 2 ..."""
    kept_seen: Ids
    """Shape (B + 1,): kept values before each block and after the last."""
    size: int
    """Rows in all."""

    @property
    def first(self) -> int:
        """The row of the first value of each block."""
        return len(self.kept)


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
    later = np.zeros(int(seen[-1]), dtype=np.bool_)
    for some in references:
        _mark(some.classes, some.starts, seen, later)
    kept, kept_seen, row = _number(later, seen)
    largest = int(np.diff(seen).max(initial=0))
    rows = [_rows(some.classes, some.starts, seen, row, len(kept)) for some in references]
    return Table(kept, kept_seen, len(kept) + largest), rows


@njit(cache=True, nogil=True)
def _mark(classes: Ids, starts: Ids, seen: Ids, later: Flags) -> None:
    """Mark the classes that a later block refers to."""
    for block in range(len(starts) - 1):
        for at in range(starts[block], starts[block + 1]):
            if classes[at] < seen[block]:
                later[classes[at]] = True


@njit(cache=True, nogil=True)
def _number(later: Flags, seen: Ids) -> tuple[Ids, Ids, Ids]:
    """`Table.kept` and `Table.kept_seen`, and the row of each kept class."""
    kept = np.empty(later.sum(), dtype=np.int32)
    kept_seen = np.zeros(len(seen), dtype=np.int32)
    row = np.full(len(later), -1, dtype=np.int32)
    count = 0
    for block in range(len(seen) - 1):
        for known in range(seen[block], seen[block + 1]):
            if later[known]:
                kept[count] = known - seen[block]
                row[known] = count
                count += 1
        kept_seen[block + 1] = count
    return kept, kept_seen, row


@njit(cache=True, nogil=True)
def _rows(classes: Ids, starts: Ids, seen: Ids, row: Ids, n_kept: int) -> Ids:
    rows = np.empty(len(classes), dtype=np.int32)
    for block in range(len(starts) - 1):
        for at in range(starts[block], starts[block + 1]):
            known = classes[at]
            rows[at] = row[known] if known < seen[block] else n_kept + known - seen[block]
    return rows
