"""Do explanations cost accuracy? The shipped committees beside black boxes, on the same molecules.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.accuracy

A peer is trained once, in its own environment under runs/peers; its predictions stay in runs/accuracy, so that another
run after our bundles changed takes a minute. Rows and their splits are those of `datasets.sources.load_table`, each
molecule reduced to its standardised parent, as our own training takes them.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.paired_comparison import (
    Rows,
    judged_together,
    mean_over_bins,
    properties,
    quartile_bins,
    within_bins,
)
from benchmarks.peers.environments import PeerError
from benchmarks.peers.running import Answer, Method, cached, trained
from benchmarks.results_file import RESULTS, write_result
from datasets.featurize import featurize
from datasets.sources import load_table
from datasets.standardize import parent_smiles
from datasets.tasks import TASKS, Task, get_task
from megan.card import read_card, shipped_tasks
from megan.evaluation import rounded
from megan.files import write_beside
from megan.judging import best_threshold
from megan.metrics import Array, Metric, auroc, average_precision, balanced_accuracy, mae, r2, rmse
from megan.predictor import Predictor

METHODS: Final = ("forest", "chemprop", "graph_attention_student")
EPOCHS_CHEMPROP: Final = {"mutagenicity": 30, "aggregation": 12, "solubility": 30}
MOLECULES_GAS: Final = {"mutagenicity": None, "aggregation": 6400, "solubility": None}
"""graph_attention_student would need 10 minutes an epoch for all of the aggregation table."""
COMMAND: Final = "python -m benchmarks.accuracy"


def prepared(task: Task, folder: Path) -> Path:
    """The table that every method gets: smiles (standardised parent), label, split; made once per version of the data.

    Raises
    ------
    FileNotFoundError
        If the task's table is not on this machine.
    """
    table = load_table(task)
    file, stamp = folder / task.name / "molecules.csv", folder / task.name / "molecules.json"
    rows = hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()
    made_of = {"rows_sha256": rows, "rdkit": version("rdkit")}
    if file.is_file() and stamp.is_file() and json.loads(stamp.read_text(encoding="utf-8")) == made_of:
        return file
    with write_beside(file) as beside, beside.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("smiles", "label", "split"))
        for row in table.itertuples():
            if (parent := parent_smiles(row.smiles)) is not None:
                writer.writerow((parent, row.label, row.split))
    with write_beside(stamp) as beside:
        beside.write_text(json.dumps(made_of) + "\n", encoding="utf-8")
    return file


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """What methods are judged on: the test molecules, and the validation ones that a threshold is chosen on."""

    task: Task
    table: pd.DataFrame
    """All rows: smiles, label, split."""

    def rows(self, split: str) -> Rows:
        """Positions of a split's molecules."""
        return np.flatnonzero((self.table["split"] == split).to_numpy())

    def labels(self, split: str) -> Array:
        """Labels of a split, (n,)."""
        values: Array = self.table["label"].to_numpy(dtype=np.float64)[self.rows(split)]
        return values

    def metrics(self) -> dict[str, Metric]:
        """What test predictions are judged by, once `ready` has shifted them."""
        if self.task.kind == "regression":
            return {"rmse": rmse, "mae": mae, "r2": r2}
        return {
            "auroc": auroc,
            "balanced_accuracy": partial(balanced_accuracy, threshold=0.0),
            "average_precision": average_precision,
        }

    def ready(self, output: Array, threshold: float | None = None) -> Array:
        """A method's test predictions, (n_test,): values as they are, probabilities minus the method's threshold.

        So all methods share their metrics, and can be compared draw by draw.

        Parameters
        ----------
        output
            Shape (N,), by row of the table; train rows are not looked at.
        threshold
            Of probabilities; the best one on the validation molecules if not given.
        """
        test = output[self.rows("test")]
        if self.task.kind == "regression":
            return test
        if threshold is None:
            threshold = best_threshold(output[self.rows("valid")], self.labels("valid"))
        return test - threshold


def methods(task: Task, chosen: argparse.Namespace) -> list[Method]:
    """The peers with their settings for a task."""
    program = "benchmarks.peers.train_{}".format
    kind = {"kind": task.kind}
    gas = {"epochs": chosen.epochs_gas, "limit_minutes": chosen.limit_minutes, "molecules": MOLECULES_GAS[task.name]}
    chemprop = {"epochs": chosen.epochs_chemprop or EPOCHS_CHEMPROP[task.name]}
    return [
        Method("forest", program("forest"), "own", kind | {"trees": chosen.trees}),
        Method("chemprop", program("chemprop"), "chemprop", kind | chemprop),
        Method("graph_attention_student", program("graph_attention_student"), "graph_attention_student", kind | gas),
    ]


def ours(judged: Judged) -> dict[str, tuple[Array, float | None]]:
    """Predictions of the shipped committee and of each of its members, with their thresholds, by name; (N,) each."""
    predictor = Predictor.load(judged.task.name)
    asked = np.concatenate([judged.rows("valid"), judged.rows("test")])
    batch = featurize(list(judged.table["smiles"].iloc[asked]))
    found = {}
    bundle = predictor.bundle
    alone = {f"member {i}": (model,) for i, model in enumerate(bundle.members)}
    for name, members in {"committee": bundle.members, **alone}.items():
        voice = Predictor(judged.task, predictor.card, dataclasses.replace(bundle, members=members))
        output = np.full(len(judged.table), np.nan)
        output[asked] = voice.outputs(batch).output
        # Members have no threshold in the card; the committee's, chosen on the same molecules, is the one that ships.
        found[name] = (output, predictor.threshold if name == "committee" else None)
    return found


def compared(judged: Judged, answers: dict[str, Answer]) -> dict[str, Any]:
    """Everything that is said of one task: each method's scores, and our committee's lead over each peer."""
    shipped = ours(judged) if judged.task.name in shipped_tasks() else {}
    outputs = shipped | {name: (answer.output, None) for name, answer in answers.items()}
    ready = {name: judged.ready(output, threshold) for name, (output, threshold) in outputs.items()}
    y = judged.labels("test")
    record: dict[str, Any] = {
        "kind": judged.task.kind,
        "rows": {split: len(judged.rows(split)) for split in ("train", "valid", "test")},
    }
    record["methods"] = {name: {"given": answers[name].given if name in answers else {}} for name in outputs}
    record["differences"] = {name: {} for name in answers if shipped}
    for metric_name, metric in judged.metrics().items() if ready else ():
        scores, leads = judged_together(partial(_on_rows, metric, y), ready, "committee" if shipped else None)
        for name, score in scores.items():
            record["methods"][name][metric_name] = rounded(score)
        for name in record["differences"]:
            record["differences"][name][metric_name] = rounded(leads[name])
    if shipped:
        card = read_card(judged.task.name)
        record["bundle"] = {name: card[name] for name in ("created", "members", "seeds")}
    if judged.task.name == "aggregation":
        voices = {name: p for name, p in ready.items() if not name.startswith("member")}
        record["bins"] = binned(judged, voices) if voices else {}
    return record


def _on_rows(metric: Metric, y: Array, p: Array, rows: Rows) -> float:
    return metric(y[rows], p[rows])


def binned(judged: Judged, predictions: dict[str, Array]) -> dict[str, Any]:
    """AUROC within the quartiles of properties that are shortcuts of the table, and our lead in their mean."""
    y = judged.labels("test")
    smiles = list(judged.table["smiles"].iloc[judged.rows("test")])
    record: dict[str, Any] = {}
    for name, values in properties(smiles).items():
        bins, cuts = quartile_bins(values)
        record[name] = {"cuts": [round(cut, 3) for cut in cuts], "molecules": np.bincount(bins).tolist()}
        ours = "committee" if "committee" in predictions else None
        scores, leads = judged_together(partial(_mean_of, y, bins), predictions, ours)
        record[name]["auroc"] = {
            method: {
                "within": [round(value, 5) for value in within_bins(auroc, y, predictions[method], bins)],
                **rounded(score),
            }
            for method, score in scores.items()
        }
        record[name]["differences"] = {method: rounded(lead) for method, lead in leads.items()}
    return record


def _mean_of(y: Array, bins: Rows, p: Array, rows: Rows) -> float:
    return mean_over_bins(auroc, y[rows], p[rows], bins[rows])


def answered(
    task: Task, data: Path, wanted: Sequence[str], chosen: argparse.Namespace
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Predictions of the peers, and for those without any the reason; only wanted ones are trained."""
    found: dict[str, Answer] = {}
    missing: dict[str, str] = {}
    for method in methods(task, chosen):
        try:
            answer = cached(method, data)
            if answer is None and method.name in wanted:
                print(f"{task.name}: training {method.name}", flush=True)
                answer = trained(method, data, chosen.peers_folder)
            if answer is None:
                missing[method.name] = "not trained yet"
            else:
                found[method.name] = answer
        except PeerError as error:
            missing[method.name] = str(error)
    return found, missing


def table(measured: dict[str, Any]) -> str:
    """The result for the terminal: what each method was given and got, and how far our committee is ahead of it."""
    lines = []
    for task, record in measured.items():
        names = (
            ("rmse", "mae", "r2")
            if record["kind"] == "regression"
            else ("auroc", "balanced_accuracy", "average_precision")
        )
        rows = record["rows"]
        lines += ["", f"{task}: {rows['train']:,} train, {rows['valid']:,} valid, {rows['test']:,} test molecules"]
        lines.append(
            f"{'method':25s}{'molecules':>10s}{'epochs':>7s}{'CPU min':>8s}"
            + "".join(f"{n:>24s}" for n in names)
            + f"{'ours - it, ' + names[0]:>28s}"
        )
        for name, scores in record["methods"].items():
            given = scores["given"]
            learned = f"{given['molecules']:,}" if given else ""
            cells = "".join(f"{_interval(scores[n]):>24s}" for n in names)
            lead = record["differences"].get(name)
            lines.append(
                f"{name:25s}{learned:>10s}{given.get('epochs', ''):>7}{given.get('cpu_minutes', ''):>8}{cells}"
                f"{_interval(lead[names[0]]) if lead else '':>28s}"
            )
        lines += [f"{name:25s}not measured: {why}" for name, why in record["missing"].items()]
        for name, cut in record.get("bins", {}).items():
            means = ", ".join(f"{method} {found['value']:.3f}" for method, found in cut["auroc"].items())
            leads = ", ".join(
                f"{_interval(found)} over {method}" for method, found in cut.get("differences", {}).items()
            )
            lines.append(f"within bins of {name}: AUROC {means}" + (f"; lead {leads}" if leads else ""))
    return "\n".join(lines[1:])


def _interval(score: dict[str, float]) -> str:
    return f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing, compare, print and write; a task's numbers are kept as soon as they are there."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS), help="numbers of others are kept")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS, metavar="METHOD",
                        help=f"which may be trained if not cached ({', '.join(METHODS)}); none: no one")  # fmt: skip
    parser.add_argument("--trees", type=int, default=300, help="of the forest")
    parser.add_argument("--epochs-chemprop", type=int, help=f"instead of {EPOCHS_CHEMPROP}")
    parser.add_argument("--epochs-gas", type=int, default=100, help="most epochs of graph_attention_student")
    parser.add_argument(
        "--limit-minutes", type=float, default=8, help="CPU minutes of training for graph_attention_student"
    )
    parser.add_argument("--folder", type=Path, default=Path("runs/accuracy"), help="where predictions are kept")
    parser.add_argument("--peers-folder", type=Path, default=Path("runs/peers"), help="where environments are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where accuracy.json goes")
    chosen = parser.parse_args(arguments)
    file = chosen.results / "accuracy.json"
    measured: dict[str, Any] = {}
    for name in chosen.tasks:
        try:
            data = prepared(get_task(name), chosen.folder)
            answers, missing = answered(get_task(name), data, chosen.methods, chosen)
            judged = Judged(get_task(name), pd.read_csv(data, keep_default_na=False))
            found = compared(judged, answers) | {"missing": missing}
        except (FileNotFoundError, ValueError) as error:
            raise SystemExit(f"{name}: {error}") from error
        if name not in shipped_tasks():
            found["missing"]["committee"] = "no bundle is shipped"
        # Read as late as can be: another run may have written while this one trained.
        measured = json.loads(file.read_text(encoding="utf-8"))["measured"] if file.is_file() else {}
        measured[name] = found
        write_result("accuracy", COMMAND, measured, chosen.results)
    print(table({name: measured[name] for name in chosen.tasks}))
    print(file)


if __name__ == "__main__":
    main()
