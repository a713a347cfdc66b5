"""Results as CSV and Parquet: the user's own columns first, ours after, one line a row of the input.

A text that a spreadsheet would run as a formula gets an apostrophe in front in CSV: ids and inputs come from strangers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from app.concepts.known import NO_CONCEPTS, Known
from app.predicting.records import Column, table_columns
from datasets.tasks import Task
from megan.prediction import RowResult

_FORMULA_START: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def csv_text(results: Iterable[RowResult], tasks: Sequence[Task]) -> str:
    """All results as one CSV text, header first."""
    text = io.StringIO(newline="")
    table = CsvTable(text, tasks)
    table.write(results)
    return text.getvalue()


def without_formula(cell: object) -> object:
    """A cell that no spreadsheet runs: texts that start like a formula get an apostrophe; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA_START) and not _NUMBER.fullmatch(cell.strip()):
        return f"'{cell}"
    return cell


def our_names(columns: Sequence[Column], own: Sequence[str]) -> list[str]:
    """Names of our columns beside the user's: one that is taken there gets "whymol_" in front."""
    taken = {name.casefold() for name in own}
    names = []
    for column in columns:
        name = column.name
        while name.casefold() in taken:
            name = f"whymol_{name}"
        taken.add(name.casefold())
        names.append(name)
    return names


class CsvTable:
    """A CSV file in the making.

    Parameters
    ----------
    target
        An open text file (with newline="") that stays the caller's, or a path.
    tasks
        Tasks whose columns are written.
    own
        Names of the user's own columns.
    concepts
        Concepts of the tasks' models, where they have some.
    """

    def __init__(
        self,
        target: Path | io.TextIOBase,
        tasks: Sequence[Task],
        own: Sequence[str] = (),
        concepts: Known = NO_CONCEPTS,
    ) -> None:
        self._columns = table_columns(tasks, concepts)
        self._opened = target.open("w", encoding="utf-8", newline="") if isinstance(target, Path) else None
        self._writer = csv.writer(self._opened or target, lineterminator="\n")  # type: ignore[arg-type]
        self._writer.writerow([without_formula(name) for name in (*own, *our_names(self._columns, own))])

    def write(self, results: Iterable[RowResult], own: Iterable[Sequence[object]] | None = None) -> None:
        """Append results, each with the values of the user's own columns."""
        for result, values in _beside(results, own):
            cells = (*values, *(column.read(result) for column in self._columns))
            self._writer.writerow([without_formula(cell) for cell in cells])

    def __enter__(self) -> CsvTable:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._opened is not None:
            self._opened.close()


class ParquetTable:
    """A Parquet file in the making; the user's own columns are kept as text.

    Parameters
    ----------
    target, tasks, own, concepts
        As of `CsvTable`, the target a path.
    """

    def __init__(
        self, target: Path, tasks: Sequence[Task], own: Sequence[str] = (), concepts: Known = NO_CONCEPTS
    ) -> None:
        self._columns = table_columns(tasks, concepts)
        types = {"integer": pa.int64(), "number": pa.float64(), "text": pa.string()}
        names = our_names(self._columns, own)
        fields = [(name, pa.string()) for name in own]
        fields += [(name, types[column.kind]) for name, column in zip(names, self._columns, strict=True)]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(target, self._schema)

    def write(self, results: Iterable[RowResult], own: Iterable[Sequence[object]] | None = None) -> None:
        """Append results, each with the values of the user's own columns."""
        rows = [
            (*(None if value is None else str(value) for value in values), *(c.read(result) for c in self._columns))
            for result, values in _beside(results, own)
        ]
        cells: list[Any] = [pa.array([row[i] for row in rows], type=field.type) for i, field in enumerate(self._schema)]
        self._writer.write_table(pa.Table.from_arrays(cells, schema=self._schema))

    def __enter__(self) -> ParquetTable:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()


def _beside(
    results: Iterable[RowResult], own: Iterable[Sequence[object]] | None
) -> Iterable[tuple[RowResult, Sequence[object]]]:
    if own is None:
        return ((result, ()) for result in results)
    return zip(results, own, strict=True)
