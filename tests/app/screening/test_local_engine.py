"""The local engine: whatever is killed, the finished run is that of an undisturbed one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.screening.crew import EngineError
from app.screening.finishing import finish
from app.screening.local_engine import run_local
from app.screening.progress import read_progress
from app.screening.run_folder import Run, RunError, check_unchanged, make_run, open_run
from app.screening.run_progress import Recorder
from app.screening.settings import ScreenSettings
from tests.app.screening import engine_work

ROOT = Path(__file__).parents[3]
DRIVER = """
import sys
from pathlib import Path
from app.screening.local_engine import run_local
from app.screening.run_folder import open_run
from tests.app.screening import engine_work
if __name__ == "__main__":
    run = open_run(Path(sys.argv[1]))
    with run.claimed():
        run_local(run, 2, make_work=engine_work.plain)
"""


def _run(tmp_path: Path, texts: list[str], name: str = "run", **changes: object) -> Run:
    file = tmp_path / f"{name}.csv"
    file.write_text("smiles\n" + "".join(f"{text}\n" for text in texts), encoding="utf-8")
    settings = ScreenSettings(**{"tasks": ("mutagenicity",), "part_rows": 5, "smiles_column": "smiles"} | changes)  # type: ignore[arg-type]
    return make_run(tmp_path / name, file, settings)


def _content(run: Run) -> list[dict[str, object]]:
    return [row for file in run.parts().values() for row in pq.read_table(file).to_pylist()]


def _texts(n: int) -> list[str]:
    return [f"{'slow' if row % 3 else 'CCO'}" for row in range(n)]


def test_every_row_is_there_once_and_in_order(tmp_path: Path) -> None:
    run = _run(tmp_path, _texts(23))
    seen: list[float | None] = []

    def note(recorder: Recorder) -> None:
        seen.append(recorder.progress.fraction)

    run_local(run, 2, make_work=engine_work.plain, report=note)
    finish(run)
    assert [row["row"] for row in _content(run)] == list(range(23))
    progress = read_progress(run.folder)
    assert progress is not None
    assert (progress.state, progress.rows, progress.parts, progress.total) == ("finished", 23, 5, 23)
    assert seen[-1] == 1
    assert run.finished()


def test_kills_at_random_moments_leave_no_trace(tmp_path: Path) -> None:
    texts = _texts(400)
    undisturbed = _run(tmp_path, texts, "undisturbed")
    run_local(undisturbed, 1, make_work=engine_work.plain)
    run = _run(tmp_path, texts, "killed")
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    chance = random.Random(0)
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    kills, ended = 0, None
    for attempt in range(12):
        driver = subprocess.Popen([sys.executable, str(script), str(run.folder)], env=environment, cwd=ROOT)
        before = len(run.parts())
        while driver.poll() is None and len(run.parts()) < before + 4:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.2)
        if driver.poll() is None and attempt < 4:
            children = _children(driver.pid)
            victim = chance.choice(children) if children and attempt % 2 else driver.pid
            os.kill(victim, signal.SIGKILL)
            kills += 1
            if victim != driver.pid:
                os.kill(driver.pid, signal.SIGKILL)
        ended = driver.wait()
        if ended == 0:
            break
    assert kills >= 2
    assert ended == 0
    assert _content(run) == _content(undisturbed)
    assert not list(run.parts_folder.glob(".*"))


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    run = _run(tmp_path, [*_texts(7), "crash-once", *_texts(7)])
    run_local(run, 2, make_work=engine_work.plain)
    assert [row["status"] for row in _content(run)] == ["ok"] * 15


def test_a_row_that_ends_workers_is_given_up(tmp_path: Path) -> None:
    run = _run(tmp_path, [*_texts(7), "crash", *_texts(7)])
    run_local(run, 2, make_work=engine_work.plain)
    rows = _content(run)
    assert [row["row"] for row in rows if row["status"] == "error"] == [7]
    assert rows[7]["code"] == "crashed"


def test_a_row_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    run = _run(tmp_path, [*_texts(7), "endless", *_texts(7)], time_limit=0.5)
    started = time.monotonic()
    run_local(run, 2, make_work=engine_work.plain)
    assert time.monotonic() - started < 50
    assert [row["code"] for row in _content(run)] == [None] * 7 + ["timeout"] + [None] * 7
    assert open_run(run.folder).given_up() == {7: "timeout"}


def test_a_full_disk_is_a_sentence_and_the_run_goes_on(tmp_path: Path) -> None:
    run = _run(tmp_path, [*_texts(12), "disk-full", *_texts(3)])
    with pytest.raises(EngineError, match="the disk is full"):
        run_local(run, 1, make_work=engine_work.plain)
    progress = read_progress(run.folder)
    assert progress is not None
    assert progress.state == "failed"
    assert "the disk is full" in progress.sentence
    assert progress.rows == 10
    (run.folder / "room").touch()
    run_local(run, 1, make_work=engine_work.plain)
    finish(run)
    assert len(_content(run)) == 16


def test_a_bug_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="KeyError"):
        run_local(_run(tmp_path, ["bug"]), 1, make_work=engine_work.plain)


def test_a_run_is_claimed_once(tmp_path: Path) -> None:
    run = _run(tmp_path, ["CCO"])
    with run.claimed():
        assert run.lives()
        with pytest.raises(RunError, match="another process"), open_run(run.folder).claimed():
            pass
    assert not run.lives()
    assert run.state() == "stopped"


def test_changed_input_is_refused(tmp_path: Path) -> None:
    run = _run(tmp_path, ["CCO", "CCN"])
    check_unchanged(run)
    run.input.write_text("smiles\nCCO\nCCC\n", encoding="utf-8")
    with pytest.raises(RunError, match="its content has changed"):
        check_unchanged(run)


def test_another_setting_is_refused(tmp_path: Path) -> None:
    run = _run(tmp_path, ["CCO"])
    assert _run(tmp_path, ["CCO"]).record == run.record
    with pytest.raises(RunError, match="members 'all', not 'one'"):
        _run(tmp_path, ["CCO"], members="one")
    with pytest.raises(RunError, match="part_rows"):
        _run(tmp_path, ["CCO"], part_rows=7)


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").touch()
    with pytest.raises(RunError, match="new or empty"):
        _run(tmp_path, ["CCO"])


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_checked(tmp_path: Path, workers: int) -> None:
    with pytest.raises(ValueError, match="workers"):
        run_local(_run(tmp_path, ["CCO"]), workers, make_work=engine_work.plain)
