"""What runs of pages share: folders with a number where a name is taken, the job in them, and the order of states."""

from __future__ import annotations

import fcntl
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.concepts.runs import ConceptRun
from app.jobs.page_runs import (
    JOB,
    PageRun,
    asked_in,
    folders,
    keep_asked,
    last_words,
    private_folder,
    state_of,
    unfinished,
)
from app.jobs.worker import State, Worker
from app.simulate.runs import StudyRun
from app.training.runs import Asked, TrainingRun

ASKED = Asked("My assay", "structure", "result", "classification")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job with a list, which JSON gives back as one."""

    title: str
    sizes: tuple[int, ...] = ()


def _read(found: dict[str, Any]) -> Wanted:
    return Wanted(found["title"], tuple(found["sizes"]))


@pytest.mark.parametrize(("always", "names"), [(False, ["mine", "mine-2", "mine-3"]), (True, ["mine-1", "mine-2"])])
def test_names_that_are_taken_get_a_number(tmp_path: Path, always: bool, names: list[str]) -> None:
    made = [private_folder(tmp_path / "runs", "mine", always_numbered=always) for _ in names]
    assert [folder.name for folder in made] == names
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in made} == {0o700}


def test_what_was_asked_for_comes_back(tmp_path: Path) -> None:
    keep_asked(tmp_path, Wanted("a *b*", (1, 2)))
    assert asked_in(tmp_path, _read) == Wanted("a *b*", (1, 2))
    assert [file.name for file in tmp_path.iterdir()] == [JOB]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"title": 1}', '{"title": "a", "sizes": 3}'])
def test_a_job_that_is_none_is_no_run(tmp_path: Path, text: str) -> None:
    (tmp_path / JOB).write_text(text)
    assert asked_in(tmp_path, _read) is None
    assert asked_in(tmp_path / "none", _read) is None


def test_folders_without_a_job_are_passed_over(tmp_path: Path) -> None:
    for name in ("b-1", "a", "b-0"):
        keep_asked(private_folder(tmp_path, name), Wanted(name))
    private_folder(tmp_path, "no-job")
    assert [folder.name for folder in folders(tmp_path)] == ["a", "b-0", "b-1"]
    assert [folder.name for folder in folders(tmp_path, "b*")] == ["b-0", "b-1"]
    assert folders(tmp_path / "none") == []


def test_state_is_told_in_the_order_alive_finished_stopped_failed(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert state_of(worker, lambda: False, lambda: "") is State.STOPPED, "cut off in silence"
    assert state_of(worker, lambda: False, lambda: "no such file") is State.FAILED
    worker.stop()
    assert state_of(worker, lambda: False, lambda: "no such file") is State.STOPPED
    assert state_of(worker, lambda: True, lambda: "no such file") is State.FINISHED
    lock = os.open(tmp_path / "worker.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert state_of(worker, lambda: True, lambda: "no such file") is State.RUNNING
    finally:
        os.close(lock)


def test_last_words_are_none_of_progress(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert last_words(worker, lambda line: False) == ""
    (tmp_path / "worker.log").write_text("10 % done\nsizes is 0; expected more\n\n")
    assert last_words(worker, lambda line: line.endswith("done")) == "sizes is 0; expected more"
    (tmp_path / "worker.log").write_text("sizes is 0; expected more\n10 % done\n")
    assert last_words(worker, lambda line: line.endswith("done")) == ""


@pytest.mark.parametrize("kind", [StudyRun, TrainingRun, ConceptRun])
def test_every_kind_of_run_has_the_same_shape(kind: type[PageRun]) -> None:
    wanted = [name for name in vars(PageRun) if not name.startswith("_")]
    assert len(wanted) == 7
    assert [name for name in wanted if not hasattr(kind, name)] == []


def test_finished_runs_and_none_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [TrainingRun(tmp_path / state, ASKED) for state in State]
    monkeypatch.setattr(TrainingRun, "state", lambda run: State(run.name))
    assert [run.name for run in unfinished([*runs, None])] == ["running", "failed", "stopped"]
