"""What a screening found, in numbers: verdicts, rows without one and why, and the concepts behind the flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.screening.results.counts import concept_counts
from app.screening.results.table import named, quoted

if TYPE_CHECKING:
    from app.screening.results.table import Results
    from datasets.tasks import Task


#: Standard deviation of the members' probabilities from which a committee is said to disagree.
SPLIT: Final = 0.15


@dataclass(frozen=True, slots=True)
class ConceptShare:
    """How many of the flagged molecules belong to a concept."""

    id: str
    name: str
    count: int
    share: float
    """Of all flagged molecules, 0 to 1."""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """What was found for one task."""

    task: str
    verdicts: dict[str, int]
    """Class -> molecules; empty for regression."""
    flagged: int
    """Molecules of the positive class; 0 for regression."""
    outside_domain: int
    undecided: int
    """Molecules whose conformal set holds both classes, or none; 0 for regression."""
    split: int
    """Molecules on which the committee disagrees, by `SPLIT`; 0 for regression, and for a single network."""
    concepts: tuple[ConceptShare, ...]
    """Of the flagged, the largest first."""
    quartiles: tuple[float, float, float] | None
    """Of the predicted values; None for classification, and where nothing was predicted."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found in a library."""

    rows: int
    molecules: int
    """Rows with a prediction."""
    repeats: int
    """Molecules that repeat an earlier row."""
    reasons: dict[str, int]
    """Code -> rows without a prediction."""
    notes: dict[str, int]
    """Code -> rows that were predicted with something to know."""
    alerts: dict[str, int]
    """Catalog's column -> molecules that it flags; empty where alerts were not looked for."""
    tasks: tuple[TaskSummary, ...]


def summarise(results: Results, tasks: list[Task], where: str | None = None) -> Summary:
    """Count what the rows say.

    Parameters
    ----------
    results
        Of a run, finished or not.
    tasks
        Of the run.
    where
        A condition in SQL over columns; all rows if None.

    Raises
    ------
    ValueError
        If the condition is not understood.
    """
    rows = f"(SELECT * FROM results{results.where(where)})"  # noqa: S608
    status, code, repeated = (quoted(named(results.columns, key)) for key in ("status", "code", "duplicate_of"))
    [(total, molecules, repeats)] = results.sql(
        f"SELECT count(*), count(*) FILTER ({status} <> 'error'), count({repeated}) FROM {rows}"  # noqa: S608
    )
    counted = results.sql(
        f"SELECT {status}, {code}, count(*) AS n FROM {rows} WHERE {code} IS NOT NULL "  # noqa: S608
        f"GROUP BY ALL ORDER BY n DESC, {code}"
    )
    alerts = [c.name for c in results.columns if not c.own and c.key.startswith("alerts_")]
    counts = ", ".join(f"count(*) FILTER ({quoted(name)} <> '')" for name in alerts)
    found = results.sql(f"SELECT {counts} FROM {rows}")[0] if alerts else ()  # noqa: S608
    return Summary(
        rows=total,
        molecules=molecules,
        repeats=repeats,
        reasons={name: count for state, name, count in counted if state == "error"},
        notes={name: count for state, name, count in counted if state != "error"},
        alerts=dict(zip(alerts, found, strict=True)),
        tasks=tuple(_task(results, task, where) for task in tasks),
    )


def sentences(summary: Summary, tasks: list[Task]) -> list[str]:
    """The summary for people, one fact a line."""
    said = [f"{summary.rows:,} rows, {summary.molecules:,} predicted, {summary.repeats:,} of them repeats."]
    if summary.reasons:
        listed = ", ".join(f"{code} {count:,}" for code, count in summary.reasons.items())
        said.append(f"Not predicted: {listed}.")
    for found, task in zip(summary.tasks, tasks, strict=True):
        if found.verdicts:
            listed = ", ".join(f"{count:,} {name}" for name, count in found.verdicts.items())
            said.append(f"{task.name}: {listed}; {found.undecided:,} undecided, {found.outside_domain:,} outside.")
        elif found.quartiles:
            low, middle, high = found.quartiles
            unit = f" {task.unit}" if task.unit else ""
            said.append(
                f"{task.name}: half of the values lie from {low:.2f} to {high:.2f}{unit}, median {middle:.2f}; "
                f"{found.outside_domain:,} outside."
            )
        said += [
            f"  {round(100 * concept.share)} % of the {found.flagged:,} flagged belong to {concept.id}, {concept.name}."
            for concept in found.concepts[:_MOST_CONCEPTS]
        ]
    return said


_MOST_CONCEPTS = 5


def _task(results: Results, task: Task, where: str | None) -> TaskSummary:
    rows = f"(SELECT * FROM results{results.where(where)})"  # noqa: S608

    def name(suffix: str) -> str:
        return quoted(named(results.columns, f"{task.name}_{suffix}"))

    [(outside,)] = results.sql(f"SELECT count(*) FILTER (NOT {name('inside_domain')}) FROM {rows}")  # noqa: S608
    if task.kind == "regression":
        value = name("value")
        [quartiles] = results.sql(
            f"SELECT quantile_cont({value}, 0.25), quantile_cont({value}, 0.5), quantile_cont({value}, 0.75) "  # noqa: S608
            f"FROM {rows}"
        )
        known = None if quartiles[0] is None else (quartiles[0], quartiles[1], quartiles[2])
        return TaskSummary(task.name, {}, 0, outside, 0, 0, (), known)
    verdict, conformal, spread = name("verdict"), name("conformal"), name("spread")
    found = dict(
        results.sql(f"SELECT {verdict}, count(*) FROM {rows} WHERE {verdict} IS NOT NULL GROUP BY ALL")  # noqa: S608
    )
    verdicts = {label: int(found.get(label, 0)) for label in task.classes}
    [(undecided, split)] = results.sql(
        f"SELECT count(*) FILTER ({conformal} = '' OR contains({conformal}, ';')), "  # noqa: S608
        f"count(*) FILTER ({spread} >= {SPLIT}) FROM {rows}"
    )
    flagged = verdicts[task.classes[1]]
    concepts = _concepts(results, task, where, flagged) if flagged else ()
    return TaskSummary(task.name, verdicts, flagged, outside, undecided, split, concepts, None)


def _concepts(results: Results, task: Task, where: str | None, flagged: int) -> tuple[ConceptShare, ...]:
    counted = [concept for concept in concept_counts(results, task, where) if concept.flagged]
    counted.sort(key=lambda concept: (-concept.flagged, concept.id))
    return tuple(ConceptShare(c.id, c.name, c.flagged, c.flagged / flagged) for c in counted)
