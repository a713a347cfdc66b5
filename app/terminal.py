"""Results as lines of a terminal: a table that comes row by row, and texts from strangers made harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from datasets.molecule import Molecule, RowProblem
from datasets.tasks import Task
from megan.prediction import Prediction, RowResult

_ROW, _NAME, _NUMBER = 6, 32, 5
_GAP: Final = "  "

LEGEND: Final = (
    "p: calibrated probability of the positive class (or the value). sd: spread of the committee.\n"
    "near: similarity of the nearest training compound; * outside the domain."
)


def printable(text: str) -> str:
    """A text without control characters, which could repaint the terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def shortened(text: str, width: int) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def header(tasks: Sequence[Task]) -> str:
    """The first line of the table."""
    cells = [_cells(task.name, "p", "sd", "near", task) for task in tasks]
    return _GAP.join([f"{'row':>{_ROW}}", f"{'molecule':{_NAME}}", *cells]).rstrip()


def lines(result: RowResult, tasks: Sequence[Task]) -> Iterator[str]:
    """One line for a row, and one below it for everything that standardisation has to say."""
    molecule = result.molecule
    name = shortened(printable(molecule.id or molecule.given), _NAME)
    start = f"{molecule.row:>{_ROW}}{_GAP}{name:{_NAME}}"
    if isinstance(molecule, RowProblem):
        yield f"{start}{_GAP}{molecule.code}: {printable(molecule.sentence)}"
        return
    yield _GAP.join([start, *(_answer(result.predictions[task.name], task) for task in tasks)]).rstrip()
    yield from _notes(molecule)


def _notes(molecule: Molecule) -> Iterator[str]:
    for note in molecule.notes:
        yield f"{'':{_ROW}}{_GAP}{note.code}: {printable(note.sentence)}"


def _answer(prediction: Prediction, task: Task) -> str:
    near = f"{prediction.domain.similarity:.2f}{'' if prediction.domain.inside else '*'}"
    verdict = prediction.verdict if task.kind == "classification" else task.unit
    return _cells(verdict, f"{prediction.output:.2f}", f"{prediction.spread:.2f}", near, task)


def _cells(verdict: str, output: str, spread: str, near: str, task: Task) -> str:
    width = max(len(word) for word in (task.name, task.unit, *task.classes))
    return f"{verdict:{width}} {output:>{_NUMBER}} {spread:>{_NUMBER}} {near:<{_NUMBER}}"
