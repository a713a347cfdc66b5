"""Where a command's rows come from: its arguments, a file, or the standard input, in batches of bounded size."""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from datasets.library import StructureFile, read_structures
from datasets.molecule import InputRow
from datasets.readers.tables import looks_like_table
from datasets.smiles import read_pasted

#: Rows that are predicted, and held in memory, together.
BATCH: Final = 1000

#: The file name that stands for the standard input.
STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Consecutive rows of the input."""

    rows: list[InputRow]
    own: list[Sequence[object]]
    """The values of the user's own columns, one sequence a row."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """All rows of an input, read as they are asked for."""

    columns: tuple[str, ...]
    """Names of the user's own columns; empty where there are none."""
    batches: Callable[[], Iterator[RowBatch]]
    """Starts reading; the standard input can be read once only."""


def open_rows(smiles: Sequence[str], file: str | None) -> RowSource:
    """Open what the user gave.

    Parameters
    ----------
    smiles
        Structures from the command line, each `SMILES` or `SMILES name`.
    file
        A file of structures, `STDIN`, or None.

    Raises
    ------
    ValueError
        If both or neither are given, or the file cannot be understood.
    FileNotFoundError
        If there is no such file.
    """
    if bool(smiles) == (file is not None):
        given = "both SMILES and --file were" if smiles else "neither SMILES nor --file was"
        raise ValueError(f"{given} given; expected one of them")
    if file is None:
        return from_arguments(smiles)
    return from_stream(sys.stdin.buffer) if file == STDIN else from_file(read_structures(Path(file)))


def from_arguments(smiles: Sequence[str]) -> RowSource:
    """Rows from texts; an empty text is a row as well, since it stands for something that its giver expects back."""
    rows: list[InputRow] = []
    for argument in smiles:
        # What the shell passed on as undecodable bytes can neither be printed nor written.
        text = argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for row in read_pasted(text) or [InputRow(0, "", "")]:
            rows.append(dataclasses.replace(row, row=len(rows)))
    return RowSource((), lambda: _cut(iter(rows)))


def from_file(file: StructureFile) -> RowSource:
    """Rows of a file, with the user's own columns."""

    def batches() -> Iterator[RowBatch]:
        for batch in file.batches(BATCH):
            yield RowBatch([row.structure for row in batch], [row.values for row in batch])

    return RowSource(file.columns, batches)


def from_stream(stream: BinaryIO) -> RowSource:
    """Rows of a stream: lines as a list of SMILES, read as they come; or a table, which is read to its end first."""
    lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace")
    kept = (line.replace("\0", "\ufffd") for line in lines if line.strip())
    first = next(kept, "")
    if looks_like_table(first):
        content = "".join(chain([first], kept)).encode()
        return from_file(read_structures("standard-input.csv", content=content))

    def rows() -> Iterator[InputRow]:
        numbers = iter(range(sys.maxsize))
        for line in chain([first], kept):
            for row in read_pasted(line):
                yield dataclasses.replace(row, row=next(numbers))

    return RowSource((), lambda: _cut(rows()))


def _cut(rows: Iterator[InputRow]) -> Iterator[RowBatch]:
    while batch := list(islice(rows, BATCH)):
        yield RowBatch(batch, [()] * len(batch))
