"""The yardstick for counterfactuals on hand-made ones, where the answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.counterfactual_judging import compared, judged, judged_tool, others, similarity, summary
from megan.predictor import Predictor

START = "Cc1ccccc1"


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


def row(similar: float | None, **more: Any) -> dict[str, Any]:
    best = None
    if similar is not None:
        best = {"similarity": similar, "sa_not_worse": True, "in_domain": similar > 0.5, "no_new_alert": False}
    told = {"start": START, "best": best, "readable": 3, "asked": 4, "shown": 2, "diversity": 0.5, "predictions": 5,
            "seconds": 1.25, "failure": None}  # fmt: skip
    return told | more


def test_the_most_similar_other_molecule_comes_first() -> None:
    found = others(START, ["CCCC", "C1=CC=CC=C1C", "Oc1ccccc1", "no molecule", "CCCC"])
    assert found == ["Oc1ccccc1", "CCCC"]
    assert others(START, [START, "no molecule"]) == []
    assert similarity(START, START) == 1.0


def test_a_flip_is_judged_by_all_that_speaks_for_it(predictor: Predictor) -> None:
    told = judged(START, "O=[N+]([O-])c1ccccc1", predictor)
    assert told["similarity"] == pytest.approx(similarity(START, "O=[N+]([O-])c1ccccc1"), abs=1e-4)
    assert told["no_new_alert"] is False
    assert judged(START, "Oc1ccccc1", predictor)["no_new_alert"] is True
    assert judged(START, "C12C3C4C1C5C2C3C45", predictor)["sa_not_worse"] is False


def test_a_tool_is_told_by_its_nearest_flip_and_by_what_it_shows(predictor: Predictor) -> None:
    given = {"start": START, "readable": 2, "asked": 3, "predictions": 4, "seconds": 0.5, "failure": None, "more": 1}
    told = judged_tool(given, ["CCCC", "Oc1ccccc1"], ["CCCC", "Oc1ccccc1", "c1ccccc1O"], predictor)
    assert told["best"]["smiles"] == "Oc1ccccc1"
    assert told["shown"] == 2
    assert 0 < told["diversity"] <= 1
    none = judged_tool(given, [], [], predictor)
    assert none["best"] is None
    assert none["diversity"] is None


def test_shares_are_of_the_flipped_molecules() -> None:
    line = summary([row(0.4), row(0.6), row(None, diversity=None, failure="ValueError: no")])
    assert line["molecules"] == 3
    assert line["flipped_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert line["similarity_median"] == 0.5
    assert line["in_domain_share"] == 0.5
    assert line["no_new_alert_share"] == 0.0
    assert line["readable_share"] == 0.75
    assert line["diversity_median"] == 0.5
    assert line["failures"] == 1
    assert summary([row(None)])["similarity_median"] is None


def test_two_tools_are_compared_where_both_flip() -> None:
    own = [row(0.5), row(0.7), row(0.3), row(None), row(0.9)]
    other = [row(0.5), row(0.6), row(0.4), row(0.8), row(None)]
    told = compared(own, other)
    assert told["both_flip"] == 3
    assert told["at_least_as_similar_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["more_similar_share"] == pytest.approx(1 / 3, abs=1e-4)
    assert told["similarity_gap_median"] == 0.0
    assert compared([row(0.5)], [row(0.5)])["wilcoxon_p"] == 1.0
    assert compared([row(None)], [row(0.5)])["at_least_as_similar_share"] is None
    with pytest.raises(ValueError, match="different molecules"):
        compared([row(0.5)], [row(0.5, start="C")])
