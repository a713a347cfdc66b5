"""Small tables: both starts learn from the same draws and are judged on molecules that neither has seen."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import small_tables
from benchmarks.model_tables import small_table


def test_both_starts_are_judged_on_the_same_molecules(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_tables, "load_table", lambda task: table)
    small_tables.main(["--sizes", "20", "--draws", "2", "--epochs", "2", "--results", str(tmp_path)])
    measured = json.loads((tmp_path / "small_tables.json").read_text(encoding="utf-8"))["measured"]
    assert list(measured) == ["mutagenicity", "solubility"]
    assert measured["solubility"]["metric"] == "rmse"
    scores = measured["mutagenicity"]["sizes"]["20"]
    assert set(scores) == {"random", "pretrained"}
    assert all(0 <= score <= 1 for start in scores.values() for score in start)
    assert [len(start) for start in scores.values()] == [2, 2]


def test_the_table_tells_means_and_how_often_the_encoder_helped() -> None:
    measured = {
        "mutagenicity": {"metric": "auroc", "sizes": {"100": {"random": [0.6, 0.8], "pretrained": [0.7, 0.75]}}},
        "solubility": {"metric": "rmse", "sizes": {"1000": {"random": [2.0, 1.5], "pretrained": [1.0, 1.2]}}},
    }
    rows = small_table(measured).splitlines()
    assert rows[2] == "| mutagenicity | AUROC | 100 | 0.700 | 0.725 | 1 of 2 |"
    assert rows[3] == "| solubility | RMSE | 1,000 | 1.750 | 1.100 | 2 of 2 |"


@pytest.mark.parametrize(("option", "least"), [("--sizes", 20), ("--draws", 1)])
def test_too_few_are_refused(option: str, least: int) -> None:
    with pytest.raises(SystemExit, match=f"{option} is 0; expected at least {least}"):
        small_tables.main([option, "0"])
