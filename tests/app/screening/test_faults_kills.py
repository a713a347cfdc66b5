"""Whatever is killed, and whenever: the finished run is that of an undisturbed one, byte for byte."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.screening.engines.local_engine import run_local
from app.screening.results.table import Results
from app.screening.run_folder import Run, make_run
from app.screening.running import carry_out
from app.screening.settings import ScreenSettings
from tests.app.screening import engine_work
from tests.app.screening.engine_work import made_up_run
from tests.app.screening.processes import descendants, gone, wait_until

ROOT = Path(__file__).parents[3]
KILLS = 20
DRIVER = """
import multiprocessing, sys
from pathlib import Path
from app.screening.engines import crew
from app.screening.engines.local_engine import run_local
from app.screening.run_folder import open_run
from tests.app.screening import engine_work
if __name__ == "__main__":
    multiprocessing.set_forkserver_preload(["pandas", "tests.app.screening.engine_work"])
    crew.START = "forkserver"
    run = open_run(Path(sys.argv[1]))
    with run.claimed():
        run_local(run, 2, make_work=engine_work.plain)
"""


@contextmanager
def _started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    driver = subprocess.Popen([sys.executable, *words], env=dict(os.environ) | {"PYTHONPATH": str(ROOT)}, cwd=ROOT)
    try:
        yield driver
    finally:
        driver.kill()
        driver.wait()


def _files(run: Run) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in run.parts().values()}


@pytest.fixture(autouse=True)
def no_concepts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped concepts stay, here as in the processes that are killed."""
    monkeypatch.setenv("WHYMOL_CONCEPTS", str(tmp_path / "own-concepts"))


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")
@pytest.mark.usefixtures("quick_workers")
def test_twenty_kills_at_random_moments_leave_no_trace(tmp_path: Path) -> None:
    texts = ["CCO" if row % 3 else "slow" for row in range(1500)]
    undisturbed = made_up_run(tmp_path, texts, "undisturbed", part_rows=12)
    run_local(undisturbed, 1, make_work=engine_work.plain)
    run = made_up_run(tmp_path, texts, "killed", part_rows=12)
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    chance = random.Random(0)
    victims = ["driver"] * 5 + ["worker"] * (KILLS - 5)
    chance.shuffle(victims)
    orphans: list[int] = []
    while victims:
        with _started(str(script), str(run.folder)) as driver:
            while victims and _goes_on(run, driver):
                time.sleep(chance.random() * 0.05)
                # The first one forks the others.
                workers = descendants(driver.pid, "forkserver")[1:]
                if victims[-1] == "worker" and workers:
                    os.kill(chance.choice(workers), signal.SIGKILL)
                    victims.pop()
                elif victims[-1] == "driver":
                    orphans += workers
                    os.kill(driver.pid, signal.SIGKILL)
                    victims.pop()
                    driver.wait()
            assert not victims or driver.wait() != 0, "it was done before all were killed"
    with _started(str(script), str(run.folder)) as driver:
        assert driver.wait() == 0
    assert _files(run) == _files(undisturbed)
    assert run.given_up() == {}
    assert not list(run.parts_folder.glob(".*"))
    wait_until(lambda: all(map(gone, orphans)))


def _goes_on(run: Run, driver: subprocess.Popen[bytes]) -> bool:
    """Wait for two more parts; whether the driver lives."""
    before = len(run.parts())
    wait_until(lambda: len(run.parts()) >= before + 2 or driver.poll() is not None)
    return driver.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")
def test_the_shipped_models_go_on_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "in.smi"
    texts = ["O=[N+]([O-])c1ccccc1", "CC(", "CC(=O)[O-].[Na+]", "c1ccc2c(c1)[nH]c1ccccc12", "CCO", "Clc1ccc(N)cc1"]
    file.write_text("".join(f"{text} m{row}\n" for row, text in enumerate(texts * 40)), encoding="utf-8")
    asked = ScreenSettings(tasks=("mutagenicity",), members="one", part_rows=8)
    undisturbed = make_run(tmp_path / "undisturbed", file, asked)
    carry_out(undisturbed, workers=1)
    run = make_run(tmp_path / "killed", file, asked)
    with _started("-m", "app", "resume", str(run.folder), "--workers", "1") as driver:
        assert _goes_on(run, driver)
        [worker] = descendants(driver.pid, "spawn_main")
        os.kill(driver.pid, signal.SIGKILL)
        wait_until(lambda: gone(worker))
    assert len(run.parts()) < len(undisturbed.parts())
    progress = carry_out(run, workers=1)
    assert progress.rows == len(texts) * 40
    assert _files(run) == _files(undisturbed)
    assert _rows(run) == _rows(undisturbed)


def _rows(run: Run) -> list[dict[str, object]]:
    with Results(run) as results:
        rows: list[dict[str, object]] = results.page().to_pylist()
        return rows
