"""The model page: every card with its numbers and plots, whatever a card leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[3]


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/models.py").run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("fake_models")
def test_each_model_has_a_card_with_three_plots() -> None:
    at = _page()
    text = _markup(at)
    for piece in ("Colloidal aggregation", "Mutagenicity (Ames test)", "AUROC", "0.871", "0.842 to 0.899", "doi"):
        assert piece in text
    assert len(at.get("plotly_chart")) == 6


@pytest.mark.usefixtures("no_models")
def test_no_model_is_said_in_words() -> None:
    assert "No model is shipped" in _page().info[0].value


def test_card_without_results_is_still_shown(fake_models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.app import fake_predictor

    models = fake_predictor.fake_predictors()
    for model in models.values():
        model.card = {"format": 1}
    monkeypatch.setattr("megan.predictor.Predictor.load", models.__getitem__)
    at = _page()
    assert "states no test results" in _markup(at)
    assert not at.get("plotly_chart")


def test_a_card_that_judges_trust_shows_it_as_plot_and_sentence(
    fake_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.app import fake_predictor

    models = fake_predictor.fake_predictors()
    order = {"error": [0.05, 0.1, 0.2], "area": {"value": 0.1}, "gain": {"value": 0.1, "low": 0.05, "high": 0.15}}
    record = {"error": "wrong", "kept": [0.25, 0.5, 1.0], "orders": {"spread": order}}
    mutagenicity = models["mutagenicity"]
    mutagenicity.card = mutagenicity.card | {"curves": {"rejection": record}}
    monkeypatch.setattr("megan.predictor.Predictor.load", models.__getitem__)
    at = _page()
    assert "on which the members agree best: <b>10 %</b>" in _markup(at)
    # Three of the other model, and training and trust of this one.
    assert len(at.get("plotly_chart")) == 5
