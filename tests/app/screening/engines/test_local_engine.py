"""The local engine: every row once, and rows that cannot be done are given up and say so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.screening.engines import crew
from app.screening.engines.crew import EngineError
from app.screening.engines.local_engine import run_local
from app.screening.finishing import finish
from app.screening.progress import read_progress
from app.screening.run_folder import RunError, open_run
from app.screening.run_progress import Recorder
from tests.app.screening import engine_work
from tests.app.screening.engine_work import content, made_up_run

quick = pytest.mark.usefixtures("quick_workers")


def _texts(n: int) -> list[str]:
    return ["CCO"] * n


def test_every_row_is_there_once_and_in_order(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, _texts(23))
    seen: list[float | None] = []

    def note(recorder: Recorder) -> None:
        seen.append(recorder.progress.fraction)

    run_local(run, 2, make_work=engine_work.plain, report=note)
    finish(run)
    assert [row["row"] for row in content(run)] == list(range(23))
    progress = read_progress(run.folder)
    assert progress is not None
    assert (progress.state, progress.rows, progress.parts, progress.total) == ("finished", 23, 5, 23)
    assert seen[-1] == 1
    assert run.finished()


def test_a_finished_run_holds_nothing_half_written(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, _texts(7))
    run_local(run, 1, make_work=engine_work.plain)
    left = run.parts_folder / ".part-00001.parquet.0123.part"
    left.write_bytes(b"half")
    finish(run)
    assert not left.exists()
    assert [row["row"] for row in content(run)] == list(range(7))


@quick
def test_a_worker_that_died_is_replaced(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, [*_texts(7), "crash-once", *_texts(7)])
    run_local(run, 1, make_work=engine_work.plain)
    assert [row["status"] for row in content(run)] == ["ok"] * 15


@quick
def test_rows_that_end_workers_or_take_too_long_are_given_up(tmp_path: Path) -> None:
    # Three rows of one part end nine workers, which is no reason to end the run.
    texts = ["crash", "CCO", "crash", "crash", "CCO", "CCO", "endless", "CCO"]
    run = made_up_run(tmp_path, texts, time_limit=1)
    started = time.monotonic()
    run_local(run, 1, make_work=engine_work.plain)
    assert time.monotonic() - started < 50
    crashed, timeout = "crashed", "timeout"
    assert [row["code"] for row in content(run)] == [crashed, None, crashed, crashed, None, None, timeout, None]
    assert open_run(run.folder).given_up() == {0: crashed, 2: crashed, 3: crashed, 6: timeout}


@quick
def test_a_row_that_holds_up_a_stage_of_all_rows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_WHOLE_PART", 0.0)
    run = made_up_run(tmp_path, ["CCO", "later-endless", "CCO", "CCO", "CCO", "CCO"], time_limit=1)
    run_local(run, 1, make_work=engine_work.plain)
    rows = content(run)
    assert [row["code"] for row in rows] == [None, "timeout", None, None, None, None]
    assert [row["row"] for row in rows] == list(range(6))


@quick
def test_a_row_that_crashes_a_stage_of_all_rows_is_found(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO", "CCO", "later-crash", "CCO"])
    run_local(run, 1, make_work=engine_work.plain)
    assert [row["code"] for row in content(run)] == [None, None, "crashed", None]


@quick
def test_a_bug_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="KeyError"):
        run_local(made_up_run(tmp_path, ["bug"]), 1, make_work=engine_work.plain)


def test_a_run_is_claimed_once(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    with run.claimed():
        assert run.lives()
        with pytest.raises(RunError, match="another process"), open_run(run.folder).claimed():
            pass
    assert not run.lives()
    assert run.state() == "stopped"


def test_another_setting_is_refused(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    assert made_up_run(tmp_path, ["CCO"]).record == run.record
    with pytest.raises(RunError, match="members 'all', not 'one'"):
        made_up_run(tmp_path, ["CCO"], members="one")
    with pytest.raises(RunError, match="part_rows"):
        made_up_run(tmp_path, ["CCO"], part_rows=7)


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").touch()
    with pytest.raises(RunError, match="new or empty"):
        made_up_run(tmp_path, ["CCO"])


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_checked(tmp_path: Path, workers: int) -> None:
    with pytest.raises(ValueError, match="workers"):
        run_local(made_up_run(tmp_path, ["CCO"]), workers, make_work=engine_work.plain)
