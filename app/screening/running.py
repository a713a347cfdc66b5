"""A screening from start to end, whichever engine does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.screening.finishing import finish
from app.screening.local_engine import run_local
from app.screening.progress import Progress, read_progress
from app.screening.run_folder import Run, check_unchanged
from app.screening.run_progress import Recorder

ENGINES: Final = ("local",)


def carry_out(
    run: Run,
    engine: str = "local",
    workers: int | None = None,
    *,
    report: Callable[[Recorder], None] = lambda recorder: None,
) -> Progress:
    """Do what is left of a run; nothing if it is finished.

    Parameters
    ----------
    run
        New, stopped or finished.
    engine
        Which engine works on the parts; all give the same results.
    workers
        Processes; as many as cores if None.
    report
        Told of the progress.

    Returns
    -------
    Progress
        Of the finished run.

    Raises
    ------
    RunError
        If the input or a model has changed, or another process works on the run.
    EngineError
        If the work had to end before its time.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; expected {' or '.join(ENGINES)}")
    with run.claimed():
        progress = read_progress(run.folder)
        if progress is not None and run.finished():
            return progress
        check_unchanged(run)
        run_local(run, workers, report=report)
        return finish(run)
