"""The benchmark of studies runs from end to end, keeps its numbers, and says which expectations were met."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import simulatability
from benchmarks.simulatability import main
from concepts.simulatability.conditions import published_sweep


def test_quick_runs_are_kept_apart_and_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulatability, "DRAWN_GRAPHS", 230)
    main(["--quick", "--run-folder", str(tmp_path), "--parts", "checks"])
    printed = capsys.readouterr().out
    main(["--quick", "--run-folder", str(tmp_path), "--parts", "sweep", "checks"])
    measured = json.loads((tmp_path / "quick" / "simulatability.json").read_text())["measured"]
    assert set(measured) == {"checks", "sweep"}
    assert len(measured["sweep"]["rows"]) == len(published_sweep())
    assert {"spearman_noise", "spearman_adversarial", "seconds", "processor_seconds"} <= measured["sweep"].keys()
    met = measured["checks"]["met"]
    assert len(met) == 16
    # From the same start, with the same masks: nothing but an error of the program could part the students.
    assert met["same masks, size 25, start 0: interval contains 0"]
    for sentence, yes in met.items():
        assert f"  {'yes' if yes else 'NO '} {sentence}" in printed
    assert measured["checks"]["repetitions"] == 2
