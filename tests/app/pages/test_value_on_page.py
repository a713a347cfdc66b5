"""A regression beside the classifications on the predict page, and what happens where a shipped bundle is broken."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from megan.card import BundleError
from tests.app import fake_results

ROOT = Path(__file__).parents[3]
NAMES = ("aggregation", "mutagenicity", "solubility")


@pytest.fixture
def three_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three tasks, as a whole installation has them."""
    monkeypatch.setattr("megan.predictor.Predictor", fake_results.FakePredictor)
    monkeypatch.setattr("megan.predictor.shipped_tasks", lambda: NAMES)
    monkeypatch.setattr("megan.predictor.predict_rows", fake_results.predict_rows)
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()
    yield
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()


def _predict(text: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.text_area(key="pasted").input(text)
    at.button(key="predict").click()
    at.run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


@pytest.mark.usefixtures("three_models")
def test_solubility_is_a_third_card_with_its_interval_and_mass() -> None:
    at = _predict("CCN ethylamine")
    assert tuple(re.findall(r'data-task="(\w+)"', _markup(at))) == NAMES
    words = _words(at)
    assert "0.90 log10 mol/L" in words
    assert "Highly soluble, about 360 mg/mL." in words
    assert "the value lies between -0.10 and 1.90 log10 mol/L, 36 mg/mL to over 1,000 mg/mL." in words
    assert "raises aqueous solubility" in words


@pytest.mark.usefixtures("three_models")
def test_the_table_sorts_by_value_and_filters_by_class() -> None:
    at = _predict("CCO ethanol\nCCN ethylamine")
    table = at.dataframe[0].value
    assert table["solubility verdict"].tolist() == ["highly soluble", "highly soluble"]
    assert table["solubility output"].tolist() == [0.2, 0.9]
    order = next(box for box in at.selectbox if box.label == "Order")
    order.select("solubility").run()
    assert at.dataframe[0].value["solubility output"].tolist() == [0.9, 0.2]
    verdict = next(box for box in at.multiselect if box.label == "Verdict")
    assert "slightly soluble" in verdict.options
    verdict.select("insoluble").run()
    assert "No row passes" in at.info[0].value


def test_a_broken_bundle_stops_no_other(three_models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(fake_results.FakePredictor):
        @classmethod
        def load(cls, name: object, confidence: float = 0.9) -> fake_results.FakePredictor:
            if name == "solubility":
                raise BundleError("bundle 'solubility' has no weights.safetensors")
            return fake_results.FakePredictor.load(name, confidence)

    monkeypatch.setattr("megan.predictor.Predictor", Broken)
    at = _predict("CCN ethylamine")
    assert tuple(re.findall(r'data-task="(\w+)"', _markup(at))) == NAMES[:2]
