"""The local engine: a driver that reads, and worker processes of one thread each that do the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from app.screening.engines.crew import Crew, EngineError
from app.screening.engines.reading import RowCounter, open_input, raw_parts, readable
from app.screening.engines.worker_process import MakeWork, disk_sentence, load_work, write_part
from app.screening.run_folder import Run
from app.screening.run_progress import Recorder
from datasets.readers.streams import Source


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
    check_workers(workers)
    run.sweep()
    done = run.parts()
    file = open_input(run)
    counter = RowCounter(open_input(run), Source(run.input.name, run.input, None))
    with Recorder(run, counter, list(done.values()), report) as recorder:
        crew = Crew(
            run, workers or os.cpu_count() or 1, make_work, partial(write_part, run), run.give_up, run.given_up()
        )
        try:
            for written in crew.work_on(readable(run, raw_parts(file, run.settings.part_rows, done))):
                if written is not None:
                    recorder.add(written.rows)
                recorder.tick()
        except OSError as error:
            raise EngineError(disk_sentence(error)) from error
        finally:
            crew.dismiss()
            counter.stop()


def check_workers(workers: int | None) -> None:
    """Make sure that a number of workers makes sense.

    Raises
    ------
    ValueError
        If it is less than 1.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}; expected 1 or more")
