"""Training on one's own table from the command line, to a bundle that every command takes by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import megan.building
import megan.settings
from megan.model import ModelSettings
from tests.app.conftest import Ran
from tests.app.own_table import own_csv

Command = Callable[..., Ran]
OWN = ("--label-column", "result", "--kind", "classification", "--smiles-column", "structure")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The table on disk; the network that learns from it is a tiny one."""

    def small(channels: int, regression: bool) -> ModelSettings:
        return ModelSettings(
            width=16, attention_width=8, projection=(16,), head=(16,), channels=channels, regression=regression
        )

    monkeypatch.setattr(megan.building, "ModelSettings", small)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text(own_csv())
    return "my.csv"


def test_own_table_becomes_a_model_that_all_commands_take(command: Command, table: str, no_own_models: Path) -> None:
    ran = command("train", "--csv", table, *OWN, "--name", "My test", "--members", "2", "--epochs", "3")
    assert ran.code == 0, ran.err
    bundle = no_own_models / "my_test" / "bundle"
    assert ran.out.splitlines()[-1] == str(bundle)
    assert "98 rows in the table, 96 molecules kept." in ran.err
    assert "1 row left out: the SMILES cannot be read." in ran.err
    card = json.loads((bundle / "card.json").read_text())
    assert card["task"]["channels"] == ["inactive", "active"]
    assert (card["data"]["dropped"], card["data"]["report"]["no_label"]) == (2, 1)
    progress = json.loads((no_own_models / "my_test" / "progress.json").read_text())
    assert [(row["member"], row["epoch"]) for row in progress["log"]] == [(m, e) for m in (0, 1) for e in (0, 1, 2)]

    again = command("train", "--csv", table, *OWN, "--name", "My test", "--members", "2", "--epochs", "3")
    assert again.code == 0
    for task in ("my_test", str(bundle)):
        said = json.loads(command("predict", "--task", task, "--json", "O=[N+]([O-])c1ccc(CCl)cc1").out)
        assert said["tasks"]["my_test"]["verdict"] in ("inactive", "active")
    (Path(table).parent / "seen.csv").write_text("\n".join(own_csv().splitlines()[:60]))
    judged = command("evaluate", "my_test", "seen.csv", "--label", "result", "--smiles-column", "structure", "--json")
    assert json.loads(judged.out)["n"] == 59


def test_regression_and_a_bundle_elsewhere(command: Command, table: str, no_own_models: Path) -> None:
    ran = command(
        "train", "--csv", table, "--label-column", "value", "--kind", "regression", "--smiles-column", "structure",
        "--unit", "mg/L", "-o", "there", "--members", "1", "--epochs", "1",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "test rmse" in ran.out
    assert not no_own_models.exists()
    said = json.loads(command("predict", "--task", "there", "--json", "CCO").out)
    assert said["tasks"]["value"]["verdict"].endswith("mg/L")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "expected the name of a task, or --csv"),
        (["mutagenicity", "--csv", "my.csv"], "task is 'mutagenicity' beside --csv"),
        (["mutagenicity", "--kind", "regression"], "--kind is about your own table"),
        (["--csv", "my.csv", "--kind", "regression"], "--label-column is missing"),
        (["--csv", "my.csv", "--label-column", "result"], "--kind is missing"),
        (["--csv", "my.csv", "--label-column", "result", "--kind", "guess"], "kind is 'guess'"),
        (["--csv", "none.csv", "--label-column", "result", "--kind", "regression"], "there is no file none.csv"),
        (["--csv", "my.csv", *OWN[2:], "--label-column", "x"], "columns of my.csv: compound, structure, result, value"),
        (["--csv", "my.csv", *OWN, "--name", "solubility"], "is a task of WhyMol"),
        (["--csv", "my.csv", *OWN, "--epochs", "0"], "epochs is 0"),
        (["--csv", "my.csv", *OWN, "--members", "0"], "--members is 0"),
        (["--csv", "my.csv", *OWN, "--device", "tpu"], "--device is 'tpu'"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(
    command: Command, table: str, no_own_models: Path, arguments: list[str], says: str
) -> None:
    ran = command("train", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not no_own_models.exists()


def test_another_training_of_the_same_name_is_refused_and_its_reason_kept(
    command: Command, table: str, no_own_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.training.own.settings_for_rows",
        lambda molecules, epochs: replace(megan.settings.settings_for_rows(molecules, epochs), batch=48),
    )
    short = ("train", "--csv", table, *OWN, "--members", "1", "--run-folder", "run", "-o", "run/bundle")
    assert command(*short, "--epochs", "1").code == 0
    ran = command(*short, "--epochs", "2")
    assert ran.code == 2
    assert "holds a training with other train" in ran.err
    assert "holds a training" in json.loads(Path("run/progress.json").read_text())["error"]
