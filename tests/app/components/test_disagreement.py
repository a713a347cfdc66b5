"""Each rule of contradiction, alone: an agreeing prediction is silent, and one changed rung makes one sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.components.disagreement import disagreements, other_neighbours
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from megan.prediction import Domain, Explanation, Neighbour, Prediction

NITRO = SimpleNamespace(catalog="Kazius", name="aromatic nitro")
PAINS = SimpleNamespace(catalog="PAINS", name="catechol_A")
BRENK = SimpleNamespace(catalog="Brenk", name="nitro_group")


def _neighbours(*labels: float, similarity: float = 0.6) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(i, similarity, label, "train") for i, label in enumerate(labels))


MUTAGEN = Prediction(
    task="mutagenicity",
    output=0.9,
    verdict="mutagenic",
    threshold=0.5,
    spread=0.05,
    conformal=("mutagenic",),
    confidence=0.9,
    domain=Domain(similarity=0.7, inside=True, neighbours=_neighbours(1, 1, 0), measured=None),
    explanation=Explanation(
        channels=MUTAGENICITY.channels,
        node_importance=np.zeros((1, 2), np.float32),
        edge_importance=np.zeros((0, 2), np.float32),
        fidelity=np.zeros(2, np.float32),
        embedding=np.zeros((2, 3), np.float32),
    ),
)


def test_agreement_is_silent() -> None:
    assert disagreements(MUTAGENICITY, MUTAGEN, [NITRO, BRENK]) == []


@pytest.mark.parametrize(
    ("change", "alerts", "rung", "says", "contradicts"),
    [
        (
            {"domain": replace(MUTAGEN.domain, measured=Neighbour(9, 1.0, 0.0, "train"))},
            [NITRO],
            "measured",
            "measured non-mutagenic, but the model says mutagenic",
            True,
        ),
        (
            {"domain": replace(MUTAGEN.domain, neighbours=_neighbours(0, 0, 1))},
            [NITRO],
            "neighbours",
            "2 of 3 near measured compounds are non-mutagenic",
            True,
        ),
        (
            {"domain": replace(MUTAGEN.domain, neighbours=_neighbours(0, 0, 0))},
            [NITRO],
            "neighbours",
            "All 3 near",
            True,
        ),
        ({}, [BRENK], "alerts", "no Kazius alert matches", False),
        ({"conformal": MUTAGENICITY.classes}, [NITRO], "conformal", "neither class can be excluded", False),
        ({"conformal": ("non-mutagenic",)}, [NITRO], "conformal", "only non-mutagenic remains", True),
        ({"conformal": ()}, [NITRO], "conformal", "no class fits", False),
        ({"spread": 0.45}, [NITRO], "spread", "reaches across the threshold", False),
        (
            {"domain": replace(MUTAGEN.domain, inside=False, similarity=0.21)},
            [NITRO],
            "domain",
            "similarity of only 0.21",
            False,
        ),
    ],
)
def test_one_changed_rung_makes_one_sentence(
    change: dict[str, Any], alerts: list[Any], rung: str, says: str, contradicts: bool
) -> None:
    found = disagreements(MUTAGENICITY, replace(MUTAGEN, **change), alerts)
    assert [item.rung for item in found] == [rung]
    assert says in found[0].sentence
    assert found[0].contradicts is contradicts


def test_alert_against_a_negative_verdict_is_named() -> None:
    clean = replace(
        MUTAGEN,
        output=0.1,
        verdict="non-mutagenic",
        conformal=("non-mutagenic",),
        domain=replace(MUTAGEN.domain, neighbours=_neighbours(0, 0, 0)),
    )
    assert disagreements(MUTAGENICITY, clean, []) == []
    (found,) = disagreements(MUTAGENICITY, clean, [NITRO, NITRO, BRENK, PAINS])
    assert found.sentence == (
        "The Kazius alert “aromatic nitro” speaks for mutagenic, but the model says non-mutagenic."
    )


def test_each_catalogue_speaks_for_its_own_endpoint_only() -> None:
    soluble = replace(
        MUTAGEN,
        task="aggregation",
        output=0.1,
        verdict="non-aggregator",
        conformal=("non-aggregator",),
        domain=replace(MUTAGEN.domain, neighbours=_neighbours(0, 0, 0)),
    )
    assert disagreements(AGGREGATION, soluble, [NITRO, BRENK]) == []
    assert [item.rung for item in disagreements(AGGREGATION, soluble, [PAINS])] == ["alerts"]


def test_distant_neighbours_have_no_say() -> None:
    far = replace(MUTAGEN, domain=replace(MUTAGEN.domain, neighbours=_neighbours(0, 0, 0, similarity=0.39)))
    assert disagreements(MUTAGENICITY, far, [NITRO]) == []


def test_record_of_the_compound_itself_is_no_neighbour() -> None:
    own = Neighbour(0, 1.0, 1.0, "train")
    prediction = replace(
        MUTAGEN, domain=replace(MUTAGEN.domain, measured=own, neighbours=(own, *_neighbours(1, 0)[1:]))
    )
    assert [n.index for n in other_neighbours(prediction)] == [1]


@pytest.mark.parametrize(("fidelity", "warned"), [(-1.0, True), (-0.05, False), (1.0, False)])
def test_a_mask_that_moved_the_output_the_other_way_comes_with_a_warning(fidelity: float, warned: bool) -> None:
    explanation = replace(MUTAGEN.explanation, fidelity=np.array([0.5, fidelity], np.float32))
    found = disagreements(MUTAGENICITY, replace(MUTAGEN, explanation=explanation), [NITRO])
    assert [d.rung for d in found] == (["verdict"] if warned else [])
    assert all("marked as mutagenic" in d.sentence and not d.contradicts for d in found)


VALUE = replace(
    MUTAGEN,
    task="solubility",
    output=-3.2,
    threshold=None,
    verdict="-3.20 log10 mol/L",
    spread=0.2,
    conformal=("-4.20..-2.20",),
    domain=replace(MUTAGEN.domain, neighbours=_neighbours(-3.0, -4.1, -6.0)),
    explanation=replace(MUTAGEN.explanation, channels=SOLUBILITY.channels),
)


def _measured(*labels: float) -> dict[str, Any]:
    records = tuple(Neighbour(9 + i, 1.0, label, "test") for i, label in enumerate(labels))
    return {"domain": replace(VALUE.domain, measured=records[0], records=records)}


@pytest.mark.parametrize(
    ("change", "rung", "says", "contradicts"),
    [
        (_measured(-1.0), "measured", "measured at -1.00 log10 mol/L, above the interval of the predicted -3.20", True),
        (_measured(-6.0, -5.0), "measured", "measured at -5.00 log10 mol/L, below", True),
        (
            {"domain": replace(VALUE.domain, neighbours=_neighbours(-1.0, -2.0, -3.0))},
            "neighbours",
            "2 of 3 near measured compounds lie above the interval",
            True,
        ),
        (
            {"domain": replace(VALUE.domain, neighbours=_neighbours(-8.0, -7.0))},
            "neighbours",
            "All 2 near measured compounds lie below",
            True,
        ),
        (
            {"explanation": replace(VALUE.explanation, fidelity=np.array([0.4, -0.2], np.float32))},
            "verdict",
            "what raises aqueous solubility moved the value the other way",
            False,
        ),
        ({"spread": 0.6}, "spread", "scatter by 0.60 log10 mol/L", False),
        ({"domain": replace(VALUE.domain, inside=False)}, "domain", "outside the domain", False),
    ],
)
def test_one_changed_rung_makes_one_sentence_about_a_value(
    change: dict[str, Any], rung: str, says: str, contradicts: bool
) -> None:
    (found,) = disagreements(SOLUBILITY, replace(VALUE, **change), [NITRO])
    assert found.rung == rung
    assert says in found.sentence
    assert found.contradicts is contradicts


@pytest.mark.parametrize(
    "change",
    [
        {},
        _measured(-4.0),
        _measured(-1.0, -3.0),
        {"domain": replace(VALUE.domain, neighbours=_neighbours(-8.0, 0.0))},
        {"domain": replace(VALUE.domain, neighbours=_neighbours(-8.0, -8.0, similarity=0.39))},
        {"explanation": replace(VALUE.explanation, fidelity=np.array([-0.05, 0.1], np.float32))},
    ],
)
def test_a_value_that_nothing_excludes_is_not_contradicted(change: dict[str, Any]) -> None:
    assert disagreements(SOLUBILITY, replace(VALUE, **change), [PAINS]) == []
