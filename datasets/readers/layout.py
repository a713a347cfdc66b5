"""What every reader gives: the columns of a file and a stream of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: (name, SMILES as given, the values of all columns in the file's order)
RawRow = tuple[str, str, tuple[object, ...]]

#: Rows that are looked at before the columns are chosen.
LOOK_AHEAD = 100


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
