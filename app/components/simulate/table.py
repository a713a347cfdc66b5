"""The numbers of a study as a table, as CSV and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from app.components.simulate.words import MASKS, STUDENTS, explainer_name
from app.exports.counterfactuals import table_text
from app.simulate.request import FILE

Row = Mapping[str, Any]
_STUDENTS_OF_ROW: Final = ("counted", "reference", "explained")
_COLUMNS: Final = {
    "size": "Size", "noise": "Noise", "adversarial": "Misleading", "layers": "Layers", "masks": "Shown",
    "student": "Student", "score": "Score", "low": "Low", "high": "High", "p": "p (t-test)",
    "p_wilcoxon": "p (Wilcoxon)", "effect": "Effect", "better": "Better", "repetitions": "Repetitions",
    "failed": "Failed", "reference_performance": "Reference", "student_performance": "With masks",
    "node_auroc": "Node AUROC", "edge_auroc": "Edge AUROC",
}  # fmt: skip
_SETTINGS: Final = ("noise", "adversarial", "layers", "masks", "student")


def study_table(rows: Sequence[Row]) -> pd.DataFrame:
    """A line for each comparison; settings that are the same for all are left out."""
    varied = [name for name in _SETTINGS if len({row.get(name) for row in rows}) > 1]
    kept = [name for name in _COLUMNS if name not in _SETTINGS or name in varied]
    named: dict[str, Mapping[str, str]] = {"masks": MASKS, "student": STUDENTS}
    return pd.DataFrame([
        {"Masks of": explainer_name(str(row["explainer"]))}
        | {_COLUMNS[name]: named.get(name, {}).get(str(row.get(name)), row.get(name)) for name in kept}
        for row in rows
    ])  # fmt: skip


def study_csv(rows: Sequence[Row]) -> str:
    """Every number of every comparison, safe to open in a spreadsheet."""
    return table_text([
        {name: _of_file(value) for name, value in row.items() if name not in _STUDENTS_OF_ROW} for row in rows
    ])  # fmt: skip


def students_csv(rows: Sequence[Row]) -> str:
    """One line a repetition: what both students reached."""
    settings = ("explainer", "size", *_SETTINGS)
    return table_text([
        {
            **{name: _of_file(row.get(name)) for name in settings},
            "repetition": number, "reference": reference, "explained": explained,
        }
        for row in rows
        for number, reference, explained in zip(*(row[name] for name in _STUDENTS_OF_ROW), strict=True)
    ])  # fmt: skip


def study_json(task: str, metric: str, asked: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """The study as one object."""
    named = [{name: _of_file(value) for name, value in row.items()} for row in rows]
    return json.dumps({"task": task, "metric": metric, "asked": dict(asked), "comparisons": named}, indent=1) + "\n"


def _of_file(value: object) -> object:
    """A value without the folder of a file with masks, which tells of this machine."""
    if isinstance(value, str) and value.startswith(FILE):
        return FILE + value.removeprefix(FILE).rpartition("/")[2]
    return "" if value is None else value
