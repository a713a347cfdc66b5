"""Who is asked for what in a round, and what is made of the times. Tools are made up here."""

from __future__ import annotations

from typing import Any, cast

import pytest

from benchmarks import screening_rates
from benchmarks.peers.environments import PeerError
from benchmarks.peers.screening_exchange import Tool, ToolError
from benchmarks.screening_cases import BOTH, CASES, COMMITTEES, ONE, PARSE
from benchmarks.screening_rates import (
    Asked,
    a_round,
    by_the_clock,
    chunks_of,
    drawn,
    measure_own,
    measure_peers,
    shared_out,
    summary,
    turns,
)

SECONDS = {PARSE: 1.0, ONE: 2.0, BOTH: 4.0, COMMITTEES: 5.0, "chemprop": 16.0, "chemprop, cuik-molmaker": 8.0}


class FakeTool:
    """Takes the seconds of a table for each molecule, and twice as long on the clock."""

    def __init__(self, log: list[tuple[str, tuple[str, ...]]], slow: float = 1.0) -> None:
        self.log, self.slow, self.open = log, slow, False
        self._asked: tuple[str, tuple[str, ...]] | None = None

    def ask(self, work: str, smiles: list[str]) -> None:
        assert self._asked is None
        self._asked = (work, tuple(smiles))

    def answer(self) -> dict[str, Any]:
        assert self._asked is not None
        (work, smiles), self._asked = self._asked, None
        self.log.append((work, smiles))
        cpu = SECONDS[work] * len(smiles) * self.slow
        self.slow = 1.0
        told: dict[str, Any] = {"cpu": cpu, "clock": 2 * cpu}
        return told | ({"stages": {"networks": cpu}} if work in CASES else {})

    def do(self, work: str, smiles: list[str]) -> dict[str, Any]:
        self.ask(work, smiles)
        return self.answer()

    def __enter__(self) -> Tool:
        self.open = True
        return cast("Tool", self)

    def __exit__(self, *_: object) -> None:
        self.open = False


def _smiles(count: int) -> list[str]:
    return [f"{'C' * (row + 1)}" for row in range(count)]


def test_whole_parts_only_and_two_of_them() -> None:
    assert chunks_of(_smiles(7), 3) == [_smiles(6)[:3], _smiles(6)[3:]]
    with pytest.raises(ValueError, match="there are 5 molecules; expected 6 or more"):
        chunks_of(_smiles(5), 3)
    assert shared_out(_smiles(6), 3) == [_smiles(6)[:3], _smiles(6)[3:]]


def test_molecules_are_drawn_in_order_and_alike() -> None:
    chunk = _smiles(20)
    some = drawn(chunk, 5, seed=1)
    assert some == sorted(set(some), key=chunk.index)
    assert len(some) == 5
    assert drawn(chunk, 5, seed=1) == some != drawn(chunk, 5, seed=2)
    assert drawn(chunk, None, 0) == drawn(chunk, 20, 0) == chunk


def test_a_round_asks_all_in_turn_and_the_parser_at_both_ends() -> None:
    log: list[tuple[str, tuple[str, ...]]] = []
    tool = cast("Tool", FakeTool(log, slow=3.0))
    chunk = _smiles(4)
    [found] = a_round([turns(tool, [Asked(tool, ONE), Asked(tool, "chemprop", 2)])], [chunk], seed=0)
    assert [work for work, _ in log] == [PARSE, ONE, "chemprop", PARSE]
    assert [len(smiles) for _, smiles in log] == [4, 4, 2, 4]
    assert found[PARSE]["cpu"] == 4.0  # the better one: the first took three times as long
    assert (found["chemprop"]["rows"], found["chemprop"]["cpu"]) == (2, 32.0)


def test_processes_work_on_their_own_pieces_at_the_same_time() -> None:
    logs: list[list[tuple[str, tuple[str, ...]]]] = [[], []]
    tools = [cast("Tool", FakeTool(log)) for log in logs]
    found = a_round([turns(tool, []) for tool in tools], [["C", "CC"], ["N", "NN"]], seed=0)
    assert [log[0] for log in logs] == [(PARSE, ("C", "CC")), (PARSE, ("N", "NN"))]
    assert by_the_clock(found, PARSE) == pytest.approx(2 * 2 / 4)


def test_our_rates_are_medians_after_a_warm_up() -> None:
    log: list[tuple[str, tuple[str, ...]]] = []
    told = measure_own({"muv": _smiles(12)}, 2, [None, None], lambda core: cast("Tool", FakeTool(log, slow=50)))
    found = told["muv"]
    assert (found["rounds"], found["part_rows"]) == (2, 2)
    assert found["molecules"] == {PARSE: 8, ONE: 8, BOTH: 8, COMMITTEES: 8}
    assert found["rows_per_cpu_second"] == {PARSE: 1.0, ONE: 0.5, BOTH: 0.25, COMMITTEES: 0.2}
    assert found["share_of_parse"] == {ONE: 0.5, BOTH: 0.25, COMMITTEES: 0.2}
    assert found["rows_per_second_by_the_clock"] == {PARSE: 1.0, ONE: 0.5, BOTH: 0.25, COMMITTEES: 0.2}
    assert found["microseconds"][BOTH] == {"networks": 4e6}


def test_a_share_is_taken_within_its_round() -> None:
    # The machine is half as fast in the second round, and the share is the same.
    rounds = [
        {work: {"rows": 10, "cpu": cpu * slow} for work, cpu in ((PARSE, 1.0), (ONE, 2.0))} for slow in (1.0, 2.0)
    ]
    found = summary(rounds, 10, 2)
    assert found["share_of_parse"] == {ONE: 0.5}
    assert found["share_of_parse_lowest"] == {ONE: 0.5}
    assert found["rows_per_cpu_second"] == {PARSE: 7.5, ONE: 3.75}
    assert found["microseconds"] == {}


def test_peers_take_turns_with_us_and_one_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[tuple[str, tuple[str, ...]]] = []
    started: list[str] = []

    def peer(name: str, core: int | None, folder: object) -> Tool:
        started.append(name)
        if name == "admet_ai":
            raise PeerError("no such package")
        return cast("Tool", FakeTool(log))

    monkeypatch.setattr(screening_rates, "own_tool", lambda core: FakeTool(log))
    monkeypatch.setattr(screening_rates, "peer_tool", peer)
    monkeypatch.setitem(SECONDS, "graph_attention_student", 32.0)
    told = measure_peers(_smiles(6), 2, tuple(screening_rates.PEERS), None, cast("Any", None))
    assert started == list(screening_rates.PEERS)
    assert told["failed"] == {"admet_ai": "no such package"}
    assert told["times_faster"]["chemprop"] == {ONE: 8.0, BOTH: 4.0, COMMITTEES: 3.2}
    assert set(told["times_faster"]) == {"chemprop", "chemprop, cuik-molmaker", "graph_attention_student"}
    assert told["rounds"] == 2


def test_a_peer_that_cannot_work_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(FakeTool):
        def answer(self) -> dict[str, Any]:
            raise ToolError("exit code 1: no models")

    monkeypatch.setattr(screening_rates, "own_tool", lambda core: FakeTool([]))
    monkeypatch.setattr(screening_rates, "peer_tool", lambda name, core, folder: Broken([]))
    told = measure_peers(_smiles(4), 2, ["chemprop"], None, cast("Any", None))
    assert told["failed"] == {"chemprop": "exit code 1: no models"}
    assert told["times_faster"] == {}
    assert told["share_of_parse"] == {ONE: 0.5, BOTH: 0.25, COMMITTEES: 0.2}
