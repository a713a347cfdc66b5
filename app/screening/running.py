"""A screening from start to end, whichever engine does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.screening.engines.local_engine import run_local
from app.screening.engines.ray_engine import run_ray
from app.screening.finishing import finish
from app.screening.progress import Progress, read_progress
from app.screening.run_folder import Run, check_unchanged
from app.screening.run_progress import Recorder

ENGINES: Final = ("local", "ray")


def carry_out(
    run: Run,
    engine: str = "local",
    workers: int | None = None,
    *,
    address: str | None = None,
    through: str | None = None,
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
    address, through
        Of a Ray cluster, and a place to hand parts over, as in `run_ray`; for the engine ray only.
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
    for name, value in (("address", address), ("through", through)):
        if engine != "ray" and value is not None:
            raise ValueError(f"{name} is {value!r}; expected none, as the engine is {engine}")
    with run.claimed():
        progress = read_progress(run.folder)
        if progress is not None and run.finished():
            return progress
        before = _stamp(run)
        check_unchanged(run)
        if engine == "ray":
            run_ray(run, workers, address=address, through=through, report=report)
        else:
            run_local(run, workers, report=report)
        if _stamp(run) != before:
            check_unchanged(run)
        return finish(run)


def _stamp(run: Run) -> tuple[int, int]:
    """What changes when somebody writes into the input; reading it whole once more would take long."""
    found = run.input.stat()
    return found.st_size, found.st_mtime_ns
