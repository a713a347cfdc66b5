"""Labelled structures of a file, for evaluation: which rows count, and what was measured on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from datasets.class_words import class_of, normal_word
from datasets.library import StructureFile, read_structures
from datasets.tasks import Task


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Structures as given, with their labels."""

    smiles: list[str]
    labels: list[float]


def read_labelled(
    path: Path, task: Task, label_column: str, smiles_column: str | None = None, split: str | None = None
) -> LabelledRows:
    """Read a file of measured structures.

    Parameters
    ----------
    path
        A table in any format that `read_structures` reads.
    task
        What was measured; labels of a classification are 0 or 1.
    label_column
        The column with the labels.
    smiles_column
        The column with the structures; guessed if not given.
    split
        Keep only rows with this text in the column `split`; all rows if not given.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file cannot be read, lacks a column, holds no row of the split, or a label is missing or not usable.
    """
    file = read_structures(path, smiles_column=smiles_column)
    label_at = _place(file, label_column, "--label")
    split_at = None if split is None else _place(file, "split", "--split needs a column, which")
    found = LabelledRows([], [])
    splits: set[str] = set()
    for row in file:
        if split_at is not None:
            name = str(row.values[split_at]).strip()
            if name != split:
                splits.add(name)
                continue
        where = f"row {row.structure.row} of {file.name} (counted from 0)"
        found.smiles.append(row.structure.text)
        found.labels.append(_label(row.values[label_at], task, label_column, where))
    if not found.smiles:
        if split is not None and splits:
            raise ValueError(f"--split is {split!r}; expected one of {', '.join(sorted(splits)[:8])}")
        raise ValueError(f"{file.name} holds no rows; expected at least 2 with a label")
    return found


def _place(file: StructureFile, column: str, setting: str) -> int:
    if column not in file.columns:
        raise ValueError(f"{setting} is {column!r}; expected a column of {file.name}: {', '.join(file.columns)}")
    return file.columns.index(column)


def _class_label(text: str, task: Task, label: float) -> float:
    """Class of a label that is a word: one of the task's own class names, or of a pair such as yes and no."""
    word = normal_word(text)
    names = [normal_word(name) for name in task.classes]
    known = names.index(word) if word in names else class_of(word)
    return label if known is None else float(known)


def _label(cell: object, task: Task, column: str, where: str) -> float:
    expected = "0 or 1" if task.kind == "classification" else "a number"
    text = "" if cell is None else str(cell).strip()
    try:
        label = float(cell) if isinstance(cell, bool) else float(text)
    except ValueError:
        label = math.nan
    if not text or text.casefold() == "nan":
        raise ValueError(f"{where} has no label in column {column!r}; expected {expected}")
    if task.kind == "classification":
        label = _class_label(text, task, label)
    if not math.isfinite(label) or (task.kind == "classification" and label not in (0, 1)):
        raise ValueError(f"{where} has the label {text[:40]!r} in column {column!r}; expected {expected}")
    return label
