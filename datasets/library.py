"""Reads a file of structures row by row, for one molecule as for millions.

Formats: csv, tsv, smi, txt, sdf, mol and parquet, each also gzipped. The file is streamed, so memory does not grow with
its length; every row comes out, in order, with the user's own columns, also where its structure makes no sense.

    file = read_structures("library.csv.gz")
    for row in file:
        row.structure.text, dict(zip(file.columns, row.values))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from datasets.molecule import InputRow
from datasets.readers.layout import Layout, RawRow
from datasets.readers.lists import read_list
from datasets.readers.parquet import read_parquet
from datasets.readers.sdf import read_sdf
from datasets.readers.streams import Source
from datasets.readers.tables import looks_like_table, read_table

_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".smi": "smi",
    ".smiles": "smi",
    ".txt": "smi",
    ".sdf": "sdf",
    ".sd": "sdf",
    ".mol": "sdf",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_READERS: dict[str, Callable[[Source, str | None, str | None], Layout]] = {
    "csv": read_table,
    "tsv": read_table,
    "smi": read_list,
    "sdf": read_sdf,
    "parquet": read_parquet,
}

#: Suffixes that a file of structures may have, for upload fields; each may be followed by .gz.
SUFFIXES = tuple(_FORMATS)


@dataclass(frozen=True, slots=True)
class StructureRow:
    """One row of a file."""

    structure: InputRow
    values: tuple[object, ...]
    """What the user's own columns hold, in the order of `StructureFile.columns`; text except in parquet."""


@dataclass(frozen=True, slots=True)
class StructureFile:
    """A file whose head was read; every iteration is a new pass over its rows.

    While iterating, a ValueError tells of a file that turns out to be damaged further on.
    """

    name: str
    """File name."""
    format: str
    """csv, tsv, smi, sdf or parquet."""
    columns: tuple[str, ...]
    """The user's own columns in the file's order, each name once."""
    smiles_column: str | None
    """Which of them holds the structures; None for sdf, whose structures are mol blocks."""
    id_column: str | None
    """Which of them names the structures; None if there is none, or if names are the titles of mol blocks."""
    _rows: Callable[[], Iterator[RawRow]] = field(repr=False)

    def __iter__(self) -> Iterator[StructureRow]:
        for number, (name, text, values) in enumerate(self._rows()):
            yield StructureRow(InputRow(number, name, text), values)

    def batches(self, size: int) -> Iterator[list[StructureRow]]:
        """Yield the rows in lists of `size`, the last one shorter.

        Raises
        ------
        ValueError
            If size is less than 1.
        """
        if size < 1:
            raise ValueError(f"size is {size}; expected 1 or more")
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch


def read_structures(
    path: str | Path,
    *,
    content: bytes | None = None,
    smiles_column: str | None = None,
    id_column: str | None = None,
) -> StructureFile:
    """Open a file of structures and find its columns.

    Parameters
    ----------
    path
        The file; its suffix tells the format.
    content
        The bytes of an uploaded file; `path` then only names it.
    smiles_column
        The column with structures; guessed if not given, by name first, then by the content of the first 100 rows.
    id_column
        The column with the names of the structures; guessed by name if not given.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the format is unknown, the file is empty or damaged, a chosen column does not exist, or no column holds
        SMILES.
    """
    path = Path(path)
    if content is None and path.is_dir():
        raise ValueError(f"{path} is a folder; expected a file")
    if content is None and not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    source = Source(path.name, path if content is None else None, content)
    kind = _format(source)
    layout = _READERS[kind](source, smiles_column, id_column)
    return StructureFile(path.name, kind, layout.columns, layout.smiles_column, layout.id_column, layout.rows)


def _format(source: Source) -> str:
    """Tell the format from the name, and refuse content that is plainly something else."""
    name = source.name.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix not in _FORMATS:
        raise ValueError(f"{source.name} has an unknown format; expected {', '.join(SUFFIXES)}, each also with .gz")
    kind = _FORMATS[suffix]
    head = source.head()
    if not head:
        raise ValueError(f"{source.name} is empty")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValueError(f"{source.name} looks like a spreadsheet or an archive; save the table as CSV and try again")
    if head.startswith(b"PAR1") and kind != "parquet":
        raise ValueError(f"{source.name} holds parquet data; rename it so that it ends with .parquet")
    if kind == "smi":
        with source.open_text() as file:
            if looks_like_table(next((line for line in file if line.strip()), "")):
                return "csv"
    return kind
