"""Pages run on fake predictors: a page's tests judge the page, and need neither a shipped model nor its seconds."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import streamlit as st

from tests.app.fake_predictor import fake_predict_rows, fake_predictors


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    models = fake_predictors()
    monkeypatch.setattr("megan.predictor.Predictor", SimpleNamespace(load=models.__getitem__))
    monkeypatch.setattr("megan.predictor.shipped_tasks", lambda: tuple(models))
    monkeypatch.setattr("megan.predictor.predict_rows", fake_predict_rows)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("megan.predictor.shipped_tasks", tuple)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def concepts_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No language model is set up, and nothing that an earlier test has cached is there."""
    for key in ("WHYMOL_LLM_MODEL", "WHYMOL_LLM_KEY", "WHYMOL_LLM_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
