"""Plots of a simulatability study: pairs of students as boxes, and the score against what was varied.

Pure functions from the rows of `app.simulate.progress.StudyShown` to plotly figures.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from app import theme
from app.components.simulate.words import explainer_name, series_name
from megan.drawing import CHANNEL_COLOURS

Row = Mapping[str, Any]
#: Okabe & Ito's colours that are readable as lines on white, and some more, each with its own mark; one an explainer.
_SERIES: Final = (
    ("#0072B2", "circle"), ("#D55E00", "diamond"), ("#009E73", "square"), ("#CC79A7", "triangle-up"),
    ("#17212B", "x"), ("#56B4E9", "cross"), ("#8A6D00", "star"), ("#5B6875", "triangle-down"),
    ("#7B3294", "hexagon"),
)  # fmt: skip
_REFERENCE, _EXPLAINED = "#8A96A1", CHANNEL_COLOURS[0]
_LABEL_WIDTH: Final = 26
MOST_BOXES: Final = 16


def box_figure(rows: Sequence[Row], metric: str) -> go.Figure | None:
    """Performance of both students of every repetition, a pair of boxes for each comparison; None without any.

    Parameters
    ----------
    rows
        The comparisons to show; of more than `MOST_BOXES`, the first.
    """
    shown = [row for row in rows if row.get("explained")][:MOST_BOXES]
    if not shown:
        return None
    figure = _plain(_axis(metric), "")
    names = [_wrapped(series_name(row, rows), _LABEL_WIDTH) for row in shown]
    for field, name, colour, symbol in (
        ("explained", "explanation student: labels and masks", _EXPLAINED, "diamond"),
        ("reference", "reference: labels only", _REFERENCE, "circle"),
    ):
        figure.add_box(
            y=[label for label, row in zip(names, shown, strict=True) for _ in row[field]],
            x=[value for row in shown for value in row[field]],
            text=[f"repetition {number}" for row in shown for number in row["counted"]],
            orientation="h",
            name=name,
            boxpoints="all",
            jitter=0.35,
            pointpos=0,
            line={"color": colour, "width": 1.6},
            fillcolor=_faint(colour),
            marker={"size": 4.5, "color": colour, "symbol": symbol, "opacity": 0.6},
            hovertemplate="%{text}: %{x:.3f}<extra>%{fullData.name}</extra>",
        )
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], automargin=True)
    figure.update_layout(boxmode="group", boxgap=0.25, boxgroupgap=0.12)
    _legend(figure)
    figure.update_layout(height=130 + 62 * len(shown), legend_traceorder="reversed")
    return figure


def score_figure(rows: Sequence[Row], metric: str, field: str, title: str) -> go.Figure | None:
    """Score with its interval against a setting, a line for each series; None where it does not vary.

    Parameters
    ----------
    field
        size, noise or adversarial. Rows that are disturbed otherwise are left out.
    title
        Of the axis.
    """
    others = [name for name in ("noise", "adversarial") if name != field]
    kept = [row for row in rows if row.get("score") is not None and not any(row.get(name) for name in others)]
    values = sorted({row[field] for row in kept})
    if len(values) < 2:
        return None
    series: dict[str, list[Row]] = {}
    for row in kept:
        series.setdefault(series_name(row, rows, (field, *others)), []).append(row)
    figure = _plain(title, f"Score ({metric})")
    figure.add_hline(y=0, line={"color": "#A9B4BE", "dash": "dot", "width": 1.5})
    for number, (name, own) in enumerate(series.items()):
        colour, symbol = _SERIES[number % len(_SERIES)]
        own.sort(key=lambda row: float(row[field]))
        # Intervals of several series at one place stand beside each other.
        shift = (number - (len(series) - 1) / 2) * 0.012
        figure.add_scatter(
            x=[_shifted(row[field], values, shift, field) for row in own],
            y=[row["score"] for row in own],
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.3, "width": 4,
                "array": [row["high"] - row["score"] for row in own],
                "arrayminus": [row["score"] - row["low"] for row in own],
            },
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": symbol, "size": 9, "color": colour},
            name=name,
            customdata=[[row[field], row["low"], row["high"], row["p"], row["repetitions"]] for row in own],
            hovertemplate="%{customdata[0]:g}: %{y:+.3f} (%{customdata[1]:+.3f} to %{customdata[2]:+.3f})<br>"
            "p %{customdata[3]:.2g}, %{customdata[4]} repetitions<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if field == "size":
        figure.update_xaxes(type="log", tickvals=values, ticktext=[f"{value:g}" for value in values])
    else:
        figure.update_xaxes(tickvals=values)
    _legend(figure)
    return figure


def forest_figure(rows: Sequence[Row], metric: str) -> go.Figure | None:
    """Score of every comparison with its interval, one below the other; None without any."""
    kept = [row for row in rows if row.get("score") is not None]
    if not kept:
        return None
    figure = _plain(f"Score ({metric})", "")
    figure.add_vline(x=0, line={"color": "#A9B4BE", "dash": "dot", "width": 1.5})
    explainers = list(dict.fromkeys(str(row["explainer"]) for row in rows))
    for number, explainer in enumerate(explainers):
        own = [row for row in kept if row["explainer"] == explainer]
        colour, symbol = _SERIES[number % len(_SERIES)]
        figure.add_scatter(
            y=[_wrapped(series_name(row, rows), _LABEL_WIDTH) for row in own],
            x=[row["score"] for row in own],
            error_x={
                "type": "data", "symmetric": False, "thickness": 1.5, "width": 5,
                "array": [row["high"] - row["score"] for row in own],
                "arrayminus": [row["score"] - row["low"] for row in own],
            },
            mode="markers",
            marker={"symbol": symbol, "size": 10, "color": colour},
            name=explainer_name(explainer),
            customdata=[[row["low"], row["high"], row["p"]] for row in own],
            hovertemplate="%{x:+.3f} (%{customdata[0]:+.3f} to %{customdata[1]:+.3f}), p %{customdata[2]:.2g}"
            "<extra>%{y}</extra>",
        )  # fmt: skip
    order = [_wrapped(series_name(row, rows), _LABEL_WIDTH) for row in kept]
    figure.update_yaxes(categoryorder="array", categoryarray=order[::-1], automargin=True)
    figure.update_layout(height=110 + 36 * len(kept), showlegend=False)
    return figure


def _shifted(value: float, values: Sequence[float], shift: float, field: str) -> float:
    if field == "size":
        return float(value * (values[-1] / values[0]) ** shift)
    return float(value + shift * (values[-1] - values[0]))


def _axis(metric: str) -> str:
    return "R2 on new graphs" if metric == "R2" else "Accuracy on new graphs"


def _wrapped(text: str, width: int) -> str:
    """A label over several lines; plotly reads `<` as the start of a tag."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;")
    return "<br>".join(textwrap.wrap(plain, width)) or " "


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.12)"


def _legend(figure: go.Figure) -> None:
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 48})


def _plain(x: str, y: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=340,
        margin={"l": 60, "r": 12, "t": 12, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="#FFFFFF",
        font={"family": "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif", "size": 13, "color": theme.INK},
    )
    axis = {"gridcolor": "#EEF1F4", "linecolor": theme.LINE, "zeroline": False, "showline": True, "mirror": True}
    figure.update_xaxes(title=x, **axis)
    figure.update_yaxes(title=y, **axis)
    return figure
