"""What somebody wants to see of a screening, as one condition over its columns.

Values of users become texts of SQL that end where they should; `conditions` beside looks at the whole once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.screening.columns import StoredColumn
from app.screening.results.table import Results, named, quoted, text

FOUND, ABSENT = "found", "absent"
#: Longest text that is searched for.
MOST_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What is asked of one task."""

    verdicts: tuple[str, ...] = ()
    """Classes, also those of solubilities; all if empty."""
    low: float | None = None
    """Least output; no limit if None."""
    high: float | None = None
    """Highest output; no limit if None."""
    inside: bool = False
    """Only molecules inside the domain."""

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low is {self.low} and high {self.high}; expected low to be at most high")


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What is asked of a row; all parts must hold."""

    text: str = ""
    """Part of the id, in either case, or of the SMILES as predicted; all if empty."""
    status: tuple[str, ...] = ()
    """ok, warning, error; all if empty."""
    tasks: Mapping[str, TaskFilter] = field(default_factory=dict)
    """By the name of the task."""
    concepts: tuple[tuple[str, str], ...] = ()
    """Task and id of a concept; a molecule must belong to one of them, or to none."""
    concepts_are: str = FOUND
    alerts: tuple[tuple[str, str], ...] = ()
    """Column of a catalog and name of an alert; one of them must be found, or none."""
    alerts_are: str = FOUND
    without_alerts: bool = False
    """Only molecules in which no alert of any catalog is found."""
    without_repeats: bool = False
    """Only the first of rows with the same structure."""
    sql: str = ""
    """A condition of the user's own."""


def condition(results: Results, asked: RowFilter) -> str | None:
    """The filter in SQL; None where it keeps all rows.

    Parameters
    ----------
    results
        Whose columns are meant.
    asked
        The filter.

    Raises
    ------
    ValueError
        If the user's own condition is not understood, or a column is not there.
    """
    columns = results.columns
    pieces = [*_of_text(columns, asked.text), *_in(columns, "status", asked.status)]
    for task, wanted in asked.tasks.items():
        pieces += _of_task(columns, task, wanted)
    pieces += _listed(
        [(quoted(named(columns, f"{task}_concept")), key) for task, key in asked.concepts], asked.concepts_are
    )
    pieces += _listed([(quoted(results.column(name).name), key) for name, key in asked.alerts], asked.alerts_are)
    if asked.without_alerts:
        pieces += [f"{quoted(c.name)} = ''" for c in columns if not c.own and c.key.startswith("alerts_")]
    if asked.without_repeats:
        pieces.append(f"{quoted(named(columns, 'duplicate_of'))} IS NULL")
    if asked.sql.strip():
        pieces.append(results.checked(asked.sql))
    return " AND ".join(pieces) or None


def of_rows(columns: Sequence[StoredColumn], rows: Sequence[int]) -> str:
    """The condition that a row is one of these; none is if there are none."""
    return f"{quoted(named(columns, 'row'))} IN ({','.join(str(int(row)) for row in rows) or 'NULL'})"


def _of_text(columns: Sequence[StoredColumn], sought: str) -> list[str]:
    plain = sought.strip().replace("\0", "")[:MOST_CHARACTERS]
    if not plain:
        return []
    keys = {column.key for column in columns if not column.own}
    exact = [named(columns, key) for key in ("smiles", "input", "inchikey") if key in keys]
    # Upper and lower case are different atoms in a SMILES, but not in a name.
    pieces = [f"contains(lower({quoted(named(columns, 'id'))}), {text(plain.lower())})"]
    pieces += [f"contains({quoted(name)}, {text(plain)})" for name in exact]
    return [f"coalesce({' OR '.join(pieces)}, false)"]


def _of_task(columns: Sequence[StoredColumn], task: str, wanted: TaskFilter) -> list[str]:
    keys = {column.key for column in columns if not column.own}

    def name(*suffixes: str) -> str:
        return quoted(named(columns, next(f"{task}_{s}" for s in suffixes if f"{task}_{s}" in keys)))

    pieces = []
    if wanted.verdicts:
        pieces += [f"{name('verdict', 'class')} IN ({', '.join(map(text, wanted.verdicts))})"]
    if wanted.low is not None:
        pieces.append(f"{name('probability', 'value')} >= {float(wanted.low)!r}")
    if wanted.high is not None:
        pieces.append(f"{name('probability', 'value')} <= {float(wanted.high)!r}")
    if wanted.inside:
        pieces.append(name("inside_domain"))
    return pieces


def _in(columns: Sequence[StoredColumn], key: str, values: Sequence[str]) -> list[str]:
    return [f"{quoted(named(columns, key))} IN ({', '.join(map(text, values))})"] if values else []


def _listed(wanted: Sequence[tuple[str, str]], are: str) -> list[str]:
    """Columns that hold lists with "; " between, and what is sought in them."""
    if are not in (FOUND, ABSENT):
        raise ValueError(f"a filter is to be {are!r}; expected {FOUND} or {ABSENT}")
    if not wanted:
        return []
    found = " OR ".join(f"list_contains(string_split({column}, '; '), {text(key)})" for column, key in wanted)
    # A row without a molecule holds neither a concept nor the absence of one.
    return [f"coalesce({'NOT ' if are == ABSENT else ''}({found}), false)"]
