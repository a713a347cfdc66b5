"""Plots of the model page, from a model's card: ROC, calibration and training. Pure functions to plotly figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from app import theme
from app.components.models.card import TRUST
from megan.drawing import CHANNEL_COLOURS

_BLUE, _ORANGE = CHANNEL_COLOURS
#: Colour and dash of each order of trust: told apart without colour too.
_TRUST_LINES = {
    "spread": (_BLUE, "solid"),
    "margin": (_ORANGE, "dash"),
    "similarity": (theme.MUTED, "dashdot"),
    "neighbours": (theme.INK, "longdashdot"),
}
_FEWEST_KEPT = 0.1
"""Shares below this are left out of the plot: so few molecules make a line of noise."""


def roc_figure(card: Mapping[str, Any]) -> go.Figure | None:
    """The ROC curve on the test split against chance; None where the card has none."""
    curve = card.get("curves", {}).get("roc")
    if not curve:
        return None
    figure = _square("False positive rate", "True positive rate")
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": "#A9B4BE", "dash": "dot"}, name="chance")
    figure.add_scatter(
        x=curve["fpr"],
        y=curve["tpr"],
        mode="lines",
        line={"color": _BLUE, "width": 2.5},
        name="model",
        hovertemplate="false positives %{x:.2f}<br>true positives %{y:.2f}<extra></extra>",
    )
    return figure


def calibration_figure(card: Mapping[str, Any]) -> go.Figure | None:
    """Observed against predicted frequency with its intervals; None where the card has no calibration curve."""
    curve = card.get("curves", {}).get("calibration")
    if not curve:
        return None
    kept = [i for i, count in enumerate(curve["count"]) if count]
    predicted, observed = ([curve[field][i] for i in kept] for field in ("mean_predicted", "observed"))
    figure = _square("Predicted probability", "Observed frequency")
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": "#A9B4BE", "dash": "dot"}, name="perfect")
    figure.add_scatter(
        x=predicted,
        y=observed,
        mode="lines+markers",
        line={"color": _ORANGE, "width": 1.5},
        marker={"symbol": "diamond", "size": 9, "color": _ORANGE},
        error_y=_errors(curve, kept, observed),
        customdata=[curve["count"][i] for i in kept],
        name="model",
        hovertemplate="predicted %{x:.2f}<br>observed %{y:.2f}<br>%{customdata} molecules<extra></extra>",
    )
    return figure


def parity_figure(card: Mapping[str, Any]) -> go.Figure | None:
    """Predicted against measured values of a regression; None where the card has none."""
    curve = card.get("curves", {}).get("parity")
    if not curve or not curve.get("measured"):
        return None
    ends = [min(curve["measured"] + curve["predicted"]), max(curve["measured"] + curve["predicted"])]
    figure = _plain("Measured", "Predicted")
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"color": "#A9B4BE", "dash": "dot"}, name="perfect")
    figure.add_scatter(
        x=curve["measured"],
        y=curve["predicted"],
        mode="markers",
        marker={"size": 6, "color": _BLUE, "opacity": 0.6},
        name="model",
        hovertemplate="measured %{x:.2f}<br>predicted %{y:.2f}<extra></extra>",
    )
    return figure


def rejection_figure(card: Mapping[str, Any]) -> go.Figure | None:
    """Error of the most trusted test molecules by the share that is kept; None where the card does not tell it."""
    record = card.get("curves", {}).get("rejection")
    if not record or not any(name in TRUST for name in record.get("orders", {})):
        return None
    verdicts = record["error"] == "wrong"
    shown = [i for i, kept in enumerate(record["kept"]) if kept >= _FEWEST_KEPT]
    figure = _plain("Share of molecules kept, most trusted first", "Wrong verdicts" if verdicts else "RMSE")
    number = "%{y:.1%}" if verdicts else "%{y:.2f}"
    orders = {name: record["orders"][name]["error"] for name in TRUST if name in record["orders"]}
    overall = next(iter(orders.values()))[-1]
    figure.add_scatter(
        x=[record["kept"][shown[0]], 1],
        y=[overall, overall],
        mode="lines",
        line={"color": "#A9B4BE", "dash": "dot"},
        name="in random order",
        hovertemplate=f"any share at random<br>{number}<extra></extra>",
    )
    for name, error in orders.items():
        colour, dash = _TRUST_LINES[name]
        figure.add_scatter(
            x=[record["kept"][i] for i in shown],
            y=[error[i] for i in shown],
            mode="lines",
            line={"color": colour, "width": 2.2, "dash": dash},
            name=TRUST[name][0],
            hovertemplate=f"%{{x:.0%}} kept<br>{number}<extra>{TRUST[name][0]}</extra>",
        )
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(tickformat=".0%" if verdicts else None, rangemode="tozero")
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 44})
    return figure


def training_figure(card: Mapping[str, Any]) -> go.Figure | None:
    """Validation score by epoch, one line a member; None where the card keeps no log."""
    log = [line for line in card.get("training", {}).get("log", []) if line.get("valid_score") is not None]
    if not log:
        return None
    members = sorted({line["member"] for line in log})
    figure = _plain("Epoch", "Validation score")
    for member in members:
        lines = [line for line in log if line["member"] == member]
        figure.add_scatter(
            x=[line["epoch"] for line in lines],
            y=[line["valid_score"] for line in lines],
            mode="lines",
            line={"color": _BLUE, "width": 1.4},
            opacity=0.35 + 0.65 * (member + 1) / (len(members) + 1),
            name=f"member {member}",
            hovertemplate="epoch %{x}<br>score %{y:.3f}<extra>%{fullData.name}</extra>",
        )
    return figure


def _errors(curve: Mapping[str, Any], kept: list[int], observed: list[float]) -> dict[str, Any] | None:
    if not curve.get("low") or not curve.get("high"):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, curve["high"][i] - y) for i, y in zip(kept, observed, strict=True)],
        "arrayminus": [max(0.0, y - curve["low"][i]) for i, y in zip(kept, observed, strict=True)],
        "color": "#8A96A1",
        "thickness": 1,
        "width": 3,
    }


def _square(x: str, y: str) -> go.Figure:
    figure = _plain(x, y)
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def _plain(x: str, y: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=300,
        margin={"l": 56, "r": 12, "t": 10, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="#FFFFFF",
        showlegend=False,
        font={"family": "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif", "size": 13, "color": theme.INK},
    )
    axis = {"gridcolor": "#EEF1F4", "linecolor": theme.LINE, "zeroline": False, "showline": True, "mirror": True}
    figure.update_xaxes(title=x, **axis)
    figure.update_yaxes(title=y, **axis)
    return figure
