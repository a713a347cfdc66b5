"""A finished run over a small library, made without worker processes; and workers that start quickly."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from app.screening.engines import crew
from app.screening.engines.reading import open_input, raw_parts
from app.screening.engines.worker_process import write_part
from app.screening.finishing import finish
from app.screening.part_work import PartWork
from app.screening.results.table import Results
from app.screening.run_folder import Run, make_run
from app.screening.settings import ScreenSettings

LIBRARY = (
    "Name,SMILES,mass,smiles\n"
    "a,O=[N+]([O-])c1ccccc1,123.1,x\n"
    "=cmd,CC(,,\n"
    'b,CCO,46.1,"two\nlines"\n'
    "c,CC(=O)[O-].[Na+],82,\n"
    "d,OCC,46.1,\n"
    "e,,0,\n"
    "f,O=[N+]([O-])c1ccc(C)cc1,137.1,\n"
    "g,Nc1ccccc1,93,\n"
)
ROWS = 8


def settings(bundle: Path, **changes: object) -> ScreenSettings:
    return ScreenSettings(**{"tasks": (str(bundle),), "part_rows": 3} | changes)  # type: ignore[arg-type]


def screened_here(folder: Path, file: Path, asked: ScreenSettings) -> Run:
    """A run, done in this process."""
    run = make_run(folder, file, asked)
    work = PartWork.of(run.settings, run.columns)
    for part in raw_parts(open_input(run), asked.part_rows):
        write_part(run, part.number, work(part))
    finish(run)
    return run


@pytest.fixture
def quick_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers for made-up work are forked from a process that has imported what they need."""
    # pyarrow imports pandas when it makes its first array, which would count as the first row's time.
    multiprocessing.set_forkserver_preload(["pandas", "tests.app.screening.engine_work"])
    monkeypatch.setattr(crew, "START", "forkserver")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("library") / "library.csv"
    file.write_text(LIBRARY, encoding="utf-8", newline="")
    return file


@pytest.fixture(scope="session")
def finished(library: Path, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return screened_here(tmp_path_factory.mktemp("runs") / "run", library, settings(tiny_bundle))


@pytest.fixture
def results(finished: Run) -> Results:
    return Results(finished)
