"""An extraction's life in its folder: started, seen on its way, stopped, failed with its reason, done, discarded."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.concepts.runs import Asked, ConceptRun, find_run, new_run, unfinished_runs
from app.jobs.worker import State

ASKED = Asked("mutagenicity", "my set.csv", "structure", "result")
Worker = Callable[[str], list[list[str]]]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Let a small script stand in for the extraction; commands that were started are noted."""
    started: list[list[str]] = []
    real = subprocess.Popen

    def use(script: str) -> list[list[str]]:
        def start(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
            started.append(command)
            return real([sys.executable, "-c", script], **settings)

        monkeypatch.setattr(subprocess, "Popen", start)
        return started

    return use


def _wait(run: ConceptRun, state: State) -> None:
    for _ in range(200):
        if run.state() is state:
            return
        time.sleep(0.05)
    pytest.fail(f"still {run.state()}, not {state}")


def _run(name: str = "my set.csv") -> ConceptRun:
    return new_run(ASKED, name, b"structure,result\n")


def test_folder_is_private_called_after_model_and_file_and_found_by_name(no_concepts: Path) -> None:
    run = _run()
    assert run.folder == no_concepts / "concepts-mutagenicity-my_set"
    assert run.folder.stat().st_mode & 0o077 == 0
    assert find_run(run.name) == run
    assert run.state() is State.STOPPED
    assert _run().name == "concepts-mutagenicity-my_set-2"
    assert len(unfinished_runs()) == 2


@pytest.mark.parametrize("given", ["../../etc/x.csv", "Größe 1.sdf.gz", "", "=1.csv", "a" * 300 + ".csv"])
def test_any_file_name_makes_a_folder_that_is_found(given: str, no_concepts: Path) -> None:
    run = _run(given)
    assert run.folder.parent == no_concepts
    assert find_run(run.name) == run


@pytest.mark.parametrize("name", ["", "..", "../x", "concepts-none", "mutagenicity", "\0"])
def test_other_names_lead_nowhere(name: str) -> None:
    _run()
    assert find_run(name) is None


@pytest.mark.parametrize("text", ["", "[]", '{"title": 1, "other": 2}'])
def test_a_broken_job_is_none(text: str) -> None:
    run = _run()
    (run.folder / "job.json").write_text(text)
    assert find_run(run.name) is None
    assert unfinished_runs() == []


def test_worker_gets_what_was_asked_lives_and_can_be_stopped(worker: Worker) -> None:
    started = worker("import time; time.sleep(60)")
    run = _run()
    run.start()
    run.start()
    assert run.state() is State.RUNNING
    (command,) = started
    assert command[1:5] == ["-m", "app", "concepts", "mutagenicity"]
    assert {"--smiles-column=structure", "--label=result", "--no-prototypes", "--map=pca"} <= set(command)
    assert f"--output={run.folder.resolve()}" in command
    run.stop()
    _wait(run, State.STOPPED)
    run.discard()
    assert not run.folder.exists()


def test_texts_of_users_stay_values_of_their_options() -> None:
    arguments = Asked("aggregation", "t", "-x", "--help", prototypes=True, unfolded=True).arguments()
    assert arguments == ["--prototypes", "--map=umap", "--smiles-column=-x", "--label=--help"]


@pytest.mark.parametrize(
    ("said", "prototypes", "least", "most", "sentence"),
    [
        ([], False, 0, 0, "Reading the table and loading the model"),
        (["a warning"], False, 0, 0, "Reading the table and loading the model"),
        (["asked about 1,000 of 2,000 molecules"], False, 0.3, 0.5, "Asked about 1,000 of 2,000 molecules"),
        (["asked about 0 of 0 molecules"], False, 0, 0.1, "Asked about 0 of 0 molecules"),
        (["asked about 5 of 5 molecules", "naming"], False, 0.8, 0.9, "Naming"),
        (["naming", "prototypes: 5 of 10 concepts"], True, 0.5, 0.7, "Prototypes: 5 of 10 concepts"),
    ],
)
def test_progress_is_read_from_what_the_worker_says(
    said: list[str], prototypes: bool, least: float, most: float, sentence: str
) -> None:
    run = new_run(Asked("mutagenicity", "t", prototypes=prototypes), "t.csv", b"")
    (run.folder / "worker.log").write_text("\n".join(said) + "\n")
    share, told = run.progress()
    assert least <= share <= most
    assert told == sentence


def test_the_stages_only_go_forward() -> None:
    run = _run()
    stages = ["asked about 1 of 2 molecules", "asked about 2 of 2 molecules", "grouping x", "naming", "drawing the map"]
    shares = []
    for i in range(len(stages)):
        (run.folder / "worker.log").write_text("\n".join(stages[: i + 1]))
        shares.append(run.progress()[0])
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares)


def test_reason_of_a_failure_is_what_the_worker_said_last(worker: Worker) -> None:
    run = _run()
    worker("print('asked about 5 of 5 molecules'); print('row 3 has the label x'); raise SystemExit(2)")
    run.start()
    _wait(run, State.FAILED)
    assert run.reason() == "row 3 has the label x"
    worker("print('naming', flush=True); import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    run.start()
    _wait(run, State.STOPPED)


def test_worker_that_ends_with_a_set_is_finished(worker: Worker) -> None:
    run = _run()
    worker(f"open({str(run.folder / 'concepts.json')!r}, 'w').close()")
    run.start()
    _wait(run, State.FINISHED)
    assert unfinished_runs() == []
