"""What travels from the reader to who does the work: consecutive rows as they were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

#: Told which row, counted in the part, is worked on; -1 where it is all of them.
AtRow = Callable[[int], None]

#: What is said of rows that no worker could finish, by code.
GIVEN_UP: Final = {
    "timeout": "This structure took longer than the time limit of {limit:g} s.",
    "crashed": "This structure ended the process that worked on it, twice.",
}


@dataclass(frozen=True, slots=True)
class RawPart:
    """Consecutive rows; plain values, which travel between processes and machines."""

    number: int
    first_row: int
    ids: list[str]
    texts: list[str]
    own: list[list[Any]]
    """The user's own columns, one list a column."""
    given_up: dict[int, str] = field(default_factory=dict)
    """Rows, counted in the input, that no worker could finish: row -> code."""

    def __len__(self) -> int:
        return len(self.ids)
