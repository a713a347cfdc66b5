"""What is said of a peer's candidates, on hand-made ones; and the two programs talk with each other line by line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.counterfactual_peers import best, judged, own_rows, similarity, summary
from benchmarks.peers.answer_questions import answer
from benchmarks.peers.counterfactual_exchange import Asked, serve
from megan.predictor import Predictor

ECHO = """
import json, sys
for line in sys.stdin:
    print(json.dumps([None if s == "none" else len(s) / 100 for s in json.loads(line)]), flush=True)
"""


def test_the_most_similar_other_molecule_is_the_best() -> None:
    start = "Cc1ccccc1"
    found = best(start, ["CCCC", "C1=CC=CC=C1C", "Oc1ccccc1", "no molecule"])
    assert found is not None
    assert found["smiles"] == "Oc1ccccc1"
    assert found["similarity"] == pytest.approx(similarity(start, "Oc1ccccc1"), abs=1e-4)
    assert best(start, [start, "no molecule"]) is None
    assert similarity(start, start) == 1.0


def test_only_the_other_verdict_counts() -> None:
    row = {
        "start": "Cc1ccccc1",
        "asked": {"Oc1ccccc1": 0.9, "CCCC": 0.1, "x": None, "Nc1ccccc1": 0.5},
        "predictions": 5,
        "seconds": 1.23456,
        "failure": None,
    }
    [told] = judged([row], 0.5)
    assert told["best"]["smiles"] == "CCCC"
    assert (told["readable"], told["asked"], told["predictions"], told["seconds"]) == (3, 4, 5, 1.235)
    [none] = judged([{**row, "asked": {}, "failure": "ValueError: no"}], 0.5)
    line = summary([told, none])
    assert line["flipped_share"] == 0.5
    assert line["similarity_median"] == told["best"]["similarity"]
    assert line["readable_share"] == 0.75
    assert line["failures"] == 1
    assert summary([none])["similarity_median"] is None


def test_our_own_rows_are_those_of_the_result(tmp_path: Path) -> None:
    row = {"start": "Cc1ccccc1", "found": ["CCCC", "Oc1ccccc1"], "flipped_any": True, "valid": 2, "predictions": 9,
           "wall_s": 0.5}  # fmt: skip
    lost = {**row, "found": [], "flipped_any": False, "valid": 0}
    record = {"measured": {"mutagenicity": {"each": [row, lost, row]}}}
    (tmp_path / "counterfactuals.json").write_text(json.dumps(record), encoding="utf-8")
    first, second = own_rows(tmp_path, 2)
    assert first["best"] is not None
    assert first["best"]["smiles"] == "Oc1ccccc1"
    assert second["best"] is None
    [shown] = own_rows(tmp_path, 1, shown=1)
    assert shown["best"] is not None
    assert shown["best"]["smiles"] == "CCCC"


def test_a_peer_asks_and_its_failure_is_told(tmp_path: Path) -> None:
    job, out = tmp_path / "job.json", tmp_path / "out.json"
    job.write_text(json.dumps([{"start": "CC", "seconds": 2.0}, {"start": "CCC", "seconds": 3.0}]), encoding="utf-8")

    def search(start: str, ask: Asked, seconds: float) -> None:
        assert ask([start, "none"]) == [len(start) / 100, None]
        if seconds > 2:
            raise ValueError("too long")

    command: Sequence[str] = [sys.executable, "-c", ECHO]
    serve(search, ["--job", str(job), "--predictor", json.dumps(command), "--out", str(out)])
    first, second = json.loads(out.read_text(encoding="utf-8"))
    assert first["asked"] == {"CC": 0.02, "none": None}
    assert first["predictions"] == 2
    assert first["failure"] is None
    assert second["asked"] == {"CCC": 0.03, "none": None}
    assert second["failure"] == "ValueError: too long"


def test_answers_are_those_of_the_predictor(tiny_bundle: Path) -> None:
    predictor = Predictor.load(tiny_bundle)
    answers = io.StringIO()
    answer(predictor, io.StringIO('["Cc1ccccc1", "no molecule"]\n["no molecule"]\n'), answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    [told] = predictor.predict(["Cc1ccccc1"])
    assert first == [pytest.approx(told.output, abs=1e-6), None]  # type: ignore[union-attr]
    assert second == [None]
