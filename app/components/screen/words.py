"""What a screening found, in words: reasons of rows without a prediction, trust, shares.

Pure functions; what they return is plain text, which the caller escapes.
"""

from __future__ import annotations

from typing import Final

from app.components.words import percent, plural
from app.screening.results.summary import Summary, TaskSummary
from datasets.tasks import Task

#: Codes of rows, for people.
REASONS: Final = {
    "empty": "no structure in the row",
    "parse_error": "cannot be read as a structure",
    "reaction": "a reaction, not a molecule",
    "no_heavy_atoms": "no atom besides hydrogen",
    "unsupported_element": "a dummy atom or an unknown element",
    "too_large": "too large to predict",
    "timeout": "took longer than the time limit",
    "crashed": "ended the process that worked on it, three times",
    "mixture_kept_largest": "a mixture, of which the largest fragment was predicted",
    "salt_stripped": "a salt, whose parent was predicted",
    "charge_neutralised": "charges were neutralised",
    "unusual_element": "holds an element that hardly occurs in the training data",
    "duplicate_of_row": "repeats an earlier row",
}
CATALOGS: Final = {"alerts_pains": "PAINS", "alerts_brenk": "Brenk", "alerts_kazius": "Kazius"}


def reason(code: str) -> str:
    """A code of a row, for people."""
    return REASONS.get(code, code.replace("_", " "))


def share(count: int, of: int) -> str:
    """A count as a share: "26 %", "under 1 %" where that would round to none, "over 99 %" where to all."""
    if not of or not count:
        return "0 %"
    if count == of:
        return "100 %"
    part = count / of
    if part < 0.005:
        return "under 1 %"
    return "over 99 %" if part >= 0.995 else percent(part)


def catalog(column: str) -> str:
    """Name of an alert's catalog."""
    return CATALOGS.get(column, column.removeprefix("whymol_").removeprefix("alerts_"))


def alert(name: str) -> str:
    """An alert's name for people."""
    return name.replace("_", " ")


def trust(found: TaskSummary, task: Task, molecules: int, members: str) -> list[str]:
    """How far the verdicts of a task can be trusted, one fact a line.

    Parameters
    ----------
    found
        What was found for the task.
    task
        The task.
    molecules
        Molecules with a prediction.
    members
        all or one, as the run asked its committees.
    """
    inside = molecules - found.outside_domain
    said = [f"{share(inside, molecules)} are inside the domain: a training compound is near."]
    if task.kind == "classification":
        said.append(
            f"{share(found.undecided, molecules)} are undecided: at 90 % confidence both classes remain, or none."
        )
        if members == "all":
            said.append(f"On {share(found.split, molecules)} the networks of the committee disagree.")
    if members != "all":
        said.append("One network answered, so how far the committee disagrees is not known.")
    return said


def headline(found: Summary) -> str:
    """How many rows went in and what became of them."""
    if not found.rows:
        return "No row was screened."
    if not found.molecules:
        return f"None of the {plural(found.rows, 'row')} could be predicted. The reasons are below."
    bad = found.rows - found.molecules
    said = f"{found.molecules:,} of {plural(found.rows, 'row')} predicted"
    if bad:
        said += f", {bad:,} could not be"
    if found.repeats:
        said += f", {found.repeats:,} repeat an earlier row"
    return f"{said}."
