"""Design rules on the page: pasted molecules become a table of rules; empty and bad input gets a reason."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.components.counterfactuals.design_rule_table import pair_svg, rule_html
from concepts.counterfactuals.design_rules import Effect, Measured, Rule
from datasets.tasks import MUTAGENICITY
from megan.metrics import Interval
from megan.predictor import Predictor

ROOT = Path(__file__).parents[3]


@pytest.fixture
def tiny_model(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tiny = Predictor.load(tiny_bundle)
    monkeypatch.setattr("megan.predictor.Predictor", SimpleNamespace(load=lambda name: tiny))
    monkeypatch.setattr("megan.predictor.shipped_tasks", lambda: ("mutagenicity",))
    monkeypatch.setattr("app.components.counterfactuals.design_rule_section.measured_labels", lambda task: {})
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()
    yield
    for cache in (st.cache_resource, st.cache_data):
        cache.clear()


def _page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/counterfactuals.py")
    at.session_state["cf-part"] = "Rules over many molecules"
    at.run()
    assert not at.exception
    return at


def _find(at: AppTest, text: str) -> AppTest:
    at.text_area(key="dr-pasted").input(text)
    at.selectbox(key="dr-budget").select("quick: 1,000 edits")
    at.number_input(key="dr-least").set_value(2)
    at.button(key="dr-find").click().run()
    assert not at.exception
    return at


def _words(at: AppTest) -> str:
    markup = "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)))


@pytest.mark.usefixtures("tiny_model")
def test_pasted_molecules_become_rules() -> None:
    at = _find(_page(), "Cc1ccccc1 a\nCC(\nCCc1ccccc1 b\nc1ccccc1C a again")
    assert "of 2 molecules" in _words(at)
    assert "1 rows are no molecule" in _words(at)
    table = at.dataframe[0].value
    assert len(table)
    assert (table["molecules"] == 2).all()
    assert table["example"].str.startswith("data:image/svg+xml;base64,").all()
    first = str(table["rule"].iloc[0])
    assert (first[:1].upper() + first[1:]) in _words(at)
    assert "on an aromatic atom" in _words(at)


@pytest.mark.usefixtures("tiny_model")
@pytest.mark.parametrize(("text", "says"), [("", "There is nothing to edit yet"), ("CC(\n[Xx]", "is a molecule")])
def test_nothing_to_edit_is_told(text: str, says: str) -> None:
    at = _find(_page(), text)
    assert says in "".join(block.value for block in (*at.warning, *at.error))
    assert not at.dataframe


@pytest.mark.usefixtures("tiny_model")
def test_too_few_molecules_for_a_rule() -> None:
    at = _find(_page(), "C")
    assert "in enough molecules for a rule" in at.info[0].value
    at.button(key="dr-example").click().run()
    assert "curcumin" in str(at.text_area(key="dr-pasted").value)


def test_a_rule_tells_its_doubts() -> None:
    effect = Effect("CCO", "CCN", "replace <O> by N at atom 3", -1.0, ("on an aliphatic atom",), (0, 1, -1), (2,), (2,))
    rule = Rule(
        "replace <O> by N", "replace atom", Interval(-1.0, -2.5, 0.5), 4, 3, 0.25, (), Measured(2, -0.5, -0.1, 0.5),
        (effect,),
    )  # fmt: skip
    text = rule_html(rule, MUTAGENICITY)
    assert "<O>" not in text
    assert "the interval holds 0" in text
    assert "in 25 %" in text
    assert "2 pairs: measured -0.50, predicted -0.10" in text
    assert "50 % went as predicted" in text
    assert pair_svg(effect).count("<svg") == 3
