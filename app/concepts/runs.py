"""Extractions of concepts that a page has started: each is a worker process that owns the folder of its set.

`python -m app concepts` does the work, so a set from the page and one from the terminal are the same. The page finds it
again by its folder, running or done.

- job.json: what was asked for
- upload/: the user's table; worker.log: what the worker said
- concepts.json, concepts.safetensors: the set, once it is done
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.concepts.folders import PREFIX, is_own, runs_folder, set_folder
from app.jobs.page_runs import asked_in, folders, keep_asked, last_words, private_folder, state_of, unfinished
from app.jobs.worker import State, Worker, safe_file_name

_MOST_STEM: Final = 40
_COUNTED: Final = re.compile(r"(\d[\d,]*) of (\d[\d,]*)")
#: What the command says on its way, and between which shares of the whole it says so, without prototypes and with.
_STAGES: Final[tuple[tuple[str, tuple[float, float], tuple[float, float]], ...]] = (
    ("asked about ", (0.02, 0.75), (0.02, 0.15)),
    ("grouping ", (0.78, 0.78), (0.16, 0.16)),
    ("naming", (0.85, 0.85), (0.17, 0.17)),
    ("drawing ", (0.95, 0.95), (0.19, 0.19)),
    ("prototypes: ", (0.97, 0.97), (0.2, 0.99)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for."""

    model: str
    """Name of a shipped task or of an own model."""
    title: str
    """File name as uploaded, to call the set by."""
    smiles_column: str = ""
    """Guessed if empty."""
    label_column: str = ""
    """Nothing was measured if empty."""
    prototypes: bool = False
    unfolded: bool = False
    """Whether the map is unfolded by UMAP, which takes longer."""

    def arguments(self) -> list[str]:
        """As arguments of `concepts`; texts are joined to their option, so that none can be taken for another."""
        options = {"smiles-column": self.smiles_column, "label": self.label_column}
        return [
            "--prototypes" if self.prototypes else "--no-prototypes",
            f"--map={'umap' if self.unfolded else 'pca'}",
            *(f"--{name}={value}" for name, value in options.items() if value),
        ]


@dataclass(frozen=True, slots=True)
class ConceptRun:
    """The folder of a set with a job of a page."""

    folder: Path
    asked: Asked

    @property
    def name(self) -> str:
        """Name of the set."""
        return self.folder.name

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    def state(self) -> State:
        """Where it stands now."""
        return state_of(self.worker, lambda: set_folder(self.name) is not None, self.reason)

    def reason(self) -> str:
        """Why it failed: what the worker said last; empty if it was cut off in silence, on its way."""
        return last_words(self.worker, lambda line: _stage(line) is not None)

    def progress(self) -> tuple[float, str]:
        """Share that is done, 0 to 1, and what is being done."""
        told = [line for line in self.worker.said() if _stage(line) is not None]
        if not told:
            return 0.0, "Reading the table and loading the model"
        stage = _stage(told[-1])
        assert stage is not None
        _, without, with_prototypes = _STAGES[stage]
        low, high = with_prototypes if self.asked.prototypes else without
        counted = _COUNTED.search(told[-1])
        part = 0.0
        if counted is not None:
            done, of = (int(number.replace(",", "")) for number in counted.groups())
            part = min(done / of, 1.0) if of else 0.0
        return low + (high - low) * part, told[-1][0].upper() + told[-1][1:]

    def start(self) -> None:
        """Start the worker, or start it again; nothing happens if it lives.

        Raises
        ------
        OSError, ValueError
            If the process cannot be started.
        """
        self.worker.start(
            "concepts", self.asked.model, f"--csv={self.worker.upload()}", *self.asked.arguments(),
            f"--output={self.folder.resolve()}",
        )  # fmt: skip

    def stop(self) -> None:
        """End the worker."""
        self.worker.stop()

    def discard(self) -> None:
        """Remove the folder with everything in it; a worker that lives is ended first."""
        self.worker.discard()


def new_run(asked: Asked, upload_name: str, content: bytes) -> ConceptRun:
    """Make the folder of a set that is still to be extracted, with the user's table in it, for this user only."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", safe_file_name(upload_name).partition(".")[0]).strip("-")[:_MOST_STEM]
    folder = private_folder(runs_folder(), f"{PREFIX}{asked.model}-{stem or 'table'}")
    run = ConceptRun(folder, asked)
    run.worker.keep_upload(upload_name, content)
    keep_asked(folder, asked)
    return run


def find_run(name: str) -> ConceptRun | None:
    """The extraction of that name; None if there is none. The name may come from an address, so from anybody."""
    if not is_own(name):
        return None
    folder = runs_folder() / name
    asked = asked_in(folder, lambda found: Asked(**found))
    return None if asked is None else ConceptRun(folder, asked)


def unfinished_runs() -> list[ConceptRun]:
    """Every extraction that is not finished, in alphabetical order."""
    return unfinished(find_run(folder.name) for folder in folders(runs_folder(), f"{PREFIX}*"))


def _stage(line: str) -> int | None:
    return next((i for i, (start, _, _) in enumerate(_STAGES) if line.startswith(start)), None)
