"""The command, its sections and its memory; nothing is trained, no peer is asked and no data is needed."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import screening
from benchmarks.process_memory import processes_under, watch
from benchmarks.screening import Kept, parsed
from benchmarks.screening_cases import BOTH, CASES, ONE, TARGETS, case_options, case_settings
from benchmarks.screening_engine import RUNS, structures, told, write_library

MEGABYTES = """
import subprocess, sys, time
held = bytearray(80_000_000)
for at in range(0, len(held), 1000):
    held[at] = 1
child = subprocess.run([sys.executable, "-c", "held = b'1' * 40_000_000; import time; time.sleep(1.2)"])
"""


def test_cases_are_settings_and_options_of_the_command() -> None:
    assert set(TARGETS) == set(CASES)
    for case in CASES:
        settings, options = case_settings(case), case_options(case)
        assert options.count("--task") == len(settings.tasks)
        assert settings.masks
        assert ("--alerts" in options) == settings.alerts
    assert case_settings(ONE, ("a", "b")).tasks == ("a",)
    assert case_settings(BOTH, ("a", "b")).tasks == ("a", "b")


def test_the_command_line_is_read_and_refused() -> None:
    given = parsed(["--sets", "moses", "--memory", "10,20", "--only", "memory", "engine", "--peers", "chemprop"])
    assert (given.sets, given.memory, given.peers) == (("moses",), (10, 20), ("chemprop",))
    assert given.only == ["memory", "engine"]
    for wrong in (["--sets", "zinc"], ["--peers", ","], ["--memory", "10,x"], ["--memory", "0"], ["--rows", "100"]):
        with pytest.raises(SystemExit):
            parsed(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match="expected some of muv, moses"):
        screening._names(screening.LIBRARIES)("zinc")


def test_a_section_replaces_its_own_numbers_only(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.of("ours") == {}
    kept.put("ours", {"a": 1, "b": 2})
    kept.put("memory", {"10": {"rows": 10}})
    kept.put("memory", kept.of("memory") | {"20": {"rows": 20}})
    kept.put("ours", {"a": 3})
    measured = json.loads(kept.file.read_text(encoding="utf-8"))["measured"]
    assert {key: value for key, value in measured["ours"].items() if key != "about"} == {"a": 3}
    assert set(measured["memory"]) == {"10", "20", "about"}
    assert set(measured["ours"]["about"]) == {"when", "load"}


def test_a_library_repeats_all_structures_before_any_a_third_time(tmp_path: Path) -> None:
    file = tmp_path / "some.smi.gz"
    with gzip.open(file, "wt") as out:
        out.write("C M1\nCC\nCCC M3\n")
    smiles = structures([file, file])
    assert smiles == ["C", "CC", "CCC"] * 2
    write_library(smiles[:3], 8, tmp_path / "out" / "library.smi")
    rows = [line.split() for line in (tmp_path / "out" / "library.smi").read_text().splitlines()]
    assert [name for _, name in rows] == [f"M{row}" for row in range(8)]
    texts = [text for text, _ in rows]
    assert sorted(texts[:3]) == sorted(texts[3:6]) == ["C", "CC", "CCC"]
    write_library(smiles[:3], 8, tmp_path / "again.smi")
    assert (tmp_path / "again.smi").read_text() == (tmp_path / "out" / "library.smi").read_text()
    with pytest.raises(ValueError, match="no structures"):
        write_library([], 1, tmp_path / "none.smi")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_of_a_command_is_that_of_all_its_processes() -> None:
    found = watch([sys.executable, "-c", MEGABYTES])
    assert 80 < found.peak_driver_mb < 200
    assert 40 < found.peak_worker_mb < 80 + 100
    assert found.peak_resident_mb >= max(found.peak_driver_mb, 120)
    assert 0 < found.peak_proportional_mb <= found.peak_resident_mb
    assert found.seconds >= 1.2
    assert 0 < found.driver_cpu_seconds <= found.cpu_seconds
    with pytest.raises(RuntimeError, match="ended with exit code 3"):
        watch([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.skipif(sys.platform != "linux", reason="processes are listed in /proc")
def test_nothing_is_under_a_process_that_has_ended() -> None:
    assert processes_under(2**30) == []


def test_a_run_is_told_per_row(tmp_path: Path) -> None:
    from benchmarks.process_memory import Watched

    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "part-00000.parquet").write_bytes(b"x" * 500)
    line = told(Watched(2.0, 4.0, 1.0, 900.4, 700.0, 300.0, 400.0), 100, tmp_path)
    assert (line["rows_per_second"], line["cpu_microseconds_per_row"]) == (50.0, 40000.0)
    assert (line["driver_cpu_microseconds_per_row"], line["bytes_per_row"]) == (10000.0, 5.0)
    assert (line["peak_resident_mb"], line["peak_proportional_mb"]) == (900, 700)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two small libraries, and measuring that only notes what it is given."""
    (tmp_path / "data" / "library").mkdir(parents=True)
    for name, file in screening.LIBRARIES.items():
        with gzip.open(tmp_path / "data" / file, "wt") as out:
            out.writelines(f"{'C' * (at + 1)} {name}{at}\n" for at in range(40))
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path / "data"))
    return tmp_path


def test_sections_are_measured_and_kept_as_they_are_there(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def screened(library: Path, rows: int, case: str, workers: int, folder: Path) -> dict[str, Any]:
        lengths.append(len(library.read_text().splitlines()))
        if rows == 50:
            raise RuntimeError("-m app screen ended with exit code 2")
        return {"rows": rows, "case": case, "workers": workers, "rows_per_second": 10.0}

    def own(libraries: dict[str, list[str]], size: int, cores: list[int | None]) -> dict[str, Any]:
        return {name: len(smiles) for name, smiles in libraries.items()} | {"cores": len(cores)}

    def others(smiles: list[str], size: int, peers: tuple[str, ...], core: int | None, folder: Path) -> dict[str, Any]:
        return {"molecules": len(smiles), "peers": peers}

    monkeypatch.setattr(screening, "measure_own", own)
    monkeypatch.setattr(screening, "measure_peers", others)
    monkeypatch.setattr(screening, "screened", screened)
    monkeypatch.setattr(screening, "parse_by_the_clock", lambda smiles, workers: 100.0)
    where = ["--folder", str(data / "out"), "--scratch", str(data / "scratch"), "--part-rows", "4", "--rows", "32"]
    screening.main([*where, "--only", "ours", "peers", "engine", "--peers", "chemprop", "--peer-parts", "3"])
    with pytest.raises(SystemExit, match="memory: -m app screen ended with exit code 2"):
        screening.main([*where, "--only", "memory", "--memory", "20,50"])
    kept = json.loads((data / "out" / "screening.json").read_text(encoding="utf-8"))["measured"]
    assert kept["ours"]["1"] == {"muv": 32, "moses": 32, "cores": 1}
    assert kept["ours"]["2"]["cores"] == 2
    assert (kept["peers"]["molecules"], kept["peers"]["peers"], kept["peers"]["library"]) == (16, ["chemprop"], "muv")
    assert [(run["case"], run["workers"]) for run in kept["engine"]["runs"]] == list(RUNS)
    assert kept["engine"]["runs"][0]["share_of_parse"] == 0.1
    # What was measured before the failure is kept, and the memory of all structures is asked for, whatever --rows says.
    assert set(kept["memory"]) == {"20", "about"}
    assert lengths == [32] * len(RUNS) + [20, 50]
    assert not any((data / "scratch").iterdir())
    screening.main([*where, "--only", "memory", "--memory", "60"])
    kept = json.loads((data / "out" / "screening.json").read_text(encoding="utf-8"))["measured"]
    assert set(kept["memory"]) == {"20", "60", "about"}
