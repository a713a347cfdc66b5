"""Where the labels of a map stand: beside what they name, so that none covers another or what another names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

Place = tuple[float, float]
_NEAREST: Final = 15.0
_RINGS: Final = 14
_ANGLES: Final = 16
_STEP: Final = 6.0
_CLEAR: Final = 3.0


def label_places(named: Sequence[Place], size: Place, width: float, height: float, margin: float = 2.0) -> list[Place]:
    """Centres of labels, each as near to what it names as those before it leave room.

    Parameters
    ----------
    named
        Pixels of what is named, most important first.
    size
        Width and height of a label.
    width, height
        Of the canvas, which no label leaves.
    margin
        Free pixels between labels.
    """
    taken: list[Place] = []
    for x, y in named:
        candidates = [_kept_inside(place, size, width, height) for place in _around(x, y)]
        apart = [p for p in candidates if not any(_within(p, other, size, margin) for other in taken)]
        clear = (p for p in apart if not any(_covers(p, place, size) for place in named))
        # On a crowded map a label that covers a point, or another label, is better than none.
        taken.append(next(clear, next(iter(apart), candidates[0])))
    return taken


def _around(x: float, y: float) -> list[Place]:
    """Above first, then around, ring by ring."""
    return [
        (x + (_NEAREST + _STEP * ring) * math.cos(angle), y + (_NEAREST + _STEP * ring) * math.sin(angle))
        for ring in range(_RINGS)
        for angle in (2 * math.pi * a / _ANGLES - math.pi / 2 for a in range(_ANGLES))
    ]


def _kept_inside(place: Place, size: Place, width: float, height: float) -> Place:
    (x, y), (w, h) = place, size
    return min(max(x, w / 2), width - w / 2), min(max(y, h / 2), height - h / 2)


def _within(one: Place, other: Place, size: Place, margin: float) -> bool:
    return abs(one[0] - other[0]) < size[0] + margin and abs(one[1] - other[1]) < size[1] + margin


def _covers(label: Place, point: Place, size: Place) -> bool:
    return abs(label[0] - point[0]) < size[0] / 2 + _CLEAR and abs(label[1] - point[1]) < size[1] / 2 + _CLEAR
