"""Numbers as sentences: what a probability, a conformal set, a spread and a similarity mean for the reader.

Pure functions; what they return is plain text, which the caller escapes.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.components import value_words
from datasets.tasks import Task
from megan.prediction import Domain, Neighbour, Prediction

#: Standard deviations of the members' probabilities from which the committee is said to differ, and to disagree.
SPREAD_DIFFERS, SPREAD_DISAGREES = 0.06, 0.15


def percent(fraction: float) -> str:
    """A fraction as whole per cent, "90 %"."""
    return f"{fraction * 100:.0f} %"


def join(words: Sequence[str], last: str = "and") -> str:
    """An enumeration: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def plural(count: int, singular: str, many: str = "") -> str:
    """A number with its noun: "1 row", "2 rows"."""
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"


def label_in_words(task: Task, label: float) -> str:
    """A measured label: the class name, or the value with its unit."""
    if task.kind == "classification":
        return task.classes[int(label >= 0.5)]
    return value_words.with_unit(task, label)


def verdict_in_words(prediction: Prediction) -> str:
    """What the model says and by which threshold: "0.63: above the threshold of 0.50, so predicted mutagenic."."""
    if prediction.threshold is None:
        return f"Predicted {prediction.verdict}."
    side = "above" if prediction.output >= prediction.threshold else "below"
    value, threshold = f"{prediction.output:.2f}", f"{prediction.threshold:.2f}"
    if value == threshold:
        return f"{value}: just {side} the threshold of {threshold}, so predicted {prediction.verdict}."
    return f"{value}: {side} the threshold of {threshold}, so predicted {prediction.verdict}."


def probability_in_words(task: Task, prediction: Prediction) -> str:
    """What the calibrated probability means, as a frequency."""
    if task.kind != "classification":
        return ""
    tenths = round(prediction.output * 100)
    return f"Of 100 molecules with this score, about {tenths} would be measured {task.positive}."


def conformal_in_words(task: Task, prediction: Prediction) -> str:
    """Which classes the conformal set leaves open at its confidence."""
    level = f"At {percent(prediction.confidence)} confidence"
    if task.kind != "classification":
        return value_words.interval(task, prediction)
    kept = prediction.conformal
    if len(kept) == len(task.classes):
        return f"{level} {'neither class' if len(kept) == 2 else 'no class'} can be excluded."
    if not kept:
        return f"{level} no class fits: the score is unlike those of measured compounds of either class."
    excluded = [name for name in task.classes if name not in kept]
    return f"{level} {join(excluded, 'or')} is excluded and {join(kept, 'or')} remains."


def spread_in_words(task: Task, prediction: Prediction, members: int | None) -> str:
    """How far the members of the committee lie apart."""
    who = f"{members} members" if members else "members"
    size = f"standard deviation {prediction.spread:.2f}"
    if task.kind != "classification":
        return f"The {who} scatter with {size} {task.unit}".rstrip() + "."
    if prediction.spread < SPREAD_DIFFERS:
        return f"The {who} agree ({size})."
    if prediction.spread < SPREAD_DISAGREES:
        return f"The {who} differ somewhat ({size})."
    return f"The {who} disagree ({size})."


def domain_in_words(domain: Domain) -> str:
    """How near the model's training data come."""
    where = (
        "inside the domain" if domain.inside else "outside the domain, farther than 95 % of the validation compounds"
    )
    return f"The nearest training compound has a similarity of {domain.similarity:.2f}: {where}."


def measured_in_words(
    task: Task, record: Neighbour | None, records: tuple[Neighbour, ...] = (), smiles: str = ""
) -> str:
    """The measured record of this very compound (or its records, `record` first), or that there is none."""
    if record is None:
        return "This compound is not among the measured ones."
    many = len(records) > 1
    it = "these records" if many else "this record"
    seen = {
        "train": f"The model was trained on {it}.",
        "valid": f"The {'records were' if many else 'record was'} used to choose and calibrate the model.",
        "test": f"The model has not seen {it}.",
    }
    if task.kind == "classification":
        said = f"Measured {label_in_words(task, record.label)}."
    else:
        said = value_words.measured(task, records or (record,), smiles)
    return f"{said} {seen.get(record.split, '')}".strip()
