"""`evaluate`: the numbers of known outputs, and one sentence for every table that cannot be evaluated."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import megan.predictor
from datasets.featurize import FlatBatch
from datasets.tasks import Task, get_task
from megan.predictor import Outputs
from tests.app.conftest import Ran

Command = Callable[..., Ran]


class CountingPredictor:
    """Knows one thing: a molecule of n atoms gets n tenths."""

    threshold = 0.5

    def __init__(self, task: Task) -> None:
        self.task = task
        if task.kind == "regression":
            self.threshold = None  # type: ignore[assignment]

    @classmethod
    def load(cls, name: str) -> CountingPredictor:
        return cls(get_task(name))

    def outputs(self, batch: FlatBatch) -> Outputs:
        atoms = np.diff(batch.atom_offsets).astype(np.float64)
        return Outputs(atoms / 10, np.zeros(len(atoms)), np.zeros((len(atoms), 2), dtype=np.float32))


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(megan.predictor, "Predictor", CountingPredictor)


def _table(tmp_path: Path, text: str) -> str:
    file = tmp_path / "measured.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


ROWS = (
    "smiles,active,split\nC,0,test\nCCCC,1,test\nCC,0,test\nCC(,1,test\nCCCCCCCC,1,test\nCCC,0,train\nCCCCCC,0,test\n"
)


def test_numbers_of_known_outputs(command: Command, tmp_path: Path) -> None:
    ran = command("evaluate", "mutagenicity", _table(tmp_path, ROWS), "--label", "active", "--split", "test", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    # Outputs 0.1, 0.4, 0.2, 0.8, 0.6 with labels 0, 1, 0, 1, 0: one pair of six is in the wrong order.
    assert (found["n"], found["failed"]) == (5, 1)
    assert found["auroc"] == pytest.approx(5 / 6, abs=1e-5)
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2, abs=1e-5)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-5)
    assert found["ece"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.2 + 0.6) / 5, abs=1e-5)
    assert set(found["intervals"]) == {"auroc", "balanced_accuracy", "average_precision", "ece"}


def test_table_shows_the_same_numbers(command: Command, tmp_path: Path) -> None:
    ran = command("evaluate", "mutagenicity", _table(tmp_path, ROWS), "--label", "active", "--split", "test")
    lines = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert lines["n"] == "5"
    assert lines["failed"] == "1"
    assert lines["auroc"].startswith("0.8333  (")


def test_regression_has_its_own_metrics(command: Command, tmp_path: Path) -> None:
    table = _table(tmp_path, "structure;logS\nC;0.1\nCC;0.2\nCCC;0.6\n")
    found = json.loads(command("evaluate", "solubility", table, "--label", "logS", "--json").out)
    assert found["mae"] == pytest.approx(0.1, abs=1e-5)
    assert found["rmse"] == pytest.approx(np.sqrt(0.03), abs=1e-5)
    assert set(found) == {"task", "n", "failed", "rmse", "mae", "r2", "intervals"}


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        (ROWS, ["--label", "toxic"], "expected a column of measured.csv: smiles, active, split"),
        (ROWS, ["--label", "active", "--split", "holdout"], "expected one of test, train"),
        ("smiles,active\nC,1\nCC,0\n", ["--label", "active", "--split", "test"], "'split'"),
        (
            "smiles,active\nC,red\nCC,blue\n",
            ["--label", "active"],
            "row 0 of measured.csv (counted from 0) has the label",
        ),
        ("smiles,active\nC,1\nCC,\n", ["--label", "active"], "has no label in column 'active'; expected 0 or 1"),
        ("smiles,active\nC,1\nCC,NaN\n", ["--label", "active"], "has no label"),
        ("smiles,active\nC,1\nCC,2\n", ["--label", "active"], "has the label '2'"),
        ("smiles,active\nC,1\nCC,1\n", ["--label", "active"], "all 1"),
        ("smiles,active\nC,1\n", ["--label", "active"], "at least 2"),
        ("smiles,active\nC(,1\nCC(,0\n", ["--label", "active"], "none of 2 structures could be read"),
        ("smiles,active\n", ["--label", "active"], "measured.csv"),
        ("", ["--label", "active"], "measured.csv is empty"),
        (ROWS, [], "label"),
        (ROWS, ["--label", "active", "--smiles-column", "mol"], "mol"),
    ],
)
def test_table_that_cannot_be_evaluated(
    command: Command, tmp_path: Path, text: str, options: list[str], says: str
) -> None:
    ran = command("evaluate", "mutagenicity", _table(tmp_path, text), *options)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_wrong_bundle_and_missing_file(command: Command) -> None:
    assert "taste" in command("evaluate", "taste", "x.csv", "--label", "y").err
    ran = command("evaluate", "mutagenicity", "nowhere.csv", "--label", "y")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_words_count_as_the_classes_that_they_are(command: Command, tmp_path: Path) -> None:
    words = "smiles,active\nC,no\nCC,yes\nCCC,non-mutagenic\nCCN,mutagenic\n"
    ran = command("evaluate", "mutagenicity", _table(tmp_path, words), "--label", "active", "--json")
    assert (ran.code, json.loads(ran.out)["n"]) == (0, 4)
