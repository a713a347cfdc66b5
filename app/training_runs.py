"""Trainings that a page has started: each is a worker process that owns a run folder, and the folder tells all of it.

`python -m app train` does the work, so a training on the page and one in the terminal are the same. The page keeps
nothing in memory: after a reload, or a restart of the server, it finds the training again by its folder. Whether the
worker lives is told by a lock that it inherits and that falls when it ends, however it ends.

- job.json: what was asked for
- upload/: the user's table
- worker.log: what the worker said; progress.json: how far it is; bundle/: the model, once it is done
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import app
from app.training_progress import FILE as PROGRESS
from app.training_progress import read_progress
from datasets.library import SUFFIXES
from datasets.own_task import Wording, file_name
from megan.files import write_beside
from megan.own_models import models_folder

_JOB, _LOCK, _LOG, _STOPPED = "job.json", "worker.lock", "worker.log", "stopped"
_MOST_FILE_NAME = 80
_TRIES = 50


class State(StrEnum):
    """Where a training stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    """It ended by itself without a model, and says why."""
    STOPPED = "stopped"
    """Somebody stopped it, or the machine did; it can go on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for."""

    title: str
    smiles_column: str
    label_column: str
    kind: str
    split_column: str = ""
    positive: str = ""
    unit: str = ""
    members: int = 3
    epochs: int = 40

    @property
    def wording(self) -> Wording:
        """The user's names."""
        return Wording(self.title, self.positive, unit=self.unit)

    def options(self) -> list[str]:
        """As options of `train`; texts are joined to their option, so that none can be taken for another option."""
        options = {
            "name": self.title, "smiles-column": self.smiles_column, "label-column": self.label_column,
            "kind": self.kind, "split-column": self.split_column, "positive-name": self.positive,
            "unit": self.unit, "members": self.members, "epochs": self.epochs,
        }  # fmt: skip
        return [f"--{name}={value}" for name, value in options.items() if value != ""]


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run folder with a job of a page."""

    folder: Path
    asked: Asked

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name

    @property
    def bundle(self) -> Path:
        """Folder of the model, once it is done."""
        return self.folder / "bundle"

    def state(self) -> State:
        """Where it stands now."""
        if self._worker_lives():
            return State.RUNNING
        # Looked at after the lock: a worker that has just ended has written everything before.
        if (self.bundle / "card.json").is_file():
            return State.FINISHED
        if (self.folder / _STOPPED).exists():
            return State.STOPPED
        return State.FAILED if self.reason() else State.STOPPED

    def reason(self) -> str:
        """Why it failed: the worker's own sentence, or its last words; empty if it was cut off in silence."""
        progress = read_progress(self.folder)
        if progress is not None and progress.error:
            return progress.error
        try:
            lines = (self.folder / _LOG).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        if any(line.startswith("Traceback") for line in lines):
            return next((line for line in reversed(lines) if line.strip()), "")
        return ""

    def start(self) -> None:
        """Start the worker, or start it again where it was stopped; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the process cannot be started.
        """
        lock = self._take_lock(fcntl.LOCK_EX)
        for _ in range(_TRIES):  # a page that looks whether the worker lives holds a lock for an instant
            if lock is not None:
                break
            time.sleep(0.02)
            lock = self._take_lock(fcntl.LOCK_EX)
        if lock is None:
            return
        try:
            (self.folder / _STOPPED).unlink(missing_ok=True)
            self._forget_error()
            (upload,) = (self.folder / "upload").iterdir()
            command = [
                sys.executable, "-m", "app", "train", f"--csv={upload.resolve()}", *self.asked.options(),
                f"--run-folder={self.folder.resolve()}", f"--out={self.bundle.resolve()}",
            ]  # fmt: skip
            environment = dict(os.environ) | {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) - 1))}
            with (self.folder / _LOG).open("wb") as log:
                # The command is a list without a shell, and the user's texts are values of its options.
                worker = subprocess.Popen(  # noqa: S603
                    command,
                    cwd=Path(app.__file__).parents[1],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(lock,),
                    start_new_session=True,  # Ctrl-C for the server is none for the training
                )
            with write_beside(self.folder / "worker.pid") as beside:
                beside.write_text(str(worker.pid))
            _WORKERS.append(worker)
        finally:
            os.close(lock)

    def stop(self) -> None:
        """End the worker; what it has trained is kept."""
        (self.folder / _STOPPED).touch()
        if self._worker_lives():
            # The lock is held, so the process with this number is the worker and no later one.
            os.kill(int((self.folder / "worker.pid").read_text()), signal.SIGTERM)

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""
        self.stop()
        for _ in range(_TRIES):
            if not self._worker_lives():
                break
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _worker_lives(self) -> bool:
        for worker in _WORKERS:
            worker.poll()  # lets the system forget workers that have ended
        if not self.folder.is_dir():
            return False
        lock = self._take_lock(fcntl.LOCK_SH)
        if lock is None:
            return True
        os.close(lock)
        return False

    def _take_lock(self, kind: int) -> int | None:
        """The lock as an open file, or None if another process holds it."""
        lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock

    def _forget_error(self) -> None:
        progress = read_progress(self.folder)
        if progress is not None and progress.error:
            (self.folder / PROGRESS).unlink()


_WORKERS: list[subprocess.Popen[bytes]] = []


def new_run(asked: Asked, upload_name: str, content: bytes) -> TrainingRun:
    """Make the run folder of a training, with the user's table in it, readable for this user only.

    Raises
    ------
    ValueError
        If there is a model or a training of that name, or the name cannot be one.
    """
    folder = models_folder() / file_name(asked.title)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise ValueError(f"name is {asked.title!r}, which an own model has already; expected another name") from None
    (folder / "upload").mkdir(mode=0o700)
    upload = folder / "upload" / _safe_file_name(upload_name)
    upload.write_bytes(content)
    upload.chmod(0o600)
    with write_beside(folder / _JOB) as beside:
        beside.write_text(json.dumps(asdict(asked)), encoding="utf-8")
    return TrainingRun(folder, asked)


def find_run(name: str) -> TrainingRun | None:
    """The run of that name; None if there is none. The name may come from an address, so from anybody."""
    if not re.fullmatch(r"[a-z0-9_]+", name):
        return None
    folder = models_folder() / name
    try:
        return TrainingRun(folder, Asked(**json.loads((folder / _JOB).read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError):
        return None


def unfinished_runs() -> list[TrainingRun]:
    """Every run that is not finished, in alphabetical order."""
    found = (find_run(job.parent.name) for job in sorted(models_folder().glob(f"*/{_JOB}")))
    return [run for run in found if run is not None and run.state() is not State.FINISHED]


def _safe_file_name(name: str) -> str:
    """A name of an uploaded file without folders and odd characters, its ending kept."""
    plain = re.sub(r"[^\w.-]+", "_", Path(name.replace("\\", "/")).name)
    stem, ending = plain, ""
    lower = plain.casefold()
    for suffix in (s + z for s in SUFFIXES for z in (".gz", "")):
        if lower.endswith(suffix):
            stem, ending = plain[: -len(suffix)], suffix
            break
    return (stem.lstrip(".-")[: _MOST_FILE_NAME - len(ending)] or "table") + ending
