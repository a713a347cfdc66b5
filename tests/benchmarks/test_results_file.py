"""Results keep their numbers, and leave rows of single molecules out of what is committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import results_file
from benchmarks.results_file import without_details, write_result

MEASURED = {"ames": {"share": 0.5, "each": [{"smiles": "CCO"}], "sizes": {"1": {"n": 2, "each": []}}}, "list": [1, 2]}


def test_what_is_of_single_molecules_is_left_out_at_any_depth() -> None:
    assert without_details(MEASURED) == {"ames": {"share": 0.5, "sizes": {"1": {"n": 2}}}, "list": [1, 2]}


def test_details_stay_with_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_file, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(results_file, "DETAILS", tmp_path / "details")
    file = write_result("made", "command", MEASURED, tmp_path / "results")
    assert json.loads(file.read_text())["measured"] == without_details(MEASURED)
    assert json.loads((tmp_path / "details" / "made.json").read_text())["measured"] == MEASURED
    trial = write_result("made", "command", MEASURED, tmp_path / "trial")
    assert json.loads(trial.read_text())["measured"] == MEASURED
