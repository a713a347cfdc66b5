"""Filters, order and pages of the table, and what its cells hold."""

from __future__ import annotations

import base64

import pytest

from app.components.table import Filters, alert_names, chosen_rows, page_of, pages, shorten, table_page
from datasets.molecule import InputRow
from datasets.tasks import AGGREGATION, MUTAGENICITY
from megan.prediction import RowResult
from tests.app.fake_predictor import FakePredictor, fake_predict_rows

TEXTS = ("CCCCO", "O=[N+]([O-])c1ccccc1", "CC(", "Oc1ccccc1.Cl", "C")


@pytest.fixture(scope="module")
def results() -> list[RowResult]:
    rows = [InputRow(i, "", text) for i, text in enumerate(TEXTS)]
    return fake_predict_rows(rows, [FakePredictor(AGGREGATION), FakePredictor(MUTAGENICITY)])


def test_no_filter_keeps_every_row_in_order(results: list[RowResult]) -> None:
    assert chosen_rows(results, Filters()) == [0, 1, 2, 3, 4]


def test_filters(results: list[RowResult]) -> None:
    assert chosen_rows(results, Filters(statuses=("error",))) == [2]
    assert chosen_rows(results, Filters(statuses=("warning", "error"))) == [2, 3]
    assert 1 in chosen_rows(results, Filters(verdicts=("mutagenic",)))
    assert 2 not in chosen_rows(results, Filters(verdicts=("mutagenic", "non-mutagenic")))
    assert chosen_rows(results, Filters(only_inside=True)) == [0, 1, 3]


def test_order_puts_the_highest_first_and_problems_last(results: list[RowResult]) -> None:
    order = chosen_rows(results, Filters(order="mutagenicity"))
    outputs = [results[i].predictions["mutagenicity"].output for i in order[:-1]]
    assert outputs == sorted(outputs, reverse=True)
    assert order[0] == 1
    assert order[-1] == 2


def test_cells(results: list[RowResult]) -> None:
    table = table_page(results, [1, 2], [AGGREGATION, MUTAGENICITY])
    picture = table["structure"].iloc[0].removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(picture).startswith(b"<svg")
    assert table["row"].tolist() == [1, 2]
    assert table["status"].tolist() == ["ok", "parse_error"]
    assert "Kazius" in table["alerts"].iloc[0]
    assert table[["structure", "mutagenicity verdict", "alerts", "domain"]].iloc[1].isna().all()


def test_domain_names_the_tasks_that_it_is_outside_of(results: list[RowResult]) -> None:
    table = table_page(results, [0, 4], [AGGREGATION, MUTAGENICITY])
    assert table["domain"].tolist() == ["inside", "outside for aggregation and mutagenicity"]


def test_pages() -> None:
    assert [pages(n) for n in (0, 1, 50, 51, 10_000)] == [1, 1, 1, 2, 200]
    assert page_of(range(120), 3) == list(range(100, 120))


def test_long_text_is_cut() -> None:
    assert shorten("C" * 100, 10) == "C" * 9 + "…"
    assert shorten("CCO") == "CCO"


def test_repeated_alerts_are_named_once() -> None:
    names = alert_names("O=[N+]([O-])c1ccc([N+](=O)[O-])cc1").split("; ")
    assert len(names) == len(set(names))
