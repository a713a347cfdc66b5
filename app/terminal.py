"""Results as lines of a terminal: a table that comes row by row, and texts from strangers made harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from datasets.molecule import Molecule, RowProblem
from datasets.solubility import CLASSES, solubility_class
from datasets.tasks import SOLUBILITY, Task
from megan.prediction import Prediction, RowResult

_ROW, _NAME, _NUMBER = 6, 32, 5
_GAP: Final = "  "

LEGEND: Final = (
    "p: calibrated probability of the positive class. sd: spread of the committee.\n"
    "near: similarity of the nearest training compound; * outside the domain."
)


def legend(tasks: Sequence[Task]) -> str:
    """What the columns mean; for values also their unit."""
    units = [f"value of {task.name}: {task.unit or 'in the unit of its table'}" for task in _values(tasks)]
    return "\n".join([LEGEND, *(f"{line}." for line in units)])


def printable(text: str) -> str:
    """A text without control characters, which could repaint the terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def shortened(text: str, width: int) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def header(tasks: Sequence[Task]) -> str:
    """The first line of the table."""
    cells = [_cells(task.name, "p" if task.kind == "classification" else "value", "sd", "near", task) for task in tasks]
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
    verdict = prediction.verdict if task.kind == "classification" else _class(task, prediction)
    return _cells(verdict, f"{prediction.output:.2f}", f"{prediction.spread:.2f}", near, task)


def _class(task: Task, prediction: Prediction) -> str:
    return solubility_class(prediction.output) if task.name == SOLUBILITY.name else ""


def _values(tasks: Sequence[Task]) -> list[Task]:
    return [task for task in tasks if task.kind == "regression"]


def _cells(verdict: str, output: str, spread: str, near: str, task: Task) -> str:
    classes = [name for _, name in CLASSES] if task.name == SOLUBILITY.name else task.classes
    width = max(len(word) for word in (task.name, *classes))
    return f"{verdict:{width}} {output:>{_NUMBER}} {spread:>{_NUMBER}} {near:<{_NUMBER}}"
