"""What a design rule is called outside: the JSON object of a line, the row of a table, and its sentences."""

from __future__ import annotations

from typing import Any, Final

from app.components.words import join, percent
from concepts.counterfactuals.design_rules import Measured, Rule
from datasets.tasks import Task

_DIGITS: Final = 6


def unit_of(task: Task) -> str:
    """In what effects are counted."""
    return f"log-odds of {task.positive}" if task.kind == "classification" else task.unit or "unit of its table"


def as_record(rule: Rule) -> dict[str, Any]:
    """The JSON object of one rule, which scripts rely on.

    Returns
    -------
    dict
        rule, kind; effect with low and high (95 % interval over molecules); edits, molecules; reversed (share of the
        edits that go the other way); contexts: name -> edits, effect, reversed; reversing (contexts whose mean goes the
        other way); measured: pairs, change, predicted (for the same pairs, in probability or the task's unit) and
        same_direction, or null; examples: before, after, edit, change. An end of an interval that rests on one molecule
        is null. Plain Python values.
    """
    return {
        "rule": rule.name,
        "kind": rule.kind,
        "effect": _rounded(rule.effect.value),
        "low": _rounded(rule.effect.low),
        "high": _rounded(rule.effect.high),
        "edits": rule.edits,
        "molecules": rule.molecules,
        "reversed": _rounded(rule.reversed_share),
        "contexts": {
            c.context: {"edits": c.count, "effect": _rounded(c.mean), "reversed": _rounded(c.reversed_share)}
            for c in rule.contexts
        },
        "reversing": list(rule.reversing),
        "measured": _measured(rule.measured),
        "examples": [
            {"before": e.before, "after": e.after, "edit": e.name, "change": _rounded(e.change)} for e in rule.examples
        ],
    }


def as_columns(rule: Rule, task: Task) -> dict[str, object]:
    """The same as one row of a table, by column."""
    record = as_record(rule)
    measured = record["measured"] or {}
    example = rule.examples[0] if rule.examples else None
    return {
        **{name: record[name] for name in ("rule", "kind", "effect", "low", "high")},
        "unit": unit_of(task),
        **{name: record[name] for name in ("edits", "molecules")},
        "reversed_share": record["reversed"],
        "reversing_contexts": "; ".join(rule.reversing),
        "contexts": "; ".join(f"{c.context}: {c.mean:+.2f} ({c.count})" for c in rule.contexts),
        "measured_pairs": measured.get("pairs", 0),
        "measured_change": measured.get("change"),
        "predicted_change_of_pairs": measured.get("predicted"),
        "pairs_same_direction": measured.get("same_direction"),
        "example_before": example.before if example else "",
        "example_after": example.after if example else "",
    }


def effect_in_words(rule: Rule) -> str:
    """The mean with its interval: "-1.16 (-1.71 to -0.60)"."""
    return f"{rule.effect.value:+.2f} ({rule.effect.low:+.2f} to {rule.effect.high:+.2f})"


def reversals_in_words(rule: Rule) -> str:
    """How often it goes the other way, and where."""
    if not rule.reversed_share:
        return "never"
    where = f", on average {join([str(context) for context in rule.reversing])}" if rule.reversing else ""
    return f"in {percent(rule.reversed_share)}{where}"


def measured_in_words(rule: Rule, task: Task) -> str:
    """What was measured of pairs that differ by this edit, beside what is predicted for them; empty without pairs."""
    found = rule.measured
    if found is None:
        return ""
    pairs = f"{found.pairs} pair{'' if found.pairs == 1 else 's'}"
    unit = "" if task.kind == "classification" else f" {task.unit}"
    return f"{pairs}: measured {found.change:+.2f}{unit}, predicted {found.predicted:+.2f}{unit}"


def _measured(found: Measured | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "pairs": found.pairs,
        "change": _rounded(found.change),
        "predicted": _rounded(found.predicted),
        "same_direction": None if found.same_direction is None else _rounded(found.same_direction),
    }


def _rounded(value: float) -> float | None:
    return round(value, _DIGITS) if abs(value) != float("inf") else None
