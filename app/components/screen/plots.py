"""Plots of a screening: how its outputs are spread, and properties of molecules beside their verdicts.

Pure functions to plotly figures. Classes are told apart by colour and by the side of a line, the pattern of a bar or
the shape of a mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app import theme
from app.screening.results.counts import Bins
from app.screening.results.sampling import Drawn
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS

_BLUE, _ORANGE = CHANNEL_COLOURS
_COLOURS: Final = (_BLUE, _ORANGE)
#: The second class is hatched in white over its colour.
_PATTERNS: Final = (
    {"shape": ""},
    {"shape": "/", "size": 6, "solidity": 0.18, "fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.9},
)
_SYMBOLS: Final = ("circle", "diamond")
_BINS: Final = 30
#: Columns of the grid of properties.
COLUMNS: Final = 3
_ROW_HEIGHT: Final = 230
_FONT: Final = {
    "family": "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif", "size": 13, "color": theme.INK,
}  # fmt: skip


def output_figure(found: Bins, task: Task, threshold: float | None) -> go.Figure:
    """How a task's outputs are spread; for a classification the bars are coloured by verdict, with its threshold."""
    starts, ends = found.edges[:-1], found.edges[1:]
    centres = [(a + b) / 2 for a, b in zip(starts, ends, strict=True)]
    figure = go.Figure()
    if threshold is None:
        colours: list[str] | str = _BLUE if task.kind != "classification" else theme.MUTED
    else:
        colours = [_ORANGE if centre >= threshold else _BLUE for centre in centres]
    classes = task.kind == "classification"
    figure.add_bar(
        x=centres,
        y=found.counts,
        width=[(b - a) * 0.94 for a, b in zip(starts, ends, strict=True)],
        marker={"color": colours},
        customdata=list(zip(starts, ends, strict=True)),
        hovertemplate="%{customdata[0]:.3g} to %{customdata[1]:.3g}<br>%{y:,} molecules<extra></extra>",
    )
    if threshold is not None:
        figure.add_vline(x=threshold, line={"color": theme.INK, "width": 1.5})
        figure.add_annotation(
            x=threshold, y=1, yref="paper", showarrow=False,
            text=f"{_plain_text(task.positive)} from {threshold:.2f} on",
            xanchor="left" if threshold < 0.6 else "right", yanchor="top", xshift=5 if threshold < 0.6 else -5,
            font={"size": 12}, bgcolor="rgba(255,255,255,.8)",
        )  # fmt: skip
    _dress(figure, 210)
    unit = f" ({_plain_text(task.unit)})" if task.unit else ""
    figure.update_xaxes(title=f"Probability of {_plain_text(task.positive)}" if classes else f"Predicted value{unit}")
    if classes:
        figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(title="Molecules")
    return figure


def property_figure(drawn: Drawn, task: Task, verdicts: Sequence[str | None], own: Sequence[str]) -> go.Figure | None:
    """A histogram of each property by verdict; None where there is no molecule.

    Parameters
    ----------
    drawn
        Molecules with their properties.
    task
        A classification.
    verdicts
        The verdict of each molecule.
    own
        The user's own columns of numbers.
    """
    shown = _shown(drawn, own)
    if not shown or not verdicts:
        return None
    figure = _grid(list(shown))
    for place, values in enumerate(shown.values()):
        known = [value for value in values if value is not None]
        if not known:
            continue
        bins = _bins(known)
        for k, name in enumerate(task.classes):
            figure.add_histogram(
                x=[v for v, verdict in zip(values, verdicts, strict=True) if v is not None and verdict == name],
                xbins=bins,
                autobinx=False,
                name=_plain_text(name),
                legendgroup=name,
                showlegend=place == 0,
                marker={"color": _COLOURS[k % 2], "pattern": _PATTERNS[k % 2]},
                hovertemplate="%{x}: %{y:,}<extra>%{fullData.name}</extra>",
                row=place // COLUMNS + 1,
                col=place % COLUMNS + 1,
            )
    figure.update_layout(barmode="stack", bargap=0.04, showlegend=True)
    return figure


def value_figure(drawn: Drawn, values: Sequence[float | None], own: Sequence[str], axis: str) -> go.Figure | None:
    """Predicted values against each property, a mark a molecule; None where there is none.

    Parameters
    ----------
    drawn
        Molecules with their properties.
    values
        The value of each molecule.
    own
        The user's own columns of numbers.
    axis
        Title of the values.
    """
    shown = _shown(drawn, own)
    if not shown or not values:
        return None
    figure = _grid(list(shown))
    for place, given in enumerate(shown.values()):
        figure.add_scattergl(
            x=list(given),
            y=list(values),
            mode="markers",
            marker={"size": 4, "color": _BLUE, "opacity": 0.35},
            showlegend=False,
            hovertemplate="%{x:.3g}: %{y:.2f}<extra></extra>",
            row=place // COLUMNS + 1,
            col=place % COLUMNS + 1,
        )
    for row in range((len(shown) + COLUMNS - 1) // COLUMNS):
        figure.update_yaxes(title=axis, row=row + 1, col=1)
    return figure


def plane_figure(drawn: Drawn, task: Task, verdicts: Sequence[str | None], names: Sequence[str | None]) -> go.Figure:
    """Weight against logP, a mark a molecule, coloured and shaped by verdict."""
    x_name, y_name = list(drawn.properties)[:2]
    figure = go.Figure()
    for k, verdict in enumerate(task.classes):
        own = [i for i, given in enumerate(verdicts) if given == verdict]
        figure.add_scattergl(
            x=[drawn.properties[x_name][i] for i in own],
            y=[drawn.properties[y_name][i] for i in own],
            text=[_plain_text(names[i] or "") for i in own],
            mode="markers",
            marker={"size": 5.5, "color": _COLOURS[k % 2], "symbol": _SYMBOLS[k % 2], "opacity": 0.45},
            name=_plain_text(verdict),
            hovertemplate="%{text}<br>%{x:.0f} g/mol, logP %{y:.1f}<extra>%{fullData.name}</extra>",
        )
    _dress(figure, 330)
    figure.update_xaxes(title=x_name)
    figure.update_yaxes(title=y_name)
    _legend(figure)
    return figure


def _shown(drawn: Drawn, own: Sequence[str]) -> dict[str, Sequence[float | None]]:
    mine: dict[str, Sequence[float | None]] = {name: drawn.columns[name] for name in own if name in drawn.columns}
    return {**drawn.properties, **mine} if any(drawn.properties.values()) else {}


def _bins(values: Sequence[float]) -> dict[str, float]:
    """Bins from the first to the ninety-ninth per cent and a little on, so that one giant flattens nothing."""
    ordered = sorted(values)
    last = len(ordered) - 1
    low, high = ordered[round(last * 0.002)], ordered[round(last * 0.998)]
    whole = all(float(value).is_integer() for value in values) and high - low <= 2 * _BINS
    size = 1.0 if whole else (high - low) / _BINS or 1.0
    start = low - 0.5 if whole else low
    return {"start": start, "end": high + size, "size": size}


def _grid(titles: Sequence[str]) -> go.Figure:
    rows = (len(titles) + COLUMNS - 1) // COLUMNS
    figure = make_subplots(
        rows=rows, cols=COLUMNS, subplot_titles=[_plain_text(title) for title in titles], horizontal_spacing=0.07,
        vertical_spacing=0.32 / max(rows, 1),
    )  # fmt: skip
    _dress(figure, 60 + _ROW_HEIGHT * rows)
    figure.update_annotations(font_size=13)
    _legend(figure)
    figure.update_layout(margin={"t": 66}, legend={"y": 1.0 + 34 / (_ROW_HEIGHT * rows)})
    return figure


def _legend(figure: go.Figure) -> None:
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 40})


def _dress(figure: go.Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 56, "r": 12, "t": 14, "b": 46},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="#FFFFFF",
        showlegend=False,
        font=_FONT,
    )
    axis: dict[str, Any] = {
        "gridcolor": "#EEF1F4", "linecolor": theme.LINE, "zeroline": False, "showline": True, "mirror": True,
    }  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)


def _plain_text(text: str) -> str:
    """Plotly reads `<` as the start of a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
