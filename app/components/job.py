"""One request of the page: its rows, how far their prediction has come, and the results so far.

Rows are predicted in batches, so that 10,000 of them show progress and can be stopped; what is done is kept when the
page runs again, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from app.predicting.row_source import RowBatch
from app.predicting.stream import ResultBatch, predict_batches
from datasets.molecule import InputRow
from datasets.standardize import Policy
from megan.prediction import RowResult

if TYPE_CHECKING:
    from megan.predictor import Predictor

#: Molecules on the page in one go; more belong to the command line.
MOST_ROWS = 10_000
#: The first batch is small so that the first result is there at once.
FIRST_BATCH, BATCH = 32, 256

_numbers = count(1)


@dataclass(slots=True)
class Job:
    """What was asked for and what has been answered."""

    rows: list[InputRow]
    policy: Policy
    cut: bool = False
    """Whether the input went on beyond `MOST_ROWS`."""
    columns: tuple[str, ...] = ()
    """Names of the user's own columns; empty for pasted text."""
    values: list[tuple[object, ...]] = field(default_factory=list)
    """What those columns hold, one tuple per row in the order of `columns`; empty for pasted text."""
    tasks: tuple[str, ...] = ()
    """Names of the models that are asked; empty until that is decided."""
    results: list[RowResult] = field(default_factory=list)
    """One per row, in order, for the rows that are done."""
    stopped: bool = False
    number: int = field(default_factory=lambda: next(_numbers))
    """Distinguishes the widgets of one job from those of the next."""
    _stream: Iterator[ResultBatch] | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def done(self) -> bool:
        """Whether there is nothing left to predict."""
        return self.stopped or len(self.results) >= len(self.rows)

    def advance(self, predictors: Sequence[Predictor]) -> Iterator[float]:
        """Predict what is left, batch by batch, from where the last call was left.

        Parameters
        ----------
        predictors
            One a task.

        Yields
        ------
        float
            The fraction that is done, in (0, 1].
        """
        while True:
            with self._lock:
                if self.done:
                    return
                if self._stream is None:
                    self._stream = predict_batches(self._batches(), predictors, self.policy)
                self.results.extend(next(self._stream).results)
            yield len(self.results) / len(self.rows)

    def chosen(self, models: Mapping[str, Predictor]) -> dict[str, Predictor]:
        """The models that this job asks, of all that there are; decided by the first call if it was not before."""
        self.tasks = self.tasks or tuple(models)
        return {name: model for name, model in models.items() if name in self.tasks}

    def settled(self) -> bool:
        """Whether the job is done, asked once no batch is in flight.

        A page may run again while its last run is still within a batch; without waiting, the two would work on the same
        stream, or the new one would count rows that are still to grow.
        """
        with self._lock:
            return self.done

    def _batches(self) -> Iterator[RowBatch]:
        start, size = 0, FIRST_BATCH
        while start < len(self.rows):
            batch = self.rows[start : start + size]
            yield RowBatch(batch, [()] * len(batch))
            start, size = start + size, BATCH


def new_job(
    rows: Sequence[InputRow],
    policy: Policy,
    columns: Sequence[str] = (),
    values: Sequence[tuple[object, ...]] = (),
) -> Job:
    """A job over the first `MOST_ROWS` of `rows`."""
    return Job(
        rows=list(rows[:MOST_ROWS]),
        policy=policy,
        cut=len(rows) > MOST_ROWS,
        columns=tuple(columns),
        values=list(values[:MOST_ROWS]),
    )
