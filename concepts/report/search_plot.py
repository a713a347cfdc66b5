"""How the search for a prototype converged, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from concepts.prototypes.genetic_search import OUTSIDE
from concepts.report.axes import Scale, bottom_axis, left_axis, picture, ticks

WIDTH: Final = 290
HEIGHT: Final = 100
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 8, 6, 32


def search_plot(rounds: Sequence[float], colour: str) -> str:
    """Heavy atoms of the best molecule before the search and after each round; "" where none was ever inside.

    Parameters
    ----------
    rounds
        As in `concepts.concept.Prototype`; rounds in which no molecule was in the concept are left out.
    colour
        Of the line, #RRGGBB.
    """
    inside = [(at, int(fitness)) for at, fitness in enumerate(rounds) if fitness < OUTSIDE]
    if not inside:
        return ""
    last, most = max(len(rounds) - 1, 1), max(atoms for _, atoms in inside)
    x = Scale(0, last, _LEFT, WIDTH - _RIGHT)
    y = Scale(0, 1.08 * max(most, 1), HEIGHT - _BOTTOM, _TOP)
    first_round, first = inside[0]
    steps = f"M{x(first_round):.1f} {y(first):.1f}" + "".join(
        f"H{x(at):.1f}V{y(atoms):.1f}" for at, atoms in inside[1:]
    )
    end_round, end = inside[-1]
    return picture(
        f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        f'<circle cx="{x(end_round):.1f}" cy="{y(end):.1f}" r="3" fill="{colour}"/>'
        + bottom_axis(x, y(0), ticks(0, last, 5, whole=True), "round of the search")
        + left_axis(y, _LEFT, ticks(0, max(most, 1), 4, whole=True), "heavy atoms"),
        WIDTH,
        HEIGHT,
        f"Heavy atoms of the best molecule: {first} before the search, {end} after {len(rounds) - 1} rounds",
    )


def last_gain(rounds: Sequence[float]) -> int:
    """The round after which nothing better was found; 0 if the first molecule stayed the best."""
    return max((at for at in range(1, len(rounds)) if rounds[at] < rounds[at - 1]), default=0)
