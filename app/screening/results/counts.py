"""What a library holds, counted for bars and plots: alerts, concepts, and how the outputs are spread.

Everything is counted by DuckDB over the parts; nothing but the counts reaches the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.screening.results.table import named, quoted, text

if TYPE_CHECKING:
    from app.screening.results.table import Results
    from datasets.tasks import Task

ALERTS = "alerts_"


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many molecules an alert is found in."""

    catalog: str
    """Column of the results, such as alerts_pains."""
    name: str
    count: int
    flagged: dict[str, int]
    """Task -> how many of them it predicts positive; classifications only."""


@dataclass(frozen=True, slots=True)
class ConceptCount:
    """How many molecules belong to a concept."""

    id: str
    name: str
    count: int
    flagged: int
    """How many of them are predicted positive; 0 for a regression."""


@dataclass(frozen=True, slots=True)
class Bins:
    """A histogram."""

    edges: tuple[float, ...]
    """One more than there are bins; ascending."""
    counts: tuple[int, ...]


def alert_catalogs(results: Results) -> list[str]:
    """Columns of alerts; empty where they were not looked for."""
    return [column.name for column in results.columns if not column.own and column.key.startswith(ALERTS)]


def alert_counts(
    results: Results, tasks: list[Task], where: str | None = None, most: int | None = None
) -> list[AlertCount]:
    """Alerts by the number of molecules that they are found in, most first.

    Parameters
    ----------
    results
        Of a run, finished or not.
    tasks
        Of the run.
    where
        A condition in SQL over columns; all rows if None.
    most
        How many alerts; all if None.

    Raises
    ------
    ValueError
        If the condition is not understood.
    """
    verdicts = {
        task.name: f"{quoted(named(results.columns, f'{task.name}_verdict'))} = {text(task.classes[1])}"
        for task in tasks
        if task.kind == "classification"
    }
    judged = "".join(f", {test} AS flagged_{number}" for number, test in enumerate(verdicts.values()))
    sums = "".join(f", count(*) FILTER (flagged_{number})" for number in range(len(verdicts)))
    found: list[AlertCount] = []
    for catalog in alert_catalogs(results):
        column = quoted(catalog)
        found += [
            AlertCount(catalog, name, count, dict(zip(verdicts, flagged, strict=True)))
            for name, count, *flagged in results.sql(
                f"SELECT name, count(*) AS n{sums} FROM ("  # noqa: S608
                f"SELECT unnest(string_split({column}, '; ')) AS name{judged} "
                f"FROM (SELECT * FROM results{results.where(where)}) WHERE {column} <> '') GROUP BY name"
            )
        ]
    return sorted(found, key=lambda alert: (-alert.count, alert.catalog, alert.name))[:most]


def has_concepts(results: Results, task: Task) -> bool:
    """Whether molecules were matched to concepts of the task's model."""
    return any(column.key == f"{task.name}_concept" and not column.own for column in results.columns)


def concept_counts(
    results: Results, task: Task, where: str | None = None, most: int | None = None
) -> list[ConceptCount]:
    """Concepts by the number of molecules that belong to them, most first; a molecule counts in each of its own.

    Parameters are those of `alert_counts`, for one task.
    """
    if not has_concepts(results, task):
        return []
    ids, names = (quoted(named(results.columns, f"{task.name}_{suffix}")) for suffix in ("concept", "concept_name"))
    flagged = "false"
    if task.kind == "classification":
        flagged = f"{quoted(named(results.columns, f'{task.name}_verdict'))} = {text(task.classes[1])}"
    # Pairs of id and name are split once each: there are few of them, however many rows.
    counted = results.sql(
        f"SELECT {ids}, any_value({names}), count(*), count(*) FILTER ({flagged}) "  # noqa: S608
        f"FROM (SELECT * FROM results{results.where(where)}) WHERE {ids} <> '' GROUP BY {ids}"
    )
    sums: dict[str, ConceptCount] = {}
    for together, names_together, count, positive in counted:
        keys, told = together.split("; "), names_together.split("; ")
        # A name may hold a semicolon of its own; then only the ids are sure.
        for key, name in zip(keys, told if len(told) == len(keys) else keys, strict=True):
            before = sums.get(key, ConceptCount(key, name, 0, 0))
            sums[key] = ConceptCount(key, before.name, before.count + count, before.flagged + positive)
    return sorted(sums.values(), key=lambda concept: (-concept.count, concept.id))[:most]


def class_counts(results: Results, task: Task, where: str | None = None) -> dict[str, int]:
    """Molecules by the class that their value falls in; empty for tasks whose values fall in none.

    Parameters are those of `alert_counts`, for one task.
    """
    key = f"{task.name}_class"
    if not any(column.key == key and not column.own for column in results.columns):
        return {}
    column = quoted(named(results.columns, key))
    return dict(
        results.sql(
            f"SELECT {column}, count(*) FROM (SELECT * FROM results{results.where(where)}) "  # noqa: S608
            f"WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        )
    )


def output_bins(results: Results, task: Task, where: str | None = None, bins: int = 40) -> Bins | None:
    """How the task's outputs are spread over their range: 0 to 1 for probabilities; None where nothing was predicted.

    Parameters are those of `alert_counts`, for one task; `bins` is the number of bins.
    """
    classes = task.kind == "classification"
    value = quoted(named(results.columns, f"{task.name}_{'probability' if classes else 'value'}"))
    rows = f"(SELECT {value} AS v FROM results{results.where(where)})"  # noqa: S608
    [(low, high)] = results.sql(f"SELECT min(v), max(v) FROM {rows}")  # noqa: S608
    if low is None:
        return None
    if classes:
        low, high = 0.0, 1.0
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for place, count in results.sql(
        f"SELECT least(greatest(floor((v - {low!r}) / {width!r}), 0), {bins - 1})::INTEGER, count(*) "  # noqa: S608
        f"FROM {rows} WHERE v IS NOT NULL GROUP BY ALL"
    ):
        counts[place] = count
    return Bins(tuple(low + width * place for place in range(bins + 1)), tuple(counts))
