"""The stages of a screening as Ray Data runs them: a reader, and actors that do parts.

The reader sits on the machine of the driver, so that no other one needs the input. Each actor keeps one worker process
with the models and watches over it as the local engine does: a structure that takes for ever, or that ends the process,
costs neither the actor nor the part.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from app.screening.engines.crew import Crew, EngineError
from app.screening.engines.handing_over import HandingOver
from app.screening.engines.raw_part import RawPart
from app.screening.engines.reading import open_input, raw_parts, readable
from app.screening.engines.worker_process import MakeWork, Put, Work, load_work, write_part
from app.screening.run_folder import Run, RunError, check_same_work, open_run

Batch = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Errand:
    """What every machine needs to know of a run."""

    run: Run
    done: tuple[int, ...]
    """Parts that are written."""
    make_work: MakeWork
    through: HandingOver | None
    """Where parts are handed over; None where all machines share the run folder."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a part."""

    number: int
    rows: int
    given_up: dict[int, str]
    """Rows of the input that no worker could finish: row -> code."""
    failed: str
    """Why the run cannot go on; empty if it can."""

    @classmethod
    def of(cls, batch: Batch) -> list[Told]:
        """As `record` wrote it."""
        names = ("number", "rows", "given_up", "failed")
        return [
            cls(int(number), int(rows), {int(row): code for row, code in json.loads(given_up).items()}, str(failed))
            for number, rows, given_up, failed in zip(*(batch[name] for name in names), strict=True)
        ]

    def record(self) -> Batch:
        """A batch of one row."""
        values = {
            "number": self.number,
            "rows": self.rows,
            "given_up": json.dumps(self.given_up),
            "failed": self.failed,
        }
        return {name: np.array([value]) for name, value in values.items()}


def read(_: Batch, errand: Errand) -> Iterator[Batch]:
    """The parts that are left to do, one a batch; where the input cannot be read on, why."""
    run = errand.run
    try:
        for part in readable(run, raw_parts(open_input(run), run.settings.part_rows, errand.done)):
            yield _batch(part, "")
    except (ValueError, EngineError) as error:
        yield _batch(None, str(error))


class Screen:
    """An actor with a worker process that holds the models.

    Parameters
    ----------
    errand
        What is to be done.
    """

    def __init__(self, errand: Errand) -> None:
        put: Put = partial(write_part, errand.run)
        make_work: MakeWork = partial(_work_where_shared, errand.make_work)
        if errand.through is not None:
            put, make_work = errand.through.put, errand.make_work
        self._crew = Crew(errand.run, 1, make_work, put, lambda row, code: None)
        self._crew.hire()

    def __call__(self, batch: Batch) -> Batch:
        """Do a part."""
        [part], [failed] = batch["part"], batch["failed"]
        if failed:
            return Told(-1, 0, {}, str(failed)).record()
        try:
            for _ in self._crew.work_on(iter([part])):
                pass
        except EngineError as error:
            return Told(part.number, 0, {}, str(error)).record()
        return Told(part.number, len(part), part.given_up, "").record()

    def end(self) -> None:
        """End the worker process."""
        self._crew.dismiss()


def load_same_work(run: Run) -> Work:
    """The work that a run asks for, on a machine that may not be the driver's.

    Raises
    ------
    RunError
        If results would differ from those of the driver's machine.
    """
    try:
        check_same_work(run)
    except (OSError, ValueError) as error:
        raise RunError(f"{socket.gethostname()} cannot take part: {error}") from error
    return load_work(run)


def _work_where_shared(make_work: MakeWork, run: Run) -> Work:
    """Make the work of a run if its folder is that of the driver.

    Raises
    ------
    RunError
        If parts would be lost.
    """
    try:
        same = open_run(run.folder).record == run.record
    except RunError:
        same = False
    if not same:
        raise RunError(
            f"{socket.gethostname()} does not see {run.folder}; choose a folder that all share, or give --through"
        )
    return make_work(run)


def _batch(part: RawPart | None, failed: str) -> Batch:
    parts = np.empty(1, dtype=object)
    parts[0] = part
    return {"part": parts, "failed": np.array([failed])}
