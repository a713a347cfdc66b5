"""Exchanges of groups that were seen between training molecules, read from the committed table.

The table is built by `python -m tools.build_matched_groups`; it holds exchanges and how many pairs showed each, no
molecule.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).parent / "matched_groups.csv"
COLUMNS: Final = ("group", "other", "pairs")


@dataclass(frozen=True, slots=True)
class MatchedGroups:
    """Two groups of which one stood where the other did."""

    group: str
    """Named as in `concepts.edits.cuts`; `*[H]` for none."""
    other: str
    pairs: int
    """Different rests on which both were seen."""


@cache
def matched_groups(file: Path = TABLE) -> tuple[MatchedGroups, ...]:
    """All exchanges of the table, most frequent first.

    Raises
    ------
    ValueError
        If the table's columns are not those expected.
    """
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError(f"{file.name} has columns {rows[0] if rows else []}; expected {list(COLUMNS)}")
    return tuple(MatchedGroups(group, other, int(pairs)) for group, other, pairs in rows[1:])
