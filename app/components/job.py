"""One request of the page: its rows, how far their prediction has come, and the results so far.

Rows are predicted in batches, so that 10,000 of them show progress and can be stopped; what is done is kept when the page
runs again, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from datasets.molecule import InputRow
from datasets.standardize import Policy
from megan.prediction import RowResult

#: Molecules on the page in one go; more belong to the command line.
MOST_ROWS = 10_000
#: The first batch is small so that the first result is there at once.
FIRST_BATCH, BATCH = 32, 256

_numbers = count(1)

Predict = Callable[[Sequence[InputRow], Policy], list[RowResult]]


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
    results: list[RowResult] = field(default_factory=list)
    """One per row, in order, for the rows that are done."""
    stopped: bool = False
    number: int = field(default_factory=lambda: next(_numbers))
    """Distinguishes the widgets of one job from those of the next."""

    @property
    def done(self) -> bool:
        """Whether there is nothing left to predict."""
        return self.stopped or len(self.results) >= len(self.rows)

    def advance(self, predict: Predict) -> Iterator[float]:
        """Predict what is left, batch by batch.

        Parameters
        ----------
        predict : callable
            From rows and a salt policy to as many results.

        Yields
        ------
        float
            The fraction that is done, in (0, 1].
        """
        while not self.done:
            start = len(self.results)
            batch = self.rows[start : start + (BATCH if start else FIRST_BATCH)]
            self.results.extend(predict(batch, self.policy))
            yield len(self.results) / len(self.rows)


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
