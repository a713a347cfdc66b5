"""The local engine: a driver that reads, and worker processes of one thread each that do the rest.

At most one part a worker and one more are in memory, whatever the length of the input. A worker that dies is replaced
and its part done again; a row that holds a worker up beyond the time limit, or that ends it twice, is given up and says
so. Results depend neither on the number of workers nor on what was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, MutableSequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from app.screening.raw_part import RawPart
from app.screening.reading import RowCounter, open_input, raw_parts
from app.screening.run_folder import Run
from app.screening.run_progress import Recorder
from app.screening.worker_process import NOWHERE, Failed, MakeWork, Written, disk_sentence, load_work, serve
from datasets.readers.streams import Source

_TICK = 0.25
_MOST_DEATHS = 5
"""Workers that may die one after the other without a part being finished in between."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class EngineError(RuntimeError):
    """The run ended before its time; what is written stays, and it can be resumed."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    beat: MutableSequence[float]
    part: RawPart | None = None

    def overdue(self, limit: float) -> int | None:
        """The row, counted in the part, that takes longer than the limit."""
        row, since = self.beat
        late = self.part is not None and row != NOWHERE and time.monotonic() - since > limit
        return int(row) if late else None

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


@dataclass(slots=True)
class _Driver:
    run: Run
    workers: int
    make_work: MakeWork
    recorder: Recorder
    again: list[RawPart] = field(default_factory=list)
    """Parts of workers that died."""
    crew: list[_Worker] = field(default_factory=list)
    ended_at: Counter[int] = field(default_factory=Counter)
    """How often a worker died at a row of the input."""
    deaths: int = 0

    def go(self, parts: Iterator[RawPart]) -> None:
        """Work on all parts."""
        coming = next(parts, None)
        while True:
            while self._room() and (self.again or coming is not None):
                if self.again:
                    self._hand_out(self.again.pop())
                elif coming is not None:
                    self._hand_out(coming)
                    coming = next(parts, None)
            if not any(worker.part for worker in self.crew) and not self.again and coming is None:
                return
            self._listen()

    def _room(self) -> bool:
        return len(self.crew) < self.workers or any(worker.part is None for worker in self.crew)

    def _hand_out(self, part: RawPart) -> None:
        worker = next((worker for worker in self.crew if worker.part is None), None) or self._hire()
        worker.part = part
        worker.beat[0] = NOWHERE
        part.given_up.update(
            {r: c for r, c in self.run.given_up().items() if part.first_row <= r < part.first_row + len(part)}
        )
        try:
            worker.connection.send(part)
        except OSError:
            self._bury(worker)

    def _hire(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        beat = context.RawArray("d", [NOWHERE, 0.0])
        process = context.Process(target=serve, args=(theirs, str(self.run.folder), beat, self.make_work), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours, beat)
        self.crew.append(worker)
        return worker

    def _listen(self) -> None:
        ready = wait([worker.connection for worker in self.crew], timeout=_TICK)
        for worker in list(self.crew):
            if worker.connection in ready:
                self._hear(worker)
            elif (row := worker.overdue(self.run.settings.time_limit)) is not None:
                assert worker.part is not None
                self.run.give_up(worker.part.first_row + row, "timeout")
                worker.kill()
                self._lay_off(worker)
        self.recorder.tick()

    def _hear(self, worker: _Worker) -> None:
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        if isinstance(said, Failed):
            raise EngineError(said.sentence)
        if isinstance(said, Written):
            worker.part = None
            self.deaths = 0
            self.recorder.add(said.rows)

    def _bury(self, worker: _Worker) -> None:
        """A worker died by itself or by another's hand: its part is done again."""
        row = int(worker.beat[0])
        if worker.part is not None and row != NOWHERE:
            at = worker.part.first_row + row
            self.ended_at[at] += 1
            if self.ended_at[at] > 1:
                self.run.give_up(at, "crashed")
        worker.kill()
        self._lay_off(worker)
        self.deaths += 1
        if self.deaths > _MOST_DEATHS:
            raise EngineError(
                f"{self.deaths} workers ended one after the other, perhaps for want of memory; use fewer workers or "
                "smaller parts"
            )

    def _lay_off(self, worker: _Worker) -> None:
        self.crew.remove(worker)
        if worker.part is not None:
            self.again.append(worker.part)

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self.crew:
            worker.kill()
        self.crew.clear()


def run_local(
    run: Run,
    workers: int | None = None,
    *,
    make_work: MakeWork = load_work,
    report: Callable[[Recorder], None] = lambda recorder: None,
) -> None:
    """Do what is left of a run on this machine; only for who holds its claim.

    Parameters
    ----------
    run
        The run.
    workers
        Processes; as many as cores if None.
    make_work
        Makes the work of a part in each worker.
    report
        Told of the progress a few times a second.

    Raises
    ------
    EngineError
        If it had to end before its time, with a sentence.
    ValueError
        If the number of workers makes no sense, or the input turns out to be damaged.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}; expected 1 or more")
    run.sweep()
    done = run.parts()
    file = open_input(run)
    counter = RowCounter(open_input(run), Source(run.input.name, run.input, None))
    with _environment(), Recorder(run, counter, list(done.values()), report) as recorder:
        driver = _Driver(run, workers or os.cpu_count() or 1, make_work, recorder)
        try:
            driver.go(raw_parts(file, run.settings.part_rows, done))
        except OSError as error:
            raise EngineError(disk_sentence(error)) from error
        finally:
            driver.dismiss()
            counter.stop()


class _environment:  # noqa: N801
    """One thread a worker; the driver's own environment is put back."""

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in _ONE_THREAD}
        os.environ.update(_ONE_THREAD)

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
