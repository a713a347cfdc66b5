"""Guesses about a user's columns, and the report of what is left out."""

from __future__ import annotations

import pytest

from app.components.markdown import plain
from app.components.models.own_table import guess_kind, guess_label, preview, report_html
from datasets.library import read_structures
from datasets.measured_table import read_measured
from datasets.own_task import Wording
from tests.app.own_table import own_csv


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["0", "1", "1"], "classification"),
        (["yes", "", "no", "yes"], "classification"),
        (["1.5", "2", "n.d.", "7"], "regression"),
        (["a", "b", "c"], ""),
        (["", "NaN"], ""),
        ([], ""),
    ],
)
def test_kind_is_guessed_from_the_first_rows(cells: list[str], kind: str) -> None:
    assert guess_kind(cells) == kind


def test_label_is_guessed_by_name_then_by_content() -> None:
    rows = [["A", "C", "1.5", "x"], ["B", "CC", "2.5", "y"], ["D", "CCC", "3.5", "z"]]
    assert guess_label(["id", "smiles", "IC50", "note"], rows, "smiles") == 2
    assert guess_label(["Active", "smiles", "IC50", "note"], rows, "smiles") == 0
    assert guess_label(["smiles"], [["C"]], "smiles") == 0


def test_preview_is_text_of_bounded_length() -> None:
    table = preview(("a", "b"), [("x" * 1000, None), (1, 2.5)])
    assert table["a"].tolist() == ["x" * 120, "1"]
    assert table["b"].tolist() == ["", "2.5"]


def test_report_tells_classes_splits_and_what_is_left_out_with_names_escaped() -> None:
    file = read_structures("<b>.csv", content=own_csv().encode(), smiles_column="structure")
    report = report_html(read_measured(file, "result", "classification", wording=Wording("<i>x</i>")))
    assert "<b>48</b> active" in report
    assert "1 row left out: the SMILES cannot be read." in report
    regression = report_html(read_measured(file, "value", "regression", wording=Wording("v", unit="mg/L")))
    assert "mg/L" in regression
    assert "<i>" not in report + regression


def test_markdown_is_escaped() -> None:
    assert plain("[a](b) **c** <d> $e$") == r"\[a\]\(b\) \*\*c\*\* \<d\> \$e\$"
