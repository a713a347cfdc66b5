"""Peers are installed and trained once; what was trained under other conditions is no answer. No peer is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers import environments, running
from benchmarks.peers.environments import PeerError, peer_python, told
from benchmarks.peers.exchange import read_job, write_answer
from benchmarks.peers.running import Method, cached, trained
from megan.metrics import auroc
from tests.benchmarks.fake_predictions import guesses, keep_prediction

FOREST = Method("forest", "benchmarks.peers.train_forest", "own", {"kind": "classification", "trees": 20})


@pytest.fixture
def data(tmp_path: Path, table: pd.DataFrame) -> Path:
    """A prepared table of the tiny task."""
    file = tmp_path / "mutagenicity" / "molecules.csv"
    file.parent.mkdir()
    table[["smiles", "label", "split"]].to_csv(file, index=False)
    return file


def test_predictions_are_found_again(data: Path) -> None:
    said = guesses(data)
    keep_prediction(FOREST, data, said, {"molecules": 16})
    answer = cached(FOREST, data)
    assert answer is not None
    assert answer.given == {"molecules": 16}
    assert {row: answer.output[row] for row in said} == pytest.approx(said)
    assert np.isnan(answer.output).sum() == len(answer.output) - len(said)


def test_nothing_is_found_where_nothing_is(data: Path) -> None:
    assert cached(FOREST, data) is None


def test_another_setting_is_another_method(data: Path) -> None:
    keep_prediction(FOREST, data, guesses(data), {})
    assert cached(Method("forest", FOREST.program, "own", {**FOREST.settings, "trees": 21}), data) is None


def test_another_table_is_another_question(data: Path) -> None:
    keep_prediction(FOREST, data, guesses(data), {})
    text = data.read_text()
    data.write_text(text.replace(",1.0,", ",0.0,", 1))
    assert cached(FOREST, data) is None
    data.write_text(text)
    assert cached(FOREST, data) is not None


def test_another_version_of_a_package_is_another_method(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_prediction(FOREST, data, guesses(data), {})
    monkeypatch.setattr(running, "version", lambda name: "0.0")
    assert cached(FOREST, data) is None


def test_a_molecule_without_prediction_is_no_answer(data: Path) -> None:
    said = guesses(data)
    said[max(said)] = float("nan")
    keep_prediction(FOREST, data, said, {})
    with pytest.raises(PeerError, match="1 of 16 molecules have no finite prediction in forest.csv"):
        cached(FOREST, data)


def test_a_forest_learns_and_is_kept(data: Path) -> None:
    answer = trained(FOREST, data)
    splits, labels = pd.read_csv(data)["split"], pd.read_csv(data)["label"]
    test = (splits == "test").to_numpy()
    assert auroc(labels[test], answer.output[test]) == 1
    assert answer.given["molecules"] == int((~test).sum())
    assert answer.given["cpu_minutes"] > 0
    # Out of bag: a tree that has seen a molecule would be surer than the others are.
    valid = (splits == "valid").to_numpy()
    assert 0 < np.abs(answer.output[valid] - labels[valid].to_numpy()).max() < 1
    again = cached(FOREST, data)
    assert again is not None
    np.testing.assert_array_equal(again.output, answer.output)
    assert sorted(file.name for file in data.parent.iterdir()) == ["forest.csv", "forest.json", "molecules.csv"]


def test_a_program_that_fails_says_why(data: Path) -> None:
    with pytest.raises(PeerError, match=r"exit code 1: .*ModuleNotFoundError|exit code 1: .*No module named"):
        trained(Method("forest", "benchmarks.peers.train_nothing", "own", {}), data)
    assert [file.name for file in data.parent.iterdir()] == ["molecules.csv"]


def test_commands_that_cannot_start_say_why(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="nobody could not be started"):
        told([str(tmp_path / "nobody")])
    with pytest.raises(PeerError, match="exit code 3: it said nothing"):
        told([sys.executable, "-c", "raise SystemExit(3)"])


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(environments, "told", calls.append)
    python = peer_python("chemprop", tmp_path)
    assert python == tmp_path / "chemprop" / "bin" / "python"
    assert calls[0][1:3] == ["-m", "venv"]
    # torch goes first, so that the peer takes the one that is there.
    assert [call[-1] for call in calls[1:]] == ["torch==2.13.0", "chemprop==2.3.1"]
    assert peer_python("chemprop", tmp_path) == python
    assert len(calls) == 3
    monkeypatch.setitem(environments.ENVIRONMENTS, "chemprop", (("chemprop==9",),))
    peer_python("chemprop", tmp_path)
    assert calls[-1][-1] == "chemprop==9"


def test_an_unknown_peer_is_named() -> None:
    with pytest.raises(ValueError, match="peer is 'oracle'; expected one of own, chemprop"):
        peer_python("oracle")


def test_what_goes_in_comes_out(data: Path, tmp_path: Path) -> None:
    job = read_job(["--data", str(data), "--settings", '{"kind": "classification"}', "--out", str(tmp_path / "a.csv")])
    table = pd.read_csv(data)
    assert job.smiles == tuple(table["smiles"])
    assert job.labels == tuple(table["label"])
    assert job.rows("valid", "test") == [i for i, split in enumerate(table["split"]) if split != "train"]
    write_answer(job, {7: 0.1, 3: 1 / 3}, {"epochs": 2})
    assert pd.read_csv(tmp_path / "a.csv").to_numpy().tolist() == [[3, 1 / 3], [7, 0.1]]
    assert json.loads((tmp_path / "a.json").read_text()) == {"epochs": 2}
