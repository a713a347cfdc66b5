"""A report states a model's card only if it is certainly that of the model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from concepts.report.document import report_html
from concepts.report.model_card import model_card
from concepts.report.wording import wording_of
from tests.concepts.hand_made import three_concepts
from tests.concepts.report.made_sets import one_channel, with_bundle
from tests.concepts.report.reading_html import Page


def test_the_card_of_the_same_weights(tmp_path: Path) -> None:
    found = with_bundle(tmp_path / "bundle")
    card = model_card(found, str(tmp_path / "bundle"))
    assert card.sentence == ""
    assert card.task is not None
    assert card.task.name == "mutagenicity"
    assert [(metric.key, metric.value, metric.low) for metric in card.metrics] == [
        ("auroc", 0.875, 0.85),
        ("r2", 0.5, None),
    ]
    facts = dict(card.facts)
    assert facts["Weights"] == f"sha256 {found.model_sha256}"
    assert facts["Model"] == "committee of 2 self-explaining graph networks (MEGAN)"
    assert facts["Rows"] == "80 to train on, 10 to choose and calibrate and 1,234 to test, of ames.csv"
    text = Page(report_html(found, card)).text
    for said in ("AUROC 0.875 0.850 to 0.900", "R² 0.500", "On the 1,234 molecules of the test split"):
        assert said in text, said


def test_other_weights_are_refused_where_they_were_asked_for(tmp_path: Path) -> None:
    with_bundle(tmp_path / "bundle")
    with pytest.raises(ValueError, match="whose weights are others than those that the concepts were made from"):
        model_card(three_concepts(), str(tmp_path / "bundle"))
    with pytest.raises(ValueError, match="bundle is 'nowhere'; expected one of"):
        model_card(three_concepts(), "nowhere")


def test_other_weights_are_said_where_they_were_found() -> None:
    card = model_card(three_concepts())
    assert "has other weights than those" in card.sentence
    assert card.metrics == ()


def test_no_bundle_at_hand_is_said() -> None:
    assert "is not in this report: bundle is 'odd'" in model_card(one_channel()).sentence


def test_words_of_a_task_come_from_the_card_then_the_registry_then_the_channels() -> None:
    found = dataclasses.replace(three_concepts(), task="mine", channels=("weak", "strong"))
    assert wording_of(three_concepts()).title == "Mutagenicity (Ames test)"
    assert (wording_of(found).title, wording_of(found).side(1), wording_of(found).unit) == (
        "mine",
        "strong",
        "log-odds",
    )
    values = wording_of(dataclasses.replace(found, channels=("lowers", "raises")))
    assert (values.of_values, values.unit, values.contributed) == (True, "", "contribution")
    assert wording_of(one_channel()).side(0) == "odd"
    assert wording_of(one_channel()).side(1) == "class 1"
