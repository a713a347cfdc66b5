"""`train` and `fetch-data` hand their settings on; the work itself is tested where it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import datasets.file_hash
import datasets.sources
import megan.building
from datasets.tasks import MUTAGENICITY, Task
from tests.app.conftest import Ran

Command = Callable[..., Ran]


def _rows(n: int) -> pd.DataFrame:
    return pd.DataFrame({"smiles": ["CCO"] * n, "inchikey14": ["LFQSCWFLJHTTHZ"] * n})


@pytest.fixture
def left_out() -> int:
    """Rows that the table leaves out."""
    return 0


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left_out: int) -> list[dict[str, Any]]:
    """Calls of build_bundle."""
    calls: list[dict[str, Any]] = []

    def build(task: Task, table: pd.DataFrame, out: Path, run: Path, **settings: Any) -> dict[str, Any]:
        calls.append({"task": task, "out": out, "run": run, **settings})
        return {"test": {"auroc": {"value": 0.9, "low": 0.85, "high": 0.95}, "n": 3}}

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(megan.building, "build_bundle", build)
    monkeypatch.setattr(datasets.sources, "load_table", lambda task: _rows(0))
    monkeypatch.setattr(datasets.sources, "published_table", lambda task: _rows(left_out))
    monkeypatch.setattr(datasets.sources, "table_path", lambda task: tmp_path / task.table)
    monkeypatch.setattr(datasets.file_hash, "file_sha256", lambda path: "0" * 64)
    return calls


def test_settings_reach_the_training(command: Command, built: list[dict[str, Any]]) -> None:
    ran = command("train", "mutagenicity", "--members", "2", "--seed", "7", "--epochs", "3", "--run-folder", "here")
    assert ran.code == 0
    assert "test auroc: 0.9000 (0.8500 to 0.9500)" in ran.out
    [call] = built
    assert (call["task"], call["recipe"].members, call["device"]) == (MUTAGENICITY, 2, "cpu")
    assert (call["recipe"].train.seed, call["recipe"].train.epochs) == (7, 3)
    assert (call["run"], call["out"]) == (Path("here"), Path("here/bundle"))


@pytest.mark.parametrize("left_out", [0, 1328])
def test_the_card_hears_of_rows_left_out(command: Command, built: list[dict[str, Any]], left_out: int) -> None:
    assert command("train", "solubility").code == 0
    said = built[0]["about_data"].get("report", {}).get("sentences", [])
    assert [sentence.split(" of ")[0] for sentence in said] == (["1,328 rows"] if left_out else [])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["taste"], "task is 'taste'"),
        (["mutagenicity", "--members", "0"], "--members is 0"),
        (["mutagenicity", "--epochs", "0"], "epochs is 0"),
        (["mutagenicity", "--device", "tpu"], "--device is 'tpu'"),
    ],
)
def test_wrong_settings_never_start(
    command: Command, built: list[dict[str, Any]], arguments: list[str], says: str
) -> None:
    ran = command("train", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert not built


def test_missing_data_say_how_to_get_them(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MEGAN_DATA", raising=False)
    monkeypatch.setattr(datasets.sources, "cache_folder", lambda: tmp_path)
    ran = command("train", "mutagenicity")
    assert ran.code == 2
    assert "fetch-data mutagenicity" in ran.err


def test_fetch_data_prints_where_the_table_is(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.sources, "fetch", lambda task, progress: Path("/cache") / task.table)
    ran = command("fetch-data", "aggregation")
    assert (ran.code, ran.out.strip()) == (0, "/cache/aggregation.csv")
    assert command("fetch-data", "taste").code == 2


def test_failed_download_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(task: Task, progress: bool) -> Path:
        raise datasets.sources.DownloadFailed("ames.csv could not be fetched; connect to the network")

    monkeypatch.setattr(datasets.sources, "fetch", fail)
    ran = command("fetch-data", "mutagenicity")
    assert (ran.code, ran.err.strip()) == (2, "ames.csv could not be fetched; connect to the network")
