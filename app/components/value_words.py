"""Measured and predicted values as sentences: with their unit, and for solubilities with class and mg/mL.

Pure functions; what they return is plain text, which the caller escapes.
"""

from __future__ import annotations

from datasets.solubility import CLASSES, milligrams_per_millilitre, solubility_class
from datasets.tasks import SOLUBILITY, Task
from megan.prediction import Neighbour, Prediction

#: More than this has no meaning as a concentration in water; the data hold such values for miscible liquids.
MOST_MASS = 1000.0
SOURCE_OF_CLASSES = "Classes as in AqSolDB (Sorkun et al. 2019, doi 10.1038/s41597-019-0151-1): "


def with_unit(task: Task, value: float) -> str:
    """A value with its unit: "-2.24 log10 mol/L"."""
    return f"{value:.2f} {task.unit}".rstrip()


def class_of(task: Task, value: float) -> str:
    """The class that a value falls in by a published convention; empty where there is none."""
    return solubility_class(value) if task.name == SOLUBILITY.name else ""


def class_names(task: Task) -> tuple[str, ...]:
    """The names that `class_of` may give, best dissolving first; empty for tasks without a convention."""
    return tuple(name for _, name in CLASSES) if task.name == SOLUBILITY.name else ()


def mass_of(task: Task, value: float, smiles: str | None) -> float | None:
    """A solubility in mg/mL; None for other tasks, or without a structure."""
    return milligrams_per_millilitre(value, smiles) if smiles and task.name == SOLUBILITY.name else None


def reading(task: Task, value: float, smiles: str | None = None) -> str:
    """What a value means: "slightly soluble, about 1 mg/mL"; empty where nothing more can be said."""
    mass = mass_of(task, value, smiles)
    parts = [class_of(task, value), f"about {mass_in_words(mass)}" if mass is not None else ""]
    return ", ".join(part for part in parts if part).replace("about over", "over").replace("about under", "under")


def mass_in_words(mass: float) -> str:
    """A concentration in mg/mL with two digits, in the unit that keeps it readable."""
    if mass > MOST_MASS:
        return f"over {MOST_MASS:,.0f} mg/mL"
    for factor, unit in ((1.0, "mg/mL"), (1e3, "µg/mL"), (1e6, "ng/mL")):
        if mass * factor >= 0.1:
            return f"{_two_digits(mass * factor)} {unit}"
    return "under 0.1 ng/mL"


def predicted(task: Task, prediction: Prediction, smiles: str) -> str:
    """The predicted value: "Predicted -2.24 log10 mol/L: slightly soluble, about 1 mg/mL."."""
    more = reading(task, prediction.output, smiles)
    return f"Predicted {with_unit(task, prediction.output)}{f': {more}' if more else ''}."


def interval(task: Task, prediction: Prediction, smiles: str | None = None) -> str:
    """Where the value lies at the interval's confidence."""
    ends = prediction.interval
    if ends is None:
        return ""
    low, high = ends
    unit = f" {task.unit}" if task.unit else ""
    masses = [mass_of(task, end, smiles) for end in ends]
    known = [mass_in_words(mass) for mass in masses if mass is not None]
    meant = f", {known[0]} to {known[1]}" if len(known) == 2 else ""
    level = f"At {prediction.confidence * 100:.0f} % confidence"
    return f"{level} the value lies between {low:.2f} and {high:.2f}{unit}{meant}."


def measured(task: Task, records: tuple[Neighbour, ...], smiles: str | None = None) -> str:
    """One measured value with its meaning, or the range of several records of one compound."""
    if len(records) == 1:
        more = reading(task, records[0].label, smiles)
        return f"Measured {with_unit(task, records[0].label)}{f': {more}' if more else ''}."
    labels = [record.label for record in records]
    unit = f" {task.unit}" if task.unit else ""
    return (
        f"Measured {min(labels):.2f} to {max(labels):.2f}{unit} in {len(labels)} records: isomers or salts, measured "
        "apart, which the model tells from each other hardly or not at all."
    )


def classes(task: Task) -> str:
    """The convention behind the class words, with its source; empty for tasks without one."""
    if task.name != SOLUBILITY.name:
        return ""
    named = [f"{name} from {least:g}" for least, name in CLASSES[:-1]]
    return f"{SOURCE_OF_CLASSES}{', '.join(named)}, else {CLASSES[-1][1]}."


def quantity(task: Task) -> str:
    """The predicted quantity within a sentence: "aqueous solubility"; names such as LogD keep their capitals."""
    first, _, rest = task.title.partition(" ")
    return f"{first.lower() if first.istitle() else first} {rest}".strip()


def channel_title(task: Task, k: int) -> str:
    """What the picture of a channel shows: "Atoms that lower aqueous solubility"."""
    if task.kind == "classification":
        return f"Atoms that speak for {task.channels[k]}"
    return f"Atoms that {task.channels[k].removesuffix('s')} {quantity(task)}"


def channel_name(task: Task, k: int) -> str:
    """A channel's name beside its mark: the class, or "raises aqueous solubility"."""
    return task.channels[k] if task.kind == "classification" else f"{task.channels[k]} {quantity(task)}"


def contribution(task: Task, k: int, fidelity: float) -> str:
    """How far a channel moves the output: log-odds towards its class, or the change of the value with its sign."""
    if task.kind == "classification":
        return f"contributes {fidelity:+.2f} log-odds"
    # Fidelity counts towards the channel; a reader expects that what lowers has a minus.
    return f"moves the value by {-fidelity if k == 0 else fidelity:+.2f} {task.unit}".rstrip()


def _two_digits(value: float) -> str:
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"
