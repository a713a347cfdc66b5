"""How long a screening may take, from the rates that our benchmark measured; nothing where it is not at hand.

Installed copies come without the benchmarks, and a machine is as quick as it is: an estimate is offered, not promised.
The progress of a screening tells better after its first part.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import app

MEASURED: Final = Path(app.__file__).parents[1] / "benchmarks" / "results" / "screening.json"
_STAGES: Final = {"one": "both endpoints", "all": "both endpoints, committees"}
_ENDPOINTS: Final = 2
_SHORTEST: Final = ("10000", "one endpoint")
"""The run of the benchmark, and what it asked, that tells how long processes take to start."""
#: Rows between two looks at the clock.
_STRIDE: Final = 1000


def seconds_for(rows: int, tasks: int, members: str, processes: int, measured: Path = MEASURED) -> float | None:
    """About how many seconds a screening takes, the start of its processes among them.

    Parameters
    ----------
    rows
        Rows of the file.
    tasks
        Models that are asked; the benchmark asked two, and the time is taken to grow with them.
    members
        all or one, as in `ScreenSettings`.
    processes
        Processes, each on a core of its own.
    measured
        The results of the benchmark.

    Returns
    -------
    float or None
        None where nothing was measured.
    """
    try:
        record: dict[str, Any] = json.loads(measured.read_text(encoding="utf-8"))
        libraries = record["measured"]["ours"]["1"].values()
        rate = min(float(library["rows_per_cpu_second"][_STAGES[members]]) for library in libraries)
        start = _seconds_to_start(record["measured"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not rate > 0 or processes < 1:
        return None
    return start + rows * (tasks / _ENDPOINTS) / (rate * processes)


def _seconds_to_start(measured: dict[str, Any]) -> float:
    """What the shortest run took beyond its rows; 0 where there was none."""
    length, stage = _SHORTEST
    run = measured.get("memory", {}).get(length)
    if run is None:
        return 0.0
    rate = min(float(library["rows_per_cpu_second"][stage]) for library in measured["ours"]["1"].values())
    return max(0.0, float(run["seconds"]) - float(run["rows"]) / (rate * float(run["workers"])))


def count_rows(rows: Iterable[object], most_seconds: float = 1.5) -> tuple[int, bool]:
    """Rows of a file, and whether these are all; counting ends when it takes too long.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    started, count = time.monotonic(), 0
    for count, _ in enumerate(rows, start=1):
        if count % _STRIDE == 0 and time.monotonic() - started > most_seconds:
            return count, False
    return count, True
