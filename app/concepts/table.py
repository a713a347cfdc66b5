"""The molecules that concepts are looked for in: the table of a task, or a file of the user's own."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from datasets.class_words import class_of, normal_word
from datasets.library import StructureFile, read_structures
from datasets.sources import load_table
from datasets.tasks import Task
from megan.own_models import own_table


def measured_molecules(task: Task) -> tuple[pd.DataFrame, str]:
    """The measured table of a task or of a model of one's own, and its name.

    Raises
    ------
    FileNotFoundError
        If it is not on this machine.
    """
    own = own_table(task.name)
    if own is None:
        return load_table(task), task.table
    table = pd.read_csv(own, dtype=str, keep_default_na=False)
    table["label"] = table["label"].astype("float64")
    return table, own.name


def own_molecules(
    path: Path, task: Task, smiles_column: str | None = None, label_column: str | None = None
) -> tuple[pd.DataFrame, str]:
    """A file of molecules, measured or not, and its name.

    Parameters
    ----------
    path
        Any format that `read_structures` reads.
    task
        Whose classes or values the labels are.
    smiles_column
        Guessed if not given.
    label_column
        By default the task's own, if the file has it; a cell may be empty.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read, is empty, lacks a column, or a label is not usable.
    """
    file = read_structures(path, smiles_column=smiles_column)
    if label_column is not None and label_column not in file.columns:
        raise ValueError(f"--label is {label_column!r}; expected a column of {file.name}: {', '.join(file.columns)}")
    wanted = label_column or task.label_column
    label_at = _place(file, wanted)
    split_at = _place(file, "split")
    rows = [
        (
            row.structure.text,
            math.nan if label_at is None else _label(row.values[label_at], task, wanted, row.structure.row),
            "" if split_at is None else str(row.values[split_at] or "").strip(),
        )
        for row in file
    ]
    if not rows:
        raise ValueError(f"{file.name} holds no rows; expected molecules")
    return pd.DataFrame(rows, columns=["smiles", "label", "split"]), file.name


def _place(file: StructureFile, column: str) -> int | None:
    return file.columns.index(column) if column in file.columns else None


def _label(cell: object, task: Task, column: str, row: int) -> float:
    text = "" if cell is None else str(cell).strip()
    if not text or text.casefold() == "nan":
        return math.nan
    try:
        label = float(cell) if isinstance(cell, bool) else float(text)
    except ValueError:
        label = math.inf
    if task.kind == "classification" and label not in (0, 1):
        names = [normal_word(name) for name in task.classes]
        word = normal_word(text)
        known = names.index(word) if word in names else class_of(word)
        label = math.inf if known is None else float(known)
    if math.isinf(label):
        expected = "0 or 1" if task.kind == "classification" else "a number"
        raise ValueError(f"row {row} has the label {text[:40]!r} in column {column!r}; expected {expected}, or nothing")
    return label
