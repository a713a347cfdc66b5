"""The map of one channel as a plotly figure: a point for every molecule, numbers at the concepts. A pure function."""

from __future__ import annotations

import html
import math
from typing import Final

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from app import theme
from app.components.concepts import words as concept_words
from concepts.concept import Concept, ConceptSet
from concepts.report.label_places import label_places
from concepts.report.map_plot import NO_CONCEPT, mark_of, number_of
from concepts.report.molecule_pictures import colour_of
from concepts.report.wording import Wording

BY_CONCEPT, BY_CONTRIBUTION, BY_HIT_RATE = "concept", "contribution", "hit rate"
COLOURINGS: Final = (BY_CONCEPT, BY_CONTRIBUTION, BY_HIT_RATE)
HEIGHT: Final = 520
#: From so many points on the browser's graphics card draws them.
MANY: Final = 8000
_SYMBOLS: Final = {
    "disc": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up", "ring": "circle-open",
    "frame": "square-open", "plus": "cross", "cross": "x",
}  # fmt: skip
#: Least of a scale, in a tint of each channel: grey is for points in no concept.
_PALE: Final = ("#BFDDF0", "#F8D3B8")
_FONT: Final = "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif"
_LABEL: Final = (22.0, 16.0)
#: What labels are kept apart on; the plot is about as large.
_CANVAS: Final = (780.0, 490.0)


def map_figure(found: ConceptSet, channel: int, words: Wording, colouring: str = BY_CONCEPT) -> go.Figure | None:
    """The points of a channel; None where it has none.

    Parameters
    ----------
    found
        The set.
    channel
        Whose plane.
    words
        Of the set.
    colouring
        One of `COLOURINGS`.

    Returns
    -------
    plotly.graph_objects.Figure
        `customdata` of each point: position of its concept in the set or -1, position of the point in the map.
    """
    shown = np.flatnonzero(found.map.channel == channel)
    if not len(shown):
        return None
    figure = go.Figure()
    draw = go.Scattergl if len(shown) > MANY else go.Scatter
    concept = concepts_on_map(found, channel)[shown]
    ranks = {position: rank for rank, position in enumerate(p for p, c in enumerate(found) if c.channel == channel)}
    loose, held = shown[concept < 0], shown[concept >= 0]
    if len(loose):
        none = [-1] * len(loose)
        figure.add_trace(
            _trace(draw, found, loose, none, ["in no concept"] * len(loose), {"color": NO_CONCEPT, "size": 4})
        )
    if len(held):
        of = concept[concept >= 0]
        texts = {position: _hover(found.concepts[position], words) for position in ranks}
        marker = _marker(found, of, ranks, channel, colouring, words)
        figure.add_trace(_trace(draw, found, held, of.tolist(), [texts[p] for p in of.tolist()], marker))
        _add_numbers(figure, found, held, of, ranks)
    _lay_out(figure, found.map.method)
    return figure


def concepts_on_map(found: ConceptSet, channel: int) -> npt.NDArray[np.int64]:
    """For every point of the map, the position of its concept of that channel; -1 for none, or where a file errs."""
    own = [position for position, concept in enumerate(found) if concept.channel == channel]
    return np.where(np.isin(found.map.concept, own) & (found.map.channel == channel), found.map.concept, -1)


def _trace(
    draw: type,
    found: ConceptSet,
    rows: npt.NDArray[np.int64],
    of: list[int],
    texts: list[str],
    marker: dict[str, object],
) -> go.Scatter:
    points = found.map.points[rows].astype(np.float64).round(3)
    return draw(
        x=points[:, 0].tolist(),
        y=points[:, 1].tolist(),
        mode="markers",
        marker=marker,
        customdata=[[position, int(row)] for position, row in zip(of, rows, strict=True)],
        text=texts,
        hovertemplate="%{text}<extra></extra>",
    )


def _hover(concept: Concept, words: Wording) -> str:
    name = html.escape(concept_words.name_of(concept))
    hits = html.escape(concept_words.hit_rate_in_words(words, concept))
    return f"<b>{name}</b><br>{html.escape(concept.id)}, {concept.n_members:,} members<br>{hits}"


def _marker(
    found: ConceptSet,
    of: npt.NDArray[np.int64],
    ranks: dict[int, int],
    channel: int,
    colouring: str,
    words: Wording,
) -> dict[str, object]:
    if colouring == BY_CONCEPT:
        marks = {position: mark_of(rank) for position, rank in ranks.items()}
        return {
            "color": [marks[int(p)][0] for p in of],
            "symbol": [_SYMBOLS.get(marks[int(p)][1], "circle") for p in of],
            "size": 6.5,
            "opacity": 0.85,
        }
    values = {position: _value(found.concepts[position], colouring) for position in ranks}
    said = f"mean contribution<br>({html.escape(words.unit)})"
    if colouring == BY_HIT_RATE:
        said = f"measured<br>{html.escape(words.side(channel))}"
    return {
        "color": [values[int(p)] for p in of],
        "colorscale": [[0, _PALE[channel % len(_PALE)]], [0.5, colour_of(channel)], [1, theme.INK]],
        "showscale": True,
        "colorbar": {
            "title": {"text": said, "font": {"size": 12}},
            "thickness": 12,
            "outlinewidth": 0,
            "tickformat": ".0%" if colouring == BY_HIT_RATE else None,
        },
        "size": 6.5,
    }


def _value(concept: Concept, colouring: str) -> float:
    """What a concept's points are coloured by; NaN, which is drawn without a colour, where nothing was measured."""
    if colouring == BY_CONTRIBUTION:
        return concept.contribution.value
    return math.nan if concept.hit_rate is None else concept.hit_rate.value


def _add_numbers(
    figure: go.Figure,
    found: ConceptSet,
    held: npt.NDArray[np.int64],
    of: npt.NDArray[np.int64],
    ranks: dict[int, int],
) -> None:
    """The number of each concept at the middle of its points, moved aside where another stands."""
    points = found.map.points[held].astype(np.float64)
    low, spread = points.min(axis=0), np.ptp(points, axis=0)
    size = np.array(_CANVAS)
    centres = {p: np.median(points[of == p], axis=0) for p in ranks if (of == p).any()}
    wanted = []
    for centre in centres.values():
        x, y = (centre - low) / np.where(spread > 0, spread, 1) * size
        wanted.append((float(x), float(size[1] - y)))
    for (position, centre), (x, y), (at_x, at_y) in zip(
        centres.items(), wanted, label_places(wanted, _LABEL, *_CANVAS), strict=True
    ):
        moved = abs(at_x - x) + abs(at_y - y) > 4
        figure.add_annotation(
            x=float(centre[0]),
            y=float(centre[1]),
            ax=at_x - x if moved else 0,
            ay=at_y - y if moved else 0,
            text=html.escape(number_of(found.concepts[position].id, ranks[position])),
            showarrow=moved,
            arrowhead=0,
            arrowwidth=0.7,
            arrowcolor=theme.MUTED,
            font={"size": 11, "color": theme.INK},
            bgcolor="rgba(255,255,255,0.85)",
            borderpad=1,
        )


def _lay_out(figure: go.Figure, method: str) -> None:
    axis = {
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
        "linecolor": theme.LINE,
        "showline": True,
        "mirror": True,
    }
    name = "UMAP" if method == "umap" else "Principal component"
    figure.update_xaxes(title=f"{name} 1", **axis)
    figure.update_yaxes(title=f"{name} 2", **axis)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 28, "r": 8, "t": 8, "b": 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="#FFFFFF",
        showlegend=False,
        dragmode="lasso",
        hovermode="closest",
        hoverlabel={
            "bgcolor": "#FFFFFF",
            "bordercolor": theme.LINE,
            "font": {"family": _FONT, "size": 13, "color": theme.INK},
            "align": "left",
        },
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#8A96A1", "activecolor": theme.INK},
        font={"family": _FONT, "size": 12, "color": theme.INK},
    )
