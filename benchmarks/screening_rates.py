"""Rates of a screening beside RDKit's parser and other tools, all of which take turns on the chunks of one library.

A round is one chunk, a part of a screening. The parser is timed at both ends of a round and gets its better time: going
first on a cold cache would make it look slow, and all that is held against it look fast. Shares and multiples are
of processor seconds and within a round; what is told are medians over rounds.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.peers.environments import PeerError, peer_python
from benchmarks.peers.running import ROOT
from benchmarks.peers.screening_exchange import Tool, ToolError
from benchmarks.screening_cases import CASES, PARSE
from benchmarks.screening_stages import ORDER

OWN: Final = "benchmarks.screening_work"
PEERS: Final[Mapping[str, Mapping[str, int]]] = {
    "chemprop": {"chemprop": 1024, "chemprop, cuik-molmaker": 1024},
    "admet_ai": {"admet_ai, AMES": 512, "admet_ai, everything": 128},
    "graph_attention_student": {"graph_attention_student": 512},
}
"""For each environment its kinds of work, with how many molecules of a chunk they are asked for."""

Answers = dict[str, dict[str, Any]]
"""Of one round: kind of work -> rows, and what the tool told of its time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of work in a round."""

    tool: Tool
    work: str
    rows: int | None = None
    """Molecules drawn from the chunk; all if None."""


def own_tool(core: int | None, *works: str) -> Tool:
    """Our own work in a process of its own, one thread, on a core; all kinds of it if none is named."""
    return Tool([sys.executable, "-m", OWN, *works], core, _alone(), ROOT)


def peer_tool(name: str, core: int | None, folder: Path) -> Tool:
    """A peer in its own environment, one thread, on a core.

    Raises
    ------
    PeerError
        If it cannot be installed.
    """
    command = [str(peer_python(name, folder).absolute()), "-m", f"benchmarks.peers.screen_{name}"]
    return Tool(command, core, _alone(), ROOT)


def _alone() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def a_round(asked: Sequence[Sequence[Asked]], chunks: Sequence[Sequence[str]], seed: int) -> list[Answers]:
    """One round: in each step every process works on its own chunk, all at once, and none goes on before all are done.

    Parameters
    ----------
    asked
        For each process (or group of processes that take turns) its steps; all groups have as many.
    chunks
        SMILES, one chunk a group.
    seed
        Decides which molecules are drawn where not all are asked for.

    Returns
    -------
    list of Answers
        One a group. A step asked for twice keeps its better time.
    """
    found: list[Answers] = [{} for _ in asked]
    for steps in zip(*asked, strict=True):
        counts = []
        for step, chunk in zip(steps, chunks, strict=True):
            smiles = drawn(chunk, step.rows, seed)
            step.tool.ask(step.work, smiles)
            counts.append(len(smiles))
        for step, answers, rows in zip(steps, found, counts, strict=True):
            told = step.tool.answer() | {"rows": rows}
            before = answers.get(step.work)
            if before is None or told["cpu"] < before["cpu"]:
                answers[step.work] = told
    return found


def drawn(chunk: Sequence[str], rows: int | None, seed: int) -> list[str]:
    """Some molecules of a chunk in their order; all if `rows` is None or no less than there are."""
    if rows is None or rows >= len(chunk):
        return list(chunk)
    return [chunk[at] for at in sorted(random.Random(seed).sample(range(len(chunk)), rows))]


def chunks_of(smiles: Sequence[str], size: int) -> list[Sequence[str]]:
    """Whole chunks; what is left over is left out.

    Raises
    ------
    ValueError
        If there are not two: the first one warms up.
    """
    found = [smiles[start : start + size] for start in range(0, len(smiles) - size + 1, size)]
    if len(found) < 2:
        raise ValueError(f"there are {len(smiles)} molecules; expected {2 * size} or more: the first part warms up")
    return found


def turns(tool: Tool, between: Sequence[Asked]) -> list[Asked]:
    """The steps of a round: the parser, all others, the parser."""
    return [Asked(tool, PARSE), *between, Asked(tool, PARSE)]


def measure_own(
    libraries: Mapping[str, Sequence[str]],
    size: int,
    cores: Sequence[int | None],
    start: Callable[[int | None], Tool] = own_tool,
) -> dict[str, Any]:
    """Our own rates with one process a core, all at work at the same time.

    Parameters
    ----------
    libraries
        SMILES by the name of the library.
    size
        Rows of a part.
    cores
        One a process.
    start
        Starts a process on a core.
    """
    with ExitStack() as stack:
        tools = [stack.enter_context(start(core)) for core in cores]
        asked = [turns(tool, [Asked(tool, case) for case in CASES]) for tool in tools]
        told: dict[str, Any] = {}
        for name, smiles in libraries.items():
            chunks = chunks_of(smiles, size * len(tools))
            # Every library warms up anew: compiled code is there by then, but not the memory that its molecules need.
            rounds = [a_round(asked, shared_out(chunk, size), seed) for seed, chunk in enumerate(chunks)][1:]
            told[name] = summary([answers for found in rounds for answers in found], size, len(rounds))
            told[name]["rows_per_second_by_the_clock"] = {
                work: significant(median([by_the_clock(found, work) for found in rounds])) for work in rounds[0][0]
            }
    return told


def shared_out(chunk: Sequence[str], size: int) -> list[Sequence[str]]:
    """A chunk in pieces of `size`, one a process."""
    return [chunk[start : start + size] for start in range(0, len(chunk), size)]


def by_the_clock(found: Sequence[Answers], work: str) -> float:
    """Rows a second that all processes of a round did together."""
    return float(sum(answers[work]["rows"] / answers[work]["clock"] for answers in found))


def measure_peers(
    smiles: Sequence[str], size: int, peers: Sequence[str], core: int | None, folder: Path
) -> dict[str, Any]:
    """The peers' rates beside ours on the same chunks, all pinned to one core and taking turns.

    A peer that cannot be installed, or does not do a first few molecules, is told under `failed`.
    """
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        own = stack.enter_context(own_tool(core))
        steps = [Asked(own, case) for case in CASES]
        chunks = chunks_of(smiles, size)
        for name in peers:
            try:
                tool = stack.enter_context(peer_tool(name, core, folder))
                for work in PEERS[name]:
                    tool.do(work, drawn(chunks[0], 8, 0))
            except (PeerError, ToolError) as error:
                failed[name] = str(error)
                continue
            steps += [Asked(tool, work, rows) for work, rows in PEERS[name].items()]
        rounds = [a_round([turns(own, steps)], [chunk], seed)[0] for seed, chunk in enumerate(chunks)][1:]
    told = summary(rounds, size, len(rounds))
    works = [step.work for step in steps if step.work not in CASES]
    told["times_faster"] = {work: {case: times(rounds, case, work) for case in CASES} for work in works}
    return told | {"failed": failed}


def summary(rounds: Sequence[Answers], size: int, count: int) -> dict[str, Any]:
    """Medians over rounds, and stages of our own cases."""
    works = list(rounds[0])
    cases = [work for work in works if work != PARSE]
    return {
        "part_rows": size,
        "rounds": count,
        "molecules": {work: sum(found[work]["rows"] for found in rounds) for work in works},
        "rows_per_cpu_second": {work: significant(median([rate(found[work]) for found in rounds])) for work in works},
        "share_of_parse": {case: round(median(shares(rounds, case)), 4) for case in cases},
        "share_of_parse_lowest": {case: round(min(shares(rounds, case)), 4) for case in cases},
        "microseconds": {
            case: stage_times([found[case] for found in rounds]) for case in cases if "stages" in rounds[0][case]
        },
    }


def rate(told: Mapping[str, Any]) -> float:
    """Rows a processor second."""
    return float(told["rows"] / told["cpu"])


def shares(rounds: Sequence[Answers], work: str) -> list[float]:
    """For each round the rate of some work as a share of the parser's."""
    return [rate(found[work]) / rate(found[PARSE]) for found in rounds]


def times(rounds: Sequence[Answers], case: str, peer: str) -> float:
    """How many times the rate of a peer ours is, median over rounds."""
    return round(median([rate(found[case]) / rate(found[peer]) for found in rounds]), 2)


def stage_times(told: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Microseconds a row of each stage, median over rounds; stages that never ran are left out."""
    return {
        stage: round(median([found["stages"].get(stage, 0.0) / found["rows"] * 1e6 for found in told]), 1)
        for stage in ORDER
        if any(stage in found["stages"] for found in told)
    }


def median(values: Sequence[float]) -> float:
    """As a plain number."""
    return float(np.median(values))


def significant(value: float) -> float:
    """To three digits."""
    return float(f"{value:.3g}")
