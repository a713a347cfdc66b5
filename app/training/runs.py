"""Trainings that a page has started: each is a worker process that owns a run folder, and the folder tells all of it.

`python -m app train` does the work, so a training on the page and one in the terminal are the same. The page keeps
nothing in memory: after a reload, or a restart of the server, it finds the training again by its folder.

- job.json: what was asked for
- upload/: the user's table
- worker.log: what the worker said; progress.json: how far it is; bundle/: the model, once it is done
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app.jobs.page_runs import asked_in, folders, keep_asked, state_of, unfinished
from app.jobs.worker import State as State  # pages ask a training for its state
from app.jobs.worker import Worker
from app.training.progress import FILE as PROGRESS
from app.training.progress import read_progress
from datasets.own_task import Wording, file_name
from megan.own_models import models_folder


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

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def state(self) -> State:
        """Where it stands now; a stopped training can go on."""
        return state_of(self.worker, (self.bundle / "card.json").is_file, self.reason)

    def reason(self) -> str:
        """Why it failed: the worker's own sentence, or its last words; empty if it was cut off in silence."""
        progress = read_progress(self.folder)
        if progress is not None and progress.error:
            return progress.error
        return self.worker.crash()

    def start(self) -> None:
        """Start the worker, or start it again where it was stopped; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the process cannot be started.
        """
        if self.worker.lives():
            return
        self._forget_error()
        self.worker.start(
            "train", f"--csv={self.worker.upload()}", *self.asked.options(),
            f"--run-folder={self.folder.resolve()}", f"--out={self.bundle.resolve()}",
        )  # fmt: skip

    def stop(self) -> None:
        """End the worker; what it has trained is kept."""
        self.worker.stop()

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""
        self.worker.discard()

    def _forget_error(self) -> None:
        progress = read_progress(self.folder)
        if progress is not None and progress.error:
            (self.folder / PROGRESS).unlink()


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
    Worker(folder).keep_upload(upload_name, content)
    keep_asked(folder, asked)
    return TrainingRun(folder, asked)


def find_run(name: str) -> TrainingRun | None:
    """The run of that name; None if there is none. The name may come from an address, so from anybody."""
    if not re.fullmatch(r"[a-z0-9_]+", name):
        return None
    folder = models_folder() / name
    asked = asked_in(folder, lambda found: Asked(**found))
    return None if asked is None else TrainingRun(folder, asked)


def unfinished_runs() -> list[TrainingRun]:
    """Every run that is not finished, in alphabetical order."""
    return unfinished(find_run(folder.name) for folder in folders(models_folder()))
