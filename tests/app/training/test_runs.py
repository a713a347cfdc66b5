"""A training's life in its folder: started, seen alive, stopped, gone on with, failed with its reason, discarded."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.training.progress import FILE, TrainingProgress, write_progress
from app.training.runs import Asked, State, TrainingRun, find_run, new_run, unfinished_runs

ASKED = Asked("My assay", "structure", "result", "classification", positive="toxic", members=1, epochs=2)
Worker = Callable[[str], list[list[str]]]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Let a small script stand in for the training; commands that were started are noted."""
    started: list[list[str]] = []
    real = subprocess.Popen

    def use(script: str) -> list[list[str]]:
        def start(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
            started.append(command)
            return real([sys.executable, "-c", script], **settings)

        monkeypatch.setattr(subprocess, "Popen", start)
        return started

    return use


def _wait(run: TrainingRun, state: State) -> None:
    for _ in range(200):
        if run.state() is state:
            return
        time.sleep(0.05)
    pytest.fail(f"still {run.state()}, not {state}")


def _run(name: str = "my.csv") -> TrainingRun:
    return new_run(ASKED, name, b"structure,result\n")


def test_folder_is_private_and_found_by_name(no_own_models: Path) -> None:
    run = _run()
    assert run.folder == no_own_models / "my_assay"
    assert run.folder.stat().st_mode & 0o077 == 0
    assert (run.folder / "upload" / "my.csv").stat().st_mode & 0o077 == 0
    assert find_run("my_assay") == run
    assert run.state() is State.STOPPED
    with pytest.raises(ValueError, match="an own model has already"):
        _run()


@pytest.mark.parametrize("name", ["", "..", "../own-models", "my_assay/", "a b", "none", "MY_ASSAY", "\0"])
def test_other_names_lead_nowhere(name: str) -> None:
    _run()
    assert find_run(name) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"title": 1, "other": 2}'])
def test_a_broken_job_is_none(no_own_models: Path, text: str) -> None:
    (no_own_models / "a").mkdir(parents=True)
    (no_own_models / "a" / "job.json").write_text(text)
    assert find_run("a") is None
    assert unfinished_runs() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/cron.csv", "cron.csv"),
        ("C:\\data\\a b.tsv.gz", "a_b.tsv.gz"),
        (".csv", "table.csv"),
        ("--out=x.csv", "out_x.csv"),
        ("x" * 300 + ".parquet", "x" * 72 + ".parquet"),
        ("Größe.CSV", "Größe.csv"),
    ],
)
def test_upload_gets_a_harmless_name(given: str, kept: str) -> None:
    (upload,) = (_run(given).folder / "upload").iterdir()
    assert upload.name == kept
    assert upload.read_bytes() == b"structure,result\n"


def test_worker_gets_what_was_asked_lives_and_can_be_stopped_and_gone_on_with(worker: Worker) -> None:
    started = worker("import time; time.sleep(60)")
    run = _run()
    run.start()
    run.start()
    assert run.state() is State.RUNNING
    assert len(started) == 1
    assert started[0][1:4] == ["-m", "app", "train"]
    assert {"--name=My assay", "--label-column=result", "--positive-name=toxic", "--members=1"} <= set(started[0])
    assert f"--run-folder={run.folder.resolve()}" in started[0]
    found = find_run("my_assay")
    assert found is not None
    assert found.state() is State.RUNNING
    run.stop()
    _wait(run, State.STOPPED)
    assert unfinished_runs() == [run]
    run.start()
    assert run.state() is State.RUNNING
    run.discard()
    assert not run.folder.exists()
    assert run.state() is State.STOPPED


def test_worker_that_ends_with_a_model_is_finished(worker: Worker) -> None:
    run = _run()
    worker(f"import pathlib; p = pathlib.Path({str(run.bundle)!r}); p.mkdir(); (p / 'card.json').write_text('{{}}')")
    run.start()
    _wait(run, State.FINISHED)
    assert unfinished_runs() == []


def test_reason_of_a_failure_is_the_workers_sentence_and_is_forgotten_by_the_next_start(worker: Worker) -> None:
    run = _run()
    write_progress(run.folder, TrainingProgress(1, 2, error="the table has 3 usable molecules"))
    assert (run.state(), run.reason()) == (State.FAILED, "the table has 3 usable molecules")
    worker("raise SystemError('broken')")
    run.start()
    _wait(run, State.FAILED)
    assert run.reason() == "SystemError: broken"
    assert not (run.folder / FILE).exists()


def test_worker_that_was_killed_in_silence_is_stopped(worker: Worker) -> None:
    worker("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    run = _run()
    run.start()
    _wait(run, State.STOPPED)


def test_texts_of_users_stay_values_of_their_options(no_own_models: Path) -> None:
    options = Asked("--out", "-x", "--help", "regression", unit="--csv").options()
    assert {"--name=--out", "--smiles-column=-x", "--label-column=--help", "--unit=--csv"} <= set(options)
    assert "split-column" not in json.dumps(options)
