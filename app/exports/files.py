"""Results into a file whose suffix says the format; it is there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from app.concepts.known import NO_CONCEPTS, Known
from app.exports.sdf import SdfFile
from app.exports.tables import CsvTable, ParquetTable
from datasets.tasks import Task
from megan.files import write_beside
from megan.prediction import RowResult

_FORMATS: Final[dict[str, type[CsvTable] | type[ParquetTable] | type[SdfFile]]] = {
    ".csv": CsvTable,
    ".parquet": ParquetTable,
    ".sdf": SdfFile,
}


class ResultFile(Protocol):
    """Takes results batch by batch."""

    def write(self, results: Iterable[RowResult], own: Iterable[Sequence[object]] | None = None) -> None:
        """Append results, each with the values of the user's own columns."""


def check_suffix(file: Path) -> str:
    """Return the suffix that says the format.

    Raises
    ------
    ValueError
        If results cannot be written in it.
    """
    suffix = file.suffix.lower()
    if suffix not in _FORMATS:
        raise ValueError(f"the output is {file.name!r}; expected a name that ends with {', '.join(_FORMATS)}")
    return suffix


@contextmanager
def open_results(
    file: Path, tasks: Sequence[Task], own: Sequence[str] = (), concepts: Known = NO_CONCEPTS
) -> Iterator[ResultFile]:
    """Open a file for results; it takes its name once the block ends well.

    Parameters
    ----------
    file
        Its suffix is .csv, .parquet or .sdf.
    tasks
        Tasks that are written.
    own
        Names of the user's own columns.
    concepts
        Concepts of the tasks' models, where they have some.

    Raises
    ------
    ValueError
        If the suffix is another one.
    """
    make = _FORMATS[check_suffix(file)]
    with write_beside(file) as beside, make(beside, tasks, own, concepts) as writer:
        yield writer
