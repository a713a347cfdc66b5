"""PDFs of concept reports that a page has asked for: laid out by a worker process, a second or so a concept.

`python -m app report` does the work on a copy of the set, so that what the session knows beside it is in the PDF too.
Each content has a folder of its own in `reports` beside the user's sets, where it is found again after a reload.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.concepts.folders import runs_folder, set_folder, written
from app.jobs.worker import State, Worker
from concepts.concept import ConceptSet
from concepts.storage import save_concepts

_FOLDER: Final = "reports"
_FILE: Final = "report.pdf"
_ON_ITS_WAY: Final = "laying out "


@dataclass(frozen=True, slots=True)
class PdfRun:
    """The folder of a PDF that is there, or could be made."""

    folder: Path

    @property
    def file(self) -> Path:
        """The PDF, once it is done."""
        return self.folder / _FILE

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def state(self) -> State | None:
        """Where it stands; None where nobody has asked for it."""
        if not self.folder.is_dir():
            return None
        if self.worker.lives():
            return State.RUNNING
        # Looked at after the lock: a worker that has just ended has written everything before.
        if self.file.is_file():
            return State.FINISHED
        return State.STOPPED if self.worker.was_stopped() else State.FAILED

    def reason(self) -> str:
        """Why it failed: what the worker said last."""
        said = [line for line in self.worker.said() if not line.startswith(_ON_ITS_WAY)]
        return said[-1] if said else "it was cut off"

    def start(self, found: ConceptSet) -> None:
        """Copy the set and start the worker; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the copy cannot be written, or the process cannot be started.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        save_concepts(self.folder, found)
        folder = self.folder.resolve()
        self.worker.start("report", str(folder), f"--output={folder / _FILE}")

    def stop(self) -> None:
        """End the worker and forget the PDF."""
        self.worker.discard()


def pdf_of(name: str, found: ConceptSet) -> PdfRun:
    """The PDF of a set with the hypotheses it has now.

    Parameters
    ----------
    name
        Of the set.
    found
        The set as it is shown.
    """
    folder = set_folder(name)
    told = [(c.id, c.hypothesis.prompt_sha256, c.hypothesis.created) for c in found if c.hypothesis]
    content = repr((name, 0 if folder is None else written(folder), told))
    return PdfRun(runs_folder() / _FOLDER / f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}")
