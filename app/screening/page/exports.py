"""Files that a screening is taken home as: written into its run folder, small ones at once, large ones by a worker.

`python -m app export` writes the large ones, so that no page waits and nothing of them is in memory. A file is found
again by what was asked for, and asked for again once more rows are written.

- exports/NAME/worker.log and so on: the worker; exports/NAME/FILE: the file, once it is whole
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.jobs.page_runs import last_words, state_of
from app.jobs.worker import State, Worker
from app.screening.page.runs import ScreenRun
from app.screening.results.exporting import Asked, export
from app.screening.results.table import Results
from app.screening.run_folder import open_run

FORMATS: Final = ("csv", "xlsx", "sdf", "parquet")
AT_ONCE: Final = 2000
"""Rows that are written while somebody waits."""
_FOLDER: Final = "exports"


@dataclass(frozen=True, slots=True)
class Export:
    """A file that a worker writes."""

    folder: Path
    file: Path
    """There once it is whole."""
    run: Path
    where: str | None

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def state(self) -> State:
        """Where it stands now; stopped where it was never asked for."""
        return state_of(self.worker, self.file.is_file, self.reason)

    def reason(self) -> str:
        """Why it could not be written."""
        said = last_words(self.worker, lambda line: line.startswith(("wrote ", "the screening is not finished")))
        return said.replace(f"{self.folder.resolve()}/", "").replace(str(self.run.resolve()), "this screening")

    def written(self) -> int:
        """Bytes that are there so far, of the whole file or of what becomes one."""
        try:
            return max(
                (file.stat().st_size for file in self.folder.iterdir() if self.file.name in file.name), default=0
            )
        except OSError:
            return 0

    def start(self) -> None:
        """Let a worker write it; nothing happens if one does.

        Raises
        ------
        OSError
            If it cannot be started.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        which = [] if self.where is None else [f"--where={self.where}"]
        self.worker.start("export", str(self.run.resolve()), str(self.file.resolve()), *which)

    def stop(self) -> None:
        """End the worker, and remove what it has written."""
        self.worker.discard()


def large_export(run: ScreenRun, kind: str, which: str, where: str | None) -> Export:
    """The file of some rows in one of `FORMATS`, as far as it is there.

    Parameters
    ----------
    run
        The screening.
    kind
        The format.
    which
        A word for its name, such as all or filtered.
    where
        A checked condition; all rows if None.
    """
    opened = open_run(run.folder)
    asked = repr((kind, where, len(opened.parts()), opened.finished()))
    folder = run.folder / _FOLDER / hashlib.sha256(asked.encode()).hexdigest()[:16]
    return Export(folder, folder / f"{run.name}-{which}.{kind}", run.folder, where)


def small_export(run: ScreenRun, kind: str, asked: Asked) -> bytes:
    """The content of a file of few rows.

    Raises
    ------
    ValueError, OSError
        If it cannot be written.
    """
    with Results(open_run(run.folder)) as results, tempfile.TemporaryDirectory(dir=run.folder) as folder:
        file = Path(folder) / f"rows.{kind}"
        export(results, file, asked)
        return file.read_bytes()
