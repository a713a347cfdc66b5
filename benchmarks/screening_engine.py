"""The command `screen` as a user runs it: rows by the clock, processor time, memory and disk.

Rates are of the whole command, from its start to its summary.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.peers.running import ROOT
from benchmarks.process_memory import Watched, watch
from benchmarks.screening_cases import BOTH, COMMITTEES, ONE, case_options

RUNS: Final = ((ONE, 2), (BOTH, 1), (BOTH, 2), (COMMITTEES, 2))
"""Cases, with workers."""
SEED: Final = 0


def structures(files: Iterable[Path]) -> list[str]:
    """The SMILES of gzipped files, one a line in front of what else stands there."""
    found = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found += [line.split()[0] for line in lines]
    return found


def write_library(smiles: Sequence[str], rows: int, out: Path) -> None:
    """A file of so many rows: all structures in random order, and again in another order until there are enough.

    Raises
    ------
    ValueError
        If there are no structures.
    """
    if not smiles:
        raise ValueError("there are no structures to write")
    chance, order, row = random.Random(SEED), list(smiles), 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        while row < rows:
            chance.shuffle(order)
            for text in order[: rows - row]:
                file.write(f"{text} M{row}\n")
                row += 1


def screened(library: Path, rows: int, case: str, workers: int, folder: Path) -> dict[str, Any]:
    """Screen a file into a new run folder, which is removed afterwards.

    Parameters
    ----------
    library
        The file.
    rows
        How many rows it has.
    case
        A key of `CASES`.
    workers
        Processes.
    folder
        For the run.
    """
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "app", "screen", str(library.absolute()), "-o", str(folder.absolute()),
               "--workers", str(workers), *case_options(case)]  # fmt: skip
    try:
        found = watch(command, dict(os.environ), ROOT)
        return {"case": case, "workers": workers, **told(found, rows, folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told(found: Watched, rows: int, folder: Path) -> dict[str, Any]:
    """What a table needs of a run."""
    parts = sum(file.stat().st_size for file in (folder / "parts").iterdir())
    return {
        "rows": rows,
        "seconds": round(found.seconds, 1),
        "rows_per_second": round(rows / found.seconds, 1),
        "cpu_microseconds_per_row": round(found.cpu_seconds / rows * 1e6, 1),
        "driver_cpu_microseconds_per_row": round(found.driver_cpu_seconds / rows * 1e6, 1),
        "peak_resident_mb": round(found.peak_resident_mb),
        "peak_proportional_mb": round(found.peak_proportional_mb),
        "peak_driver_mb": round(found.peak_driver_mb),
        "peak_worker_mb": round(found.peak_worker_mb),
        "bytes_per_row": round(parts / rows, 1),
    }
