"""How far a study is and what it has found so far: a file in its run folder, written on the way, read by the page.

The engine's own folder keeps every student; this file holds what a reader is shown, replaced whole, so that nobody ever
sees half of it.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from megan.files import write_beside

if TYPE_CHECKING:
    from concepts.simulatability.rows import ScoreRow
    from concepts.simulatability.study import StudyProgress

FILE: Final = "study.json"
EVERY: Final = 1.0
"""Seconds between two writes, unless there is a new score."""


@dataclass(slots=True)
class StudyShown:
    """The state of a study."""

    metric: str
    """accuracy, or R2."""
    done: float = 0.0
    """Share that is done, 0 to 1."""
    seconds_left: float | None = None
    """None before anything is known."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """A condition each: `ScoreRow.record()`, and the lists `counted`, `reference` and `explained` over repetitions."""
    finished: bool = False


@dataclass(slots=True)
class Recorder:
    """Takes in what the engine reports, and writes it into the folder now and then."""

    folder: Path
    shown: StudyShown
    _rows: int = -1
    _written: float = -math.inf

    def __call__(self, progress: StudyProgress) -> None:
        """Note how far the study is."""
        self.shown.done = progress.done
        self.shown.seconds_left = progress.seconds_left if math.isfinite(progress.seconds_left) else None
        new = len(progress.rows) != self._rows
        if new:
            self.shown.rows = [row_shown(row) for row in progress.rows]
            self._rows = len(progress.rows)
        if new or time.monotonic() - self._written >= EVERY:
            self.write()

    def finish(self, rows: tuple[ScoreRow, ...]) -> None:
        """Note that all is done."""
        self.shown.rows = [row_shown(row) for row in rows]
        self.shown.done, self.shown.seconds_left, self.shown.finished = 1.0, 0.0, True
        self.write()

    def write(self) -> None:
        """Replace the file."""
        self._written = time.monotonic()
        with write_beside(self.folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(self.shown), allow_nan=False), encoding="utf-8")


def row_shown(row: ScoreRow) -> dict[str, Any]:
    """The record of a condition with the performance of each student, so that it can be drawn."""
    return row.record() | {
        "counted": list(row.counted),
        "reference": [round(value, 6) for value in row.reference],
        "explained": [round(value, 6) for value in row.explained],
    }


def read_shown(folder: Path) -> StudyShown | None:
    """The state of a run folder; None before it begins, or where the file is not one."""
    try:
        found = StudyShown(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    sound = isinstance(found.rows, list) and all(isinstance(row, dict) and "explainer" in row for row in found.rows)
    return found if sound and isinstance(found.done, int | float) else None
