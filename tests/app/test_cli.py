"""The command line as a process: quick to answer, and quiet when its reader leaves."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "dgl", "rdkit", "numpy", "pandas", "pyarrow", "numba", "streamlit", "rich")

#: Prints more than a pipe holds, through the real `main`, without a model.
TALKATIVE = """
import megan.predictor, sys
from app.cli import main
from tests.app import fake_results
megan.predictor.Predictor = fake_results.FakePredictor
megan.predictor.predict_rows = fake_results.predict_rows
sys.exit(main(["predict", "--json", "--task", "mutagenicity", *["CCO"] * 3000]))
"""


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_help_answers_within_a_second() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        ran = _run("-m", "app", "--help")
        times.append(time.perf_counter() - start)
        assert ran.returncode == 0
        assert all(name in ran.stdout for name in ("predict", "evaluate", "train", "fetch-data"))
    # The best of three: other work on the machine is not the command's fault.
    assert min(times) < 1.0


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, app.cli; app.cli.main(['predict', '--help']); print([m for m in {HEAVY} if m in sys.modules])"
    assert _run("-c", code).stdout.splitlines()[-1] == "[]"


def test_no_words_show_the_help() -> None:
    assert _run("-m", "app").stdout == _run("-m", "app", "--help").stdout


def test_wrong_command_is_one_sentence() -> None:
    ran = _run("-m", "app", "divine")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "No such command 'divine'.\n")


def test_broken_pipe_is_quiet() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TALKATIVE], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith('{"row": 0')
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0
