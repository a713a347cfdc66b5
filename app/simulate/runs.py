"""Simulatability studies on this machine: each is a run folder, started by a page or in the terminal.

`python -m app simulate` does the work, so a study from the page and one from the terminal are the same. The page keeps
nothing in memory: after a reload, or a restart of the server, it finds the study again by its folder.

- job.json: what was asked for
- upload/: the user's molecules; masks-of-user/: masks that were brought; worker.log: what the worker said
- study.json: how far it is and what it has found; the rest belongs to the engine
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.jobs.page_runs import JOB, asked_in, folders, keep_asked, last_words, private_folder, state_of
from app.jobs.worker import State, Worker, safe_file_name
from app.simulate.progress import StudyShown, read_shown
from app.simulate.request import FILE, Request, request_from

_MASKS: Final = "masks-of-user"
_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.-]*")
_ON_ITS_WAY: Final = re.compile(r"\d+ % done|[\d,]+ of [\d,]+ rows are no molecule")


def studies_folder() -> Path:
    """Where studies lie: the folder that WHYMOL_STUDIES names, or `runs/studies`; it may not exist yet."""
    named = os.environ.get("WHYMOL_STUDIES", "").strip()
    return Path(named).expanduser() if named else Path("runs") / "studies"


@dataclass(frozen=True, slots=True)
class StudyRun:
    """The run folder of a study."""

    folder: Path
    asked: Request

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def state(self) -> State:
        """Where it stands now; a stopped study can go on."""
        return state_of(self.worker, self._finished, self.reason)

    def shown(self) -> StudyShown | None:
        """How far it is and what it has found; None before it begins."""
        return read_shown(self.folder)

    def reason(self) -> str:
        """Why it failed: what the worker said last; empty if it was cut off in silence, on its way."""
        return last_words(self.worker, lambda line: _ON_ITS_WAY.match(line) is not None)

    def start(self) -> None:
        """Start the worker, or start it again where it was stopped; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the process cannot be started.
        """
        self.worker.start("simulate", self.asked.task, *self.asked.options(), f"--output={self.folder.resolve()}")

    def stop(self) -> None:
        """End the worker; what it has found is kept."""
        self.worker.stop()

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""
        self.worker.discard()

    def _finished(self) -> bool:
        shown = self.shown()
        return shown is not None and shown.finished


def keep_request(folder: Path, request: Request) -> None:
    """Note in a run folder what was asked for, so that pages can show it and go on with it."""
    keep_asked(folder, request)


def request_in(folder: Path) -> Request | None:
    """What was asked for in a run folder; None where nothing is known of it."""
    return asked_in(folder, request_from)


def new_run(
    request: Request, molecules: tuple[str, bytes] | None = None, masks: tuple[str, bytes] | None = None
) -> StudyRun:
    """Make the run folder of a study, readable for this user only.

    Parameters
    ----------
    request
        Without files.
    molecules, masks
        Name and content of files that the user brought.

    Raises
    ------
    ValueError
        If a number of the request cannot be right.
    """
    request.check()
    wanted = re.sub(r"[^A-Za-z0-9_]+", "-", Path(request.task).name).strip("-") or "study"
    folder = private_folder(studies_folder(), wanted, always_numbered=True)
    worker = Worker(folder)
    if molecules is not None:
        worker.keep_upload(*molecules)
        request = replace(request, molecules=str(worker.upload()))
    if masks is not None:
        name, content = masks
        file = folder / _MASKS / safe_file_name(name)
        file.parent.mkdir(mode=0o700)
        file.write_bytes(content)
        request = replace(request, explainers=(*request.asked_explainers, f"{FILE}{file.resolve()}"))
    keep_request(folder, request)
    return StudyRun(folder, request)


def find_run(name: str) -> StudyRun | None:
    """The study of that name; None if there is none. The name may come from an address, so from anybody."""
    if not _NAME.fullmatch(name):
        return None
    folder = studies_folder() / name
    request = request_in(folder)
    return None if request is None else StudyRun(folder, request)


def all_runs() -> list[StudyRun]:
    """Every study, the one that was asked for last first."""
    latest_first = sorted(folders(studies_folder()), key=lambda folder: -(folder / JOB).stat().st_mtime_ns)
    return [run for folder in latest_first if (run := find_run(folder.name)) is not None]
