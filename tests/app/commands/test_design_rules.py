"""`design-rules`: from a file to rules in the terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from app.counterfactuals.design_rule_input import measured_labels, molecules_of
from datasets.molecule import InputRow
from datasets.tasks import MUTAGENICITY
from tests.app.conftest import Ran

Command = Callable[..., Ran]
QUICK = ("--budget", "120", "--least", "2")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.csv"
    file.write_text("smiles\nO=[N+]([O-])c1ccccc1\nCC(\nO=[N+]([O-])c1ccc(C)cc1\nCc1ccccc1\nc1ccccc1C\n")
    return file


@pytest.fixture
def measured(table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    table.rename(columns={"label": "mutagenic"}).to_csv(folder / "ames.csv", index=False)
    monkeypatch.setenv("MEGAN_DATA", str(folder))


def test_rules_as_json_table_and_csv(command: Command, tiny_bundle: Path, mine: Path, tmp_path: Path) -> None:
    asked = ("design-rules", str(mine), "--task", str(tiny_bundle), "--no-pairs", *QUICK)
    ran = command(*asked, "--json")
    assert ran.code == 0
    assert "1 of 5 rows are no molecule" in ran.err
    rules = [json.loads(line) for line in ran.out.splitlines()]
    assert rules
    assert all(2 <= rule["molecules"] <= 3 for rule in rules)
    assert all(rule["low"] <= rule["effect"] <= rule["high"] for rule in rules)
    assert {rule["measured"] for rule in rules} == {None}
    assert command(*asked, "--json").out == ran.out

    shown = command(*asked)
    assert shown.code == 0
    assert "edits of 3 molecules predicted" in shown.out.splitlines()[-1]
    assert rules[0]["rule"] in shown.out

    out = tmp_path / "rules.csv"
    written = command(*asked, "-o", str(out))
    assert (written.code, written.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [row["rule"] for row in rows] == [rule["rule"] for rule in rules]
    assert rows[0]["unit"] == "log-odds of mutagenic"
    assert [float(row["effect"]) for row in rows] == [rule["effect"] for rule in rules]


@pytest.mark.usefixtures("measured")
def test_measured_pairs_are_found(command: Command, tiny_bundle: Path, table: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    table[:6][["smiles"]].to_csv(file, index=False)
    ran = command("design-rules", str(file), "--task", str(tiny_bundle), "--budget", "300", "--json")
    assert ran.code == 0
    rules = [json.loads(line) for line in ran.out.splitlines()]
    found = [rule["measured"] for rule in rules if rule["measured"]]
    assert found
    # Every edit within the table's own kinds of molecules leaves the nitro group, and so the label, as it is.
    assert all(pairs["pairs"] >= 1 for pairs in found)
    assert all(-1 <= pairs["change"] <= 1 for pairs in found)


@pytest.mark.usefixtures("measured")
def test_labels_come_from_the_table(table: pd.DataFrame) -> None:
    labels = measured_labels(MUTAGENICITY)
    assert labels == dict(zip(table["smiles"], table["label"], strict=True))


def test_without_a_table_nothing_was_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "none")
    assert measured_labels(MUTAGENICITY) == {}


def test_repeats_and_salts_are_one_molecule() -> None:
    rows = [InputRow(i, "", text) for i, text in enumerate(("CC(=O)[O-].[Na+]", "CC(O)=O", "nonsense", "CCO"))]
    found = molecules_of(rows)
    assert found.smiles == ("CC(=O)O", "CCO")
    assert (found.rows, found.unreadable) == (4, 1)


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ("smiles\nCC(\n", [], "none of 1 rows of mine.csv is a molecule"),
        ("smiles\nCCO\n", ["-o", "x.sdf"], "expected a name that ends with .csv"),
        ("smiles\nCCO\n", ["--budget", "0"], "--budget is 0"),
        ("smiles\nCCO\n", ["--least", "0"], "--least is 0"),
    ],
)
def test_wrong_settings_are_one_sentence(
    command: Command, tiny_bundle: Path, mine: Path, content: str, arguments: list[str], says: str
) -> None:
    mine.write_text(content)
    ran = command("design-rules", str(mine), "--task", str(tiny_bundle), *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_missing_file_and_own_input(command: Command, tiny_bundle: Path, mine: Path) -> None:
    assert "nowhere.csv" in command("design-rules", "nowhere.csv", "--task", str(tiny_bundle)).err
    ran = command("design-rules", str(mine), "--task", str(tiny_bundle), "-o", str(mine))
    assert "which is the input" in ran.err
