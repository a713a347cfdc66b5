"""A worker process that owns a folder: a page starts it, anybody sees whether it lives, and it ends on request.

Nothing is kept in memory: after a reload, or a restart of the server, the folder tells all. Whether the worker lives is
told by a lock that it inherits and that falls when it ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import app
from datasets.library import SUFFIXES
from megan.files import write_beside

_LOCK, _LOG, _PID, _STOPPED, _UPLOAD = "worker.lock", "worker.log", "worker.pid", "stopped", "upload"
_MOST_FILE_NAME = 80
_TRIES = 50


class State(StrEnum):
    """Where the work of a folder stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    """It ended by itself without a result, and says why."""
    STOPPED = "stopped"
    """Somebody stopped it, or the machine did."""


@dataclass(frozen=True, slots=True)
class Worker:
    """The process of a folder, whether it lives or not."""

    folder: Path

    def start(self, *arguments: str) -> None:
        """Start `python -m app ARGUMENTS`; nothing happens if the worker lives.

        Parameters
        ----------
        arguments
            A list without a shell; texts of users must be values of options, joined to them by "=".

        Raises
        ------
        OSError
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
            environment = dict(os.environ) | {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) - 1))}
            with (self.folder / _LOG).open("wb") as log:
                worker = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "app", *arguments],
                    cwd=Path(app.__file__).parents[1],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(lock,),
                    start_new_session=True,  # Ctrl-C for the server is none for the worker
                )
            with write_beside(self.folder / _PID) as beside:
                beside.write_text(str(worker.pid))
            _WORKERS.append(worker)
        finally:
            os.close(lock)

    def stop(self) -> None:
        """End the worker, if it lives, and remember that it was stopped."""
        (self.folder / _STOPPED).touch()
        if self.lives():
            # The lock is held, so the process with this number is the worker and no later one.
            os.kill(int((self.folder / _PID).read_text()), signal.SIGTERM)

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""
        self.stop()
        for _ in range(_TRIES):
            if not self.lives():
                break
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def lives(self) -> bool:
        """Whether the process runs."""
        for worker in _WORKERS:
            worker.poll()  # lets the system forget workers that have ended
        if not self.folder.is_dir():
            return False
        lock = self._take_lock(fcntl.LOCK_SH)
        if lock is None:
            return True
        os.close(lock)
        return False

    def was_stopped(self) -> bool:
        """Whether somebody asked it to end since it was started last."""
        return (self.folder / _STOPPED).exists()

    def said(self) -> list[str]:
        """Lines that it wrote since it was started last, without empty ones."""
        try:
            text = (self.folder / _LOG).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.split("\n") if line.strip()]

    def crash(self) -> str:
        """The last words of a worker that ended with a traceback, else an empty string."""
        lines = self.said()
        return lines[-1] if any(line.startswith("Traceback") for line in lines) else ""

    def keep_upload(self, name: str, content: bytes) -> None:
        """Put a user's file into the folder, under a harmless name and readable for this user only."""
        (self.folder / _UPLOAD).mkdir(mode=0o700)
        upload = self.folder / _UPLOAD / safe_file_name(name)
        upload.write_bytes(content)
        upload.chmod(0o600)

    def upload(self) -> Path:
        """The user's file.

        Raises
        ------
        OSError, ValueError
            If it is not there.
        """
        (upload,) = (self.folder / _UPLOAD).iterdir()
        return upload.resolve()

    def _take_lock(self, kind: int) -> int | None:
        """The lock as an open file, or None if another process holds it."""
        lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock


_WORKERS: list[subprocess.Popen[bytes]] = []


def safe_file_name(name: str) -> str:
    """A name of an uploaded file without folders and odd characters, its ending kept."""
    plain = re.sub(r"[^\w.-]+", "_", Path(name.replace("\\", "/")).name)
    stem, ending = plain, ""
    lower = plain.casefold()
    for suffix in (s + z for s in SUFFIXES for z in (".gz", "")):
        if lower.endswith(suffix):
            stem, ending = plain[: -len(suffix)], suffix
            break
    return (stem.lstrip(".-")[: _MOST_FILE_NAME - len(ending)] or "table") + ending
