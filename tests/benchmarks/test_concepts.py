"""How concepts are judged, on sets and labels whose answer is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.motif_agreement import MOTIFS, compositions, described, judged
from benchmarks.toxicophore_concepts import rediscovered, same_concepts, unexplained
from concepts.concept import Concept
from datasets.motifs import RED_STAR, RED_TRIANGLE
from datasets.synthetic import CONTRIBUTIONS, NOISE, ba2motifs, rb_dual_motifs
from megan.metrics import Interval
from tests.concepts.hand_made import made_concept, made_member, made_set

RED = (RED_TRIANGLE, RED_STAR)


def test_compositions_are_those_that_were_drawn() -> None:
    graphs = rb_dual_motifs(60, 3)
    held = [compositions(graphs, k, motifs) for k, motifs in enumerate(MOTIFS["rb_dual_motifs"])]
    worth = {motif.name: value for motif, _, value in CONTRIBUTIONS}
    for g, label in enumerate(graphs.labels):
        value = sum(
            worth[motif.name] * n
            for k, motifs in enumerate(MOTIFS["rb_dual_motifs"])
            for motif, n in zip(motifs, held[k][g], strict=True)
        )
        assert label == pytest.approx(value, abs=6 * NOISE)
    houses = ba2motifs(20, 0)
    assert Counter(compositions(houses, 0, MOTIFS["ba2motifs"][0])) == {(0,): 10, (1,): 10}
    with pytest.raises(ValueError, match="graph .* has a cause of"):
        compositions(houses, 0, RED)


def test_agreement_by_hand() -> None:
    held = [(1, 0)] * 10 + [(0, 2)] * 10 + [(1, 1)] * 10 + [(0, 0)] * 5
    truth = np.repeat([0, 1, 2, -1], [10, 10, 10, 5])
    found = judged(truth, held, RED)
    assert found["adjusted_rand"] == 1
    assert found["spurious"] == 0
    assert found["motifs_found"] == {"red triangle": True, "red star": True}
    assert [c["mostly"] for c in found["concepts"]] == ["1 red triangle", "2 red star", "1 red triangle + 1 red star"]
    assert found["in_a_concept"] == round(30 / 35, 4)
    mixed = judged(np.repeat([0, 1], [20, 15]), held, RED)
    assert mixed["spurious"] == 2
    assert mixed["motifs_found"] == {"red triangle": False, "red star": False}
    assert judged(np.full(35, -1), held, RED)["adjusted_rand"] is None
    assert described((0, 0), RED) == "none"


SMILES = [f"{'C' * n}[N+](=O)[O-]" for n in range(1, 25)] + [f"O=[N+]([O-])c1ccc({'C' * n})cc1" for n in range(1, 25)]


def of_members(name: str, rows: range, hit: Interval | None = None, free: bool = False) -> Concept:
    members = tuple(made_member(SMILES[row]) for row in rows)
    concept = made_concept(name, 1, np.eye(8)[0])
    alerts = () if free else concept.alerts
    return replace(concept, members=members, n_members=len(members), hit_rate_test=hit, alerts=alerts)


def test_toxicophores_are_counted_by_hand() -> None:
    found = made_set(of_members("a", range(24, 40)), of_members("b", range(12)))
    result = rediscovered(found, SMILES)
    nitro = result["toxicophores"]["specific aromatic nitro"]
    assert nitro == {
        "molecules": 24, "precise_concepts": ["a"], "coverage": round(16 / 24, 4), "enriched_concepts": ["a"],
    }  # fmt: skip
    assert (result["toxicophores_of_20"], result["enriched_of_20"], result["toxicophores_of_30"]) == (1, 1, 0)


def test_unexplained_concepts_come_by_hit_rate() -> None:
    found = made_set(
        of_members("known", range(12)),
        of_members("free", range(12), free=True),
        of_members("hit", range(12, 24), Interval(0.9, 0.5, 1.0), free=True),
    )
    assert [row["id"] for row in unexplained(found)] == ["hit", "free"]


def test_equal_concepts_agree_wholly() -> None:
    first = made_set(of_members("a", range(12)), of_members("b", range(12, 24)))
    other = made_set(of_members("b", range(12, 20)), of_members("a", range(12)))
    found = same_concepts(first, other, SMILES)
    assert found["mutagenic"]["adjusted_rand"] == 1
    assert found["mutagenic"]["molecules"] == 20
    assert found["non-mutagenic"]["adjusted_rand"] is None
