"""What a counterfactual is called outside: the JSON object of a line, and the columns of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult, Outlook, Start
from datasets.tasks import Task

_DIGITS: Final = 6


def as_record(found: Counterfactual, tasks: Sequence[Task]) -> dict[str, Any]:
    """The JSON object of one molecule, which scripts rely on.

    Parameters
    ----------
    found
        The molecule.
    tasks
        Those that were asked about.

    Returns
    -------
    dict
        smiles; edits (names) and kinds, in order; probability and probability_before: task -> calibrated probability
        of the positive class; value and value_before: task -> value in its unit, for regressions; verdict, spread,
        agreement: task -> of the molecule; similarity to the start; flips (whether the goal is reached); sa_score and
        sa_before, null where RDKit comes without it; domain: task -> similarity of the nearest training compound, and
        inside: task -> whether that is near enough; new_alerts (catalog and name); evidence_left, the share of the
        evidence for the verdict before that is still there, null where another goal was searched for; why. Plain
        Python values.
    """
    odds = [task.name for task in tasks if task.kind == "classification"]
    values = [task.name for task in tasks if task.kind == "regression"]
    return {
        "smiles": found.smiles,
        "edits": [step.name for step in found.edits],
        "kinds": [step.kind for step in found.edits],
        "probability": {name: _rounded(found.after[name].output) for name in odds},
        "probability_before": {name: _rounded(found.before[name].output) for name in odds},
        "value": {name: _rounded(found.after[name].output) for name in values},
        "value_before": {name: _rounded(found.before[name].output) for name in values},
        "verdict": {task.name: found.after[task.name].verdict for task in tasks},
        "spread": {task.name: _rounded(found.after[task.name].spread) for task in tasks},
        "agreement": {task.name: _rounded(found.after[task.name].agreement) for task in tasks},
        "similarity": _rounded(found.similarity),
        "flips": found.flips,
        "sa_score": _rounded(found.sa_score),
        "sa_before": _rounded(found.sa_before),
        "domain": {task.name: _rounded(found.domain[task.name].similarity) for task in tasks},
        "inside": {task.name: found.domain[task.name].inside for task in tasks},
        "new_alerts": [{"catalog": alert.catalog, "name": alert.name} for alert in found.new_alerts],
        "evidence_left": _rounded(found.evidence_left),
        "why": found.why,
    }


def as_columns(found: Counterfactual, tasks: Sequence[Task]) -> dict[str, object]:
    """The same as one row of a table, by column."""
    row: dict[str, object] = {
        "smiles": found.smiles,
        "edits": "; ".join(step.name for step in found.edits),
        "number_of_edits": len(found.edits),
        "reaches_goal": found.flips,
        "similarity": _rounded(found.similarity),
        "sa_score": _rounded(found.sa_score),
        "sa_score_before": _rounded(found.sa_before),
        "new_alerts": "; ".join(f"{alert.catalog} {alert.name}" for alert in found.new_alerts),
        "evidence_left": _rounded(found.evidence_left),
        "why": found.why,
    }
    for task in tasks:
        row |= _of_task(found, task)
    return row


def start_columns(start: Start, tasks: Sequence[Task]) -> dict[str, object]:
    """The start as a row of the same table; what does not apply is empty."""
    row: dict[str, object] = {"smiles": start.molecule.smiles, "edits": "", "number_of_edits": 0}
    row |= {"reaches_goal": None, "similarity": 1.0, "sa_score": _rounded(start.sa_score)}
    row |= {"sa_score_before": _rounded(start.sa_score), "new_alerts": "", "evidence_left": None}
    row |= {"why": "start"}
    for task in tasks:
        said = start.outlook[task.name]
        row |= _outputs(task, said, said)
        row[f"{task.name}_domain"] = _rounded(start.domain[task.name].similarity)
        row[f"{task.name}_inside_domain"] = start.domain[task.name].inside
    return row


def shown(result: CounterfactualResult) -> tuple[Counterfactual, ...]:
    """What came out: the molecules that reach the goal, or else the closest approach."""
    if result.found or result.closest is None:
        return result.found
    return (result.closest,)


def _of_task(found: Counterfactual, task: Task) -> dict[str, object]:
    domain = found.domain[task.name]
    return {
        **_outputs(task, found.after[task.name], found.before[task.name]),
        f"{task.name}_domain": _rounded(domain.similarity),
        f"{task.name}_inside_domain": domain.inside,
    }


def _outputs(task: Task, after: Outlook, before: Outlook) -> dict[str, object]:
    name = "probability" if task.kind == "classification" else "value"
    return {
        f"{task.name}_{name}": _rounded(after.output),
        f"{task.name}_{name}_before": _rounded(before.output),
        f"{task.name}_verdict": after.verdict,
        f"{task.name}_spread": _rounded(after.spread),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
