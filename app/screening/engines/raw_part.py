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
    "crashed": "This structure ended the process that worked on it, three times.",
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
    probe: bool = False
    """Whether every row is tried alone first, to find the one that the stages for all rows stumble over."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> range:
        """Its rows, counted in the input."""
        return range(self.first_row, self.first_row + len(self))

    def row(self, row: int) -> RawPart:
        """One row, counted in the part, as a part of its own."""
        one = slice(row, row + 1)
        return RawPart(
            self.number,
            self.first_row + row,
            self.ids[one],
            self.texts[one],
            [values[one] for values in self.own],
            self.given_up,
        )
