"""The card of a task: every text escaped, the scale at its place, pictures and ladder for every kind of molecule."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.components.disagreement import Disagreement
from app.components.predict.protonation import charge_in_words, predicted_states, states_in_words
from app.components.predict.verdict import disagreement_note, probability_scale, task_card
from datasets.alerts import find_alerts
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from megan.prediction import Domain
from tests.app.components.test_disagreement import MUTAGEN
from tests.app.fake_predictor import FakePredictor, fake_predict_rows


@pytest.mark.parametrize("smiles", ["O=[N+]([O-])c1ccccc1", "C", "[Na+].[Cl-]", "C" * 400, "N[Pt](N)(Cl)Cl"])
def test_card_of_every_kind_of_molecule(smiles: str) -> None:
    card = task_card(MUTAGENICITY, FakePredictor(MUTAGENICITY).predict(smiles), find_alerts(smiles), smiles, 5)
    assert len(re.findall(r'data-rung="', card)) == 7
    assert card.count('class="wm-channel"') == 2
    assert "<svg" not in card  # st.html would take it out; pictures travel as images


def test_scale_marks_output_and_threshold() -> None:
    scale = probability_scale(MUTAGENICITY, replace(MUTAGEN, output=0.63, threshold=0.4, spread=0.1))
    assert 'wm-scale-dot" style="left:63.0%' in scale
    assert 'wm-scale-cut" style="left:40.0%' in scale
    assert 'wm-scale-spread" style="left:53.0%;width:20.0%' in scale
    assert probability_scale(SOLUBILITY, replace(MUTAGEN, threshold=None)) == ""


def test_spread_stays_on_the_scale() -> None:
    scale = probability_scale(MUTAGENICITY, replace(MUTAGEN, output=0.98, spread=0.3))
    assert "left:68.0%;width:32.0%" in scale


def test_text_is_escaped() -> None:
    note = disagreement_note([Disagreement("alerts", "<script>1 & 2</script>")])
    assert "<script" not in note
    assert "&lt;script&gt;1 &amp; 2" in note


def test_cautions_alone_are_no_quarrel() -> None:
    assert "Read with caution" in disagreement_note([Disagreement("domain", "far", contradicts=False)])
    assert "not of one mind" in disagreement_note([Disagreement("measured", "measured otherwise")])
    assert "No rung" in disagreement_note([])


def test_without_neighbours_the_ladder_says_so() -> None:
    lonely = replace(MUTAGEN, domain=Domain(similarity=0.0, inside=False, neighbours=(), measured=None))
    assert "No measured compound is near" in task_card(MUTAGENICITY, lonely, [], "C", None)


def test_protonation_states_are_predicted_as_drawn_and_compared() -> None:
    predictor = FakePredictor(AGGREGATION)
    states = predicted_states(
        "OC(=O)CN", AGGREGATION, lambda rows, policy: fake_predict_rows(rows, [predictor], policy)
    )
    assert len(states) >= 2
    assert "C" in states[0].smiles
    assert {"+", "-"} & set("".join(state.smiles for state in states))
    said = states_in_words(AGGREGATION, states)
    assert "6.4" in said
    assert "8.4" in said
    assert states_in_words(AGGREGATION, states[:1]).startswith("Only one")


@pytest.mark.parametrize(("charge", "said"), [(0, "neutral overall"), (1, "charge +1"), (-2, "charge −2")])
def test_charge(charge: int, said: str) -> None:
    assert charge_in_words(charge) == said
