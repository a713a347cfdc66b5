"""A tool is asked, answers with its times, keeps its chatter apart, and says why it failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.peers.screening_exchange import Tool, ToolError, timed

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, time
from benchmarks.peers.screening_exchange import serve

def count(smiles):
    def run():
        print("chatter")
        os.system("echo chatter from elsewhere")
        return {"seen": len(smiles), "core": sorted(os.sched_getaffinity(0))}
    return run

def fail(smiles):
    raise ValueError("cannot read " + smiles[0])

def end(smiles):
    return lambda: os._exit(3)

def work(smiles):
    began = time.process_time()
    while time.process_time() - began < 0.02:
        pass
    return None

serve(lambda: {"count": count, "fail": fail, "end": end, "work": lambda smiles: lambda: work(smiles)})
"""


def _tool(core: int | None = None) -> Tool:
    return Tool([sys.executable, "-c", PROGRAM], core, dict(os.environ), ROOT)


def test_answers_come_with_times_and_without_chatter() -> None:
    with _tool() as tool:
        told = tool.do("count", ["C", "CC"])
        assert told["seen"] == 2
        assert tool.do("work", ["C"])["cpu"] >= 0.02
        assert tool.do("work", ["C"])["clock"] >= 0.02


@pytest.mark.skipif(sys.platform != "linux", reason="processes are pinned on Linux only")
def test_a_tool_stays_on_its_core() -> None:
    core = max(os.sched_getaffinity(0))
    with _tool(core) as tool:
        assert tool.do("count", ["C"])["core"] == [core]


def test_a_failure_is_told_and_the_tool_goes_on() -> None:
    with _tool() as tool:
        with pytest.raises(ToolError, match="ValueError: cannot read C"):
            tool.do("fail", ["C"])
        with pytest.raises(ToolError, match="KeyError"):
            tool.do("unknown", ["C"])
        assert tool.do("count", ["C"])["seen"] == 1


@pytest.mark.parametrize("program", [("-c", "print('no'); raise SystemExit('no models')"), ("-c", PROGRAM)])
def test_a_tool_that_ends_leaves_its_last_words(program: Sequence[str]) -> None:
    with (
        pytest.raises(ToolError, match=r"exit code (1: .*no models|3: )"),
        Tool([sys.executable, *program], None, dict(os.environ), ROOT) as tool,
    ):
        tool.do("end", ["C"])


def test_what_a_work_tells_stands_beside_its_times() -> None:
    assert set(timed(lambda: None)) == {"cpu", "clock"}
    assert timed(lambda: {"masks": 3})["masks"] == 3
