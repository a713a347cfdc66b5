"""Delimited text: csv and tsv, with or without a header, whatever the delimiter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from datasets.readers.columns import find_id, find_smiles, is_smiles_name, parses, unique_names
from datasets.readers.layout import LOOK_AHEAD, Layout, RawRow, clean_cell, first_rows
from datasets.readers.records import records
from datasets.readers.streams import Source

_DELIMITERS = (",", "\t", ";", "|")
_EXCEL_HINT = re.compile(r'^"?sep=(.)"?\s*$', re.I)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the records of a file are cut."""

    delimiter: str
    skipped: int
    """Lines before the first record."""
    header: bool


def read_table(source: Source, smiles_column: str | None, id_column: str | None) -> Layout:
    """Read the head of a delimited file and choose its columns.

    The first line is the header unless it holds a structure itself; then columns are called column_1, column_2 and so
    on. A record with too few cells is filled with empty ones; the surplus of one with too many stays in its last cell.

    Raises
    ------
    ValueError
        If the file is empty, or no column holds SMILES.
    """
    with source.open_text() as file:
        lines = [line[:20_000] for line in islice((line for line in file if line.strip()), 30)]
    if not lines:
        raise ValueError(f"{source.name} is empty")
    shape = _shape(lines, smiles_column)
    head = first_rows(_records(source, shape), LOOK_AHEAD + 1)
    if not head:
        raise ValueError(f"{source.name} is empty")
    names: Sequence[str]
    if shape.header:
        names, body = [clean_cell(head[0][0]).lstrip("#"), *head[0][1:]], head[1:]
        # R leaves the header's first cell out where rows have names.
        if body and all(len(cells) == len(names) + 1 for cells in body) and any(cells[-1].strip() for cells in body):
            names = ["", *names]
    else:
        names, body = [""] * max(map(len, head)), head
    columns = unique_names(names)
    rows = [_fitted(cells, len(columns), shape.delimiter) for cells in body]
    smiles = find_smiles(columns, rows, smiles_column, source.name)
    name = find_id(columns, smiles, id_column, source.name)

    def stream() -> Iterator[RawRow]:
        width = len(columns)
        for cells in islice(_records(source, shape), int(shape.header), None):
            if len(cells) != width:
                cells = _fitted(cells, width, shape.delimiter)
            yield clean_cell(cells[name]) if name is not None else "", clean_cell(cells[smiles]), tuple(cells)

    return Layout(columns, columns[smiles], columns[name] if name is not None else None, stream)


def looks_like_table(first_line: str) -> bool:
    """Tell whether the first line of a list of SMILES shows that the file is delimited text in truth."""
    words = first_line.split()
    # A SMILES holds neither comma nor semicolon; the name behind it may.
    if words and ("," in words[0] or ";" in words[0]):
        return True
    cells = re.split(r"[,;\t]", first_line)
    return len(cells) > 1 and any(map(is_smiles_name, cells)) and not parses(words[0])


def _records(source: Source, shape: _Shape) -> Iterator[list[str]]:
    with source.open_text() as file:
        yield from records(islice(file, shape.skipped, None), shape.delimiter)


def _shape(lines: Sequence[str], smiles_column: str | None) -> _Shape:
    """Guess how a file is cut from its first lines that are not blank."""
    hint = _EXCEL_HINT.match(lines[0])
    if hint:
        lines = lines[1:] or [""]
        delimiter = hint.group(1)
    else:
        delimiter = max(_DELIMITERS, key=lambda sign: (_evenness(lines, sign), -_DELIMITERS.index(sign)))
    first = next(records(lines, delimiter), [""])
    named = any(map(is_smiles_name, first)) or (smiles_column is not None and smiles_column in unique_names(first))
    return _Shape(
        delimiter, int(hint is not None), named or not _starts_with_structures(list(records(lines, delimiter)))
    )


def _starts_with_structures(cut: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first record has a structure in a column that also holds structures further down."""
    if not cut:
        return False
    for place, cell in enumerate(cut[0]):
        below = [cells[place] for cells in cut[1:] if place < len(cells) and cells[place].strip()]
        if parses(cell) and sum(map(parses, below)) >= len(below) / 2:
            return True
    return False


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    """Rate a delimiter: does it free a SMILES column in the header, do lines have equally many cells, and how many."""
    cut = list(records(lines, delimiter))
    if not cut or len(cut[0]) < 2:
        return False, 0.0, 0
    even = sum(len(cells) == len(cut[0]) for cells in cut) / len(cut)
    return any(map(is_smiles_name, cut[0])), round(even, 1), len(cut[0])


def _fitted(cells: Sequence[str], width: int, delimiter: str) -> list[str]:
    """Give a record as many cells as there are columns, without losing any of its text."""
    if len(cells) <= width:
        return [*cells, *[""] * (width - len(cells))]
    surplus = delimiter.join(cells[width - 1 :])
    if not any(map(str.strip, cells[width:])):
        surplus = cells[width - 1]
    return [*cells[: width - 1], surplus]
