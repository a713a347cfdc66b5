"""The HTML report stands alone, holds what it must, and runs nothing that a stranger wrote."""

from __future__ import annotations

import dataclasses
import datetime
import re

import numpy as np
import pytest

from concepts.concept import ConceptSet
from concepts.report.document import alert_words, filter_sentences, p_words, report_html
from concepts.report.wording import wording_of
from tests.concepts.hand_made import WIDTH, made_concept, made_set, three_concepts
from tests.concepts.report.made_sets import (
    NASTY,
    from_strangers,
    no_card,
    of_values,
    one_channel,
    without_concepts,
)
from tests.concepts.report.reading_html import Page

SETS = {
    "three": three_concepts,
    "values": of_values,
    "one channel": one_channel,
    "none": without_concepts,
    "strangers": from_strangers,
}
DAY = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)


@pytest.fixture(params=list(SETS.values()), ids=list(SETS))
def found(request: pytest.FixtureRequest) -> ConceptSet:
    made: ConceptSet = request.param()
    return made


def page_of(found: ConceptSet) -> Page:
    return Page(report_html(found, no_card(), DAY))


def test_a_report_stands_alone(found: ConceptSet) -> None:
    html = report_html(found, no_card(), DAY)
    page = Page(html)
    assert page.links or not found.concepts
    assert all(link.startswith("#") for link in page.links)
    assert page.sources == []
    assert page.handlers == []
    assert set(page.tags).isdisjoint({"script", "iframe", "link", "object", "embed", "img", "foreignobject"})
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(style) == 1
    assert "url(" not in style[0].replace("attr(href url)", "")
    assert "@import" not in style[0]


def test_ids_are_unique_and_links_resolve(found: ConceptSet) -> None:
    page = page_of(found)
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert [name for name in page.ids if name.startswith("concept-")] == [
        f"concept-{at + 1}" for at in range(len(found))
    ]


def test_a_report_is_the_same_each_time(found: ConceptSet) -> None:
    assert report_html(found, no_card(), DAY) == report_html(found, no_card(), DAY)


def test_texts_of_strangers_are_texts() -> None:
    page = page_of(from_strangers())
    assert page.text.count("<script>alert(1)</script>") > 20
    assert NASTY in page.text


def test_a_told_concept() -> None:
    text = page_of(three_concepts()).text
    for said in (
        "Mutagenicity (Ames test)", "3 concepts in 100 molecules", "made by hand", "A sentence.", "There is no card.",
        "not why molecules behave so", "alcohol <b>", "12 molecules", "0.50 (0.40 to 0.60)", "90 %",
        "in 75 % of 8 resamples", "Kazius epoxide", "5.5 (2.5 to 12.2)", "× 10 −12",
        "measured non-mutagenic · train", "not measured", "machine-written, unverified", "It may be wrong",
        "Model gpt", "sha256 " + "0" * 64, "2026-01-01T00:00:00+00:00", "a member, 4 atoms", "round 1, 2 atoms",
        "contribution (log-odds)", "highlighted atoms", "predicted probability of mutagenic",
        "distance to the centroid", "heavy atoms", "Concept report, 2026-01-02",
    ):  # fmt: skip
        assert said in text, said


def test_a_concept_without_hypothesis_or_prototype_gets_sentences() -> None:
    page = page_of(made_set(made_concept("mutagenic-01", 1, np.eye(WIDTH)[0])))
    assert "What the data say" in page.text
    assert "These are counts and model outputs" in page.text
    assert "No prototype: none was searched for" in page.text
    assert "None of the members was measured" in page.text
    assert "unstable" in page.text
    assert "machine-written" not in page.text
    assert "non-mutagenic" in page.text
    assert "This channel has no concept: 40 molecules passed the filter" in page.text


def test_nothing_found_is_said() -> None:
    text = page_of(without_concepts()).text
    assert "No concept was found in 100 molecules." in text
    assert text.count("This channel has no concept: 0 molecules passed") == 2
    assert "There is no molecule on this channel's map." in text


def test_values_are_no_classes() -> None:
    text = page_of(of_values()).text
    for said in (
        "Measured below the mean", "Measured above the mean", "log10 mol/L", "below it for lowers, above it for raises",
        "measured -3.25 · validation", "predicted -2.50", "predicted value (log10 mol/L)", "what raises the value",
    ):  # fmt: skip
        assert said in text, said
    assert "log-odds" not in text
    assert "probability" not in text
    assert "match no known alert" not in text


def test_what_matches_no_known_alert_is_ordered_by_unseen_hits() -> None:
    rates = {"mutagenic-01": (0.5, 0.9), "mutagenic-02": (0.9, 0.1), "mutagenic-03": (None, 1.0)}
    base = made_concept("a", 1, np.eye(WIDTH)[0], told=True)
    concepts = []
    for name, (tested, measured) in rates.items():
        interval = base.hit_rate
        assert interval is not None
        concepts.append(
            dataclasses.replace(
                base,
                id=name,
                alerts=(),
                hit_rate=dataclasses.replace(interval, value=measured),
                hit_rate_test=None if tested is None else dataclasses.replace(interval, value=tested),
            )
        )
    known = dataclasses.replace(base, id="mutagenic-04")
    text = page_of(made_set(*concepts, known)).text
    listed = text[text.index("3 concepts match no known alert") :]
    places = [listed.index(name) for name in ("mutagenic-02", "mutagenic-01", "mutagenic-03")]
    assert places == sorted(places)
    assert "of all, none in the test split" in listed


def test_structures_that_cannot_be_drawn_are_named() -> None:
    concept = made_concept("mutagenic-01", 1, np.eye(WIDTH)[0])
    broken = dataclasses.replace(concept.members[0], smiles="C1CC<b>")
    odd_mask = dataclasses.replace(concept.members[0], mask=(0.5,))
    text = page_of(made_set(dataclasses.replace(concept, members=(broken, odd_mask)))).text
    assert "cannot be drawn" in text
    assert "C1CC<b>" in text


def test_a_hundred_concepts_are_under_ten_megabytes() -> None:
    member = dataclasses.replace(
        three_concepts().concepts[0].members[0], smiles="CC(C)Cc1ccc(C(C)C(=O)NCC2CCN(C)CC2)cc1", mask=(0.7,) * 22
    )
    concept = dataclasses.replace(
        made_concept("mutagenic-01", 1, np.eye(WIDTH)[0], told=True),
        members=(member,) * 8,
        counterexamples=(member,) * 4,
    )
    html = report_html(made_set(*(dataclasses.replace(concept, id=f"mutagenic-{i}") for i in range(4))), no_card())
    assert len(html) / 4 < 100_000


def test_words_of_cells() -> None:
    concept = three_concepts().concepts[0]
    assert alert_words(()) == "matches no known alert"
    assert alert_words(concept.known_alerts) == "Kazius epoxide"
    assert alert_words(concept.alerts * 2) == "Kazius epoxide; Brenk aldehyde; Kazius epoxide; and 1 more"
    assert p_words(0.0123) == "0.012"
    assert p_words(3.2e-12) == "3 × 10<sup>−12</sup>"
    assert p_words(0.0) == "&lt; 10<sup>−300</sup>"


def test_filters_in_words() -> None:
    found = three_concepts()
    said = " ".join(filter_sentences(found, wording_of(found)))
    assert "at least 0.2 log-odds and that the model gives to the channel's class" in said
    assert "8 resamples" in said
    off = dataclasses.replace(found, filters=dataclasses.replace(found.filters, resamples=0, own_verdict=False))
    assert "Stability was not tried." in filter_sentences(off, wording_of(off))
    assert "not tried" in page_of(off).text
