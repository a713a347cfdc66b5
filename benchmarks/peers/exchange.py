"""What goes into a peer's program and what comes out of it: two csv files and a json, by the standard library alone."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """What a peer is asked to learn and to predict."""

    smiles: tuple[str, ...]
    """N standardised molecules."""
    labels: tuple[float, ...]
    """N: 0 or 1, or the measured value."""
    splits: tuple[str, ...]
    """N: train, valid or test."""
    settings: Mapping[str, Any]
    """The method's own; `kind` is classification or regression."""
    out: Path
    """Where the predictions go."""

    def rows(self, *splits: str) -> list[int]:
        """Positions of the molecules of some splits, ascending."""
        return [row for row, split in enumerate(self.splits) if split in splits]


def read_job(arguments: Sequence[str] | None = None) -> Job:
    """The job that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="csv with the columns smiles, label, split")
    parser.add_argument("--settings", required=True, help="json object")
    parser.add_argument("--out", type=Path, required=True, help="csv that gets the columns row, prediction")
    chosen = parser.parse_args(arguments)
    with chosen.data.open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return Job(
        smiles=tuple(row["smiles"] for row in table),
        labels=tuple(float(row["label"]) for row in table),
        splits=tuple(row["split"] for row in table),
        settings=json.loads(chosen.settings),
        out=chosen.out,
    )


def write_answer(job: Job, predictions: Mapping[int, float], given: Mapping[str, Any]) -> None:
    """Write predictions by row, and beside them (same name, json) what the method was given to learn from."""
    with job.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "prediction"))
        writer.writerows((row, repr(float(value))) for row, value in sorted(predictions.items()))
    job.out.with_suffix(".json").write_text(json.dumps(dict(given)), encoding="utf-8")
