"""`counterfactuals`: a flip, no flip and no molecule are answers; only settings are refused."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdkit import Chem

import megan.predictor
from datasets.tasks import AGGREGATION
from megan.predictor import Predictor
from tests.app.conftest import Ran

Command = Callable[..., Ran]
NITRO = "O=[N+]([O-])c1ccc(C)cc1"
QUICK = ("--budget", "60", "--max-edits", "1", "-n", "2")


@pytest.fixture
def models(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tiny bundle as the model of mutagenicity, and once more as that of aggregation."""
    tiny = Predictor.load(tiny_bundle)
    known = {str(tiny_bundle): tiny, "aggregation": dataclasses.replace(tiny, task=AGGREGATION)}

    def load(name: str | Path, confidence: float = 0.9) -> Predictor:
        if str(name) not in known:
            raise ValueError(f"name_or_path is {str(name)!r}; expected a bundle")
        return known[str(name)]

    monkeypatch.setattr(megan.predictor.Predictor, "load", load)
    monkeypatch.setattr(megan.predictor, "shipped_tasks", lambda: ("aggregation",))
    return str(tiny_bundle)


def _records(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0
    return [json.loads(line) for line in ran.out.splitlines()]


def test_one_object_a_molecule(command: Command, models: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", models, "--json", *QUICK)
    records = _records(ran)
    assert 1 <= len(records) <= 2
    for record in records:
        assert Chem.MolFromSmiles(record["smiles"]) is not None
        assert len(record["edits"]) == len(record["kinds"]) == 1
        assert set(record["probability"]) == set(record["probability_before"]) == {"mutagenicity", "aggregation"}
        assert 0 < record["similarity"] < 1
        assert record["flips"] == (record["probability"]["mutagenicity"] < 0.5)
    assert ran.err.strip().endswith(".")


def test_the_same_question_has_the_same_answer(command: Command, models: str) -> None:
    asked = ("counterfactuals", NITRO, "--task", models, "--json", *QUICK)
    assert command(*asked).out == command(*asked).out


def test_table_names_start_edits_and_reason(command: Command, models: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", models, *QUICK)
    assert ran.code == 0
    lines = ran.out.splitlines()
    start = next(line for line in lines if line.lstrip().startswith("start"))
    assert start.endswith(Chem.CanonSmiles(NITRO))
    assert "mutagenicity" in ran.out
    assert any(" at atom" in line for line in lines)
    assert "predictions in" in lines[-1]


def test_kept_part_stays(command: Command, models: str) -> None:
    for keep in ("[N+](=O)[O-]", "6-8"):
        for record in _records(command("counterfactuals", NITRO, "--task", models, "--json", "--keep", keep, *QUICK)):
            assert Chem.MolFromSmiles(record["smiles"]).HasSubstructMatch(Chem.MolFromSmarts("[N+](=O)[O-]"))


def test_no_flip_is_an_answer_with_the_closest_approach(command: Command, models: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", models, "--json", "--keep", "1-10", *QUICK)
    records = _records(ran)
    assert "No " in ran.err
    assert len(records) <= 1
    assert not any(record["flips"] for record in records)


@pytest.mark.parametrize(
    ("smiles", "says"),
    [("CC(", "parse_error"), ("", "empty"), ("[Na+].[Cl-]", ""), ("C", ""), ("c1ccccc1C", "already")],
)
def test_odd_starts_are_answers(command: Command, models: str, smiles: str, says: str) -> None:
    ran = command("counterfactuals", "--task", models, *QUICK, "--", smiles)
    assert ran.code == 0
    assert says in ran.out
    ran = command("counterfactuals", "--task", models, "--json", *QUICK, "--", smiles)
    assert ran.code == 0
    for line in ran.out.splitlines():
        json.loads(line)


def test_part_to_keep_that_is_not_there(command: Command, models: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", models, "--keep", "[Br]")
    assert ran.code == 0
    assert "is not in this molecule" in ran.out


def test_other_goals(command: Command, models: str) -> None:
    both = command("counterfactuals", NITRO, "--task", models, "--both", "--json", *QUICK)
    for record in _records(both):
        assert not record["flips"] or set(record["verdict"].values()) == {"non-mutagenic", "non-aggregator"}
    assert command("counterfactuals", NITRO, "--task", models, "--goal", "disagree", *QUICK).code == 0
    to = command("counterfactuals", "c1ccccc1C", "--task", models, "--to", "mutagenic", "--json", *QUICK)
    assert to.code == 0


@pytest.mark.parametrize("suffix", [".csv", ".sdf"])
def test_files_hold_the_start_too(command: Command, models: str, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    ran = command("counterfactuals", NITRO, "--task", models, "-o", str(out), *QUICK)
    assert ran.code == 0
    assert f"wrote {out}" in ran.err
    if suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
        assert rows[0]["smiles"] == Chem.CanonSmiles(NITRO)
        assert len(rows) >= 2
    else:
        assert all(mol is not None for mol in Chem.SDMolSupplier(str(out)))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--goal", "up"], "--goal is 'up'; expected flip, move"),
        (["--goal", "move"], "goal is move; expected flip"),
        (["--goal", "leave-concept"], "no concepts of the model"),
        (["--keep", "c1cc"], "keep is 'c1cc'"),
        (["--keep", "99"], "keep holds atom 98"),
        (["--max-edits", "0"], "max_edits is 0"),
        (["--budget", "0"], "budget is 0"),
        (["--to", "wet"], "to is 'wet'"),
        (["-o", "x.pdf"], "x.pdf"),
        (["-n", "many"], "valid integer"),
    ],
)
def test_wrong_settings_are_one_sentence(command: Command, models: str, arguments: list[str], says: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", models, *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_unknown_task_is_one_sentence(command: Command, models: str) -> None:
    ran = command("counterfactuals", NITRO, "--task", "colour")
    assert ran.code == 2
    assert "colour" in ran.err
