"""The concepts of a molecule on the predict page, the links to them, and the molecule that a link asks for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.components.links import target_of, to_concept, to_predict
from datasets.tasks import AGGREGATION
from tests.app.fake_predictor import FakePredictor, fake_predict_rows
from tests.app.made_sets import PlacedPredictor, write_shipped

ROOT = Path(__file__).parents[3]
NITRO = "O=[N+]([O-])c1ccccc1CO"


@pytest.fixture
def placed_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two models; all molecules belong to concepts of the second."""
    models = {"aggregation": FakePredictor(AGGREGATION), "mutagenicity": PlacedPredictor()}
    monkeypatch.setattr("megan.predictor.Predictor", SimpleNamespace(load=models.__getitem__))
    monkeypatch.setattr("megan.predictor.shipped_tasks", lambda: tuple(models))
    monkeypatch.setattr("megan.predictor.predict_rows", fake_predict_rows)
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()
    yield
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()


def _page(smiles: str = "") -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    if smiles:
        at.query_params["smiles"] = smiles
    at.run()
    assert not at.exception
    return at


def _predict(at: AppTest, text: str) -> AppTest:
    at.text_area(key="pasted").input(text)
    at.button(key="predict").click().run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


@pytest.mark.usefixtures("placed_models")
def test_each_channel_says_its_concept_or_why_it_has_none() -> None:
    write_shipped()
    at = _predict(_page(), f"{NITRO} a\nCCO b")
    markup, words = _markup(at), _words(at)
    assert re.findall(r'data-concept="([^"]+)"', markup) == ["mutagenic-01"]
    assert 'href="concepts?set=mutagenicity&amp;concept=mutagenic-01"' in markup
    assert "alcohol <b>" in words
    assert "In no concept: this side moves the output by less than 0.2 log-odds." in words
    assert "None of its members was measured. Outlined: the marked atoms." in words
    table = at.dataframe[0].value
    assert table["mutagenicity concept"].fillna("").tolist() == ["alcohol <b>", ""]
    assert "aggregation concept" not in table


@pytest.mark.usefixtures("placed_models")
def test_without_a_set_nothing_is_shown() -> None:
    at = _predict(_page(), f"{NITRO} a\nCCO b")
    assert 'class="wm-concept' not in _markup(at)
    assert "mutagenicity concept" not in at.dataframe[0].value


@pytest.mark.usefixtures("fake_models")
def test_address_opens_a_molecule_and_leads_back_to_what_was_predicted_before() -> None:
    at = _page(NITRO)
    assert "1 of 1 molecule predicted" in _words(at)
    assert at.text_area(key="pasted").value == NITRO
    assert "job-back" not in [button.key for button in at.button]

    _predict(at, "CCO\nCCN\nCCC")
    assert "3 of 3 molecules predicted" in _words(at)
    assert "smiles" not in at.query_params
    at.query_params["smiles"] = NITRO
    at.run()
    assert "1 of 1 molecule predicted" in _words(at)
    at.query_params["smiles"] = "CCCC"
    at.run()
    at.button(key="job-back").click().run()
    assert not at.exception
    assert "3 of 3 molecules predicted" in _words(at)
    assert "smiles" not in at.query_params
    assert "job-back" not in [button.key for button in at.button]


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("smiles", ["CC(", "<script>alert(1)</script>", "C" * 5000])
def test_address_of_no_molecule_gets_a_reason(smiles: str) -> None:
    at = _page(smiles)
    assert "0 of 1 molecule predicted" in _words(at)
    assert "<script" not in _markup(at)


def test_links_come_back_as_they_were_made() -> None:
    hostile = 'C#C&x=1?"<script>+ %'
    assert target_of(to_predict(hostile)) == ("app/pages/predict.py", {"smiles": hostile})
    assert target_of(to_concept("concepts-a", hostile)) == (
        "app/pages/concepts.py",
        {"set": "concepts-a", "concept": hostile},
    )
    assert target_of(to_concept("mutagenicity")) == ("app/pages/concepts.py", {"set": "mutagenicity"})


@pytest.mark.parametrize(
    "address",
    ["", "https://example.org/concepts?set=a", "//example.org/concepts", "train?run=x", "../concepts", "x" * 9000],
)
def test_other_addresses_are_not_followed(address: str) -> None:
    assert target_of(address) is None
