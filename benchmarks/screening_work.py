"""Our own screening as work that is asked for chunk by chunk: text of a file in, a written part out.

Run as a process of its own by `benchmarks.screening_rates`, like any peer. The part goes through the same functions as
in a worker of the local engine: `raw_parts`, `load_work`, `write_part`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rdkit import Chem

from app.screening.engines.reading import open_input, raw_parts
from app.screening.engines.worker_process import Work as PartFunction
from app.screening.engines.worker_process import load_work, write_part
from app.screening.run_folder import Run, make_run
from app.screening.settings import ScreenSettings
from benchmarks.peers.screening_exchange import Timed, Work, serve
from benchmarks.screening_cases import CASES, PARSE, TASKS, case_settings
from benchmarks.screening_stages import OTHER, READING, WRITING, StageClock, install


def parsing(smiles: list[str]) -> Timed:
    """RDKit's parser alone."""

    def run() -> None:
        for text in smiles:
            Chem.MolFromSmiles(text)

    return run


class Screening:
    """A case that is ready: each chunk is written to a file untimed, then read, worked on and written.

    Parameters
    ----------
    folder
        New; for the file and the run folder.
    settings
        Of the screening.
    clock
        Knows the stages.
    """

    def __init__(self, folder: Path, settings: ScreenSettings, clock: StageClock) -> None:
        folder.mkdir(parents=True)
        self._file = folder / "chunk.smi"
        self._write(["CCO"])
        self._run: Run = make_run(folder / "run", self._file, settings)
        self._work: PartFunction = load_work(self._run)
        self._clock = clock

    def __call__(self, smiles: list[str]) -> Timed:
        """One chunk, which is one part."""
        self._write(smiles)
        return lambda: self._screen(len(smiles))

    def _screen(self, rows: int) -> dict[str, Any]:
        self._clock.take()
        with self._clock.stage(READING):
            [part] = raw_parts(open_input(self._run), rows)
        with self._clock.stage(OTHER):
            table = self._work(part, lambda row: None)
        with self._clock.stage(WRITING):
            write_part(self._run, part.number, table)
        size = self._run.part(part.number).stat().st_size
        self._run.part(part.number).unlink()
        return {"stages": self._clock.take(), "bytes": size}

    def _write(self, smiles: Sequence[str]) -> None:
        lines = (f"{text} M{row}\n" for row, text in enumerate(smiles))
        self._file.write_text("".join(lines), encoding="utf-8")


def ready(folder: Path, works: Sequence[str] = (), tasks: Sequence[str] = TASKS) -> Mapping[str, Work]:
    """Kinds of work by name.

    Parameters
    ----------
    folder
        For files that come and go.
    works
        Which; the parser and every case if none is named.
    tasks
        Tasks or folders of bundles.
    """
    torch.set_num_threads(1)
    clock = StageClock()
    made: dict[str, Work] = {}
    for number, work in enumerate(works or (PARSE, *CASES)):
        made[work] = parsing if work == PARSE else Screening(folder / str(number), case_settings(work, tasks), clock)
    install(clock)
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        serve(lambda: ready(Path(scratch), sys.argv[1:]))
