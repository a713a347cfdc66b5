"""Predicts batch after batch, so that a file of any length comes out as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.predicting.row_source import RowBatch
from datasets.molecule import InputRow, Molecule, RowNote
from datasets.standardize import Policy
from megan.prediction import RowResult

if TYPE_CHECKING:
    from megan.predictor import Predictor


@dataclass(frozen=True, slots=True)
class ResultBatch:
    """Predicted rows beside the values of the user's own columns."""

    results: list[RowResult]
    own: list[Sequence[object]]


def predict_batches(
    batches: Iterable[RowBatch], predictors: Sequence[Predictor], policy: Policy
) -> Iterator[ResultBatch]:
    """Predict batches in order, as many rows out as in.

    Parameters
    ----------
    batches
        The rows.
    predictors
        One a task.
    policy
        What becomes of salts, mixtures and charges.
    """
    from megan.predictor import predict_rows

    first: dict[str, InputRow] = {}
    for batch in batches:
        results = predict_rows(batch.rows, predictors, policy)
        marked = [_told_of_repeat(result, row, first) for result, row in zip(results, batch.rows, strict=True)]
        yield ResultBatch(marked, batch.own)


def _told_of_repeat(result: RowResult, row: InputRow, first: dict[str, InputRow]) -> RowResult:
    """Note a structure that an earlier batch held; within a batch, standardisation has done so."""
    molecule = result.molecule
    if not isinstance(molecule, Molecule):
        return result
    earlier = first.setdefault(molecule.smiles, row)
    if earlier is row or any(note.code == "duplicate_of_row" for note in molecule.notes):
        return result
    named = f" ({earlier.id})" if earlier.id else ""
    note = RowNote("duplicate_of_row", f"It is the same structure as row {earlier.row}{named}, counted from 0.")
    return replace(result, molecule=replace(molecule, notes=(*molecule.notes, note)))
