"""Filters and orders of what was found, and its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.components.counterfactuals import words as say
from app.components.counterfactuals.filters import EASIEST, FEWEST, RECOMMENDED, SIMILAR, SUREST, Filters
from app.components.counterfactuals.pair import pair_html, start_html
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from megan.prediction import Neighbour
from tests.app.made_counterfactuals import domain, made_start, outlook, sulfone, trifluoride

ONE, TWO = sulfone(), trifluoride()
SURE = replace(ONE, smiles="CCO", after=ONE.after | {"mutagenicity": outlook("mutagenicity", 0.2, 0.01)}, sa_score=None)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), [ONE, TWO, SURE]),
        (Filters(most_edits=1), [ONE, SURE]),
        (Filters(most_edits=2), [ONE, TWO, SURE]),
        (Filters(kinds=("replace atom",)), [TWO]),
        (Filters(kinds=("replace atom", "swap group")), [ONE, TWO, SURE]),
        (Filters(kinds=("open ring",)), []),
        (Filters(in_domain=True), [ONE, SURE]),
        (Filters(no_new_alert=True), [ONE, SURE]),
        (Filters(sa_not_worse=True), [ONE, SURE]),
        (Filters(order=RECOMMENDED), [ONE, TWO, SURE]),
        (Filters(order=SIMILAR), [TWO, ONE, SURE]),
        (Filters(order=FEWEST), [ONE, SURE, TWO]),
        (Filters(order=EASIEST), [ONE, TWO, SURE]),
        (Filters(order=SUREST), [SURE, ONE, TWO]),
    ],
)
def test_filters(filters: Filters, kept: list[object]) -> None:
    assert filters.apply([ONE, TWO, SURE], "mutagenicity") == kept


def test_words() -> None:
    assert say.making_in_words(ONE) == "not harder to make: SA 1.4, start 1.4"
    assert say.making_in_words(TWO) == "looks harder to make: SA 1.7, start 1.4"
    assert say.making_in_words(SURE) == ""
    assert say.alerts_in_words(ONE) == "no new alert"
    assert say.alerts_in_words(TWO) == "new alert: Brenk halogen <i>"
    assert say.outside_in_words(TWO) == "outside the domain of aggregation"
    assert say.output_in_words(SOLUBILITY, outlook("solubility", -2.41)) == "-2.41 log10 mol/L, slightly soluble"
    low, high = outlook("solubility", -2.0), outlook("solubility", -1.5)
    assert say.change_in_words(SOLUBILITY, low, high) == "+0.50 log10 mol/L"
    assert say.change_in_words(MUTAGENICITY, outlook("mutagenicity", 0.8), outlook("mutagenicity", 0.1)) == "-0.70"
    assert say.domain_in_words(MUTAGENICITY, domain(inside=False)) == "0.20, outside the domain"
    record = Neighbour(0, 1.0, 1.0, "train")
    known = replace(domain(), measured=record)
    assert say.domain_in_words(MUTAGENICITY, known) == "0.60, inside; measured itself: mutagenic"
    assert say.measured_in_words(MUTAGENICITY, domain()) == ""
    divided = replace(outlook("mutagenicity", 0.5), agreement=0.6)
    assert say.networks_in_words(MUTAGENICITY, divided) == "60 % agree, standard deviation 0.05"


def test_texts_from_elsewhere_are_escaped() -> None:
    card = pair_html(made_start(), TWO, (MUTAGENICITY, AGGREGATION), 1)
    assert "<b>Cl" not in card
    assert "&lt;b&gt;Cl" in card
    assert "halogen <i>" not in card
    head = start_html(made_start(), (MUTAGENICITY, AGGREGATION), "It <script> ended.", reached=False)
    assert "<script>" not in head
    assert "wm-note" in head
