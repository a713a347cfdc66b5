"""The axis of a value holds everything that is marked on it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components.predict.value_scale import axis, value_scale
from app.components.predict.verdict import task_card
from datasets.alerts import find_alerts
from datasets.tasks import MUTAGENICITY, SOLUBILITY, Task
from megan.prediction import Neighbour
from tests.app.components.test_disagreement import MUTAGEN, VALUE

PLAIN = replace(SOLUBILITY, name="logd", title="<i>LogD", unit="<b>")


def test_marks_stand_at_their_values() -> None:
    own = Neighbour(9, 1.0, -4.0, "train")
    scale = value_scale(SOLUBILITY, replace(VALUE, domain=replace(VALUE.domain, measured=own, records=(own,))), "CCO")
    assert 'wm-scale-dot" style="left:48.0%"' in scale  # -3.2 between -8 and 2
    assert 'wm-scale-interval" style="left:38.0%;width:20.0%"' in scale
    assert 'wm-scale-own" style="left:40.0%"' in scale
    assert re.findall(r'wm-scale-near" style="left:([\d.]+)%', scale) == ["50.0", "39.0", "20.0"]
    assert re.findall(r'wm-scale-class" style="left:([\d.]+)%', scale) == ["80.0", "60.0", "40.0"]
    assert re.findall(r'width:([\d.]+)%" title', scale) == ["40.0", "20.0", "20.0", "20.0"]


def test_a_classification_has_no_axis_and_a_plain_value_no_classes() -> None:
    assert value_scale(MUTAGENICITY, MUTAGEN, "CCO") == ""
    scale = value_scale(PLAIN, VALUE, "CCO")
    assert "wm-scale-class" not in scale
    assert "&lt;b&gt;" in scale
    assert "<b>" not in scale


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_the_axis_holds_all_values(values: list[float]) -> None:
    for task in (PLAIN, SOLUBILITY):
        low, high = axis(task, values)
        assert low <= min(values) <= max(values) <= high
        assert low < high


def test_the_axis_of_solubility_is_the_same_for_usual_values() -> None:
    assert axis(SOLUBILITY, [-7.9, 1.2]) == (-8.0, 2.0)
    assert axis(SOLUBILITY, [-9.5, 2.5]) == (-10.0, 3.0)


@pytest.mark.parametrize("task", [SOLUBILITY, PLAIN], ids=["solubility", "own"])
def test_the_card_of_a_value_speaks_of_no_class(task: Task) -> None:
    card = task_card(task, VALUE, [], "C", 5)
    assert len(re.findall(r'data-rung="', card)) == 7
    assert "Conformal interval" in card
    assert "neither class" not in card
    assert "<i>" not in card.replace('<i class="wm-key', "")


def test_alerts_of_a_value_are_named_without_pictures() -> None:
    smiles = "O=[N+]([O-])c1ccccc1"
    explanation = replace(
        VALUE.explanation,
        node_importance=VALUE.explanation.node_importance.repeat(9, axis=0),
        edge_importance=VALUE.explanation.node_importance.repeat(9, axis=0),
    )
    card = task_card(SOLUBILITY, replace(VALUE, explanation=explanation), find_alerts(smiles), smiles, 5)
    rung = card[card.index('data-rung="alerts"') : card.index('data-rung="verdict"')]
    assert "None is about this quantity. Matched: " in rung
    assert "<img" not in rung
