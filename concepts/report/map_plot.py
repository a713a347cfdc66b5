"""The map of one channel as SVG: a point for every molecule, coloured and shaped by concept, a number at each concept.

All points of a concept are one path, a disc in it a stroke without length and with round ends: few bytes a point, so
that tens of thousands of points still make a small file.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.concept import ConceptSet
from concepts.report.axes import INK, MUTED, line, picture, text
from concepts.report.label_places import label_places

WIDTH: Final = 720
HEIGHT: Final = 430
_PAD: Final = 14
_LABEL: Final = (20.0, 14.0)
COLOURS: Final = (
    "#CC6677", "#332288", "#DDAA33", "#117733", "#44A5D8", "#882255", "#44AA99", "#8A8A1F", "#AA4499",
)  # fmt: skip
"""Told apart under colour blindness; blue and orange stay the channels'. After Tol's muted scheme, the light ones
darkened. Source: Tol 2021, Colour schemes, SRON/EPS/TN/09-002."""
NO_CONCEPT: Final = "#C9D1D9"
SHAPES: Final = ("disc", "square", "diamond", "triangle", "ring", "frame", "plus", "cross")
"""A concept that shares its colour with another has another shape."""


def map_plot(found: ConceptSet, channel: int, title: str) -> str:
    """The points of one channel; "" where it has none.

    Parameters
    ----------
    found
        The set whose map is drawn.
    channel
        Which channel.
    title
        For screen readers; any text.
    """
    plane = found.map
    of_channel = plane.channel == channel
    if not of_channel.any():
        return ""
    places, concept = _pixels(plane.points[of_channel].astype(np.float64)), plane.concept[of_channel]
    positions = [position for position, of in enumerate(found) if of.channel == channel]
    shown = [(rank, places[concept == at]) for rank, at in enumerate(positions) if (concept == at).any()]
    body = [_dots(places[~np.isin(concept, positions)], NO_CONCEPT, "disc", 2.6)]
    body += [_dots(own, *mark_of(rank), 4.2) for rank, own in shown]
    centres = [np.median(own, axis=0).tolist() for _, own in shown]
    names = [number_of(found.concepts[positions[rank]].id, rank) for rank, _ in shown]
    body.append(_labels([(x, y) for x, y in centres], names))
    return picture("".join(body), WIDTH, HEIGHT, title)


def number_of(concept_id: str, rank: int) -> str:
    """How a concept is called on the map: the number in its id, or its place in its channel counted from 1."""
    ending = re.search(r"-(\d{1,3})$", concept_id, re.ASCII)
    return ending[1] if ending else f"{rank + 1:02d}"


def mark_of(rank: int) -> tuple[str, str]:
    """Colour and shape of the concept that is the rank-th of its channel, from 0."""
    return COLOURS[rank % len(COLOURS)], SHAPES[rank // len(COLOURS) % len(SHAPES)]


def mark_picture(rank: int | None) -> str:
    """The mark of a concept for a legend; None is the mark of points without one."""
    colour, shape = (NO_CONCEPT, "disc") if rank is None else mark_of(rank)
    dot = _dots(np.array([[6.0, 6.0]]), colour, shape, 9.0)
    return f'<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{dot}</svg>'


def _pixels(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Stretched onto the canvas; the axes of a map have no meaning and no common unit."""
    low, high = points.min(axis=0), points.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    size = np.array([WIDTH - 2 * _PAD, HEIGHT - 2 * _PAD])
    unit = np.where(high > low, (points - low) / spread, 0.5)
    # Up is up.
    unit[:, 1] = 1 - unit[:, 1]
    return np.asarray(_PAD + unit * size)


def _dots(places: npt.NDArray[np.float64], colour: str, shape: str, size: float) -> str:
    if not len(places):
        return ""
    filled, outline = _outline(shape, size)
    path = "".join(f"M{x:.1f} {y:.1f}{outline}" for x, y in places.tolist())
    if filled:
        return f'<path d="{path}" fill="{colour}"/>'
    cap = "round" if shape in ("disc", "ring") else "square" if shape in ("square", "frame") else "butt"
    thickness = size if cap == "round" else 0.88 * size if cap == "square" else 0.38 * size
    drawn = _stroke(path, colour, thickness, cap)
    return drawn + (_stroke(path, "#FFFFFF", 0.45 * thickness, cap) if shape in ("ring", "frame") else "")


def _outline(shape: str, size: float) -> tuple[bool, str]:
    """Whether a mark is filled, and its path from its centre on."""
    r = 0.62 * size
    if shape == "diamond":
        return True, f"m0-{r:.1f}l{r:.1f} {r:.1f}-{r:.1f} {r:.1f}-{r:.1f}-{r:.1f}z"
    if shape == "triangle":
        return True, f"m0-{r:.1f}l{r:.1f} {1.75 * r:.1f}h-{2 * r:.1f}z"
    if shape == "plus":
        return False, f"m-{r:.1f} 0h{2 * r:.1f}m-{r:.1f}-{r:.1f}v{2 * r:.1f}"
    if shape == "cross":
        a = 0.75 * r
        return False, f"m-{a:.1f}-{a:.1f}l{2 * a:.1f} {2 * a:.1f}m0-{2 * a:.1f}l-{2 * a:.1f} {2 * a:.1f}"
    return False, "h.01"


def _stroke(path: str, colour: str, thickness: float, cap: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thickness:.1f}" stroke-linecap="{cap}"/>'


def _labels(wanted: list[tuple[float, float]], names: list[str]) -> str:
    """The number of each concept on white, beside it and with a line to its middle."""
    lines, labels = [], []
    (width, height), found = _LABEL, label_places(wanted, _LABEL, WIDTH, HEIGHT)
    for (x, y), (at_x, at_y), name in zip(wanted, found, names, strict=True):
        lines.append(line(x, y, at_x, at_y, MUTED, ' stroke-width="0.7"'))
        labels.append(
            f'<rect x="{at_x - width / 2:.1f}" y="{at_y - height / 2:.1f}" width="{width:g}" height="{height:g}" '
            f'rx="3" fill="#FFFFFF" fill-opacity="0.88" stroke="{MUTED}" stroke-width="0.5"/>'
            + text(at_x, at_y + 3.8, name, size=11, colour=INK)
        )
    return "".join(lines + labels)
