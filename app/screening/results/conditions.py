"""Conditions of users: SQL over the columns of the results, and nothing else.

A condition is parsed before it is run, in the place where it will stand. It must be one expression of columns,
constants, operators and functions of single values; no subquery, so no table or file can be reached from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import duckdb

_MOST_CHARACTERS: Final = 10_000
#: What a condition may be made of, as DuckDB's parser names it.
_ALLOWED: Final = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "OPERATOR",
        "TYPE",
    }
)
_EMPTY: Final = ("modifiers", "group_expressions", "group_sets", "having", "sample", "qualify")


def check_condition(connection: duckdb.DuckDBPyConnection, condition: str) -> str:
    """Return the condition in brackets, ready to stand after WHERE.

    Parameters
    ----------
    connection
        Any; it parses.
    condition
        Such as ``mutagenicity_probability > 0.5 and status = 'ok'``.

    Raises
    ------
    ValueError
        If it is not one condition over columns.
    """
    if len(condition) > _MOST_CHARACTERS:
        raise ValueError(f"the condition has {len(condition):,} characters; at most {_MOST_CHARACTERS:,} are taken")
    if ";" in _without_texts(condition):
        raise ValueError("the condition holds a semicolon; expected a single condition")
    # A line break ends a comment that the condition may end with.
    bracketed = f"({condition}\n)"
    [parsed] = connection.execute(
        "SELECT json_serialize_sql(?)",
        [f"SELECT 1 FROM results WHERE {bracketed}"],  # noqa: S608  # it is parsed only
    ).fetchall()
    tree = json.loads(parsed[0])
    if tree["error"]:
        raise ValueError(f"the condition is not understood: {tree['error_message']}")
    expression = _expression(tree)
    for kind in _classes(expression):
        if kind not in _ALLOWED:
            raise ValueError(
                f"the condition holds a {kind.lower().replace('_', ' ')}; expected columns and values only"
            )
    return bracketed


def _expression(tree: dict[str, Any]) -> dict[str, Any]:
    """The condition's tree, if the query around it is still the one that it was put into."""
    [statement] = tree["statements"]
    node = statement["node"]
    table = node.get("from_table") or {}
    whole = (
        node["type"] == "SELECT_NODE"
        and not any(node[field] for field in _EMPTY)
        and not node["cte_map"]["map"]
        and table.get("type") == "BASE_TABLE"
        and table.get("table_name") == "results"
        and len(node["select_list"]) == 1
        and node["where_clause"] is not None
    )
    if not whole:
        raise ValueError("the condition is more than one condition; expected columns, values and operators only")
    expression: dict[str, Any] = node["where_clause"]
    return expression


def _classes(tree: Any) -> Iterator[str]:
    """The classes of all parts of an expression; whole queries inside it count as SUBQUERY."""
    if isinstance(tree, list):
        for part in tree:
            yield from _classes(part)
    elif isinstance(tree, dict):
        if "class" in tree:
            yield str(tree["class"])
        if "from_table" in tree:
            yield "SUBQUERY"
        for part in tree.values():
            yield from _classes(part)


def _without_texts(condition: str) -> str:
    """The condition without its quoted texts and names, in which a semicolon is a sign like any other."""
    return "".join(part for place, part in enumerate(condition.replace('"', "'").split("'")) if place % 2 == 0)
