"""A histogram of a concept's members as SVG."""

from __future__ import annotations

from typing import Final

from concepts.concept import Histogram
from concepts.report.axes import INK, Scale, bottom_axis, left_axis, line, picture, ticks

WIDTH: Final = 230
HEIGHT: Final = 118
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 8, 6, 32


def histogram_plot(given: Histogram, name: str, colour: str, at: float | None = None, whole: bool = False) -> str:
    """Bars with named axes.

    Parameters
    ----------
    given
        What is drawn.
    name
        Of the x axis.
    colour
        Of the bars, #RRGGBB.
    at
        Where a dashed line stands; nowhere if not given or outside.
    whole
        Whether the values are whole numbers, whose bins lie around them.
    """
    low, high = given.edges[0], given.edges[-1]
    most = max(given.counts)
    x = Scale(low, high, _LEFT, WIDTH - _RIGHT)
    y = Scale(0, 1.08 * max(most, 1), HEIGHT - _BOTTOM, _TOP)
    bars = [
        f'<rect x="{x(a) + 0.5:.1f}" y="{y(n):.1f}" width="{max(x(b) - x(a) - 1, 0.5):.1f}" '
        f'height="{y(0) - y(n):.1f}"/>'
        for a, b, n in zip(given.edges, given.edges[1:], given.counts, strict=False)
        if n
    ]
    mark = ""
    if at is not None and low <= at <= high:
        mark = line(x(at), _TOP, x(at), y(0), INK, ' stroke-width="1.2" stroke-dasharray="3 2"')
    total = sum(given.counts)
    return picture(
        f'<g fill="{colour}" fill-opacity="0.75">{"".join(bars)}</g>'
        + mark
        + bottom_axis(x, y(0), ticks(low, high, 4, whole), name)
        + left_axis(y, _LEFT, ticks(0, max(most, 1), 3, whole=True), "members"),
        WIDTH,
        HEIGHT,
        f"Histogram of the {name} of {total:,} members, from {low:g} to {high:g}",
    )
