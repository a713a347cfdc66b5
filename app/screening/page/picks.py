"""Picks of a screening: a worker chooses molecules and wells, and the page finds them in the run folder.

`python -m app pick` does the work, so picks from the page and from the terminal are the same. A run has one set of
picks at a time; a new one takes its place.

- picks/job.json: what was asked for; picks/worker.log: what the worker said; picks/picks.csv: plate, well, row
"""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.jobs.page_runs import asked_in, keep_asked, last_words, state_of
from app.jobs.worker import State, Worker
from app.screening.page.runs import ScreenRun
from app.screening.results.plates import FORMATS
from app.screening.results.table import Results, named
from app.screening.run_folder import open_run

_FOLDER: Final = "picks"
_FILE: Final = "picks.csv"
_SAID: Final = re.compile(r"([\d,]+) of ([\d,]+) molecules that can be picked")
MOST: Final = 50_000
"""Picks."""


@dataclass(frozen=True, slots=True)
class PicksAsked:
    """What the page asks for."""

    n: int
    diverse: bool = True
    source: str = "all"
    """What they are picked from, in a word."""
    where: str = ""
    """The same as a checked condition; all molecules if empty."""
    without_concepts: tuple[str, ...] = ()
    plate: int = 384
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MOST:
            raise ValueError(f"n is {self.n}; expected 1 to {MOST}")
        if self.plate not in FORMATS:
            raise ValueError(f"plate is {self.plate}; expected {' or '.join(map(str, FORMATS))}")

    def options(self) -> list[str]:
        """As options of `pick`."""
        return [
            f"-n{self.n}",
            *(["--diverse"] if self.diverse else []),
            *([f"--where={self.where}"] if self.where else []),
            *(f"--exclude-concept={concept}" for concept in self.without_concepts),
            f"--plate={self.plate}",
            f"--seed={self.seed}",
        ]


@dataclass(frozen=True, slots=True)
class Placed:
    """A pick in its well."""

    plate: int
    well: str
    row: int


@dataclass(frozen=True, slots=True)
class Picks:
    """The picks of a run."""

    folder: Path
    run: Path
    asked: PicksAsked

    @property
    def worker(self) -> Worker:
        """The process."""
        return Worker(self.folder)

    @property
    def file(self) -> Path:
        """Plate, well and row of each; there once they are all picked."""
        return self.folder / _FILE

    def state(self) -> State:
        """Where they stand now."""
        return state_of(self.worker, self.file.is_file, self.reason)

    def reason(self) -> str:
        """Why nothing was picked."""
        return last_words(self.worker, lambda line: line.startswith(("wrote ", "the screening is not finished")))

    def placed(self) -> list[Placed]:
        """The picks in the order of their wells; empty where they cannot be read.

        The file may have been changed by hand, so lines that are no pick are passed over.
        """
        try:
            with self.file.open(encoding="utf-8", newline="") as file:
                lines = list(csv.reader(file))[1:]
        except (OSError, ValueError, csv.Error):
            return []
        return [
            Placed(int(line[0]), line[1], int(line[2]))
            for line in lines
            if len(line) == 3 and line[0].isdigit() and line[2].isdigit()
        ]

    def candidates(self) -> int | None:
        """Molecules that could have been picked; None where the worker did not say."""
        for line in self.worker.said():
            if match := _SAID.search(line):
                return int(match[2].replace(",", ""))
        return None

    def stop(self) -> None:
        """End the worker."""
        self.worker.stop()


def picks_of(run: ScreenRun) -> Picks | None:
    """The picks of a run; None where none were asked for."""
    folder = run.folder / _FOLDER
    asked = asked_in(folder, _asked)
    return None if asked is None else Picks(folder, run.folder, asked)


def new_picks(run: ScreenRun, asked: PicksAsked) -> Picks:
    """Let a worker pick; the picks before are gone.

    Raises
    ------
    OSError, ValueError
        If it cannot be started.
    """
    folder = run.folder / _FOLDER
    if folder.is_dir():
        Worker(folder).discard()
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    keep_asked(folder, asked)
    picks = Picks(folder, run.folder, asked)
    with Results(open_run(run.folder)) as results:
        row = named(results.columns, "row")
    picks.worker.start(
        "pick", str(run.folder.resolve()), *asked.options(), f"--columns={row}", f"--output={picks.file.resolve()}"
    )
    return picks


def _asked(record: dict[str, Any]) -> PicksAsked:
    return PicksAsked(**record | {"without_concepts": tuple(record["without_concepts"])})
