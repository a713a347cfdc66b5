"""How far a screening is: progress.json in its run folder, replaced whole, so that no reader sees half of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from megan.files import write_beside

FILE: Final = "progress.json"
RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a run."""

    state: str
    """running, finished, failed or cancelled; whether a running one lives, only its lock tells."""
    rows: int = 0
    """Rows that are written."""
    parts: int = 0
    """Parts that are written."""
    total: int | None = None
    """Rows of the input; None until they are counted."""
    seconds: float = 0.0
    """Time spent on the run, over all its starts."""
    rate: float = 0.0
    """Rows a second since the last start; 0 before the first part."""
    sentence: str = ""
    """Why it ended, where it did not finish."""

    @property
    def fraction(self) -> float | None:
        """Share of the rows that is written, 0 to 1; None until they are counted."""
        if self.total is None:
            return None
        return self.rows / self.total if self.total else 1.0

    @property
    def remaining(self) -> float | None:
        """Seconds left at the rate of this start; None where that cannot be told yet."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.rows) / self.rate


def read_progress(folder: Path) -> Progress | None:
    """The progress of a run folder; None where there is none that can be read."""
    try:
        return Progress(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_progress(folder: Path, progress: Progress) -> None:
    """Replace the progress of a run folder."""
    with write_beside(folder / FILE) as beside:
        beside.write_text(json.dumps(asdict(progress)), encoding="utf-8")


def line(progress: Progress) -> str:
    """The progress in one short line for people."""
    total = "" if progress.total is None else f" of {progress.total:,}"
    said = f"{progress.rows:,}{total} rows"
    if progress.rate > 0:
        said += f", {progress.rate:,.0f} a second"
    if progress.remaining is not None and progress.state == RUNNING:
        said += f", {duration(progress.remaining)} left"
    return said


def duration(seconds: float) -> str:
    """A time for people: 40 s, 12 min, 3 h 20 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
