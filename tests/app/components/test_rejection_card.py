"""Trust on the model page: the half that is trusted most, what chance would show, and cards that say nothing of it."""

from __future__ import annotations

from typing import Any

from app.components.models.card import conformal_html, metrics_html, provenance_html, rejection_html
from app.components.models.plots import rejection_figure
from datasets.own_task import Wording, own_task
from datasets.tasks import MUTAGENICITY


def order(error: list[float], low: float) -> dict[str, Any]:
    return {"error": error, "area": {"value": 0.1}, "gain": {"value": 0.05, "low": low, "high": 0.2}}


def card(**orders: dict[str, Any]) -> dict[str, Any]:
    return {"curves": {"rejection": {"error": "wrong", "kept": [0.05, 0.25, 0.5, 0.75, 1.0], "orders": orders}}}


CARD = card(
    spread=order([0.3, 0.06, 0.099, 0.15, 0.196], 0.06),
    similarity=order([0.2, 0.18, 0.169, 0.19, 0.196], -0.007),
    newer=order([0.2, 0.18, 0.169, 0.19, 0.196], 0.1),
)


def test_the_trusted_half_is_told_beside_all() -> None:
    text = rejection_html(MUTAGENICITY, CARD)
    assert "Of all test molecules <b>20 %</b> get a wrong verdict. Of the half" in text
    assert "<li>on which the members agree best: <b>10 %</b></li>" in text
    assert "most like a training compound: <b>17 %</b>, not clearly less than in a random half" in text
    assert text.count("<li>") == 2


def test_values_have_an_rmse_in_their_unit() -> None:
    task = own_task(Wording(unit="mg/L"), "regression", "logS", "my.csv")
    record: dict[str, Any] = {"curves": {"rejection": CARD["curves"]["rejection"] | {"error": "rmse"}}}
    assert "the RMSE is <b>0.20 mg/L</b>. On the half" in rejection_html(task, record)
    figure = rejection_figure(record)
    assert figure is not None
    assert figure.layout.yaxis.title.text == "RMSE"


def test_the_plot_has_a_line_an_order_and_chance_as_a_level() -> None:
    figure = rejection_figure(CARD)
    assert figure is not None
    assert [line.name for line in figure.data] == ["in random order", "the members agree", "near a training compound"]
    assert list(figure.data[0].y) == [0.196, 0.196]
    # One molecule in twenty is too few to draw.
    assert list(figure.data[1].x) == [0.25, 0.5, 0.75, 1.0]
    assert list(figure.data[1].y) == [0.06, 0.099, 0.15, 0.196]
    assert len({line.line.dash for line in figure.data}) == 3


def test_an_older_card_says_nothing_of_trust() -> None:
    empty: dict[str, Any] = {"error": "wrong", "kept": [], "orders": {}}
    older: tuple[dict[str, Any], ...] = ({}, {"curves": {}}, {"curves": {"rejection": empty}})
    for record in older:
        assert rejection_html(MUTAGENICITY, record) == ""
        assert rejection_figure(record) is None
    assert "chance" not in metrics_html({"test": {"ece": {"value": 0.04, "low": 0.03, "high": 0.07}}})
    assert "faultless" not in conformal_html({"conformal": {"0.9": {"a": 0.9}}})


def test_calibration_error_is_told_beside_what_chance_shows() -> None:
    ece = {"value": 0.042, "low": 0.037, "high": 0.079}
    chance = {"value": 0.0416, "low": 0.025, "high": 0.0585}
    assert "would show 0.042 on average" in metrics_html({"test": {"ece": ece, "ece_by_chance": chance}})
    assert "is no more than chance explains" in metrics_html({"test": {"ece": ece, "ece_by_chance": chance}})
    ece = ece | {"value": 0.06}
    assert "0.060 is more than chance explains" in metrics_html({"test": {"ece": ece, "ece_by_chance": chance}})


def test_coverage_is_told_beside_what_faultless_sets_show() -> None:
    spans = {"0.8": {"yes": {"low": 0.743, "high": 0.854}}}
    text = conformal_html({"conformal": {"0.8": {"yes": 0.727, "no": 0.8}}, "conformal_by_chance": spans})
    assert '73 % <small class="wm-muted">74 to 85 %</small>' in text
    assert "80 %</td></tr>" in text


def test_a_bent_calibration_is_listed_and_a_plain_one_is_not() -> None:
    bent = {"calibration": {"temperature": 1.5, "offset": -0.2, "stretch": 0.05, "threshold": 0.5}}
    assert "-0.2 and 0.05 of the log-odds&#x27; cube" in provenance_html(MUTAGENICITY, bent)
    assert "stretch" not in provenance_html(MUTAGENICITY, {"calibration": {"temperature": 1.5, "threshold": 0.5}})


def test_a_teacher_is_named_with_what_it_judged() -> None:
    taught = {"settings": {"teacher": {"share": 0.5}}, "data": {"unmeasured": 13588}}
    shown = provenance_html(MUTAGENICITY, taught)
    assert "boosted trees, heard at 50 % about the training molecules and alone about 13,588 unmeasured ones" in shown
    assert "Teacher" not in provenance_html(MUTAGENICITY, {"settings": {"teacher": None}})


def test_a_pretrained_start_is_named_and_a_random_one_is_not() -> None:
    assert "pretrained without measurements" in provenance_html(MUTAGENICITY, {"settings": {"pretrained": True}})
    assert "<dt>Start</dt>" not in provenance_html(MUTAGENICITY, {"settings": {"pretrained": False}})
