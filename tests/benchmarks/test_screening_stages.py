"""Time belongs to the innermost stage, and every stage of the table is a function that a part really calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.screening_stages import OTHER, STAGES, StageClock, install

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from benchmarks.screening_cases import BOTH, ONE, PARSE
from benchmarks.screening_work import ready

folder, bundle = Path(sys.argv[1]), sys.argv[2]
works = ready(folder, (PARSE, ONE, BOTH), (bundle,))
found = {}
for work in works:
    found[work] = works[work](["CCO", "no molecule", "O=[N+]([O-])c1ccccc1", "c1ccccc1C"])()
print(json.dumps(found))
"""


def test_a_stage_within_a_stage_has_its_own_time() -> None:
    times = iter([0.0, 1.0, 4.0, 6.0, 100.0, 103.0])
    clock = StageClock(now=lambda: next(times))
    with clock.stage("outer"), clock.stage("inner"):
        pass
    with clock.stage("outer"):
        pass
    assert clock.take() == {"outer": 1.0 + 2.0 + 3.0, "inner": 3.0}
    assert clock.take() == {}


def test_a_stage_that_fails_ends_too() -> None:
    times = iter([0.0, 2.0, 5.0, 7.0])
    clock = StageClock(now=lambda: next(times))
    with pytest.raises(ValueError, match="no"), clock.stage("fails"):
        raise ValueError("no")
    with clock.stage("next"):
        pass
    assert clock.take() == {"fails": 2.0, "next": 2.0}


def test_a_function_that_is_gone_is_named() -> None:
    with pytest.raises(ValueError, match="stage 'networks' begins in megan.committee:gone, which is not there"):
        install(StageClock(), {"networks": "megan.committee:gone"})


def test_a_part_of_a_real_screening_goes_through_every_stage(tiny_bundle: Path, tmp_path: Path) -> None:
    import json

    # In a process of its own, because functions are replaced for as long as it lives.
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "work"), str(tiny_bundle)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["parse"] is None
    assert found["one endpoint"]["bytes"] > 0
    assert set(found["both endpoints"]["stages"]) >= {*STAGES, "reading", "writing", OTHER} - {"concepts"}
    assert "alerts" not in found["one endpoint"]["stages"]
    assert min(found["both endpoints"]["stages"].values()) >= 0
