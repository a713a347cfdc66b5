"""Molecules of a screening that somebody has ticked: kept in its run folder, so that a reload loses none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from megan.files import write_beside

FILE: Final = "selection.json"
MOST: Final = 1000
"""Rows; more are better asked for with a filter."""


def selected(folder: Path) -> list[int]:
    """Rows of the input that are ticked, in the order in which they were; empty where none are."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    rows = found if isinstance(found, list) else []
    return list(dict.fromkeys(row for row in rows if isinstance(row, int) and row >= 0))[:MOST]


def change(folder: Path, tick: Iterable[int] = (), untick: Iterable[int] = ()) -> list[int]:
    """Tick rows and untick others; what is ticked then.

    Raises
    ------
    ValueError
        If these would be more than `MOST`.
    OSError
        If it cannot be kept.
    """
    gone = set(untick)
    rows = list(dict.fromkeys([*(row for row in selected(folder) if row not in gone), *tick]))
    if len(rows) > MOST:
        raise ValueError(
            f"{len(rows):,} molecules are more than a selection holds; expected {MOST:,} at most: use a filter"
        )
    with write_beside(folder / FILE) as beside:
        beside.write_text(json.dumps(rows), encoding="utf-8")
    return rows
