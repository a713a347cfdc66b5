"""The results of a run as a table that can be asked: DuckDB over the parts, in this process, reading only.

Conditions of users are checked to be one condition over columns (`conditions` beside), and DuckDB can open no
file but those of the run. Two views stand beside each other: `results`, in which the user's own columns that hold
numbers throughout are numbers, for conditions and sorting; and `given`, in which they are the texts of the input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import duckdb

from app.screening.columns import StoredColumn
from app.screening.results.conditions import check_condition
from app.screening.run_folder import Run, RunError

if TYPE_CHECKING:
    import pyarrow as pa

DUPLICATES, NUMBERS = "duplicates.parquet", "numbers.json"
_NO_COLUMN: Final = re.compile(r'Referenced column "(.+?)" not found')
_MEMORY: Final = "512MB"
_BATCH: Final = 8192


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; rows of equal value stay in the input's order."""

    column: str
    descending: bool = False


class Results:
    """The rows of a run that are written so far, as many as there were when it was opened.

    Parameters
    ----------
    run
        Finished or not.

    Raises
    ------
    RunError
        If no part is written yet.
    """

    def __init__(self, run: Run) -> None:
        self.columns: list[StoredColumn] = run.columns
        self._names = {column.name.casefold(): column for column in self.columns}
        self.row_column = named(self.columns, "row")
        parts = list(run.parts().values())
        if not parts:
            raise RunError(f"{run.folder} holds no results yet")
        self._connection = connect(run.folder)
        self._make_views(run.folder, parts)
        lock_files(self._connection, run)

    def count(self, where: str | None = None) -> int:
        """Number of rows, all or those that meet a condition."""
        [(count,)] = self._fetched(f"SELECT count(*) FROM results{self._condition(where)}")  # noqa: S608
        return int(count)

    def page(
        self,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order: Order | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> pa.Table:
        """Some rows as an Arrow table, values as given in the input.

        Parameters
        ----------
        columns
            Names of columns, in this order; all if None.
        where
            A condition in SQL over columns; all rows if None.
        order
            By default the order of the input.
        limit, offset
            How many rows, and how many to pass over.

        Raises
        ------
        ValueError
            If a column or the condition is not understood.
        """
        if limit is not None:
            return self.rows(self.numbers(where, order, limit, offset), columns)
        return self._relation(f"{self._query(columns, where, order)} OFFSET {int(offset)}").to_arrow_table()

    def numbers(
        self, where: str | None = None, order: Order | None = None, limit: int | None = None, offset: int = 0
    ) -> list[int]:
        """Numbers in the input of the rows that `page` would give, in its order.

        Only the columns that decide are read, so that one page of a million rows is found without touching the others.
        """
        most = "" if limit is None else f" LIMIT {int(limit)}"
        found = self._fetched(
            f"SELECT {quoted(self.row_column)} FROM results{self._condition(where)} "  # noqa: S608
            f"ORDER BY {self._by(order)}{most} OFFSET {int(offset)}"
        )
        return [number for (number,) in found]

    def batches(
        self, columns: Sequence[str] | None = None, where: str | None = None, order: Order | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The same, all rows, as batches that are read while they are asked for."""
        yield from self._relation(self._query(columns, where, order)).to_arrow_reader(_BATCH)

    def rows(self, numbers: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of these numbers in the input, in the order given; numbers that are not there are left out."""
        chosen = self.columns if columns is None else [self.column(name) for name in columns]
        listed = ", ".join(f"given.{quoted(column.name)}" for column in chosen)
        wanted = ", ".join(str(int(number)) for number in numbers)
        return self._relation(
            f"SELECT {listed} FROM (SELECT unnest([{wanted}]::BIGINT[]) AS number, "  # noqa: S608
            f"unnest(range({len(numbers)})) AS place) AS asked "
            f"JOIN given ON given.{quoted(self.row_column)} = asked.number ORDER BY asked.place"
        ).to_arrow_table()

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query of ours over the views; never one of a user's."""
        return self._fetched(query, parameters)

    def checked(self, condition: str) -> str:
        """A user's condition in brackets, to be joined with others.

        Raises
        ------
        ValueError
            If it is not one condition over the columns of these results.
        """
        # Brackets of its own around those of the check, which a condition such as "a) or (b" shares with its text.
        bracketed = f"({check_condition(self._connection, condition)})"
        self._fetched(f"SELECT 1 FROM results WHERE {bracketed} LIMIT 0")  # noqa: S608
        return bracketed

    def where(self, condition: str | None) -> str:
        """A checked condition with its " WHERE ", or nothing."""
        return self._condition(condition)

    def close(self) -> None:
        """Close the database, which was in memory only."""
        self._connection.close()

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def column(self, name: str) -> StoredColumn:
        """A column by its name, whatever its case.

        Raises
        ------
        ValueError
            If there is none.
        """
        found = self._names.get(name.strip().casefold())
        if found is None:
            raise ValueError(f"{name!r} is no column; expected one of {', '.join(c.name for c in self.columns)}")
        return found

    def _query(self, columns: Sequence[str] | None, where: str | None, order: Order | None) -> str:
        chosen = self.columns if columns is None else [self.column(name) for name in columns]
        if not chosen:
            raise ValueError("columns is empty; expected at least one")
        listed = ", ".join(f"given.{quoted(column.name)}" for column in chosen)
        row = quoted(self.row_column)
        if where is None and order is None:
            return f"SELECT {listed} FROM given ORDER BY given.{row}"  # noqa: S608
        # The condition sees the names of one view only, else every name would be ambiguous.
        needed = f"SELECT * FROM results{self._condition(where)}"  # noqa: S608
        return (
            f"SELECT {listed} FROM ({needed}) AS results JOIN given ON given.{row} = results.{row} "  # noqa: S608
            f"ORDER BY {self._by(order)}"
        )

    def _by(self, order: Order | None) -> str:
        row = f"results.{quoted(self.row_column)}"
        if order is None:
            return row
        way = "DESC" if order.descending else "ASC"
        return f"results.{quoted(self.column(order.column).name)} {way} NULLS LAST, {row}"

    def _condition(self, where: str | None) -> str:
        if where is None or not where.strip():
            return ""
        return f" WHERE {check_condition(self._connection, where)}"

    def _relation(self, query: str) -> duckdb.DuckDBPyRelation:
        try:
            return self._connection.sql(query)
        except duckdb.Error as error:
            raise ValueError(self._in_words(error)) from error

    def _ask(self, query: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(query, list(parameters))
        except duckdb.Error as error:
            raise ValueError(self._in_words(error)) from error

    def _in_words(self, error: duckdb.Error) -> str:
        """What DuckDB says for people: of a column that is not there, which ones are called nearly so."""
        said = first_line(error)
        if missing := _NO_COLUMN.match(said):
            near = get_close_matches(missing[1], [column.name for column in self.columns], n=3)
            hint = f"; {' and '.join(near)} {'is' if len(near) == 1 else 'are'} called nearly so" if near else ""
            return f"there is no column {missing[1]!r}{hint}"
        return f"the results cannot be asked that: {said}"

    def _fetched(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._ask(query, parameters).fetchall()

    def _make_views(self, folder: Path, parts: Sequence[Path]) -> None:
        files = ", ".join(text(str(part.resolve())) for part in parts)
        row = quoted(self.row_column)
        duplicates = folder / DUPLICATES
        repeated = quoted(named(self.columns, "duplicate_of"))
        if duplicates.is_file():
            source = f"read_parquet({text(str(duplicates.resolve()))})"
            self._connection.execute(
                f"CREATE VIEW given AS SELECT parts.* REPLACE (repeats.first_row AS {repeated}) "  # noqa: S608
                f"FROM read_parquet([{files}]) AS parts LEFT JOIN {source} AS repeats ON parts.{row} = repeats.row"
            )
        else:
            self._connection.execute(f"CREATE VIEW given AS SELECT * FROM read_parquet([{files}])")  # noqa: S608
        numbers = [f"TRY_CAST({quoted(name)} AS DOUBLE) AS {quoted(name)}" for name in number_columns(folder)]
        replaced = f" REPLACE ({', '.join(numbers)})" if numbers else ""
        self._connection.execute(f"CREATE VIEW results AS SELECT *{replaced} FROM given")  # noqa: S608


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory; what does not fit is put beside the run's files, and nothing is fetched from anywhere."""
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": _MEMORY,
            "temp_directory": str(folder.resolve() / ".spill"),
            "preserve_insertion_order": "false",
            "threads": "2",
        },
    )


def lock_files(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """From here on only the files of the run can be opened, and no setting be changed."""
    allowed = f"[{text(str(run.parts_folder.resolve()) + '/')}]"
    connection.execute(f"SET allowed_directories = {allowed}")
    connection.execute(f"SET allowed_paths = [{text(str((run.folder / DUPLICATES).resolve()))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def number_columns(folder: Path) -> list[str]:
    """The user's own columns that hold numbers throughout; none before the run is finished."""
    try:
        found: list[str] = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
        return found
    except FileNotFoundError:
        return []


def named(columns: Sequence[StoredColumn], key: str) -> str:
    """The name in the parts of one of our columns."""
    return next(column.name for column in columns if column.key == key and not column.own)


def quoted(name: str) -> str:
    """A column's name for SQL, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text for SQL, whatever it holds."""
    return "'" + value.replace("'", "''") + "'"


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without its class and its drawing of the place."""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return said.partition("Error: ")[2] or said
