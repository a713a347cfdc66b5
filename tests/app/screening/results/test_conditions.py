"""Conditions of users: one condition over columns, and nothing that reaches further."""

from __future__ import annotations

import duckdb
import pytest

from app.screening.results.conditions import check_condition


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@pytest.mark.parametrize(
    "condition",
    [
        "p > 0.5",
        "p between 0 and 1 and status in ('ok', 'warning')",
        "name like ';%' or name = 'it''s' -- a comment",
        '"odd ""name" is null',
        "contains(lower(name), 'x') and not flag",
        "case when p > 1 then true else cast(q as integer) = 2 end",
    ],
)
def test_conditions_over_columns_pass(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    assert condition in check_condition(connection, condition)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("p > 0.5; drop table x", "semicolon"),
        ("1=1) union select 1 from results where (1=1", "more than one condition"),
        ("1=1) order by (1", "more than one condition"),
        ("1=1) limit (1", "more than one condition"),
        ("1=1) group by (1", "more than one condition"),
        ("exists(from read_text('/etc/passwd'))", "subquery"),
        ("p in (select 1)", "subquery"),
        ("(select count(*) from read_csv('x')) > 0", "subquery"),
        ("row_number() over () > 1", "window"),
        ("p >", "not understood"),
        ("p = ?", "parameter"),
        ("x" * 10_001, "10,001 characters"),
    ],
)
def test_everything_else_is_refused(connection: duckdb.DuckDBPyConnection, condition: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_condition(connection, condition)
