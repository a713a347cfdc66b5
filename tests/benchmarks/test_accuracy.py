"""The comparison with other methods: what is said of whom, and what is trained. No peer is needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import accuracy
from benchmarks.peers import environments, running
from benchmarks.peers.environments import PeerError
from benchmarks.peers.running import Method, cached
from datasets.tasks import MUTAGENICITY, SOLUBILITY
from megan.metrics import auroc
from tests.benchmarks.fake_predictions import guesses, keep_prediction


@pytest.fixture
def data_folder(tmp_path: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A MEGAN_DATA with a small Ames table, and a solubility table whose first test compound has a learned isomer."""
    folder = tmp_path / "data"
    folder.mkdir()
    table.rename(columns={"label": "mutagenic"}).to_csv(folder / "ames.csv", index=False)
    soluble = table.assign(logS=table["smiles"].str.len() / 10 - table["label"])
    first = {split: soluble.index[soluble["split"] == split][0] for split in ("train", "test")}
    soluble.loc[first["train"], "inchikey14"] = soluble.loc[first["test"], "inchikey14"]
    soluble.drop(columns="label").to_csv(folder / "aqsoldb.csv", index=False)
    monkeypatch.setenv("MEGAN_DATA", str(folder))
    return folder


@pytest.fixture
def shipped(tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One shipped bundle, the tiny one."""
    shutil.copytree(tiny_bundle, tmp_path / "pretrained" / "mutagenicity")
    monkeypatch.setattr("megan.card.PRETRAINED", tmp_path / "pretrained")


class TestMain:
    def run(self, tmp_path: Path, *arguments: str) -> dict[str, Any]:
        folders = ["--folder", str(tmp_path / "runs"), "--results", str(tmp_path / "results")]
        accuracy.main([*arguments, *folders, "--trees", "20"])
        measured: dict[str, Any] = json.loads((tmp_path / "results" / "accuracy.json").read_text())["measured"]
        return measured

    @pytest.fixture
    def fake_training(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Peers that guess, except one that cannot be installed; the names of those that were trained."""
        asked: list[str] = []

        def train(method: Method, data: Path, peers: Path) -> running.Answer:
            asked.append(method.name)
            if method.name == "graph_attention_student":
                raise PeerError("exit code 1: no matching distribution")
            keep_prediction(
                method, data, guesses(data, len(method.name)), {"molecules": 24, "epochs": 5, "cpu_minutes": 0.25}
            )
            answer = cached(method, data)
            assert answer is not None
            return answer

        monkeypatch.setattr(accuracy, "trained", train)
        return asked

    def test_our_committee_beside_its_peers(
        self,
        tmp_path: Path,
        data_folder: Path,
        shipped: None,
        fake_training: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        record = self.run(tmp_path, "--tasks", "mutagenicity")["mutagenicity"]
        assert fake_training == ["forest", "chemprop", "graph_attention_student"]
        assert record["rows"] == {"train": 16, "valid": 8, "test": 8}
        assert list(record["methods"]) == ["committee", "member 0", "member 1", "forest", "chemprop"]
        assert record["bundle"]["seeds"] == [0, 1]
        us, them = record["methods"]["committee"]["auroc"], record["methods"]["forest"]["auroc"]
        lead = record["differences"]["forest"]["auroc"]
        assert lead["value"] == pytest.approx(us["value"] - them["value"], abs=1e-4)
        assert record["missing"] == {"graph_attention_student": "exit code 1: no matching distribution"}
        told = capsys.readouterr().out
        assert "graph_attention_student  not measured: exit code 1: no matching distribution" in told
        assert "      24      5    0.25" in told

        # A second run trains nobody whose predictions are there, and nobody who is not wanted.
        again = self.run(tmp_path, "--tasks", "mutagenicity", "--methods")["mutagenicity"]
        assert fake_training == ["forest", "chemprop", "graph_attention_student"]
        assert again["methods"] == record["methods"]
        assert again["missing"] == {"graph_attention_student": "not trained yet"}

    def test_the_committee_scores_as_its_card_says(
        self, tmp_path: Path, data_folder: Path, shipped: None, tiny_bundle: Path
    ) -> None:
        found = self.run(tmp_path, "--tasks", "mutagenicity", "--methods")["mutagenicity"]["methods"]["committee"]
        card = json.loads((tiny_bundle / "card.json").read_text())["test"]
        for metric in ("auroc", "balanced_accuracy", "average_precision"):
            assert found[metric] == pytest.approx(card[metric], abs=1e-4)

    def test_without_a_bundle_there_are_peers_only(
        self,
        tmp_path: Path,
        data_folder: Path,
        shipped: None,
        fake_training: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        record = self.run(tmp_path, "--tasks", "solubility", "--methods", "forest")["solubility"]
        assert list(record["methods"]) == ["forest"]
        assert record["differences"] == {}
        assert record["missing"]["committee"] == "no bundle is shipped"
        assert set(record["methods"]["forest"]) == {"rmse", "mae", "r2", "given"}
        # A learned isomer of a test compound is left out.
        assert record["rows"] == {"train": 15, "valid": 8, "test": 8}
        assert "committee                not measured: no bundle is shipped" in capsys.readouterr().out

    def test_with_nobody_to_compare_the_reasons_are_told(
        self, tmp_path: Path, data_folder: Path, shipped: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        record = self.run(tmp_path, "--tasks", "solubility", "--methods")["solubility"]
        assert record["methods"] == record["differences"] == {}
        assert list(record["missing"]) == [*accuracy.METHODS, "committee"]
        assert "chemprop                 not measured: not trained yet" in capsys.readouterr().out

    def test_a_broken_bundle_is_told(self, tmp_path: Path, data_folder: Path, shipped: None) -> None:
        (tmp_path / "pretrained" / "mutagenicity" / "weights.safetensors").unlink()
        with pytest.raises(SystemExit, match="mutagenicity: bundle 'mutagenicity' has no weights.safetensors"):
            self.run(tmp_path, "--tasks", "mutagenicity", "--methods")

    def test_numbers_of_other_tasks_are_kept(
        self, tmp_path: Path, data_folder: Path, shipped: None, fake_training: list[str]
    ) -> None:
        first = self.run(tmp_path, "--tasks", "solubility", "--methods", "forest")
        both = self.run(tmp_path, "--tasks", "mutagenicity", "--methods")
        assert both["solubility"] == first["solubility"]
        assert "mutagenicity" in both

    def test_numbers_written_during_a_training_are_kept(
        self, tmp_path: Path, data_folder: Path, shipped: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def meanwhile(method: Method, data: Path, peers: Path) -> running.Answer:
            (tmp_path / "results").mkdir()
            (tmp_path / "results" / "accuracy.json").write_text('{"measured": {"solubility": {"by": "another run"}}}')
            raise PeerError("it was too slow")

        monkeypatch.setattr(accuracy, "trained", meanwhile)
        both = self.run(tmp_path, "--tasks", "mutagenicity", "--methods", "forest")
        assert both["solubility"] == {"by": "another run"}
        assert both["mutagenicity"]["missing"]["forest"] == "it was too slow"

    def test_a_missing_data_folder_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "empty")
        monkeypatch.delenv("MEGAN_DATA", raising=False)
        with pytest.raises(SystemExit, match=r"mutagenicity: the data of task .* run `python -m app fetch-data"):
            self.run(tmp_path, "--tasks", "mutagenicity")
        monkeypatch.setenv("MEGAN_DATA", str(tmp_path / "nowhere"))
        with pytest.raises(SystemExit, match="expected a folder that exists"):
            self.run(tmp_path, "--tasks", "mutagenicity")


def test_molecules_are_standardised_once(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ames = pd.read_csv(data_folder / "ames.csv")
    ames.loc[0, "smiles"] = "[Na+].[O-]C(=O)c1ccccc1"
    ames.loc[1, "smiles"] = "no molecule"
    ames.to_csv(data_folder / "ames.csv", index=False)
    file = accuracy.prepared(MUTAGENICITY, tmp_path)
    table = pd.read_csv(file)
    assert table["smiles"][0] == "O=C(O)c1ccccc1"
    assert len(table) == len(ames) - 1
    assert table["split"].tolist() == ames["split"].drop(1).tolist()

    def never(text: str) -> str:
        raise AssertionError(text)

    monkeypatch.setattr(accuracy, "parent_smiles", never)
    assert accuracy.prepared(MUTAGENICITY, tmp_path) == file
    ames.drop(index=2).to_csv(data_folder / "ames.csv", index=False)
    with pytest.raises(AssertionError):
        accuracy.prepared(MUTAGENICITY, tmp_path)


def test_a_verdict_is_shifted_by_its_threshold(table: pd.DataFrame) -> None:
    judged = accuracy.Judged(MUTAGENICITY, table)
    output = np.linspace(0, 1, len(table))
    metrics, p = judged.metrics(), judged.ready(output, 0.7)
    test = judged.rows("test")
    by_hand = 0.5 * sum(float(((output[test] >= 0.7) == c)[judged.labels("test") == c].mean()) for c in (0, 1))
    assert metrics["balanced_accuracy"](judged.labels("test"), p) == pytest.approx(by_hand)
    assert metrics["auroc"](judged.labels("test"), p) == pytest.approx(auroc(judged.labels("test"), output[test]))


def test_shortcuts_are_binned_away(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = pd.concat([table] * 6, ignore_index=True).assign(split="test")
    judged = accuracy.Judged(MUTAGENICITY, twice)
    monkeypatch.setattr(accuracy, "properties", lambda smiles: {"TPSA": np.arange(float(len(smiles)))})
    y = judged.labels("test")
    found = accuracy.binned(judged, {"committee": y, "forest": 1 - y})["TPSA"]
    assert found["molecules"] == [48, 48, 48, 48]
    assert found["auroc"]["committee"]["within"] == [1, 1, 1, 1]
    assert found["auroc"]["forest"]["value"] == 0
    assert found["differences"] == {"forest": {"value": 1, "low": 1, "high": 1}}


@pytest.mark.parametrize("task", [MUTAGENICITY, SOLUBILITY])
def test_every_peer_has_a_program(task: Any) -> None:
    settings: Callable[..., Any] = accuracy.methods
    arguments = type("Chosen", (), {"trees": 3, "epochs_chemprop": None, "epochs_gas": 2, "limit_minutes": 1.0})
    found = settings(task, arguments)
    assert [method.name for method in found] == list(accuracy.METHODS)
    for method in found:
        assert find_spec(method.program) is not None
        assert method.settings["kind"] == task.kind
        assert method.environment in ("own", *environments.ENVIRONMENTS)
