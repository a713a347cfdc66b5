"""A plate as a picture: its wells in rows and columns, each in the colour and shape of what was predicted.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from app import theme
from app.components.screen.table import Names, output_key, verdict_key
from app.screening.page.picks import Placed
from app.screening.results.plates import FORMATS, wells
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS


def plate_html(
    picks: Sequence[Placed], rows: Mapping[int, Mapping[str, Any]], size: int, names: Names, task: Task
) -> str:
    """One plate with its legend.

    Parameters
    ----------
    picks
        The picks of the plate.
    rows
        What is known of each, by row.
    size
        Wells of the plate.
    names
        Columns of the run.
    task
        Whose verdicts are marked; values of a regression have none, so that its wells are only full or empty.
    """
    taken = {pick.well: pick for pick in picks}
    lines, columns = FORMATS[size]
    pitch, left, top = (22, 20, 18) if size > 96 else (34, 24, 20)
    drawn = []
    for place, (_, well) in enumerate(wells(size, size)):
        x, y = left + (place % columns + 0.5) * pitch, top + (place // columns + 0.5) * pitch
        pick = taken.get(well)
        row = None if pick is None else rows.get(pick.row)
        drawn.append(_well(x, y, pitch, well, row, names, task))
    labels = "".join(
        f'<text x="{left + (k + 0.5) * pitch}" y="{top - 5}" text-anchor="middle">{k + 1}</text>'
        for k in range(columns)
    ) + "".join(
        f'<text x="{left - 6}" y="{top + (k + 0.5) * pitch + 3.5}" text-anchor="end">{chr(ord("A") + k)}</text>'
        for k in range(lines)
    )
    width, height = left + columns * pitch + 4, top + lines * pitch + 4
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<g font-family="Helvetica, Arial, sans-serif" font-size="9" fill="{theme.MUTED}">{labels}</g>{"".join(drawn)}'
        "</svg>"
    )
    legend = "".join(f"<span>{theme.mark(k, 11)}{html.escape(name)}</span>" for k, name in enumerate(task.classes))
    picture = theme.picture(svg, f"Plate with {len(picks)} of {size} wells taken", "wm-plate")
    return f'<div class="wm-scroll">{picture}</div><p class="wm-summary wm-muted">{legend}</p>'


def _well(x: float, y: float, pitch: int, well: str, row: Mapping[str, Any] | None, names: Names, task: Task) -> str:
    radius = pitch * 0.4
    empty = f'<circle cx="{x}" cy="{y}" r="{radius}" fill="#fff" stroke="{theme.LINE}"/>'
    if row is None:
        return empty
    if not task.classes or row[names(verdict_key(task))] not in task.classes:
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{theme.MUTED}"/>'
    channel = task.classes.index(row[names(verdict_key(task))])
    colour = CHANNEL_COLOURS[channel % 2]
    inner = radius * 0.62
    shape = (
        f'<circle cx="{x}" cy="{y}" r="{inner}" fill="{colour}"/>'
        if channel == 0
        else f'<path d="M{x} {y - inner} L{x + inner} {y} L{x} {y + inner} L{x - inner} {y} Z" fill="{colour}"/>'
    )
    said = f"{well}: {row[names('id')] or ''} {row[names(output_key(task))]:.2f}"
    return f"<g><title>{html.escape(said)}</title>{empty}{shape}</g>"
