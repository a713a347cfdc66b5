"""The tables of screening, from numbers made up here, and the arithmetic of a billion."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.screening_cases import BOTH, CASES, COMMITTEES, ONE, PARSE
from benchmarks.screening_tables import (
    GIVES,
    PEER_TITLES,
    billion_table,
    by_rows,
    core_hours,
    engine_table,
    memory_table,
    peer_rate_table,
    rate_table,
    stage_table,
)

LIBRARY: dict[str, Any] = {
    "rows_per_cpu_second": {PARSE: 6000.0, ONE: 4000.0, BOTH: 2000.0, COMMITTEES: 1000.0},
    "share_of_parse": {ONE: 0.667, BOTH: 0.333, COMMITTEES: 0.167},
    "microseconds": {
        ONE: {"standardise": 100.4, "featurise": 20.0, "networks": 60.0, "writing": 9.6},
        BOTH: {"standardise": 100.0, "featurise": 20.0, "networks": 120.0, "alerts": 30.0, "nearest": 10.0},
    },
}
ABOUT = {"when": "2026-01-01", "load": 0.1}
OURS = {"1": {"muv": LIBRARY, "moses": LIBRARY}, "2": {"muv": LIBRARY}, "about": ABOUT}
PEERS = {
    "library": "muv",
    "rows_per_cpu_second": {
        ONE: 4000.0, BOTH: 2000.0, COMMITTEES: 1000.0, "chemprop": 500.0, "graph_attention_student": 200.0,
    },
    "times_faster": {
        "chemprop": {ONE: 8.04, BOTH: 4.0, COMMITTEES: 2.0},
        "graph_attention_student": {ONE: 20.0, BOTH: 10.0, COMMITTEES: 5.0},
    },
    "failed": {},
    "about": ABOUT,
}  # fmt: skip


def _run(rows: int, case: str = ONE, driver: int = 500) -> dict[str, Any]:
    return {
        "case": case, "workers": 2, "rows": rows, "rows_per_second": 3456.7, "share_of_parse": 0.4321,
        "peak_resident_mb": 2000, "peak_proportional_mb": 1500, "peak_driver_mb": driver, "peak_worker_mb": 750,
        "bytes_per_row": 110.4, "driver_cpu_microseconds_per_row": 10.0,
    }  # fmt: skip


ENGINE = {"library": "muv", "input_bytes_per_row": 55.5, "runs": [_run(1000, case) for case in CASES], "about": ABOUT}
MEMORY = {str(10**7): _run(10**7, driver=600), "100000": _run(100_000), "10000": _run(10_000), "about": ABOUT}


def test_every_case_has_a_title() -> None:
    assert set(GIVES) == set(CASES)


def test_rates_stand_by_library_and_processes() -> None:
    lines = rate_table(OURS).splitlines()
    assert lines[0] == "|  | MUV, one process | MOSES, one process | MUV, 2 processes | aimed at |"
    assert lines[2] == "| `MolFromSmiles` alone, molecules a CPU second | 6,000 | 6,000 | 6,000 |  |"
    assert lines[3].endswith("| 0.67 | 0.67 | 0.67 | 0.50 |")
    assert len(lines) == 6


def test_stages_are_summed() -> None:
    lines = stage_table(OURS, "muv").splitlines()
    assert lines[0] == f"| CPU microseconds a molecule, MUV | {ONE} | {BOTH} |"
    assert "| standardise | 100 | 100 |" in lines
    assert "| alerts |  | 30 |" in lines
    assert lines[-3:] == [
        "| all | 190 | 280 |",
        "| prediction: featurise, networks | 80 | 140 |",
        "| alerts and domain: fingerprints, nearest, alerts | 0 | 40 |",
    ]


def test_other_tools_stand_with_what_was_aimed_at() -> None:
    lines = peer_rate_table(PEERS).splitlines()
    assert lines[2].startswith("|  |  | 4,000 a CPU second | 2,000 a CPU second |")
    assert lines[3] == f"| {PEER_TITLES['chemprop']} | 500 | 8.0 times | 4.0 times | 2.0 times | 6 times |"
    assert lines[4].endswith("| 20.0 times | 10.0 times | 5.0 times | 15 times |")


def test_the_command_and_its_memory() -> None:
    assert engine_table(ENGINE).splitlines()[2] == f"| {ONE} | 2 | 1,000 | 3,457 | 0.43 | 1,500 MB | 110 |"
    lines = memory_table(MEMORY).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| 10,000",
        "| 100,000",
        "| 10,000,000",
    ]
    assert lines[2] == "| 10,000 | 2 | 1,500 MB | 2,000 MB | 500 MB | 750 MB |"
    assert by_rows({"20": _run(20), "about": ABOUT}) == [_run(20)]
    untold = {"10": _run(10) | {"peak_proportional_mb": 0}}
    assert "| 2 | 2,000 MB | 2,000 MB |" in memory_table(untold)


def test_a_billion_is_counted_from_the_measured() -> None:
    assert core_hours(3.6) == pytest.approx(1.0)
    lines = billion_table({"ours": OURS, "engine": ENGINE, "memory": MEMORY, "peers": PEERS}).splitlines()
    rows = {line.split(" | ")[0].removeprefix("| "): line.rstrip(" |").split(" | ")[1:] for line in lines[2:]}
    # 1e9 rows of 250, 500 and 1,000 microseconds in a worker and 10 in the driver
    assert rows["core-hours"] == ["72", "140", "280"]
    assert rows["hours on 64 cores"] == ["1.1", "2.2", "4.4"]
    assert rows["hours on 1,024 cores"] == ["0.071", "0.14", "0.27"]
    assert rows["workers that one driver can feed"] == ["25", "50", "100"]
    assert rows["memory of a machine of 64 cores"] == ["49 GB"] * 3  # 0.6 + 64 * 0.75
    assert rows["results on disk"] == ["110 GB"] * 3
    assert rows["input on disk, not packed"] == ["56 GB"] * 3
    assert rows[f"core-hours of {PEER_TITLES['chemprop']}"] == ["560", "–", "–"]
    assert rows[f"core-hours of {PEER_TITLES['graph_attention_student']}"] == ["1,400", "–", "–"]
