"""A screening's life in the folder of its session: private, found by both names, started, gone on with, discarded."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.jobs.worker import State, Worker
from app.screening.page.runs import (
    Asked,
    ScreenRun,
    find_run,
    is_session,
    new_run,
    new_session,
    part_rows_for,
    runs_of,
    screenings_folder,
)
from app.screening.progress import CANCELLED, FAILED, FINISHED, RUNNING, Progress, write_progress
from app.screening.run_folder import make_run
from app.screening.settings import ScreenSettings

Started = Callable[[str], list[list[str]]]
ASKED = Asked("library.smi", ("mutagenicity",))
CONTENT = b"CCO ethanol\nnonsense x\n"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "screenings"
    monkeypatch.setenv("WHYMOL_SCREENINGS", str(folder))
    return folder


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let a small script stand in for the screening; commands that were started are noted."""
    started: list[list[str]] = []
    real = subprocess.Popen

    def use(script: str) -> list[list[str]]:
        def start(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
            started.append(command)
            return real([sys.executable, "-c", script], **settings)

        monkeypatch.setattr(subprocess, "Popen", start)
        return started

    return use


def _run(name: str = "library.smi", session: str = "") -> ScreenRun:
    return new_run(session or new_session(), ASKED, (name, CONTENT))


def _wait(run: ScreenRun, state: State) -> None:
    for _ in range(200):
        if run.state() is state:
            return
        time.sleep(0.05)
    pytest.fail(f"still {run.state()}, not {state}")


def _begun(run: ScreenRun, bundle: Path) -> ScreenRun:
    run.worker.lives()  # leaves its lock, as a start does
    make_run(run.folder, run.worker.upload(), ScreenSettings((str(bundle),)))
    return run


def test_sessions_cannot_be_guessed_and_are_private(home: Path) -> None:
    names = {new_session() for _ in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {32}
    run = _run()
    assert screenings_folder() == home
    for folder in (run.folder.parent, run.folder, run.folder / "upload", run.folder / "upload" / "library.smi"):
        assert folder.stat().st_mode & 0o077 == 0
    assert is_session(run.session)
    assert not is_session(new_session())


def test_a_session_sees_its_own_screenings_alone() -> None:
    first, second = _run(), _run()
    third = _run("b.smi", first.session)
    assert runs_of(second.session) == [second]
    assert set(runs_of(first.session)) == {first, third}
    assert find_run(first.session, first.name) == first
    assert find_run(second.session, third.name) is None
    assert runs_of(new_session()) == []


@pytest.mark.parametrize("session", ["", "..", "x" * 32, "0" * 31, "0" * 32, "../" + "0" * 29, "0" * 31 + "\n"])
def test_other_sessions_lead_nowhere(session: str) -> None:
    _run()
    assert not is_session(session)
    assert runs_of(session) == []
    assert find_run(session, "library-1") is None


@pytest.mark.parametrize("name", ["", "..", ".", "library-1/", "../x", "a b", "none", "library-1\0", "x" * 300])
def test_other_names_lead_nowhere(name: str) -> None:
    assert find_run(_run().session, name) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"title": 1}', '{"title": "a", "tasks": []}', '{"tasks": 3}'])
def test_a_broken_job_is_none(text: str) -> None:
    run = _run()
    (run.folder / "job.json").write_text(text)
    assert find_run(run.session, run.name) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../x", "x"),
        ("../../etc/cron.csv", "cron.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\data\\a b.tsv.gz", "a_b.tsv.gz"),
        ("a\0b.smi", "a_b.smi"),
        ("..", "table"),
        ("", "table"),
        ("x" * 300 + ".parquet", "x" * 72 + ".parquet"),
        ("--output=x.csv", "output_x.csv"),
    ],
    ids=range(9),
)
def test_an_upload_cannot_leave_its_folder(home: Path, given: str, kept: str) -> None:
    run = new_run(new_session(), Asked(given, ("mutagenicity",)), (given, CONTENT))
    files = [file for file in home.rglob("*") if file.is_file()]
    assert sorted(file.relative_to(run.folder).as_posix() for file in files) == ["job.json", f"upload/{kept}"]
    assert run.worker.upload().read_bytes() == CONTENT
    assert find_run(run.session, run.name) == run


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def full(self: Worker, name: str, content: bytes) -> None:
        (self.folder / "upload").mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Worker, "keep_upload", full)
    with pytest.raises(OSError, match="No space left"):
        _run()
    assert [folder for session in home.iterdir() for folder in session.iterdir()] == []


@pytest.mark.parametrize(
    ("session", "asked", "upload"),
    [
        ("../x", ASKED, ("a.smi", b"")),
        (new_session(), ASKED, None),
        (new_session(), Asked("a", ("mutagenicity",), file="/a.smi"), ("a.smi", b"")),
    ],
    ids=range(3),
)
def test_what_cannot_be_asked_is_refused(session: str, asked: Asked, upload: tuple[str, bytes] | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        new_run(session, asked, upload)


@pytest.mark.parametrize(
    "settings", [{"tasks": ()}, {"members": "some"}, {"policy": "x"}, {"workers": -1}], ids=lambda s: next(iter(s))
)
def test_settings_are_checked_when_they_are_made(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(settings))} is"):
        Asked(**{"title": "a", "tasks": ("mutagenicity",)} | settings)


def test_texts_of_users_stay_values_of_their_options() -> None:
    asked = Asked("a", ("--help", "x"), smiles_column="--output", id_column="-x", alerts=False, masks=False, workers=3)
    assert asked.options() == [
        "--task=--help", "--task=x", "--members=all", "--policy=parent", "--no-alerts", "--no-masks", "--no-inchikey",
        "--smiles-column=--output", "--id-column=-x", "--workers=3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "size", "rows"),
    [("a.csv", 1000, 1000), ("a.csv", 10**8, 0), ("a.smi.GZ", 3 * 10**6, 0), ("a.sdf", 0, 1000)],
)
def test_small_files_have_small_parts(name: str, size: int, rows: int) -> None:
    assert part_rows_for(name, size) == rows


def test_worker_gets_what_was_asked_and_goes_on_where_it_ended(worker: Started, tiny_bundle: Path) -> None:
    started = worker("import time; time.sleep(60)")
    run = _run()
    assert run.state() is State.STOPPED
    run.start()
    run.start()
    assert run.state() is State.RUNNING
    assert not run.elsewhere()
    [command] = started
    assert command[1:5] == ["-m", "app", "screen", str(run.worker.upload())]
    assert {"--task=mutagenicity", f"--output={run.folder.resolve()}"} <= set(command)
    run.stop()
    _wait(run, State.STOPPED)
    _begun(run, tiny_bundle)
    run.start()
    assert started[1][3:] == ["resume", str(run.folder.resolve())]
    run.discard()
    assert not run.folder.parent.exists()
    run.discard()


def test_a_file_of_this_machine_stays_where_it_is(worker: Started, tmp_path: Path) -> None:
    file = tmp_path / "mine.smi"
    file.write_bytes(CONTENT)
    run = new_run(new_session(), Asked("mine.smi", ("mutagenicity",), file=str(file)))
    started = worker("pass")
    run.start()
    assert started[0][4] == str(file)
    run.discard()
    assert file.read_bytes() == CONTENT


def test_another_process_that_works_on_it_is_seen(tiny_bundle: Path) -> None:
    run = _begun(_run(), tiny_bundle)
    opened = run.opened()
    assert opened is not None
    with opened.claimed():
        assert run.elsewhere()
        assert run.state() is State.RUNNING
    assert not run.elsewhere()
    assert run.state() is State.STOPPED


@pytest.mark.parametrize(
    ("progress", "log", "state", "reason"),
    [
        (None, "", State.STOPPED, ""),
        (RUNNING, "", State.STOPPED, ""),
        (RUNNING, "The column 'smiles' is called 'whymol_smiles' in the results", State.STOPPED, ""),
        (FAILED, "the disk is full: make room and resume (python -m app resume {folder})", State.FAILED,
         "the disk is full: make room and resume"),
        (CANCELLED, "", State.STOPPED, ""),
        (None, "{upload} holds no structures", State.FAILED, "library.smi holds no structures"),
        (CANCELLED, "another process works on {folder}; wait for it, or stop it first", State.STOPPED, ""),
        (RUNNING, "{upload} is not the file that {folder} was started with", State.FAILED,
         "library.smi is not the file that this screening was started with"),
        (FINISHED, "8 rows", State.FINISHED, "8 rows"),
    ],
    ids=range(9),
)  # fmt: skip
def test_why_it_ended_is_told_without_the_folders_of_this_machine(
    progress: str | None, log: str, state: State, reason: str
) -> None:
    run = _run()
    if progress:
        write_progress(run.folder, Progress(progress, rows=1))
    (run.folder / "worker.log").write_text(
        log.format(folder=run.folder.resolve(), upload=run.worker.upload()) + "\n\n", encoding="utf-8"
    )
    assert (run.state(), run.reason()) == (state, reason)


def test_what_was_asked_is_kept() -> None:
    asked = Asked("a.csv", ("a", "b"), "", "SMILES", "Name", "one", "as-drawn", False, False, True, 2, 1000)
    run = new_run(new_session(), asked, ("a.csv", CONTENT))
    found = find_run(run.session, run.name)
    assert found is not None
    assert found.asked == asked
    assert json.loads((run.folder / "job.json").read_text())["title"] == "a.csv"
