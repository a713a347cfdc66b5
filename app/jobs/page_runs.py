"""What the runs that pages start have in common: a folder with a job and a worker, found again by its name.

Each kind of run has a module of its own, which says where its folders lie, what is asked for, when it is finished and
why it failed. Nothing is kept in memory: after a reload, or a restart of the server, the folder tells all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from app.jobs.worker import State, Worker
from megan.files import write_beside

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JOB: Final = "job.json"
"""What was asked for; a folder without it belongs to no page."""


class PageRun(Protocol):
    """What a page needs to know of a run to show it, stop it and go on with it."""

    @property
    def name(self) -> str:
        """Name of the folder."""

    @property
    def worker(self) -> Worker:
        """The process."""

    def state(self) -> State:
        """Where it stands now."""

    def reason(self) -> str:
        """Why it failed; empty if it did not, or was cut off in silence."""

    def start(self) -> None:
        """Start the worker, or start it again; nothing happens if it lives."""

    def stop(self) -> None:
        """End the worker; what it has done is kept."""

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""


Run = TypeVar("Run", bound=PageRun)
Asked = TypeVar("Asked")


def state_of(worker: Worker, finished: Callable[[], bool], reason: Callable[[], str]) -> State:
    """Where a run stands now.

    Parameters
    ----------
    finished
        Whether its result is there.
    reason
        Why it failed; empty if it did not.
    """
    if worker.lives():
        return State.RUNNING
    # Looked at after the lock: a worker that has just ended has written everything before.
    if finished():
        return State.FINISHED
    if worker.was_stopped():
        return State.STOPPED
    return State.FAILED if reason() else State.STOPPED


def last_words(worker: Worker, on_its_way: Callable[[str], bool]) -> str:
    """What a worker said last; empty where that tells of progress alone, so that it was cut off in silence."""
    said = worker.said()
    return "" if not said or on_its_way(said[-1]) else said[-1]


def private_folder(home: Path, wanted: str, *, always_numbered: bool = False) -> Path:
    """Make a folder for a run, for this user only, with a number where its name is taken.

    Parameters
    ----------
    home
        Made where it does not exist.
    wanted
        Its name.
    always_numbered
        Whether the first one has a number too.
    """
    home.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = home / (f"{wanted}-{number}" if always_numbered or number > 1 else wanted)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("counting has no end")


def keep_asked(folder: Path, asked: DataclassInstance) -> None:
    """Note in a run's folder what was asked for."""
    with write_beside(folder / JOB) as beside:
        beside.write_text(json.dumps(asdict(asked)), encoding="utf-8")


def asked_in(folder: Path, read: Callable[[dict[str, Any]], Asked]) -> Asked | None:
    """What was asked for in a folder; None where there is none, or it is not what `read` makes something of."""
    try:
        return read(json.loads((folder / JOB).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return None


def folders(home: Path, pattern: str = "*") -> list[Path]:
    """Folders in which something was asked for, in alphabetical order."""
    return [job.parent for job in sorted(home.glob(f"{pattern}/{JOB}"))]


def unfinished(runs: Iterable[Run | None]) -> list[Run]:
    """The runs among these that are not finished."""
    return [run for run in runs if run is not None and run.state() is not State.FINISHED]
