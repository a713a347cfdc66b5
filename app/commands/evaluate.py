"""`evaluate`: how good a model is on measured molecules, in the numbers that its card states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE_OR_TASK", help="Shipped task, or folder of a bundle.")],
    file: Annotated[Path, typer.Argument(help="Table with structures and labels (csv, tsv, parquet, also .gz).")],
    label: Annotated[str, typer.Option(help="Column with the labels: 0 or 1, or the value in the task's unit.")],
    split: Annotated[str | None, typer.Option(help="Use only rows with this text in the column split.")] = None,
    smiles_column: Annotated[str | None, typer.Option(help="Column with the structures; guessed by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare a model with measured labels.

    Rows that are no molecule count as failed; n counts the others, and the metrics are theirs. Intervals hold 95 % of
    the values that resampling the rows gives.
    """
    from app.predicting.evaluating import evaluate_labelled
    from app.predicting.labelled import read_labelled
    from megan.predictor import Predictor

    predictor = Predictor.load(bundle)
    rows = read_labelled(file, predictor.task, label, smiles_column, split)
    found = evaluate_labelled(predictor, rows)
    numbers: dict[str, Any] = {"task": predictor.task.name, "n": found.n, "failed": found.failed}
    if as_json:
        numbers |= {name: score["value"] for name, score in found.scores.items()}
        numbers["intervals"] = {name: [score["low"], score["high"]] for name, score in found.scores.items()}
        print(json.dumps(numbers, allow_nan=False))
        return
    for name, number in numbers.items():
        print(f"{name:18}  {number}")
    for name, score in found.scores.items():
        print(f"{name:18}  {score['value']:.4f}  ({score['low']:.4f} to {score['high']:.4f})")
