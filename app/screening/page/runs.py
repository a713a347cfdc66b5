"""Screenings that the page has started: each is a worker process that owns a run folder, in the folder of a session.

`python -m app screen` does the work, so a screening from the page and one from the terminal are the same. The folder of
a session has a name that nobody can guess, and only who knows it finds what was screened there: it stands in the
address of the page, so that a reload or a bookmark comes back. Nothing is kept in memory.

- SESSION/RUN/job.json: what was asked for; upload/: the user's file; worker.log: what the worker said
- SESSION/RUN/run.json, parts/ and so on: as `app.screening.run_folder` tells
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.jobs.page_runs import JOB, asked_in, folders, keep_asked, private_folder, state_of
from app.jobs.worker import State, Worker, safe_file_name
from app.screening.progress import FINISHED, Progress, read_progress
from app.screening.run_folder import Run, RunError, open_run
from app.screening.settings import ScreenSettings

_SESSION: Final = re.compile(r"[0-9a-f]{32}")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MOST_STEM: Final = 40
#: Bytes of rows below which a file is small, rows of its parts, and how much larger a gzipped one is within.
_SMALL_FILE, _SMALL_PART, _PACKED = 10_000_000, 1000, 4
#: What the worker may say that is no reason to have ended.
_NO_REASON: Final = ("The column '", 'The column "', "another process works on ")
_HOW_TO_RESUME: Final = re.compile(r" \(python -m app resume .*\)$")


def screenings_folder() -> Path:
    """Where sessions lie: the folder that WHYMOL_SCREENINGS names, or `runs/screenings`; it may not exist yet."""
    named = os.environ.get("WHYMOL_SCREENINGS", "").strip()
    return Path(named).expanduser() if named else Path("runs") / "screenings"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks for."""

    title: str
    """File name as the user knows it."""
    tasks: tuple[str, ...]
    """Names of shipped tasks or of own models."""
    file: str = ""
    """A file of this machine that stays where it is; empty for an upload, which lies in the run folder."""
    smiles_column: str = ""
    """Guessed if empty, as the next one."""
    id_column: str = ""
    members: str = "all"
    policy: str = "parent"
    alerts: bool = True
    masks: bool = True
    inchikey: bool = False
    workers: int = 0
    """Processes; as many as cores if 0."""
    part_rows: int = 0
    """Rows of a part; as many as the command takes if 0."""

    def __post_init__(self) -> None:
        ScreenSettings(tasks=self.tasks, members=self.members, policy=self.policy)
        if self.workers < 0:
            raise ValueError(f"workers is {self.workers}; expected 1 or more, or 0 for as many as cores")

    def options(self) -> list[str]:
        """As options of `screen`; texts are joined to their option, so that none can be taken for another option."""
        columns = {"smiles-column": self.smiles_column, "id-column": self.id_column}
        switches = {"alerts": self.alerts, "masks": self.masks, "inchikey": self.inchikey}
        return [
            *(f"--task={name}" for name in self.tasks),
            f"--members={self.members}",
            f"--policy={self.policy}",
            *(f"--{'' if on else 'no-'}{name}" for name, on in switches.items()),
            *(f"--{name}={value}" for name, value in columns.items() if value),
            *([f"--part-rows={self.part_rows}"] if self.part_rows else []),
            *self.engine(),
        ]

    def engine(self) -> list[str]:
        """The options that decide how, not what."""
        return [f"--workers={self.workers}"] if self.workers else []


@dataclass(frozen=True, slots=True)
class ScreenRun:
    """The run folder of a screening of the page."""

    folder: Path
    asked: Asked

    @property
    def name(self) -> str:
        """Name of the folder, within its session."""
        return self.folder.name

    @property
    def session(self) -> str:
        """The session that it belongs to."""
        return self.folder.parent.name

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def opened(self) -> Run | None:
        """The screening itself; None before its run.json is written, and where that is not one of this version."""
        try:
            return open_run(self.folder)
        except (RunError, OSError):
            return None

    def state(self) -> State:
        """Where it stands now; a screening that was stopped, or that failed, can go on."""
        if self.elsewhere():
            return State.RUNNING
        return state_of(self.worker, self._finished, self.reason)

    def elsewhere(self) -> bool:
        """Whether a process works on it that no page has started, such as a command."""
        if self.worker.lives():
            return False
        run = self.opened()
        return run is not None and run.lives() and not self.worker.lives()

    def progress(self) -> Progress | None:
        """How far it is; None before it begins."""
        return read_progress(self.folder)

    def reason(self) -> str:
        """Why it ended without a result, in the worker's words; empty if it was cut off in silence."""
        said = [line for line in self.worker.said() if not line.startswith(_NO_REASON)]
        return self._for_people(said[-1]) if said else ""

    def start(self) -> None:
        """Start the worker, or start it again where it ended; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the process cannot be started.
        """
        if self.opened() is not None:
            self.worker.start("resume", str(self.folder.resolve()), *self.asked.engine())
        else:
            self.worker.start("screen", self._file(), *self.asked.options(), f"--output={self.folder.resolve()}")

    def stop(self) -> None:
        """End the worker; what it has written is kept."""
        self.worker.stop()

    def discard(self) -> None:
        """Remove everything of it, the upload too; a worker that lives is ended first.

        Raises
        ------
        OSError
            If something of it cannot be removed.
        """
        if not self.folder.is_dir():
            return
        self.worker.discard()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        if not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()

    def _finished(self) -> bool:
        progress = self.progress()
        return progress is not None and progress.state == FINISHED

    def _file(self) -> str:
        return self.asked.file or str(self.worker.upload())

    def _for_people(self, line: str) -> str:
        """A line of the worker without the folders of this machine."""
        told = _HOW_TO_RESUME.sub("", line).replace(f"{self.folder.resolve() / 'upload'}/", "")
        return told.replace(str(self.folder.resolve()), "this screening")


def part_rows_for(name: str, size: int) -> int:
    """Rows of a part for a file of so many bytes: small parts where the file is small, so that its progress shows.

    Returns 0 where the command may take as many as it thinks best.
    """
    bytes_of_rows = size * (_PACKED if name.casefold().endswith(".gz") else 1)
    return _SMALL_PART if bytes_of_rows < _SMALL_FILE else 0


def new_session() -> str:
    """A name for a session that nobody can guess; its folder is made with its first screening."""
    return secrets.token_hex(16)


def is_session(name: str) -> bool:
    """Whether there is a session of that name. It may come from an address, so from anybody."""
    return _SESSION.fullmatch(name) is not None and (screenings_folder() / name).is_dir()


def new_run(session: str, asked: Asked, upload: tuple[str, bytes] | None = None) -> ScreenRun:
    """Make the run folder of a screening, readable for this user only.

    Parameters
    ----------
    session
        From `new_session`, or one that is there.
    asked
        What is asked for.
    upload
        Name and content of the user's file; None where `asked` names a file of this machine.

    Raises
    ------
    ValueError
        If the session's name is none, or no file is named, or two.
    OSError
        If the disk is full, or the folder cannot be written.
    """
    if _SESSION.fullmatch(session) is None:
        raise ValueError("session is not a name of one; expected 32 hexadecimal digits")
    if (upload is None) != bool(asked.file):
        raise ValueError("a screening needs either an upload or a file of this machine; expected one of the two")
    home = screenings_folder() / session
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", safe_file_name(asked.title).partition(".")[0]).strip("-")[:_MOST_STEM]
    run = ScreenRun(private_folder(home, stem or "library", always_numbered=True), asked)
    try:
        if upload is not None:
            run.worker.keep_upload(*upload)
        keep_asked(run.folder, asked)
    except OSError:
        shutil.rmtree(run.folder, ignore_errors=True)  # half an upload is nothing to go on with
        raise
    return run


def find_run(session: str, name: str) -> ScreenRun | None:
    """A screening of a session; None if there is none. Both names may come from an address, so from anybody."""
    if not is_session(session) or _NAME.fullmatch(name) is None:
        return None
    folder = screenings_folder() / session / name
    asked = asked_in(folder, _asked)
    return None if asked is None else ScreenRun(folder, asked)


def runs_of(session: str) -> list[ScreenRun]:
    """The screenings of one session, the one that was asked for last first; of no other."""
    if not is_session(session):
        return []
    latest_first = sorted(folders(screenings_folder() / session), key=lambda f: (-(f / JOB).stat().st_mtime_ns, f))
    return [run for folder in latest_first if (run := find_run(session, folder.name)) is not None]


def _asked(record: dict[str, Any]) -> Asked:
    return Asked(**record | {"tasks": tuple(record["tasks"])})
