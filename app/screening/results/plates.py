"""Picks on plates: which molecule goes into which well of 96 or 384, row by row from A1."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.exports.tables import without_formula
from megan.files import write_beside

FORMATS: Final = {96: (8, 12), 384: (16, 24)}
"""Wells of a plate -> rows and columns."""


def wells(count: int, size: int) -> list[tuple[int, str]]:
    """Plate, from 1, and well for so many molecules, such as (1, "A01").

    Raises
    ------
    ValueError
        If there is no plate of that size.
    """
    if size not in FORMATS:
        raise ValueError(f"plate is {size}; expected {' or '.join(map(str, FORMATS))}")
    _, columns = FORMATS[size]
    places = (divmod(number, size) for number in range(count))
    return [(plate + 1, f"{chr(ord('A') + well // columns)}{well % columns + 1:02d}") for plate, well in places]


def write_plate_map(file: Path, names: Sequence[str], rows: Sequence[Sequence[object]], size: int) -> None:
    """A CSV with plate and well in front of the columns of each molecule.

    Parameters
    ----------
    file
        Where it goes.
    names
        Names of the columns.
    rows
        Values of each molecule, in the order of the wells.
    size
        96 or 384.
    """
    taken = {name.casefold() for name in names}
    placed = wells(len(rows), size)
    ours = [name if name not in taken else f"whymol_{name}" for name in ("plate", "well")]
    with write_beside(file) as beside, beside.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([without_formula(name) for name in (*ours, *names)])
        for (plate, well), row in zip(placed, rows, strict=True):
            writer.writerow([plate, well, *(without_formula(cell) for cell in row)])
