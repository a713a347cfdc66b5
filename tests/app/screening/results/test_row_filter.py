"""Filters of rows: each part keeps what it says, beside a slow reading of the same in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.screening.results.row_filter import ABSENT, RowFilter, TaskFilter, condition, of_rows
from app.screening.results.table import Results

Row = dict[str, Any]
TASK = "mutagenicity"


def _inside(row: Row, column: str, name: str) -> bool:
    return name in (row[column] or "").split("; ")


def _value(row: Row) -> float:
    found = row[f"{TASK}_probability"]
    return -1.0 if found is None else float(found)


@pytest.mark.parametrize(
    ("asked", "keeps"),
    [
        (RowFilter(), lambda row: True),
        (RowFilter(text=" =CMD "), lambda row: row["id"] == "=cmd"),
        (RowFilter(text="[N+]"), lambda row: "[N+]" in (row["whymol_smiles"] or "")),
        (RowFilter(text="a' OR 1=1 --"), lambda row: False),
        (RowFilter(text="\0"), lambda row: True),
        (RowFilter(status=("error", "warning")), lambda row: row["status"] != "ok"),
        (RowFilter(tasks={TASK: TaskFilter()}), lambda row: True),
        (
            RowFilter(tasks={TASK: TaskFilter(verdicts=("mutagenic",))}),
            lambda row: row[f"{TASK}_verdict"] == "mutagenic",
        ),
        (RowFilter(tasks={TASK: TaskFilter(low=0.2, high=0.8)}), lambda row: 0.2 <= _value(row) <= 0.8),
        (RowFilter(tasks={TASK: TaskFilter(inside=True)}), lambda row: bool(row[f"{TASK}_inside_domain"])),
        (
            RowFilter(alerts=(("alerts_kazius", "specific aromatic nitro"),)),
            lambda row: _inside(row, "alerts_kazius", "specific aromatic nitro"),
        ),
        (
            RowFilter(alerts=(("alerts_kazius", "specific aromatic nitro"),), alerts_are=ABSENT),
            lambda row: row["status"] != "error" and not _inside(row, "alerts_kazius", "specific aromatic nitro"),
        ),
        (
            RowFilter(without_alerts=True),
            lambda row: all(row[f"alerts_{name}"] == "" for name in ("pains", "brenk", "kazius")),
        ),
        (RowFilter(without_repeats=True), lambda row: row["duplicate_of"] is None),
        (RowFilter(sql="mass > 90 -- heavy"), lambda row: float(row["mass"] or 0) > 90),
        (
            RowFilter(text="a", status=("ok",), sql="mass > 90"),
            lambda row: "a" in row["id"].lower() and row["status"] == "ok" and float(row["mass"] or 0) > 90,
        ),
    ],
    ids=range(16),
)
def test_a_filter_keeps_what_it_says(results: Results, asked: RowFilter, keeps: Callable[[Row], bool]) -> None:
    expected = [row["row"] for row in results.page().to_pylist() if keeps(row)]
    assert results.numbers(condition(results, asked)) == expected


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("mass >", "not understood"),
        ("1=1) union select 1 from results where (1=1", "more than one condition"),
        ("nothing = 1", "nothing"),
        ("row in (select 1)", "subquery"),
    ],
)
def test_a_condition_of_the_users_own_is_judged_by_itself(results: Results, sql: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        condition(results, RowFilter(text="a", sql=sql))


def test_brackets_of_a_user_widen_nothing(results: Results) -> None:
    assert results.count(condition(results, RowFilter(status=("error",), sql="1=1) or (1=1"))) == 2


def test_a_text_of_a_user_ends_where_it_should(results: Results) -> None:
    odd = 'it\'s "odd"; --'
    asked = RowFilter(odd, (odd,), {TASK: TaskFilter((odd,))}, alerts=(("alerts_pains", odd),))
    assert results.count(condition(results, asked)) == 0


def test_rows_by_number(results: Results) -> None:
    assert results.numbers(of_rows(results.columns, [6, 2, 99])) == [2, 6]
    assert results.numbers(of_rows(results.columns, [])) == []


@pytest.mark.parametrize(
    "make", [lambda: TaskFilter(low=0.9, high=0.1), lambda: _listed_otherwise()], ids=["range", "listed"]
)
def test_what_cannot_be_asked_is_named(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        make()


def _listed_otherwise() -> object:
    from app.screening.results.row_filter import _listed

    return _listed([("x", "y")], "maybe")
