"""`pretrain` draws molecules that judge no task, learns their descriptors, and leaves an encoder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

from datasets.tasks import TASKS
from datasets.unmeasured import drawn_from, unjudged
from megan.encoder import load_encoder
from megan.model import Megan, ModelSettings
from tests.app.conftest import Ran

Command = Callable[..., Ran]
GROUPS = ("O", "N", "C(=O)O", "c1ccccc1", "[N+](=O)[O-]", "Cl", "C(=O)N", "S", "C#N", "OC")
LEARNED, JUDGING = "CCCCCCCCC(F)(F)F", "CCCCCCCCCI"


def key(smiles: str) -> str:
    return str(Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)))[:14]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Small tables of every task, and a library that also holds what tests them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    for task in TASKS.values():
        rows = [(LEARNED, 1, key(LEARNED), "train"), (JUDGING, 0, key(JUDGING), "test"), ("CCCCBr", 0, "B", "valid")]
        table = pd.DataFrame(rows, columns=["smiles", task.label_column, "inchikey14", "split"])
        table.to_csv(tmp_path / task.table, index=False)
    smiles = [f"{'C' * n}{group}" for n in range(2, 34) for group in GROUPS] + [JUDGING, "nonsense"]
    (tmp_path / "library.smi").write_text("\n".join(smiles) + "\n", encoding="utf-8")
    return tmp_path


def test_an_encoder_is_left_that_a_network_starts_from(command: Command, tables: Path) -> None:
    ran = command("pretrain", "--library", "library.smi", "--epochs", "2", "--run-folder", "run", "-o", "made")
    assert ran.code == 0, ran.err
    assert ran.out.strip() == "made"
    assert "epoch 2/2" in ran.err
    encoder = load_encoder(tables / "made")
    encoder.start(Megan(ModelSettings()))
    assert encoder.card["libraries"] == {"library.smi": 30_000}
    assert encoder.card["molecules"] > 290
    assert len(encoder.card["log"]) == 2
    assert json.loads((tables / "run" / "run.json").read_text(encoding="utf-8"))["settings"]["seed"] == 0


def test_what_validates_or_tests_a_task_is_left_out(tables: Path) -> None:
    drawn = unjudged([drawn_from(tables / "library.smi", 1000)])
    assert Chem.CanonSmiles(LEARNED) in drawn
    assert key(JUDGING) not in {key(text) for text in drawn}
    assert len({key(text) for text in drawn}) == len(drawn)


def test_a_draw_is_repeatable_and_no_longer_than_asked(tables: Path) -> None:
    library = tables / "library.smi"
    assert drawn_from(library, 7, seed=2) == drawn_from(library, 7, seed=2)
    assert len(set(drawn_from(library, 7))) == 7
    assert drawn_from(library, 7, seed=1) != drawn_from(library, 7, seed=2)


@pytest.mark.parametrize("option", ["--per-library", "--epochs"])
def test_a_number_that_makes_no_sense_is_refused(command: Command, tables: Path, option: str) -> None:
    ran = command("pretrain", option, "0")
    assert ran.code == 2
    assert f"{option} is 0; expected at least 1" in ran.err


def test_a_run_of_other_settings_is_refused(command: Command, tables: Path) -> None:
    common = ("pretrain", "--library", "library.smi", "--epochs", "1", "--run-folder", "run")
    assert command(*common).code == 0
    ran = command(*common, "--seed", "4")
    assert ran.code == 2
    assert "holds a training with other" in ran.err
    library = tables / "library.smi"
    # As many molecules, one of them another.
    library.write_text(library.read_text(encoding="utf-8").replace("CCO\n", "CCCCCCP\n", 1), encoding="utf-8")
    ran = command(*common)
    assert ran.code == 2
    assert "molecules_sha256" in ran.err
