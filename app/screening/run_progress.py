"""Keeps progress.json up to date while an engine works."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from app.screening.engines.reading import RowCounter
from app.screening.progress import CANCELLED, FAILED, RUNNING, Progress, read_progress, write_progress
from app.screening.run_folder import Run

_EVERY = 0.5
"""Seconds between two writes."""


class Recorder:
    """The progress of a run while it is worked on; its end is recorded however it comes.

    Parameters
    ----------
    run
        The run.
    counter
        Knows the rows of the input sooner or later.
    parts
        Files of the parts that were written before.
    report
        Told of the progress after every write.
    """

    def __init__(
        self, run: Run, counter: RowCounter, parts: Sequence[Path], report: Callable[[Recorder], None]
    ) -> None:
        self._run, self._counter, self._report = run, counter, report
        before = read_progress(run.folder)
        self._seconds = before.seconds if before else 0.0
        self._started = self._first = time.monotonic()
        self._written = 0.0
        self._new = 0
        self.progress = Progress(
            RUNNING, rows_in(parts), len(parts), before.total if before else None, seconds=self._seconds
        )

    def add(self, rows: int) -> None:
        """Take in a part that was written."""
        now = time.monotonic()
        self._new += rows
        # Loading the models belongs to no row, so the rate counts from a worker's first part on.
        self.progress = replace(
            self.progress,
            rows=self.progress.rows + rows,
            parts=self.progress.parts + 1,
            rate=self._new / (now - self._started),
        )

    def tick(self, force: bool = False) -> None:
        """Write, unless that was done just now."""
        now = time.monotonic()
        if not force and now - self._written < _EVERY:
            return
        self._written = now
        self.progress = replace(
            self.progress,
            total=self._counter.total if self._counter.total is not None else self.progress.total,
            seconds=self._seconds + now - self._first,
        )
        write_progress(self._run.folder, self.progress)
        self._report(self)

    def __enter__(self) -> Recorder:
        self.tick(force=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            cancelled = issubclass(kind, KeyboardInterrupt | SystemExit)
            sentence = "" if cancelled else str(error)
            self.progress = replace(self.progress, state=CANCELLED if cancelled else FAILED, sentence=sentence)
        # On a full disk the older progress stays; the sentence is also the driver's error.
        with contextlib.suppress(OSError):
            self.tick(force=True)


def rows_in(parts: Sequence[Path]) -> int:
    """Rows of parts, from their footers."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(part).num_rows for part in parts)
