"""What one row of results is called outside: the JSON object of a row, and the one registry of table columns.

Every format reads its columns here, so that a probability has the same name in CSV, Parquet and SDF. Numbers are
rounded to 6 digits after the point: the last bits of a float differ from machine to machine and carry nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from app.concepts.known import NO_CONCEPTS, ChannelConcept, Known, KnownConcepts
from concepts.concept import Concept
from datasets.molecule import Molecule, RowProblem
from datasets.solubility import milligrams_per_millilitre, solubility_class
from datasets.tasks import SOLUBILITY, Task
from megan.prediction import Prediction, RowResult

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Column:
    """One column of ours in a table."""

    name: str
    kind: Literal["integer", "number", "text"]
    read: Callable[[RowResult], Any]
    """The row's value, of that kind; None where the row has none."""


def as_record(result: RowResult, concepts: Known = NO_CONCEPTS) -> dict[str, Any]:
    """The JSON object of one row, which scripts rely on.

    Parameters
    ----------
    result
        The row.
    concepts
        The concepts of the models, by task; the channels of other tasks have no entry `concept`.

    Returns
    -------
    dict
        row (from 0), id, input, smiles, status (ok, warning or error), code, detail, and tasks: name -> probability of
        the positive class, or value in the task's unit with the ends of its interval, low and high (for solubility also
        class and mg_per_ml); verdict; spread; conformal (classes that cannot be excluded);
        domain (similarity of the nearest training compound, 0 to 1); channels: name -> fidelity, node_importance (one
        per atom of smiles, in its order), edge_importance (one per bond, in RDKit's order), both 0 to 1, and concept
        (id, name, score from 0.5 to 1, and hit_rate among the measured members), null where the channel is in none. A
        row that could not be predicted has smiles null and no tasks; a row without anything to say has code and detail
        null. Plain Python values throughout.
    """
    code, detail = _told(result)
    return {
        "row": result.molecule.row,
        "id": result.molecule.id,
        "input": result.molecule.given,
        "smiles": _smiles(result),
        "status": result.status,
        "code": code,
        "detail": detail,
        "tasks": {
            name: _answer(prediction, result, concepts.get(name)) for name, prediction in result.predictions.items()
        },
    }


def table_columns(tasks: Sequence[Task], concepts: Known = NO_CONCEPTS) -> tuple[Column, ...]:
    """Our columns for a table of these tasks, in order; concepts only of tasks that have them."""
    return (
        Column("row", "integer", lambda result: result.molecule.row),
        Column("id", "text", lambda result: result.molecule.id),
        Column("input", "text", lambda result: result.molecule.given),
        Column("smiles", "text", _smiles),
        Column("inchikey", "text", lambda result: getattr(result.molecule, "inchikey", None)),
        Column("status", "text", lambda result: result.status),
        Column("code", "text", lambda result: _told(result)[0]),
        Column("detail", "text", lambda result: _told(result)[1]),
        *(column for task in tasks for column in _task_columns(task, concepts.get(task.name))),
    )


def concepts_of(prediction: Prediction, known: KnownConcepts) -> list[Concept]:
    """The concepts that a molecule is in, in the order of the channels; seldom more than one."""
    return [match.concept for match in known.of(prediction) if match.concept is not None]


def rounded(values: npt.NDArray[np.float32]) -> list[float]:
    """Plain numbers, rounded as everywhere outside."""
    return [round(float(value), _DIGITS) for value in values]


def _task_columns(task: Task, known: KnownConcepts | None) -> list[Column]:
    name = task.name

    def column(suffix: str, kind: Literal["number", "text"], read: Callable[[Prediction], Any]) -> Column:
        def cell(result: RowResult) -> Any:
            prediction = result.predictions.get(name)
            return None if prediction is None else read(prediction)

        return Column(f"{name}_{suffix}", kind, cell)

    spread = column("spread", "number", lambda p: round(p.spread, _DIGITS))
    domain = column("domain", "number", lambda p: round(p.domain.similarity, _DIGITS))
    if task.kind == "classification":
        columns = [
            column("probability", "number", lambda p: round(p.output, _DIGITS)),
            column("verdict", "text", lambda p: p.verdict),
            spread,
            column("conformal", "text", lambda p: "; ".join(p.conformal)),
            domain,
        ]
    else:
        columns = [
            column("value", "number", lambda p: round(p.output, _DIGITS)),
            spread,
            column("low", "number", lambda p: p.interval[0] if p.interval else None),
            column("high", "number", lambda p: p.interval[1] if p.interval else None),
            domain,
        ]
        if name == SOLUBILITY.name:
            columns[1:1] = [
                column("class", "text", lambda p: solubility_class(p.output)),
                Column(f"{name}_mg_per_ml", "number", _milligrams),
            ]
    for k, channel in enumerate(task.channels):
        columns.append(column(f"{channel}_fidelity", "number", _fidelity(k)))
    if known is not None:
        columns += [
            column("concept", "text", lambda p: "; ".join(c.id for c in concepts_of(p, known))),
            column("concept_name", "text", lambda p: "; ".join(c.name for c in concepts_of(p, known))),
        ]
    return columns


def _fidelity(k: int) -> Callable[[Prediction], float]:
    return lambda prediction: round(float(prediction.explanation.fidelity[k]), _DIGITS)


def _milligrams(result: RowResult) -> float | None:
    """The predicted solubility of a row in mg/mL, to four digits."""
    prediction, smiles = result.predictions.get(SOLUBILITY.name), _smiles(result)
    if prediction is None or smiles is None:
        return None
    return float(f"{milligrams_per_millilitre(prediction.output, smiles):.4g}")


def _smiles(result: RowResult) -> str | None:
    return result.molecule.smiles if isinstance(result.molecule, Molecule) else None


def _told(result: RowResult) -> tuple[str | None, str | None]:
    """Code and sentence of a row: its problem, or its first note with the sentences of all."""
    molecule = result.molecule
    if isinstance(molecule, RowProblem):
        return molecule.code, molecule.sentence
    if not molecule.notes:
        return None, None
    return molecule.notes[0].code, " ".join(note.sentence for note in molecule.notes)


def _answer(prediction: Prediction, result: RowResult, known: KnownConcepts | None) -> dict[str, Any]:
    explanation = prediction.explanation
    matches = () if known is None else known.of(prediction)
    return {
        **_output(prediction, result),
        "verdict": prediction.verdict,
        "spread": round(prediction.spread, _DIGITS),
        "conformal": list(prediction.conformal),
        "domain": round(prediction.domain.similarity, _DIGITS),
        "channels": {
            channel: {
                "fidelity": _fidelity(k)(prediction),
                "node_importance": rounded(explanation.node_importance[:, k]),
                "edge_importance": rounded(explanation.edge_importance[:, k]),
                **({"concept": _concept(matches[k])} if matches else {}),
            }
            for k, channel in enumerate(explanation.channels)
        },
    }


def _concept(match: ChannelConcept) -> dict[str, Any] | None:
    concept = match.concept
    if concept is None:
        return None
    hit_rate = None if concept.hit_rate is None else round(concept.hit_rate.value, _DIGITS)
    return {"id": concept.id, "name": concept.name, "score": round(match.score, _DIGITS), "hit_rate": hit_rate}


def _output(prediction: Prediction, result: RowResult) -> dict[str, Any]:
    if prediction.threshold is not None:
        return {"probability": round(prediction.output, _DIGITS)}
    low, high = prediction.interval or (None, None)
    value = {"value": round(prediction.output, _DIGITS), "low": low, "high": high}
    if prediction.task != SOLUBILITY.name:
        return value
    return {**value, "class": solubility_class(prediction.output), "mg_per_ml": _milligrams(result)}
