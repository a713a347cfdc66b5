"""A full disk stops a run with a sentence, and the run goes on once there is room; what is spoilt is done again."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from app.screening import finishing, running
from app.screening.engines.crew import EngineError
from app.screening.engines.local_engine import run_local
from app.screening.finishing import finish
from app.screening.progress import read_progress
from app.screening.run_folder import Run, RunError, check_unchanged
from app.screening.running import carry_out
from tests.app.screening import engine_work
from tests.app.screening.engine_work import content, made_up_run

ROOT = Path(__file__).parents[3]
DRIVER = """
import shutil, subprocess, sys
from pathlib import Path
from app.screening.engines.crew import EngineError
from app.screening.finishing import finish
from app.screening.engines.local_engine import run_local
from app.screening.run_folder import Run, open_run
from tests.app.screening import engine_work
if __name__ == "__main__":
    made, disk = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.copytree(made, disk / "run")
    run = open_run(disk / "run")
    try:
        run_local(run, 1, make_work=engine_work.plain)
    except EngineError as error:
        print(len(run.parts()), error, flush=True)
    subprocess.run(["mount", "-o", "remount,size=10m", str(disk)], check=True)
    run_local(run, 1, make_work=engine_work.plain)
    finish(run)
    shutil.rmtree(made)
    shutil.copytree(run.folder, made)
"""


def _in_a_namespace(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where it may mount, without rights on this machine."""
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", *words],
        capture_output=True, text=True, check=False, cwd=ROOT, env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_disk_that_is_truly_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk))
    try:
        tried = _in_a_namespace(*mount)
    except OSError:
        pytest.skip("there is no unshare here")
    if tried.returncode:
        pytest.skip(f"no small disk can be made here: {tried.stderr}")
    chance = random.Random(0)
    texts = [f"{chance.getrandbits(8000):x}" for _ in range(100)]
    run = made_up_run(tmp_path, texts, part_rows=10)
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    command = f"{' '.join(mount)} && exec {sys.executable} {script} {run.folder} {disk}"
    done = _in_a_namespace("sh", "-c", command)
    assert done.returncode == 0, done.stderr
    parts, _, sentence = done.stdout.partition(" ")
    assert sentence == "the disk is full; nothing that was written is lost: make room and resume\n"
    assert 0 < int(parts) < 10
    assert [row["smiles"] for row in content(run)] == texts
    assert run.finished()


@pytest.mark.usefixtures("quick_workers")
def test_a_full_disk_is_a_sentence_and_the_run_goes_on(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, [*["CCO"] * 12, "disk-full", *["CCO"] * 3])
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
    assert len(content(run)) == 16


@pytest.mark.usefixtures("quick_workers")
@pytest.mark.parametrize("who", ["a file", "a query"])
def test_a_disk_that_fills_up_at_the_very_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    def no_room(*_: object) -> None:
        if who == "a file":
            raise OSError(errno.ENOSPC, "No space left on device")
        raise duckdb.IOException('IO Error: Could not write file "x": No space left on device')

    run = made_up_run(tmp_path, ["CCO", "CCO"])
    run_local(run, 1, make_work=engine_work.plain)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_write_duplicates", no_room)
        with pytest.raises(EngineError, match="the disk is full"):
            finish(run)
    assert run.state() == "failed"
    finish(run)
    assert run.state() == "finished"


@pytest.mark.usefixtures("quick_workers")
def test_a_spoilt_part_is_done_again(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"] * 12)
    run_local(run, 1, make_work=engine_work.plain)
    whole = run.part(1).read_bytes()
    run.part(1).write_bytes(whole[: len(whole) // 2])
    run_local(run, 1, make_work=engine_work.plain)
    assert run.part(1).read_bytes() == whole


def test_input_that_changed_since_the_start_is_refused(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO", "CCN"])
    check_unchanged(run)
    run.input.write_text("smiles\nCCO\nCCC\n", encoding="utf-8")
    with pytest.raises(RunError, match="its content has changed"):
        carry_out(run)
    run.input.unlink()
    with pytest.raises(FileNotFoundError):
        carry_out(run)
    assert run.parts() == {}


def test_input_that_changes_under_way_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody_writes(run: Run, *_: object, **__: object) -> None:
        with run.input.open("a", encoding="utf-8") as file:
            file.write("CCC\n")

    run = made_up_run(tmp_path, ["CCO", "CCN"])
    monkeypatch.setattr(running, "run_local", somebody_writes)
    with pytest.raises(RunError, match="its content has changed"):
        carry_out(run)
    assert not run.finished()
