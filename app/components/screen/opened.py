"""Ticked molecules, opened: the picture of each task with its verdict, trust and concepts, and a link to all of it.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app import theme
from app.components.links import link, to_concept, to_predict
from app.components.screen.table import (
    Names,
    alerts_of,
    output_key,
    picture_of,
    speaking_channel,
    status_of,
    verdict_key,
)
from app.screening.run_folder import Run
from app.screening.run_tasks import channel_of, concept_set_of
from datasets.tasks import Task

_WIDTH, _HEIGHT = 230, 150
_MOST_NAME: Final = 80

Row = Mapping[str, Any]


def cards_html(rows: Sequence[Row], names: Names, tasks: Sequence[Task], run: Run) -> str:
    """One card a molecule."""
    return f'<div class="wm-screen-opened">{"".join(_card(row, names, tasks, run) for row in rows)}</div>'


def _card(row: Row, names: Names, tasks: Sequence[Task], run: Run) -> str:
    smiles = row[names("smiles")]
    name = str(row[names("id")] or f"Row {row[names('row')]}")[:_MOST_NAME]
    status = status_of(row, names)
    flag = "" if status == "ok" else f'<span class="wm-tag">{html.escape(status)}</span>'
    found = alerts_of(row, names)
    alerts = f'<p class="wm-muted">{html.escape(found)}</p>' if found else ""
    return (
        f'<section class="wm-card" data-row="{row[names("row")]}"><h3>{html.escape(name)} {flag}</h3>'
        f'<div class="wm-channels">{"".join(_of_task(row, names, task, run) for task in tasks)}</div>{alerts}'
        f"<p>{link(to_predict(smiles), 'Open in full ›', 'wm-open', 'Every rung of the evidence')}</p></section>"
    )


def _of_task(row: Row, names: Names, task: Task, run: Run) -> str:
    output = row[names(output_key(task))]
    channel = speaking_channel(row, names, task)
    svg = picture_of(row, names, task, width=_WIDTH, height=_HEIGHT)
    image = f'<img src="{svg}" alt="Atoms behind {html.escape(task.name, quote=True)}">' if svg else ""
    number = f"{output:.2f}" if output is not None else ""
    if task.kind == "classification":
        said = f"{html.escape(str(row[names(verdict_key(task))] or ''))} {number}"
    else:
        reading = row[names(verdict_key(task))] if names.has(verdict_key(task)) else ""
        said = f"{number} {html.escape(task.unit)}".strip() + (f", {html.escape(str(reading))}" if reading else "")
    inside = row[names(f"{task.name}_inside_domain")]
    where = "inside the domain" if inside else "outside the domain"
    similarity = row[names(f"{task.name}_domain")]
    return (
        f'<figure class="wm-channel">{image}<figcaption>{theme.mark(channel, 11)}{said}'
        f"<span>{html.escape(task.title)}; {where} ({similarity:.2f})</span></figcaption>"
        f"{_concepts(row, names, task, concept_set_of(run, task.name))}</figure>"
    )


def _concepts(row: Row, names: Names, task: Task, set_name: str) -> str:
    if not set_name or not names.has(f"{task.name}_concept") or not row[names(f"{task.name}_concept")]:
        return ""
    keys = row[names(f"{task.name}_concept")].split("; ")
    told = (row[names(f"{task.name}_concept_name")] or "").split("; ")
    chips = []
    for key, name in zip(keys, told if len(told) == len(keys) else keys, strict=True):
        channel = channel_of(task, key)
        inner = f"{theme.mark(channel, 10)}<span>{html.escape(name or key)}</span>"
        chips.append(link(to_concept(set_name, key), inner, f"wm-chip wm-chip-{channel or 0}", f"Open {key}"))
    return f'<div class="wm-concept">{"".join(chips)}</div>'
