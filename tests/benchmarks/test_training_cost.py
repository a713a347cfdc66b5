"""The cost of an epoch: what is timed, and what is made of the times. The peer is not needed."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import training_cost
from benchmarks.peers.environments import PeerError
from benchmarks.peers.running import Answer, Method
from benchmarks.training_cost import our_epochs, sample, summary
from megan.model import ModelSettings
from megan.settings import TrainSettings

SMALL = ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,))
QUICK = TrainSettings(epochs=3, batch=8)
PEER = {"epoch_cpu_seconds": [9.0, 4.0, 6.0], "prepare_cpu_seconds": 1.0, "losses": ["loss_pred"], "parameters": 7}


def rows(table: pd.DataFrame, times: int) -> pd.DataFrame:
    """As many train rows as are wanted, and the valid and test rows."""
    train = table[table["split"] == "train"]
    repeated = pd.concat([train] * times + [table[table["split"] != "train"]], ignore_index=True)
    return repeated


def test_a_sample_is_drawn_from_each_split(table: pd.DataFrame, tmp_path: Path) -> None:
    rows(table, 10).to_csv(tmp_path / "all.csv", index=False)
    drawn = sample(tmp_path / "all.csv", 120, tmp_path / "drawn.csv")
    assert drawn["split"].value_counts().to_dict() == {"train": 120, "valid": 8, "test": 8}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "drawn.csv"), drawn)
    pd.testing.assert_frame_equal(sample(tmp_path / "all.csv", 120, tmp_path / "again.csv"), drawn)
    for wrong in (99, 161):
        with pytest.raises(ValueError, match=f"molecules is {wrong}; expected 100 to 160"):
            sample(tmp_path / "all.csv", wrong, tmp_path / "drawn.csv")


def test_our_epochs_are_timed_without_the_first(table: pd.DataFrame) -> None:
    found = our_epochs(rows(table, 1), SMALL, QUICK)
    assert len(found["epoch_cpu_seconds"]) == 2
    assert min(found["epoch_cpu_seconds"]) > 0
    assert {"prediction", "explanation", "sparsity", "fidelity", "contrastive"} <= set(found["losses"])
    assert found["parameters"] > 0


def test_a_loss_that_is_off_makes_no_fair_comparison(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="leave out the losses fidelity; expected all of them"):
        our_epochs(rows(table, 1), SMALL, dataclasses.replace(QUICK, fidelity=0.0, epochs=2))


def test_seconds_are_per_thousand_molecules() -> None:
    ours = {"epoch_cpu_seconds": [0.2, 0.4], "prepare_cpu_seconds": 0.1, "losses": ["a"], "parameters": 3, "batch": 64}
    found = summary(500, [ours, {**ours, "epoch_cpu_seconds": [0.3, 0.3]}], PEER)
    assert found["ours"]["seconds"] == 0.6
    assert found["ours"]["epochs"] == [0.4, 0.8, 0.6, 0.6]
    # The first epoch warms up.
    assert found["graph_attention_student"]["epochs"] == [8, 12]
    assert found["graph_attention_student"]["seconds"] == 10
    assert found["ratio"] == 16.7


class TestMain:
    @pytest.fixture
    def arguments(
        self, tmp_path: Path, table: pd.DataFrame, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
    ) -> list[str]:
        (tmp_path / "data").mkdir()
        rows(table, 10).rename(columns={"label": "mutagenic"}).to_csv(tmp_path / "data" / "ames.csv", index=False)
        monkeypatch.setenv("MEGAN_DATA", str(tmp_path / "data"))
        shutil.copytree(tiny_bundle, tmp_path / "pretrained" / "mutagenicity")
        monkeypatch.setattr("megan.card.PRETRAINED", tmp_path / "pretrained")
        folders = {"folder": "cost", "tables": "tables", "results": "results"}
        given = [word for name, place in folders.items() for word in (f"--{name}", str(tmp_path / place))]
        return [*given, "--molecules", "100", "--epochs", "1"]

    def test_both_learn_the_same_molecules(
        self, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked: list[tuple[Method, int]] = []

        def train(method: Method, data: Path, peers: Path) -> Answer:
            asked.append((method, int((pd.read_csv(data)["split"] == "train").sum())))
            return Answer(np.zeros(0), dict(PEER))

        monkeypatch.setattr(training_cost, "trained", train)
        training_cost.main(arguments)
        ((method, molecules),) = asked
        assert molecules == 100
        assert method.settings == {"kind": "classification", "epochs": 2}
        measured: dict[str, Any] = json.loads((tmp_path / "results" / "training_cost.json").read_text())["measured"]
        assert len(measured["ours"]["epochs"]) == 2
        assert measured["graph_attention_student"]["seconds"] == 50
        assert f"ours is {measured['ratio']:.1f} times cheaper" in capsys.readouterr().out

    def test_a_peer_that_cannot_be_had_is_told(
        self, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def train(method: Method, data: Path, peers: Path) -> Answer:
            raise PeerError("exit code 1: no matching distribution")

        monkeypatch.setattr(training_cost, "trained", train)
        with pytest.raises(SystemExit, match="exit code 1: no matching distribution"):
            training_cost.main(arguments)
        assert not (tmp_path / "results").exists()

    def test_bad_settings_are_told(self, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(SystemExit, match="--epochs is 0; expected at least 1"):
            training_cost.main([*arguments, "--epochs", "0"])
        with pytest.raises(SystemExit, match="molecules is 5000; expected 100 to 160"):
            training_cost.main([*arguments, "--molecules", "5000"])
        monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "empty")
        monkeypatch.delenv("MEGAN_DATA")
        with pytest.raises(SystemExit, match="run `python -m app fetch-data mutagenicity`"):
            training_cost.main(arguments)
