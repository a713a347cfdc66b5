"""What a search came to, in words: outputs, agreement, the domain, and what is new.

Pure functions; what they return is plain text, which the caller escapes.
"""

from __future__ import annotations

from app.components import value_words
from app.components.words import join, label_in_words, percent
from concepts.counterfactuals.counterfactual import Counterfactual, Outlook
from datasets.tasks import Task
from megan.prediction import Domain


def output_in_words(task: Task, said: Outlook) -> str:
    """An output: "mutagenic, 0.81", or the value with its unit and its class."""
    if task.kind == "classification":
        return f"{said.verdict}, {said.output:.2f}"
    more = value_words.class_of(task, said.output)
    return value_words.with_unit(task, said.output) + (f", {more}" if more else "")


def change_in_words(task: Task, before: Outlook, after: Outlook) -> str:
    """How far an output moved, with its sign."""
    if task.kind == "classification":
        return f"{after.output - before.output:+.2f}"
    return f"{after.output - before.output:+.2f} {task.unit}".rstrip()


def networks_in_words(task: Task, said: Outlook) -> str:
    """Whether the networks agree."""
    size = f"standard deviation {said.spread:.2f}"
    if task.kind != "classification":
        return size
    return f"{'all agree' if said.agreement == 1 else f'{percent(said.agreement)} agree'}, {size}"


def domain_in_words(task: Task, domain: Domain) -> str:
    """How near the training data come, and what was measured of this very molecule."""
    near = f"{domain.similarity:.2f}, {'inside' if domain.inside else 'outside the domain'}"
    return near + measured_in_words(task, domain)


def measured_in_words(task: Task, domain: Domain) -> str:
    """What was measured of this very molecule, as the end of a line; empty where nothing was."""
    return "" if domain.measured is None else f"; measured itself: {label_in_words(task, domain.measured.label)}"


def making_in_words(found: Counterfactual) -> str:
    """How hard it looks to make beside the start."""
    if found.sa_score is None or found.sa_before is None:
        return ""
    word = "not harder to make" if found.sa_not_worse else "looks harder to make"
    return f"{word}: SA {found.sa_score:.1f}, start {found.sa_before:.1f}"


def alerts_in_words(found: Counterfactual) -> str:
    """The alerts that it raises and the start does not."""
    if not found.new_alerts:
        return "no new alert"
    names = list(dict.fromkeys(f"{alert.catalog} {alert.name}" for alert in found.new_alerts))
    return f"new alert{'s' if len(names) > 1 else ''}: {join(names)}"


def evidence_in_words(found: Counterfactual) -> str:
    """How much of the masks' evidence for the verdict before is still there; empty where another goal was asked for."""
    return "" if found.evidence_left is None else f"evidence left: {percent(min(found.evidence_left, 9.99))}"


def outside_in_words(found: Counterfactual) -> str:
    """Whether it is like what the models were trained on."""
    outside = [name for name, domain in found.domain.items() if not domain.inside]
    return f"outside the domain of {join(outside)}" if outside else "in domain"


def edits_in_words(found: Counterfactual) -> str:
    """The edits as a heading."""
    text = ", then ".join(step.name for step in found.edits)
    return text[:1].upper() + text[1:]
