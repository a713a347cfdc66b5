"""A regression's card: errors in tiles, intervals instead of sets, measured against predicted, what was left out."""

from __future__ import annotations

from typing import Any

from app.components.models.card import conformal_html, metrics_html, provenance_html
from app.components.models.plots import parity_figure, roc_figure
from datasets.own_task import Wording, own_task

INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.6}
CARD: dict[str, Any] = {
    "test": {"n": 40, "rmse": INTERVAL, "mae": INTERVAL, "r2": INTERVAL},
    "conformal": {"0.9": {"all": 0.92}},
    "curves": {"parity": {"measured": [1.0, 2.0], "predicted": [1.5, 1.8]}},
    "data": {"report": {"split": "random", "sentences": ["2 rows left out: <no> label."]}},
}


def test_errors_and_intervals_are_told_in_their_own_words() -> None:
    metrics = metrics_html(CARD)
    assert all(title in metrics for title in ("RMSE", "Mean error", "R²", "40 molecules of a random test split"))
    assert "measured value was in the interval" in conformal_html(CARD)
    task = own_task(Wording(), "regression", "logS", "<my>.csv")
    assert "2 rows left out: &lt;no&gt; label." in provenance_html(task, CARD)
    assert "<my>" not in provenance_html(task, CARD)


def test_parity_has_its_diagonal_over_the_whole_range() -> None:
    figure = parity_figure(CARD)
    assert figure is not None
    assert list(figure.data[0].x) == [1.0, 2.0]
    assert list(figure.data[1].y) == [1.5, 1.8]
    assert roc_figure(CARD) is None
    assert parity_figure({}) is None
