"""The benchmark of trust agrees with the card of the same bundle, and its table says where trust ranks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import trust
from benchmarks.trust import main, trust_table
from megan.card import read_card
from megan.predictor import Predictor


def test_a_run_finds_what_the_card_says(
    tiny_bundle: Path,
    table: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    predictor = Predictor.load(tiny_bundle)
    monkeypatch.setattr(trust, "shipped_tasks", lambda: ("mutagenicity",))
    monkeypatch.setattr(Predictor, "load", lambda name: predictor)
    monkeypatch.setattr(trust, "load_table", lambda task: table)
    main(["--results", str(tmp_path)])
    found = json.loads((tmp_path / "trust.json").read_text())["measured"]["mutagenicity"]
    card = read_card(tiny_bundle)
    assert found["n"] == card["test"]["n"]
    assert found["ece"] == card["test"]["ece"]
    assert found["ece_by_chance"] == card["test"]["ece_by_chance"]
    for level, classes in found["coverage"].items():
        for name, share in classes.items():
            assert share["value"] == pytest.approx(card["conformal"][level][name], abs=1e-4)
            assert share["by_chance"] == card["conformal_by_chance"][level][name]
            assert share["low"] <= share["value"] <= share["high"]
    for name, order in card["curves"]["rejection"]["orders"].items():
        assert found["rejection"]["orders"][name]["gain"] == order["gain"]
        assert found["rejection"]["all"] == order["error"][-1]
        assert found["rejection"]["orders"][name]["half"] == order["error"][len(order["error"]) // 2 - 1]
    assert "| mutagenicity | " in capsys.readouterr().out


def test_missing_data_are_said_in_a_sentence(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(task: object) -> pd.DataFrame:
        raise FileNotFoundError("the data are not on this machine")

    predictor = Predictor.load(tiny_bundle)
    monkeypatch.setattr(trust, "shipped_tasks", lambda: ("mutagenicity",))
    monkeypatch.setattr(Predictor, "load", lambda name: predictor)
    monkeypatch.setattr(trust, "load_table", nowhere)
    with pytest.raises(SystemExit, match="mutagenicity: the data are not on this machine"):
        main([])


def test_the_table_tells_values_from_verdicts_and_chance_from_order() -> None:
    def order(half: float, low: float) -> dict[str, Any]:
        return {"half": half, "area": {}, "gain": {"low": low}}

    verdicts = {
        "ece": {"value": 0.0416},
        "ece_by_chance": {"value": 0.0415, "high": 0.0585},
        "coverage": {"0.9": {"a": {"value": 0.926}, "b": {"value": 0.9135}}},
        "rejection": {
            "error": "wrong",
            "all": 0.196,
            "orders": {"spread": order(0.099, 0.06), "margin": order(0.158, 0.04), "similarity": order(0.169, -0.01)},
        },
    }
    values = {
        "coverage": {"0.9": {"all": {"value": 0.88}}},
        "rejection": {"error": "rmse", "all": 0.9, "orders": {"spread": order(0.6, 0.1)}},
    }
    lines = trust_table({"a task": verdicts, "another": values}).splitlines()
    assert lines[2] == (
        "| a task | 0.042 | 0.042 (up to 0.059) | 93 %, 91 % | 19.6 % | 9.9 % | 15.8 % "
        "| 16.9 % (as in random order) | – |"
    )
    assert lines[3] == "| another | – | – | 88 % | RMSE 0.90 | RMSE 0.60 | – | – | – |"
