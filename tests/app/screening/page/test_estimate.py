"""How long a screening may take: from what was measured, and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.screening.page.estimate import MEASURED, count_rows, seconds_for


def _measured(folder: Path, rates: dict[str, float]) -> Path:
    stages = {"one endpoint": 5.0, "both endpoints": 4.0, "both endpoints, committees": 2.0}
    libraries = {
        name: {"rows_per_cpu_second": {stage: factor * rate for stage, factor in stages.items()}}
        for name, rate in rates.items()
    }
    file = folder / "screening.json"
    file.write_text(json.dumps({"measured": {"ours": {"1": libraries}}}))
    return file


def test_time_grows_with_rows_and_models_and_shrinks_with_processes(tmp_path: Path) -> None:
    file = _measured(tmp_path, {"quick": 100.0, "slow": 10.0})
    assert seconds_for(400, 2, "one", 1, file) == 10.0
    assert seconds_for(400, 2, "all", 1, file) == 20.0
    assert seconds_for(400, 3, "all", 2, file) == 15.0
    assert seconds_for(0, 2, "all", 2, file) == 0.0


def test_processes_take_a_while_to_start(tmp_path: Path) -> None:
    file = _measured(tmp_path, {"quick": 100.0, "slow": 10.0})
    record = json.loads(file.read_text())
    record["measured"]["memory"] = {"10000": {"rows": 10_000, "seconds": 130.0, "workers": 2}}
    file.write_text(json.dumps(record))
    # One endpoint at 50 rows a second on either of two cores: 100 seconds for the rows, 30 for the start.
    assert seconds_for(400, 2, "one", 1, file) == 40.0
    record["measured"]["memory"]["10000"]["seconds"] = 90.0
    file.write_text(json.dumps(record))
    assert seconds_for(400, 2, "one", 1, file) == 10.0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"measured": {"ours": {"1": {}}}}', '{"measured": {"ours": {"1": {"a": {}}}}}', "null"]
)
def test_what_was_not_measured_is_not_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "screening.json"
    file.write_text(text)
    assert seconds_for(100, 2, "all", 1, file) is None
    assert seconds_for(100, 2, "all", 1, tmp_path / "none") is None


def test_rates_that_make_no_sense_tell_nothing(tmp_path: Path) -> None:
    assert seconds_for(100, 2, "all", 1, _measured(tmp_path, {"a": 0.0})) is None
    assert seconds_for(100, 2, "all", 0, _measured(tmp_path, {"a": 1.0})) is None


def test_committed_results_can_be_read() -> None:
    if not MEASURED.is_file():
        pytest.skip("the benchmark's results are not here")
    for members in ("one", "all"):
        seconds = seconds_for(1000, 2, members, 1)
        assert seconds is not None
        assert 0.05 < seconds < 100


def test_counting_ends_with_the_rows_or_with_the_time() -> None:
    assert count_rows(range(2500)) == (2500, True)
    assert count_rows([]) == (0, True)
    assert count_rows(range(10**6), most_seconds=-1.0) == (1000, False)
