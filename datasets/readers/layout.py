"""What every reader gives: the columns of a file and a stream of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar, cast

#: (name, SMILES as given, the values of all columns in the file's order)
RawRow = tuple[str, str, tuple[object, ...]]

#: Rows that are looked at before the columns are chosen, and about how much text of them is.
LOOK_AHEAD = 100
_LOOK_AHEAD_SIGNS = 1 << 26

Cells = TypeVar("Cells", bound=Sequence[object])


@dataclass(frozen=True, slots=True)
class Layout:
    """A file whose head was read."""

    columns: tuple[str, ...]
    """The user's own columns in the file's order, each name once."""
    smiles_column: str | None
    """None where structures are not written as SMILES (sdf)."""
    id_column: str | None
    """None where there is none, or where names stand outside the columns (sdf)."""
    rows: Callable[[], Iterator[RawRow]]
    """Starts a new pass over the rows."""


def clean_cell(text: str) -> str:
    """Take white space and NUL (which reading turned into U+FFFD) off the ends of a cell."""
    return text.strip(" \t\r\n\v\f\xa0\ufffd\ufeff")


def first_rows(rows: Iterable[Cells], most: int = LOOK_AHEAD) -> list[Cells]:
    """The first rows, fewer where they are huge."""
    found: list[Cells] = []
    signs = 0
    for row in islice(rows, most):
        found.append(row)
        signs += signs_in(row)
        if signs > _LOOK_AHEAD_SIGNS:
            break
    return found


def signs_in(row: Sequence[object]) -> int:
    """Characters of a row's texts."""
    try:
        return sum(map(len, cast(Sequence[str], row)))  # all are text but in parquet
    except TypeError:
        return sum(len(cell) for cell in row if isinstance(cell, str | bytes))
