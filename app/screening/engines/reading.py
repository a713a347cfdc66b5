"""The input of a run, part by part; parts that are written already are passed over."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator

from app.screening.engines.crew import EngineError
from app.screening.engines.raw_part import RawPart
from app.screening.run_folder import Run
from datasets.library import StructureFile, StructureRow, read_structures
from datasets.readers.layout import signs_in
from datasets.readers.streams import Source

PART_SIGNS = 1 << 26
"""Characters after which a part ends even if it has fewer rows than others."""


def open_input(run: Run) -> StructureFile:
    """The file of structures of a run, with the columns that were chosen at its start.

    Raises
    ------
    FileNotFoundError, ValueError
        If it cannot be read.
    """
    chosen = run.record["input"]
    ids = chosen["id_column"] if chosen["smiles_column"] is not None else run.settings.id_column
    smiles = chosen["smiles_column"] if chosen["smiles_column"] is not None else run.settings.smiles_column
    return read_structures(run.input, smiles_column=smiles, id_column=ids)


def raw_parts(file: StructureFile, part_rows: int, done: Collection[int] = ()) -> Iterator[RawPart]:
    """Cut a file into parts of `part_rows` rows, fewer where rows are huge; those in `done` are read, not yielded."""
    number = first_row = signs = 0
    rows: list[StructureRow] = []
    for row in file:
        rows.append(row)
        signs += signs_in(row.values)
        if len(rows) == part_rows or signs > PART_SIGNS:
            if number not in done:
                yield _part(number, first_row, rows, len(file.columns))
            number, first_row, signs, rows = number + 1, first_row + len(rows), 0, []
    if rows and number not in done:
        yield _part(number, first_row, rows, len(file.columns))


def readable(run: Run, parts: Iterator[RawPart]) -> Iterator[RawPart]:
    """The parts; an input that can no longer be read is no matter of writing.

    Raises
    ------
    EngineError
        If the input cannot be read on.
    """
    try:
        yield from parts
    except OSError as error:
        raise EngineError(f"{run.input.name} cannot be read on ({error.strerror or error})") from error


def _part(number: int, first_row: int, rows: list[StructureRow], columns: int) -> RawPart:
    return RawPart(
        number,
        first_row,
        [row.structure.id for row in rows],
        [row.structure.text for row in rows],
        [[row.values[column] for row in rows] for column in range(columns)],
    )


class RowCounter:
    """Counts the rows of a file beside other work, so that the remaining time can be told.

    Parameters
    ----------
    file
        The file; its rows are read once more.
    source
        Where its bytes are; for sdf, whose entries are counted without reading structures.
    """

    def __init__(self, file: StructureFile, source: Source) -> None:
        self._file, self._source = file, source
        self._stopped = threading.Event()
        self.total: int | None = None
        """Rows of the file; None until they are counted."""
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End counting, finished or not."""
        self._stopped.set()
        self._thread.join()

    def _count(self) -> None:
        # A damaged file is reported by who reads it for work.
        with contextlib.suppress(OSError, ValueError):
            rows = self._entries() if self._file.format == "sdf" else self._file
            count = 0
            for count, _ in enumerate(rows, start=1):
                if count % 1024 == 0 and self._stopped.wait(0):
                    return
            self.total = count

    def _entries(self) -> Iterator[str]:
        with self._source.open_text() as text:
            yield from (line for line in text if line.startswith("$$$$"))
