"""Can the shipped models be trusted as far as they say? Calibration, conformal coverage, and errors among the trusted.

Every number stands beside what chance alone would show on as many molecules, since some hundred test molecules cannot
tell a calibration error of 0.03 from none.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.trust
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.results_file import RESULTS, write_result
from datasets.featurize import featurize
from datasets.sources import load_table
from datasets.standardize import Policy, parent_smiles
from megan.card import shipped_tasks
from megan.evaluation import (
    conformal_by_chance,
    conformal_coverage,
    rejection_record,
    rounded,
    training_neighbours,
)
from megan.metrics import bootstrap_interval, ece, ece_by_chance
from megan.predictor import Predictor

TABLE_LEVEL = "0.9"
"""Promised coverage that the README's table quotes."""


def judged(predictor: Predictor, table: pd.DataFrame) -> dict[str, Any]:
    """The trust of one model on the test split.

    Parameters
    ----------
    predictor
        The model.
    table
        Its task's measured molecules, as `datasets.sources.load_table` yields them.

    Returns
    -------
    dict
        n; for verdicts `ece` with its bootstrap interval and `ece_by_chance`; `coverage` by promised coverage and
        class, each with its binomial interval and the range `by_chance`; `rejection`: `error` ("wrong" or "rmse"),
        `all`, and by order of trust the error of the trusted `half`, the `area` under the curve and its `gain` over a
        random order with bootstrap intervals.
    """
    task = predictor.task
    test = table[table["split"] == "test"]
    parents = [parent_smiles(text, Policy.PARENT) for text in test["smiles"]]
    usable = np.array([text is not None for text in parents])
    labels = test["label"].to_numpy(dtype=np.float64)[usable]
    outputs = predictor.outputs(featurize([text for text in parents if text is not None]))
    found: dict[str, Any] = {"n": len(labels)}
    if task.kind == "classification":
        found["ece"] = rounded(bootstrap_interval(ece, labels, outputs.output))
        found["ece_by_chance"] = rounded(ece_by_chance(outputs.output))
    conformal = predictor.bundle.conformal
    coverage = conformal_coverage(task, labels, outputs.output, conformal)
    chance = conformal_by_chance(task, labels, conformal)
    found["coverage"] = {
        level: {name: rounded(share) | {"by_chance": chance[level][name]} for name, share in classes.items()}
        for level, classes in coverage.items()
    }
    neighbours = training_neighbours(predictor.bundle.measured, labels)
    record = rejection_record(outputs, labels, predictor.threshold, neighbours)
    half = int(np.argmin(np.abs(np.array(record["kept"]) - 0.5)))
    found["rejection"] = {
        "error": record["error"],
        "all": next(iter(record["orders"].values()))["error"][-1],
        "orders": {
            name: {"half": order["error"][half], "area": order["area"], "gain": order["gain"]}
            for name, order in record["orders"].items()
        },
    }
    return found


def trust_table(measured: dict[str, Any]) -> str:
    """One row per shipped model, in markdown.

    Parameters
    ----------
    measured
        What `judged` says, by task.
    """
    rows = [
        "| task | calibration error | by chance alone | coverage at 90 %, by class | errors of all "
        "| the half the members agree on | far from the threshold | near a training compound "
        "| whose nearest were measured so |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, found in measured.items():
        record = found["rejection"]
        unit = "" if record["error"] == "wrong" else "RMSE "
        errors = [
            f"{unit}{_error(record, record['orders'][order]['half'])}{_mark(record['orders'][order])}"
            if order in record["orders"]
            else "–"
            for order in ("spread", "margin", "similarity", "neighbours")
        ]
        cells = [
            f"{found['ece']['value']:.3f}" if "ece" in found else "–",
            f"{found['ece_by_chance']['value']:.3f} (up to {found['ece_by_chance']['high']:.3f})"
            if "ece" in found
            else "–",
            ", ".join(f"{share['value'] * 100:.0f} %" for share in found["coverage"][TABLE_LEVEL].values()),
            f"{unit}{_error(record, record['all'])}",
            *errors,
        ]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _error(record: dict[str, Any], error: float) -> str:
    return f"{error * 100:.1f} %" if record["error"] == "wrong" else f"{error:.2f}"


def _mark(order: dict[str, Any]) -> str:
    """A note at orders whose area is not clearly below that of a random order."""
    return "" if order["gain"]["low"] > 0 else " (as in random order)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trust", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of trust.json")
    chosen = parser.parse_args(arguments)
    measured = {}
    for name in shipped_tasks():
        predictor = Predictor.load(name)
        try:
            measured[name] = judged(predictor, load_table(predictor.task))
        except FileNotFoundError as error:
            raise SystemExit(f"{name}: {error}") from error
    path = write_result("trust", "python -m benchmarks.trust", measured, chosen.results)
    print(trust_table(measured))
    print(path)


if __name__ == "__main__":
    main()
