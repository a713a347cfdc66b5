"""Many molecules as a table: which rows to show, in which order, and what stands in each column.

Pure functions; pictures and alerts are made only for the rows of the page that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from app import theme
from app.components import value_words
from app.components.words import join
from app.concepts.known import NO_CONCEPTS, Known
from app.predicting.records import concepts_of
from datasets.alerts import find_alerts
from datasets.molecule import Molecule, RowProblem
from datasets.solubility import solubility_class
from datasets.tasks import SOLUBILITY, Task
from megan.drawing import draw_molecule
from megan.prediction import Prediction, RowResult

#: Rows of one page of the table.
PAGE = 50
INPUT_ORDER = "as given"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see."""

    statuses: tuple[str, ...] = ()
    """Row statuses to keep; empty keeps all."""
    verdicts: tuple[str, ...] = ()
    """Names of classes, those of solubilities too, of which a row must be predicted at least one; empty keeps all."""
    only_inside: bool = False
    """Leave out molecules outside the domain of any task."""
    order: str = INPUT_ORDER
    """`INPUT_ORDER`, or the name of a task: highest output first."""


def chosen_rows(results: Sequence[RowResult], filters: Filters) -> list[int]:
    """Positions in `results` that pass the filters, in the order asked for; rows without a prediction come last."""
    kept = [i for i, result in enumerate(results) if _passes(result, filters)]
    if filters.order == INPUT_ORDER:
        return kept

    def rank(i: int) -> tuple[bool, float]:
        prediction = results[i].predictions.get(filters.order)
        return (prediction is None, -prediction.output if prediction else 0.0)

    return sorted(kept, key=rank)


def _passes(result: RowResult, filters: Filters) -> bool:
    if filters.statuses and result.status not in filters.statuses:
        return False
    if filters.verdicts and not _verdicts(result) & set(filters.verdicts):
        return False
    return not filters.only_inside or (
        bool(result.predictions) and all(p.domain.inside for p in result.predictions.values())
    )


def _verdicts(result: RowResult) -> set[str]:
    """Class names that a row is predicted, and the class of its solubility."""
    classes = {solubility_class(p.output) for name, p in result.predictions.items() if name == SOLUBILITY.name}
    return classes | {p.verdict for p in result.predictions.values()}


def page_of(rows: Sequence[int], page: int, size: int = PAGE) -> list[int]:
    """The rows of page `page`, counted from 1."""
    return list(rows[(page - 1) * size : page * size])


def pages(count: int, size: int = PAGE) -> int:
    """Number of pages, at least 1."""
    return max(1, -(-count // size))


def table_page(
    results: Sequence[RowResult], rows: Sequence[int], tasks: Sequence[Task], concepts: Known = NO_CONCEPTS
) -> pd.DataFrame:
    """What stands in the table for `rows`.

    Returns
    -------
    pandas.DataFrame
        row, structure (a data address), id, status, per task verdict, output and, where the model's are known,
        concept, then alerts and domain; rows with a problem have empty cells and their reason code as status.
    """
    return pd.DataFrame([_cells(results[i], tasks, concepts) for i in rows])


def _cells(result: RowResult, tasks: Sequence[Task], concepts: Known) -> dict[str, Any]:
    molecule = result.molecule
    good = isinstance(molecule, Molecule)
    cells: dict[str, Any] = {
        "row": molecule.row,
        "structure": thumbnail(molecule.smiles) if isinstance(molecule, Molecule) else None,
        "id": molecule.id or (molecule.given if good else shorten(molecule.given)),
        "status": molecule.code if isinstance(molecule, RowProblem) else result.status,
    }
    for task in tasks:
        prediction = result.predictions.get(task.name)
        if task.kind == "classification" or value_words.class_names(task):
            cells[f"{task.name} verdict"] = in_short(task, prediction) if prediction else None
        cells[f"{task.name} output"] = prediction.output if prediction else None
        if known := concepts.get(task.name):
            names = [concept.name for concept in concepts_of(prediction, known)] if prediction else []
            cells[f"{task.name} concept"] = "; ".join(names) or None
    cells["alerts"] = alert_names(molecule.smiles) if isinstance(molecule, Molecule) else None
    cells["domain"] = domain_in_short(result) if good else None
    return cells


def in_short(task: Task, prediction: Prediction) -> str:
    """The verdict of a classification; the class that a value falls in."""
    return prediction.verdict if task.kind == "classification" else value_words.class_of(task, prediction.output)


def domain_in_short(result: RowResult) -> str:
    """Tell whether a molecule is inside every domain, or which tasks' domains it is outside of."""
    outside = [name for name, prediction in result.predictions.items() if not prediction.domain.inside]
    return f"outside for {join(outside)}" if outside else "inside"


@lru_cache(maxsize=2048)
def thumbnail(smiles: str) -> str:
    """A small picture of a structure as a data address."""
    return theme.as_data_uri(draw_molecule(smiles, 132, 84))


@lru_cache(maxsize=2048)
def alert_names(smiles: str) -> str:
    """The alerts of a molecule, "Kazius: aromatic nitro; PAINS: catechol A"."""
    return "; ".join(sorted({f"{a.catalog}: {a.name.replace('_', ' ')}" for a in find_alerts(smiles)}))


def shorten(text: str, most: int = 60) -> str:
    """Text cut to `most` characters with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def count_where(results: Sequence[RowResult], test: Callable[[RowResult], bool]) -> int:
    """Number of results for which `test` holds."""
    return sum(1 for result in results if test(result))
