"""Small plots as SVG text: a scale from numbers to pixels, round ticks, and escaped labels. No ids, no scripts."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Final, Literal

INK: Final = "#17212B"
MUTED: Final = "#5B6875"
LINE: Final = "#C9D1D9"
FONT: Final = "Source Sans Pro, Source Sans 3, Helvetica, Arial, sans-serif"
_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from [low, high] to [start, end] in pixels; a point where low equals high."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixels of a number."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 4, whole: bool = False) -> tuple[float, ...]:
    """Round numbers within [low, high], 1, 2 or 5 times a power of ten apart.

    Parameters
    ----------
    low, high
        Finite; `high` at least `low`.
    about
        How many are wanted.
    whole
        Whether only whole numbers are wanted.
    """
    if not high > low:
        return (low,)
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * s for s in _STEPS if power * s >= rough * 0.999)
    if whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Whole multiples, so that no sum of steps drifts.
    return tuple(round(i * step, 10) + 0.0 for i in range(first, last + 1))


def text(
    x: float,
    y: float,
    said: str,
    *,
    anchor: Literal["start", "middle", "end"] = "middle",
    size: float = 10,
    colour: str = MUTED,
    more: str = "",
) -> str:
    """A label, escaped."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{colour}"{more}>{html.escape(said)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = LINE, more: str = "") -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'


def picture(body: str, width: float, height: float, title: str) -> str:
    """An SVG that says what it shows."""
    said = html.escape(title, quote=True)
    return (
        f'<svg width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{said}"><title>{said}</title>{body}</svg>'
    )


def bottom_axis(scale: Scale, y: float, places: tuple[float, ...], name: str) -> str:
    """The x axis at a height, with ticks and its name under them."""
    pieces = [line(scale.start, y, scale.end, y)]
    for place in places:
        pieces += [line(scale(place), y, scale(place), y + 3), text(scale(place), y + 13, number(place))]
    return "".join(pieces) + text((scale.start + scale.end) / 2, y + 27, name, colour=INK)


def left_axis(scale: Scale, x: float, places: tuple[float, ...], name: str) -> str:
    """The y axis at a place, with ticks and its name along it."""
    pieces = [line(x, scale.start, x, scale.end)]
    for place in places:
        pieces += [
            line(x - 3, scale(place), x, scale(place)),
            text(x - 5, scale(place) + 3.5, number(place), anchor="end"),
        ]
    middle = (scale.start + scale.end) / 2
    turned = f' transform="rotate(-90 9 {middle:.1f})"'
    return "".join(pieces) + text(9, middle, name, colour=INK, more=turned)


def number(value: float) -> str:
    """A tick's number, as short as it is."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
