"""A peer's answers are judged, kept and taken up again; and the two programs talk with each other line by line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.counterfactual_peers import answered, own_rows, peer_rows
from benchmarks.peers.answer_questions import answer
from benchmarks.peers.counterfactual_exchange import Asked, Start, serve
from megan.predictor import Predictor

ECHO = """
import json, sys
worked = 0
for line in sys.stdin:
    worked += 1
    said = [None if s == "none" else len(s) / 100 for s in json.loads(line)]
    print(json.dumps({"said": said, "cpu_s": worked}), flush=True)
"""
START = "Cc1ccccc1"


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


def test_only_the_other_verdict_counts(predictor: Predictor) -> None:
    assert predictor.threshold is not None
    row = {
        "start": START,
        "asked": {"Oc1ccccc1": 0.99, "CCCC": 0.0, "x": None, "Nc1ccccc1": predictor.threshold},
        "shown": ["CCCC", "Oc1ccccc1"],
        "predictions": 5,
        "seconds": 1.25,
        "failure": None,
    }
    [told] = peer_rows([row], predictor)
    assert told["best"]["smiles"] == "CCCC"
    assert (told["readable"], told["asked"], told["predictions"], told["seconds"]) == (3, 4, 5, 1.25)
    assert told["shown"] == 1
    [none] = peer_rows([{**row, "asked": {}, "shown": [], "failure": "ValueError: no"}], predictor)
    assert none["best"] is None
    assert none["failure"] == "ValueError: no"


def test_our_own_rows_are_the_verified_ones_of_the_result(predictor: Predictor) -> None:
    row = {"start": START, "found": ["CCCC", "Oc1ccccc1", "Cc1ccccn1"], "verified": [True, True, False], "valid": 3,
           "predictions": 9, "wall_s": 7.0, "cpu_s": 0.5}  # fmt: skip
    lost = {**row, "found": [], "verified": [], "valid": 0}
    first, second = own_rows({"each": [row, lost, row]}, predictor, 2)
    assert first["best"] is not None
    assert first["best"]["smiles"] == "Oc1ccccc1"
    assert first["seconds"] == 0.5
    assert second["best"] is None
    [recommended] = own_rows({"each": [row]}, predictor, 1, shown=1)
    assert recommended["best"] is not None
    assert recommended["best"]["smiles"] == "CCCC"


def test_a_peer_asks_and_its_failure_is_told(tmp_path: Path) -> None:
    job, out = tmp_path / "job.json", tmp_path / "out.jsonl"
    rows = [{"smiles": "CC", "seconds": 2.0, "threshold": 0.5}, {"smiles": "CCC", "seconds": 3.0, "threshold": 0.5}]
    job.write_text(json.dumps(rows), encoding="utf-8")
    out.write_text('{"start": "C"}\n', encoding="utf-8")

    def search(start: Start, ask: Asked) -> list[str]:
        assert ask([start.smiles, "none"]) == [len(start.smiles) / 100, None]
        # The predictor says that each question takes it a second.
        assert 1 <= ask.spent() < 2
        ask(["C"])
        assert 2 <= ask.spent() < 3
        if start.seconds > 2:
            raise ValueError("too long")
        return ["C"]

    command: Sequence[str] = [sys.executable, "-c", ECHO]
    serve(search, ["--job", str(job), "--predictor", json.dumps(command), "--out", str(out)])
    before, first, second = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert before == {"start": "C"}
    assert first["asked"] == {"CC": 0.02, "none": None, "C": 0.01}
    assert first["shown"] == ["C"]
    assert first["predictions"] == 3
    assert 2 <= first["seconds"] < 3
    assert first["failure"] is None
    assert second["asked"] == {"CCC": 0.03, "none": None, "C": 0.01}
    assert second["failure"] == "ValueError: too long"


def test_what_was_done_in_the_same_time_is_not_done_again(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    starts: list[dict[str, Any]] = [{"smiles": "CC", "seconds": 2.0}, {"smiles": "CCC", "seconds": 3.0}]
    assert answered(file, starts) == {}
    done = {"start": "CC", "allowed": 2.0, "asked": {}}
    lines = [json.dumps(done), json.dumps({"start": "CCC", "allowed": 9.0}), json.dumps({"start": "O", "allowed": 2.0})]
    file.write_text("\n".join(lines) + '\n{"start": "CCC", "all', encoding="utf-8")
    assert answered(file, starts) == {"CC": done}


def test_answers_are_those_of_the_predictor(tiny_bundle: Path) -> None:
    predictor = Predictor.load(tiny_bundle)
    answers = io.StringIO()
    answer(predictor, io.StringIO('["Cc1ccccc1", "no molecule"]\n["no molecule"]\n'), answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    [told] = predictor.predict(["Cc1ccccc1"])
    assert first["said"] == [pytest.approx(told.output, abs=1e-6), None]  # type: ignore[union-attr]
    assert second["said"] == [None]
    assert 0 < first["cpu_s"] <= second["cpu_s"]
