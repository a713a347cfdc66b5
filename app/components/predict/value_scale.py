"""A predicted value on its axis, with the interval, what was measured, and the classes that the axis is cut into.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
import math

from app.components import value_words
from app.components.disagreement import other_neighbours
from datasets.solubility import CLASSES
from datasets.tasks import SOLUBILITY, Task
from megan.prediction import Prediction

#: Nearly all measured solubilities lie here; an axis that is the same for most molecules can be compared at a glance.
SOLUBILITY_AXIS = (-8.0, 2.0)


def value_scale(task: Task, prediction: Prediction, smiles: str) -> str:
    """The value with its interval, the nearest measured values and the measured record; empty for a classification."""
    ends = prediction.interval
    if ends is None:
        return ""
    near = [neighbour.label for neighbour in other_neighbours(prediction)[:3]]
    own = [record.label for record in prediction.domain.records]
    low, high = axis(task, [prediction.output, *ends, *near, *own])

    def at(value: float) -> str:
        return f"{(min(max(value, low), high) - low) / (high - low) * 100:.1f}%"

    width = f"{(min(ends[1], high) - max(ends[0], low)) / (high - low) * 100:.1f}%"
    cuts, names = _classes(task, low, high)
    marks = "".join(f'<div class="wm-scale-near" style="left:{at(value)}"></div>' for value in near)
    marks += "".join(f'<div class="wm-scale-own" style="left:{at(value)}"></div>' for value in own)
    key = ['<span><i class="wm-key wm-key-interval"></i>interval</span>']
    if near:
        key.append('<span><i class="wm-key wm-key-near"></i>nearest measured compounds</span>')
    if own:
        key.append('<span><i class="wm-key wm-key-own"></i>this compound, measured</span>')
    meaning = value_words.reading(task, prediction.output, smiles)
    sentence = value_words.interval(task, prediction, smiles)
    meant = f"<b>{html.escape(meaning[0].upper() + meaning[1:])}.</b> " if meaning else ""
    unit = html.escape(task.unit)
    return (
        f'<div class="wm-scale wm-values" role="img" aria-label="{html.escape(sentence)}">{cuts}'
        f'<div class="wm-scale-interval" style="left:{at(ends[0])};width:{width}"></div>{marks}'
        f'<div class="wm-scale-dot" style="left:{at(prediction.output)}"></div></div>{names}'
        f'<div class="wm-scale-ends"><span>{low:g}</span><span>{unit}</span><span>{high:g}</span></div>'
        f'<div class="wm-scale-key">{"".join(key)}</div>'
        f'<p class="wm-sentence">{meant}{html.escape(sentence)}</p>'
    )


def axis(task: Task, values: list[float]) -> tuple[float, float]:
    """Ends of an axis that holds all values; the usual range of the task where that is enough."""
    low, high = min(values), max(values)
    if task.name == SOLUBILITY.name:
        return min(SOLUBILITY_AXIS[0], float(math.floor(low))), max(SOLUBILITY_AXIS[1], float(math.ceil(high)))
    margin = 0.08 * (high - low) or 1.0
    step = 10.0 ** math.floor(math.log10(margin))
    return math.floor((low - margin) / step) * step, math.ceil((high + margin) / step) * step


def _classes(task: Task, low: float, high: float) -> tuple[str, str]:
    """Marks on the axis where a class ends, and the names of the classes in their places."""
    if task.name != SOLUBILITY.name:
        return "", ""
    cuts, names, top = "", "", high
    for least, name in CLASSES:
        bottom = max(least, low)
        left, width = (bottom - low) / (high - low) * 100, (top - bottom) / (high - low) * 100
        if least > low:
            cuts += f'<div class="wm-scale-class" style="left:{left:.1f}%"></div>'
        names = f'<span style="width:{width:.1f}%" title="{name}">{name}</span>{names}'
        top = bottom
    return cuts, f'<div class="wm-scale-names">{names}</div>'
