"""Worker processes that do parts, and whoever watches over them: the heart of every engine.

A worker that dies is replaced and its part done again. A row that holds a worker up beyond the time limit, or that
ends three of them, is given up and says so; where it is not plain which row it was, the rows of the part are tried one
by one. Results depend neither on the number of workers nor on what was killed.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from app.screening.engines.raw_part import RawPart
from app.screening.engines.worker_process import NOWHERE, Failed, MakeWork, Put, Ready, Written, serve
from app.screening.run_folder import Run

START = "spawn"
"""How workers start; a forked one would take over locks that threads of the driver hold."""

_TICK = 0.25
_MOST_DEATHS = 5
"""Workers that may die one after the other without a part being finished, or a row given up, in between."""
_DEATHS_AT_A_ROW = 3
_DEATHS_OF_A_PART = 2
_WHOLE_PART = 0.05
"""Seconds a row, on top of the time limit, for the stages that work on all rows of a part at once."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class EngineError(RuntimeError):
    """The run ended before its time; what is written stays, and it can be resumed."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    beat: MutableSequence[float]
    ready: bool = False
    """Whether its models are loaded, which belongs to no row."""
    part: RawPart | None = None
    since: float = 0.0
    """When it could start with the part."""

    def row(self) -> int | None:
        """The row, counted in the part, that it works on; None where that is no single one."""
        row = self.beat[0]
        return None if self.part is None or row == NOWHERE else int(row)

    def overdue(self, limit: float) -> bool:
        """Whether the row, or the stage of all rows, takes longer than it may."""
        if self.part is None or not self.ready:
            return False
        if self.row() is None:
            limit = math.inf if self.part.probe else limit + _WHOLE_PART * len(self.part)
        return time.monotonic() - max(self.since, self.beat[1]) > limit

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


@dataclass(slots=True)
class Crew:
    """Worker processes of one thread each; at most one part a worker and one more are in memory."""

    run: Run
    workers: int
    make_work: MakeWork
    """Makes the work of a part in each worker."""
    put: Put
    """Lets a part take its place, in each worker."""
    give_up: Callable[[int, str], None]
    """Told of rows that no worker could finish, with the code of the reason."""
    given_up: dict[int, str] = field(default_factory=dict)
    """Such rows: row of the input -> code."""
    _again: list[RawPart] = field(default_factory=list)
    """Parts of workers that died."""
    _workers: list[_Worker] = field(default_factory=list)
    _ended_at: Counter[int] = field(default_factory=Counter)
    """How often a worker died at a row of the input."""
    _ended_in: Counter[int] = field(default_factory=Counter)
    """How often a worker died in a part, at no single row."""
    _deaths: int = 0

    def work_on(self, parts: Iterator[RawPart]) -> Iterator[Written | None]:
        """Work on all parts; yields every one that is written, and None a few times a second.

        Raises
        ------
        EngineError
            If it had to end before its time, with a sentence.
        """
        coming = next(parts, None)
        while True:
            while self._room() and (self._again or coming is not None):
                if self._again:
                    self._hand_out(self._again.pop())
                elif coming is not None:
                    self._hand_out(coming)
                    coming = next(parts, None)
            if not any(worker.part for worker in self._workers) and not self._again and coming is None:
                return
            yield from self._listen()

    def hire(self) -> _Worker:
        """Start one more worker."""
        context = multiprocessing.get_context(START)
        ours, theirs = context.Pipe()
        beat = context.RawArray("d", [NOWHERE, 0.0])
        process = context.Process(  # type: ignore[attr-defined]  # every context has it
            target=serve, args=(theirs, self.run, beat, self.make_work, self.put), daemon=True
        )
        with _one_thread():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, beat)
        self._workers.append(worker)
        return worker

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _room(self) -> bool:
        return len(self._workers) < self.workers or any(worker.part is None for worker in self._workers)

    def _hand_out(self, part: RawPart) -> None:
        worker = next((worker for worker in self._workers if worker.part is None), None) or self.hire()
        worker.part, worker.since = part, time.monotonic()
        worker.beat[0] = NOWHERE
        part.given_up.update({row: code for row, code in self.given_up.items() if row in part.rows})
        try:
            worker.connection.send(part)
        except OSError:
            self._bury(worker)

    def _listen(self) -> Iterator[Written | None]:
        ready = wait([worker.connection for worker in self._workers], timeout=_TICK)
        for worker in list(self._workers):
            if worker.connection in ready:
                if (written := self._hear(worker)) is not None:
                    yield written
            elif worker.overdue(self.run.settings.time_limit):
                self._stop(worker)
        yield None

    def _hear(self, worker: _Worker) -> Written | None:
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return None
        if isinstance(said, Failed):
            raise EngineError(said.sentence)
        if isinstance(said, Ready):
            worker.ready, worker.since = True, time.monotonic()
        if isinstance(said, Written):
            worker.part = None
            self._deaths = 0
            return said
        return None

    def _stop(self, worker: _Worker) -> None:
        """A worker takes too long."""
        assert worker.part is not None
        row = worker.row()
        if row is None:
            worker.part = replace(worker.part, probe=True)
        else:
            self._give_up(worker.part.first_row + row, "timeout")
        worker.kill()
        self._lay_off(worker)

    def _bury(self, worker: _Worker) -> None:
        """A worker died by itself or by another's hand: its part is done again."""
        self._deaths += 1
        if worker.part is not None:
            row = worker.row()
            if row is None:
                self._ended_in[worker.part.number] += 1
                if self._ended_in[worker.part.number] >= _DEATHS_OF_A_PART:
                    worker.part = replace(worker.part, probe=True)
            else:
                at = worker.part.first_row + row
                self._ended_at[at] += 1
                if self._ended_at[at] >= _DEATHS_AT_A_ROW:
                    self._give_up(at, "crashed")
        worker.kill()
        self._lay_off(worker)
        if self._deaths > _MOST_DEATHS:
            raise EngineError(
                f"{self._deaths} workers ended one after the other, perhaps for want of memory; use fewer workers or "
                "smaller parts"
            )

    def _give_up(self, row: int, code: str) -> None:
        self.given_up[row] = code
        self.give_up(row, code)
        self._deaths = 0

    def _lay_off(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        if worker.part is not None:
            self._again.append(worker.part)


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread a worker, by the environment that it inherits."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
