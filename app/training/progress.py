"""How far a training is: a file in its run folder, written after every epoch, read by the page.

The file is replaced whole, so a reader never sees half of it, and it outlives the training.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from megan.files import write_beside

FILE = "progress.json"


@dataclass(slots=True)
class TrainingProgress:
    """The state of a training."""

    members: int
    epochs: int
    """Most epochs a member."""
    log: list[dict[str, Any]] = field(default_factory=list)
    """One record an epoch, see `megan.training.Progress.record`."""
    sentences: list[str] = field(default_factory=list)
    """What was left out of the table."""
    error: str = ""
    """Why it ended without a bundle."""

    @property
    def fraction(self) -> float:
        """Share of all epochs that is done at least, 0 to 1; members that stopped early count in full."""
        return self._done() / (self.members * self.epochs)

    @property
    def remaining(self) -> float | None:
        """Seconds left at most, at the speed of the last epochs; None before the first."""
        last = [float(row["seconds"]) for row in self.log[-5:]]
        if not last:
            return None
        return sum(last) / len(last) * (self.members * self.epochs - self._done())

    @property
    def member(self) -> int:
        """The member that is trained, from 0."""
        return int(self.log[-1]["member"]) if self.log else 0

    def _done(self) -> int:
        return self.member * self.epochs + int(self.log[-1]["epoch"]) + 1 if self.log else 0

    def add(self, record: dict[str, Any]) -> None:
        """Take in an epoch; one that was noted before the training was killed is replaced."""
        place = (record["member"], record["epoch"])
        self.log = [row for row in self.log if (row["member"], row["epoch"]) < place] + [record]


def read_progress(run: Path) -> TrainingProgress | None:
    """The progress of a run folder; None before it begins, or where the file is not one."""
    try:
        found = json.loads((run / FILE).read_text(encoding="utf-8"))
        progress = TrainingProgress(**found)
        return progress if progress.members > 0 and progress.epochs > 0 else None
    except (OSError, ValueError, TypeError):
        return None


def write_progress(run: Path, progress: TrainingProgress) -> None:
    """Replace the progress of a run folder."""
    with write_beside(run / FILE) as beside:
        beside.write_text(json.dumps(asdict(progress)), encoding="utf-8")
