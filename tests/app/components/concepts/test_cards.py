"""Search, filters and order of the concepts of a set, and what stands on a card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.components.concepts.cards import (
    BY_CONTRIBUTION,
    BY_HIT_RATE,
    BY_NAME,
    BY_SIZE,
    BY_STABILITY,
    ORDERS,
    Filters,
    cards_html,
    chosen_concepts,
)
from app.components.concepts.words import alerts_in_words, is_finding
from concepts.concept import AlertOverlap, Concept, ConceptSet
from concepts.report.wording import wording_of
from megan.metrics import Interval
from tests.concepts.hand_made import three_concepts


@pytest.fixture
def found() -> ConceptSet:
    one, two, three = three_concepts().concepts
    changed = (
        replace(one, name="Nitroarene", n_members=12),
        replace(two, alerts=(), parts=(), n_members=11, contribution=Interval(0.9, 0.8, 1.0)),
        replace(three, hit_rate=Interval(0.95, 0.8, 1.0), stability=0.9),
    )
    return replace(three_concepts(), concepts=changed)


def _ids(concepts: list[Concept]) -> list[str]:
    return [concept.id for concept in concepts]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ["non-mutagenic-01", "non-mutagenic-02", "mutagenic-01"]),
        ("NITRO", ["non-mutagenic-01"]),
        ("non-mutagenic-02", ["non-mutagenic-02"]),
        ("kazius epoxide", ["non-mutagenic-01", "mutagenic-01"]),
        ("[CX4][OX2H]", ["non-mutagenic-01", "mutagenic-01"]),
        ("CCN", ["non-mutagenic-01", "non-mutagenic-02", "mutagenic-01"]),
        ("ccn", []),
        ("epoxide nowhere", []),
    ],
)
def test_all_words_are_searched_and_case_counts_in_structures_only(
    found: ConceptSet, text: str, kept: list[str]
) -> None:
    assert sorted(_ids(chosen_concepts(found, Filters(text)))) == sorted(kept)


def test_filters(found: ConceptSet) -> None:
    assert _ids(chosen_concepts(found, Filters(channel=1))) == ["mutagenic-01"]
    assert _ids(chosen_concepts(found, Filters(only_stable=True))) == ["non-mutagenic-01", "mutagenic-01"]
    assert _ids(chosen_concepts(found, Filters(only_unknown=True))) == ["non-mutagenic-02"]
    assert chosen_concepts(found, Filters(channel=1, only_unknown=True)) == []


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (BY_SIZE, "non-mutagenic-01"),
        (BY_CONTRIBUTION, "non-mutagenic-02"),
        (BY_HIT_RATE, "mutagenic-01"),
        (BY_STABILITY, "mutagenic-01"),
        (BY_NAME, "mutagenic-01"),
    ],
)
def test_orders(found: ConceptSet, order: str, first: str) -> None:
    if order == BY_NAME:
        found = replace(found, concepts=(*found.concepts[:2], replace(found.concepts[2], name="aalcohol")))
    chosen = chosen_concepts(found, Filters(order=order))
    assert chosen[0].id == first
    assert len(chosen) == 3


def test_every_order_holds_for_concepts_of_which_nothing_was_measured(found: ConceptSet) -> None:
    bare = replace(found, concepts=tuple(replace(c, hit_rate=None, hit_rate_test=None) for c in found))
    for order in ORDERS:
        assert len(chosen_concepts(bare, Filters(order=order))) == 3


def test_card_says_what_is_known_and_its_text_is_escaped(found: ConceptSet) -> None:
    html = cards_html("concepts-mine", wording_of(found), chosen_concepts(found, Filters()))
    assert html.count("wm-concept-card") == 3
    assert "alcohol &lt;b&gt;" in html
    assert "<b>alcohol" not in html
    assert 'href="concepts?set=concepts-mine&amp;concept=mutagenic-01"' in html
    assert "<b>95 %</b> measured mutagenic" in html
    assert html.count("unstable") == 1


def test_no_alert_is_news_only_on_the_side_that_alerts_warn_of(found: ConceptSet) -> None:
    warned = found.concepts[2]
    assert not is_finding(warned)
    assert is_finding(replace(warned, alerts=()))
    assert not is_finding(replace(warned, alerts=(), task="solubility"))
    assert not is_finding(found.concepts[1])


def test_alerts_of_the_endpoint_are_named_before_general_ones(found: ConceptSet) -> None:
    general, own = AlertOverlap("Brenk", "nitro_group", 12, 30, 12), AlertOverlap("Kazius", "epoxide", 12, 30, 12)
    assert alerts_in_words(replace(found.concepts[0], alerts=(general, own)), 1) == "Kazius: epoxide and 1 more alert"
    assert alerts_in_words(replace(found.concepts[0], alerts=(general,))) == "Brenk: nitro group"
    assert alerts_in_words(found.concepts[1]) == "matches no known alert"
