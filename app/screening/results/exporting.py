"""Results of a run as files: CSV, Parquet, SDF and Excel, all with the same columns, none held in memory whole.

Excel is the exception that its format makes: rows are written as they come, but a sheet holds a million at most.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.exports.tables import without_formula
from app.screening.columns import StoredColumn
from app.screening.results.sdf_records import sdf_records
from app.screening.results.table import Results
from megan.files import write_beside

if TYPE_CHECKING:
    import pyarrow as pa

_EXCEL_ROWS: Final = 1_048_575
_EXCEL_CELL: Final = 32_767


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows and columns are exported."""

    columns: tuple[str, ...] | None = None
    """Names in the results; all if None."""
    where: str | None = None
    """A condition in SQL over columns; all rows if None."""
    rows: tuple[int, ...] | None = None
    """Rows of the input, in this order, instead of a condition."""

    def __post_init__(self) -> None:
        if self.where is not None and self.rows is not None:
            raise ValueError("where and rows are both given; expected one of them")


def check_suffix(file: Path) -> str:
    """The suffix that says the format.

    Raises
    ------
    ValueError
        If results cannot be written in it.
    """
    suffix = file.suffix.lower()
    if suffix not in _WRITERS:
        raise ValueError(f"the output is {file.name!r}; expected a name that ends with {', '.join(_WRITERS)}")
    return suffix


def export(results: Results, file: Path, asked: Asked | None = None) -> int:
    """Write results into a file whose suffix says the format; it is there whole or not at all.

    Parameters
    ----------
    results
        Of a run.
    file
        Ends with .csv, .parquet, .sdf or .xlsx.
    asked
        Which rows and columns; all if None.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    ValueError
        If the suffix is another one, or columns or condition are not understood.
    """
    write = _WRITERS[check_suffix(file)]
    asked = asked or Asked()
    columns = results.columns if asked.columns is None else [results.column(name) for name in asked.columns]
    with write_beside(file) as beside:
        return write(beside, results, columns, asked)


def _csv(file: Path, results: Results, columns: Sequence[StoredColumn], asked: Asked) -> int:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([without_formula(column.name) for column in columns])
        return _written(writer.writerows, _safe_rows(results, columns, asked))


def _parquet(file: Path, results: Results, columns: Sequence[StoredColumn], asked: Asked) -> int:
    import pyarrow.parquet as pq

    from app.screening.columns import schema

    count, shape = 0, schema(columns)
    with pq.ParquetWriter(file, shape, compression="zstd") as writer:
        for batch in _batches(results, columns, asked):
            writer.write_batch(batch.cast(shape))
            count += batch.num_rows
    return count


def _excel(file: Path, results: Results, columns: Sequence[StoredColumn], asked: Asked) -> int:
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    rows = results.count(asked.where) if asked.rows is None else len(asked.rows)
    if rows > _EXCEL_ROWS:
        raise ValueError(f"{rows:,} rows do not fit into a sheet, which holds {_EXCEL_ROWS:,}; choose CSV or Parquet")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("screening")

    def clean(cell: Any) -> Any:
        return ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell)[:_EXCEL_CELL] if isinstance(cell, str) else cell

    def append_all(batch: Iterable[Sequence[Any]]) -> None:
        for row in batch:
            sheet.append([clean(cell) for cell in row])

    append_all([[without_formula(column.name) for column in columns]])
    count = _written(append_all, _safe_rows(results, columns, asked))
    # The library tells the format by the name, which a file beside its place has not.
    with file.open("wb") as out:
        book.save(out)
    return count


def _sdf(file: Path, results: Results, columns: Sequence[StoredColumn], asked: Asked) -> int:
    needed = list(dict.fromkeys([*columns, *results.columns]))
    count = 0
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for batch in _batches(results, needed, asked):
            out.writelines(sdf_records(batch.to_pylist(), columns, results.columns))
            count += batch.num_rows
    return count


_WRITERS: Final[dict[str, Callable[[Path, Results, Sequence[StoredColumn], Asked], int]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".sdf": _sdf,
    ".xlsx": _excel,
}


def _batches(results: Results, columns: Sequence[StoredColumn], asked: Asked) -> Iterator[pa.RecordBatch]:
    names = [column.name for column in columns]
    if asked.rows is None:
        yield from results.batches(names, asked.where)
    else:
        yield from results.rows(asked.rows, names).to_batches()


def _safe_rows(results: Results, columns: Sequence[StoredColumn], asked: Asked) -> Iterator[list[tuple[object, ...]]]:
    """Rows whose cells no spreadsheet runs, batch by batch; texts only can be formulas."""
    for batch in _batches(results, columns, asked):
        cells = [
            [without_formula(value) for value in values] if column.kind == "text" else values
            for column, values in zip(columns, (array.to_pylist() for array in batch.columns), strict=True)
        ]
        yield list(zip(*cells, strict=True))


def _written(write: Callable[[Iterable[Sequence[Any]]], object], batches: Iterator[list[tuple[object, ...]]]) -> int:
    count = 0
    for rows in batches:
        write(rows)
        count += len(rows)
    return count
