"""One page of the table of a screening: which columns it reads, and what stands in each cell.

Only the rows of the page are read, and only their pictures drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.components.links import to_predict
from app.components.screen import words as screen_words
from app.components.screen.pictures import HEIGHT, picture
from app.components.words import join
from app.screening.columns import StoredColumn, mask_column
from app.screening.results.table import named
from datasets.tasks import Task

PAGE: Final = 25
ROW_HEIGHT: Final = HEIGHT
"""Of a row of the table in pixels."""
_MOST_CELL: Final = 300


@dataclass(frozen=True, slots=True)
class Names:
    """Columns of the results by what they are."""

    columns: tuple[StoredColumn, ...]

    def __call__(self, key: str) -> str:
        """Name of one of ours."""
        return named(self.columns, key)

    def has(self, key: str) -> bool:
        """Whether the run has it."""
        return any(column.key == key and not column.own for column in self.columns)

    def alerts(self) -> list[str]:
        """Columns of alerts."""
        return [c.name for c in self.columns if not c.own and c.key.startswith("alerts_")]

    def own(self) -> list[str]:
        """The user's own."""
        return [c.name for c in self.columns if c.own]


def output_key(task: Task) -> str:
    """Key of the column with a task's outputs."""
    return f"{task.name}_{'probability' if task.kind == 'classification' else 'value'}"


def verdict_key(task: Task) -> str:
    """Key of the column with the class of a task's outputs; of a regression some have none."""
    return f"{task.name}_{'verdict' if task.kind == 'classification' else 'class'}"


def needed(names: Names, tasks: Sequence[Task], own: Sequence[str], masks_of: Task | None) -> list[str]:
    """Columns that a page reads."""
    keys = ["row", "id", "smiles", "status", "code", "detail", "duplicate_of"]
    for task in tasks:
        keys += [output_key(task), f"{task.name}_inside_domain"]
        keys += [key for key in (verdict_key(task), f"{task.name}_concept_name") if names.has(key)]
    if masks_of is not None:
        keys += [mask_column(masks_of, channel) for channel in masks_of.channels]
        keys += [f"{masks_of.name}_{channel}_fidelity" for channel in masks_of.channels]
    return list(dict.fromkeys([*(names(key) for key in keys if names.has(key)), *names.alerts(), *own]))


def page_table(
    rows: Sequence[Mapping[str, Any]], names: Names, tasks: Sequence[Task], own: Sequence[str], masks_of: Task | None
) -> pd.DataFrame:
    """What stands in the table.

    Returns
    -------
    pandas.DataFrame
        row, structure (a data address), open (an address), name, status, per task verdict, output and concept, then
        alerts, domain, and the user's own columns as "own 0", "own 1" and so on.
    """
    return pd.DataFrame([_cells(row, names, tasks, own, masks_of) for row in rows])


def column_config(names: Names, tasks: Sequence[Task], own: Sequence[str]) -> dict[str, Any]:
    """How each column looks."""
    config: dict[str, Any] = {
        "row": st.column_config.NumberColumn("Row", help="Counted from 0, as in the results", width=64),
        "structure": st.column_config.ImageColumn("Structure", width=150),
        "open": st.column_config.LinkColumn(
            "Open", display_text="in full", help="On the page Predict, in a new tab", width=64
        ),
        "name": st.column_config.TextColumn("Name", width=120),
        "status": st.column_config.TextColumn("Status", width=110),
        "alerts": st.column_config.TextColumn("Alerts", width=190),
        "domain": st.column_config.TextColumn("Domain", help="Whether training compounds are near", width=110),
    }
    for task in tasks:
        short = task.name.replace("_", " ").capitalize()
        config[f"{task.name} verdict"] = st.column_config.TextColumn(short, width=120)
        if task.kind == "classification":
            config[f"{task.name} output"] = st.column_config.ProgressColumn(
                f"P({task.positive})", min_value=0.0, max_value=1.0, format="%.2f", width=104
            )
        else:
            config[f"{task.name} output"] = st.column_config.NumberColumn(
                task.unit or short, help=task.title, format="%.2f", width=92
            )
        if names.has(f"{task.name}_concept_name"):
            hint = "Group of molecules with like marked atoms that it belongs to"
            config[f"{task.name} concept"] = st.column_config.TextColumn(f"{short} concept", help=hint, width=170)
    for place, name in enumerate(own):
        config[f"own {place}"] = st.column_config.TextColumn(name, width=150)
    return config


def picture_of(row: Mapping[str, Any], names: Names, masks_of: Task | None, **size: int) -> str | None:
    """The structure of a row with the atoms behind a task's verdict; the structure alone without a task."""
    smiles = row[names("smiles")]
    if not smiles:
        return None
    if masks_of is None or not names.has(mask_column(masks_of, masks_of.channels[0])):
        return picture(smiles, **size)
    channel = speaking_channel(row, names, masks_of)
    return picture(smiles, row[names(mask_column(masks_of, masks_of.channels[channel]))] or "", channel, **size)


def speaking_channel(row: Mapping[str, Any], names: Names, task: Task) -> int:
    """The channel to show: that of the verdict, or of a value the one that moves it more."""
    if task.kind == "classification":
        verdict = row[names(verdict_key(task))]
        return task.channels.index(verdict) if verdict in task.channels else 0
    moved = [row[names(f"{task.name}_{channel}_fidelity")] or 0.0 for channel in task.channels]
    return moved.index(max(moved))


def alerts_of(row: Mapping[str, Any], names: Names) -> str:
    """The alerts of a row, "Kazius: aromatic nitro; PAINS: catechol A"."""
    return "; ".join(
        f"{screen_words.catalog(column)}: {screen_words.alert(name)}"
        for column in names.alerts()
        for name in (row[column] or "").split("; ")
        if name
    )


def domain_of(row: Mapping[str, Any], names: Names, tasks: Sequence[Task]) -> str | None:
    """Whether a molecule is inside every domain, or of which tasks it is outside."""
    if not row[names("smiles")]:
        return None
    outside = [task.name for task in tasks if row[names(f"{task.name}_inside_domain")] is False]
    return f"outside for {join(outside)}" if outside else "inside"


def status_of(row: Mapping[str, Any], names: Names) -> str:
    """ok, or what is to know of the row."""
    code = row[names("code")]
    said = screen_words.reason(code) if code else str(row[names("status")])
    repeats = row[names("duplicate_of")]
    return said if repeats is None else f"{'' if said == 'ok' else f'{said}; '}repeats row {repeats}"


def _cells(
    row: Mapping[str, Any], names: Names, tasks: Sequence[Task], own: Sequence[str], masks_of: Task | None
) -> dict[str, Any]:
    smiles = row[names("smiles")]
    cells: dict[str, Any] = {
        "row": row[names("row")],
        "structure": picture_of(row, names, masks_of),
        "open": to_predict(smiles) if smiles else None,
        "name": _short(row[names("id")]) or None,
        "status": status_of(row, names),
    }
    for task in tasks:
        if names.has(verdict_key(task)):
            cells[f"{task.name} verdict"] = row[names(verdict_key(task))]
        cells[f"{task.name} output"] = row[names(output_key(task))]
        if names.has(f"{task.name}_concept_name"):
            cells[f"{task.name} concept"] = row[names(f"{task.name}_concept_name")] or None
    if names.alerts():
        cells["alerts"] = alerts_of(row, names) or None
    cells["domain"] = domain_of(row, names, tasks)
    for place, name in enumerate(own):
        cells[f"own {place}"] = _short(row[name])
    return cells


def _short(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= _MOST_CELL else f"{text[: _MOST_CELL - 1]}…"
