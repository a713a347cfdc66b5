"""Where the evidence contradicts a predicted value: the rules of `app.components.disagreement` for regressions.

A value has no class that could be contradicted; its conformal interval says what it rules out, and evidence outside of
the interval contradicts it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.components import value_words
from datasets.tasks import Task
from megan.prediction import Neighbour, Prediction

#: Share of the interval's width by which a channel may miss its own direction before its picture comes with a warning.
MISLEADING: Final = 0.05
#: Share of the interval's half width from which the committee's spread is worth a warning: the interval is equally wide
#: for all molecules and cannot know that its members disagree about this one.
WIDE_SPREAD: Final = 0.5


def record_outside(task: Task, prediction: Prediction) -> str:
    """A sentence if every measured record of this compound lies outside the interval, else an empty text."""
    records = prediction.domain.records or ((prediction.domain.measured,) if prediction.domain.measured else ())
    side = _side(prediction)
    if not records or any(side(record) == "inside" for record in records):
        return ""
    nearest = min(records, key=lambda record: abs(record.label - prediction.output))
    return (
        f"This compound was measured at {value_words.with_unit(task, nearest.label)}, {side(nearest)} the interval of "
        f"the predicted {value_words.with_unit(task, prediction.output)}. Trust the measurement."
    )


def neighbours_outside(prediction: Prediction, near: list[Neighbour]) -> str:
    """A sentence if most near measured compounds lie on one side of the interval, else an empty text."""
    side = _side(prediction)
    for where in ("above", "below"):
        against = [neighbour for neighbour in near if side(neighbour) == where]
        if len(against) * 2 > len(near):
            if len(near) == 1:
                who = "The one near measured compound lies"
            elif len(against) == len(near):
                who = f"All {len(near)} near measured compounds lie"
            else:
                who = f"{len(against)} of {len(near)} near measured compounds lie"
            return f"{who} {where} the interval of the predicted value."
    return ""


def misleading_channels(task: Task, prediction: Prediction) -> list[str]:
    """A sentence for each channel whose mask moved the value the other way, which a picture alone would hide."""
    ends = prediction.interval
    if ends is None:
        return []
    limit = MISLEADING * (ends[1] - ends[0])
    return [
        f"The atoms marked as what {value_words.channel_name(task, k)} moved the value the other way. "
        "Do not read them as evidence."
        for k, fidelity in enumerate(prediction.explanation.fidelity)
        if fidelity < -limit
    ]


def wide_spread(task: Task, prediction: Prediction) -> str:
    """A sentence if the members scatter far for the width of the interval, else an empty text."""
    ends = prediction.interval
    if ends is None or prediction.spread < WIDE_SPREAD * (ends[1] - ends[0]) / 2:
        return ""
    return (
        f"The members of the committee scatter by {value_words.with_unit(task, prediction.spread)}: the interval may "
        "be too narrow for this molecule."
    )


def _side(prediction: Prediction) -> Callable[[Neighbour], str]:
    low, high = prediction.interval or (prediction.output, prediction.output)

    def side(record: Neighbour) -> str:
        return "above" if record.label > high else "below" if record.label < low else "inside"

    return side
