"""A run of the local engine whose workers only repeat their rows: what ten million rows ask of the rest, in minutes.

The input is read and counted, parts are handed out, written and found again, and repeated structures are looked for,
all as in any run. Run as: python -m benchmarks.screening_made_up IN RUN WORKERS
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from app.screening.columns import TYPES
from app.screening.engines.local_engine import run_local
from app.screening.engines.raw_part import AtRow, RawPart
from app.screening.finishing import finish
from app.screening.results.table import named
from app.screening.run_folder import Run, make_run
from benchmarks.screening_cases import ONE, case_settings


def repeat(run: Run) -> Callable[[RawPart, AtRow], pa.Table]:
    """Work that fills the user's own columns, the row and the SMILES, and leaves all others empty."""
    columns = run.columns
    row, smiles = named(columns, "row"), named(columns, "smiles")

    def work(part: RawPart, _: AtRow) -> pa.Table:
        own = iter(part.own)
        filled = {row: range(part.first_row, part.first_row + len(part)), smiles: part.texts}
        return pa.table(
            {
                c.name: pa.array(next(own) if c.own else filled.get(c.name, [None] * len(part)), TYPES[c.kind])
                for c in columns
            }
        )

    return work


def main(library: Path, folder: Path, workers: int) -> None:
    """Run to the end."""
    run = make_run(folder, library, case_settings(ONE))
    with run.claimed():
        run_local(run, workers, make_work=repeat)
        finish(run)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
