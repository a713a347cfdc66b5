"""A user's own table of measured molecules, made ready for training: one row a molecule, labels as numbers, a split.

What cannot be used is left out and counted, and the counts are told before anything is trained; a table that cannot be
learned from is a ValueError with one sentence.

    measured = read_measured(read_structures("my.csv", smiles_column="smiles"), "active", "classification")
    measured.table, measured.report.sentences()
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from datasets.class_words import normal_word, ordered_pair
from datasets.library import StructureFile
from datasets.measured_report import TableReport, counted
from datasets.measured_splits import LEAST_OF_CLASS, LEAST_PER_CLASS, split_measured, split_problem
from datasets.own_task import Wording, own_task
from datasets.readers.columns import place_of
from datasets.standardize import Policy, parent_smiles
from datasets.tasks import Kind, Task

#: Molecules that a table must have after all that cannot be used is left out.
LEAST_MOLECULES = 50
KINDS: tuple[Kind, ...] = ("classification", "regression")

_SPLIT_WORDS = {
    "train": "train", "training": "train", "valid": "valid", "validation": "valid", "val": "valid", "test": "test",
}  # fmt: skip
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """A table that can be trained on."""

    table: pd.DataFrame
    """Columns smiles (standardised parent), label (float), inchikey14, split; one row a molecule."""
    task: Task
    report: TableReport


@dataclass(slots=True)
class _Rows:
    """Usable rows so far, in the file's order, and counts of the others."""

    smiles: list[str] = dataclasses.field(default_factory=list)
    keys: list[str] = dataclasses.field(default_factory=list)
    labels: list[str] = dataclasses.field(default_factory=list)
    splits: list[str] = dataclasses.field(default_factory=list)
    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    words: Counter[str] = dataclasses.field(default_factory=Counter)
    """Every label seen, also of rows that cannot be used."""


def read_measured(
    file: StructureFile,
    label_column: str,
    kind: str,
    *,
    split_column: str | None = None,
    wording: Wording | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> MeasuredTable:
    """Read, clean and split a table of measured molecules.

    Salts are reduced to their parent. Rows of one molecule (first block of the InChIKey, so stereoisomers count as one)
    are merged if their labels agree and left out if they do not; values of a regression agree if they lie within one
    standard deviation of all values, and their mean is taken.

    Parameters
    ----------
    file
        From `datasets.library.read_structures`, which also takes the SMILES column.
    label_column, split_column
        Columns of the file; without a split column the molecules are split by scaffold.
    kind
        classification or regression.
    wording
        Names of model and classes.
    progress
        Called every 200 rows with the number of rows read.

    Raises
    ------
    ValueError
        If a column is missing or the table cannot be learned from; one sentence that says why.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; expected {' or '.join(KINDS)}")
    known: Kind = "classification" if kind == "classification" else "regression"
    label_at = place_of(file.columns, label_column, "label column", file.name)
    split_at = None if split_column is None else place_of(file.columns, split_column, "split column", file.name)
    label_name = file.columns[label_at]
    if label_name == file.smiles_column:
        raise ValueError(f"label column is {label_name!r}, which holds the SMILES; expected another column")
    # Names are checked before the molecules, which take longer.
    wording = wording or Wording()
    own_task(wording, known, label_name, file.name)
    rows = _usable_rows(file, label_at, split_at, known, progress)
    pair = _class_pair(rows.words, label_name) if known == "classification" else None
    numbers = [float(word == pair[1]) for word in rows.labels] if pair else [float(word) for word in rows.labels]
    table, report = _one_row_a_molecule(rows, numbers, known)
    _check(table, report, known, label_name, rows.words)
    labels = table["label"].to_numpy()
    if split_column is None:
        table["split"], how = split_measured(list(table["smiles"]), labels, known)
    else:
        how = split_column
        if problem := split_problem(table["split"].to_numpy(dtype="<U5"), labels, known):
            least = f"{LEAST_OF_CLASS} {'molecules of each class' if known == 'classification' else 'different values'}"
            raise ValueError(
                f"split column {split_column!r} cannot be used: {problem}; expected train, valid and test, each with "
                f"at least {least}"
            )
    task = own_task(wording, known, label_name, file.name, pair)
    return MeasuredTable(table, task, dataclasses.replace(report, split=how))


def _usable_rows(
    file: StructureFile, label_at: int, split_at: int | None, kind: Kind, progress: Callable[[int], None]
) -> _Rows:
    rows = _Rows()
    for row in file:
        rows.counts["rows"] += 1
        if rows.counts["rows"] % 200 == 0:
            progress(rows.counts["rows"])
        word = normal_word(row.values[label_at])
        if not word:
            rows.counts["no_label"] += 1
            continue
        rows.words[word] += 1
        if kind == "regression" and not _is_number(word):
            rows.counts["odd_label"] += 1
            continue
        split = "" if split_at is None else _SPLIT_WORDS.get(str(row.values[split_at] or "").strip().casefold())
        if split is None:
            rows.counts["no_split"] += 1
            continue
        smiles = parent_smiles(row.structure.text, Policy.PARENT)
        key = _key(smiles) if smiles else ""
        if not smiles or not key:
            rows.counts["no_structure"] += 1
            continue
        for values, value in (
            (rows.smiles, smiles), (rows.keys, key), (rows.labels, word), (rows.splits, split),
        ):  # fmt: skip
            values.append(value)
    if not rows.counts["rows"]:
        raise ValueError(f"{file.name} holds no rows; expected at least {LEAST_MOLECULES} molecules with a label")
    return rows


def _one_row_a_molecule(rows: _Rows, labels: list[float], kind: Kind) -> tuple[pd.DataFrame, TableReport]:
    places: dict[str, list[int]] = {}
    for place, key in enumerate(rows.keys):
        places.setdefault(key, []).append(place)
    tolerance = 0.0 if kind == "classification" else float(np.std(labels)) if labels else 0.0
    kept, counts = [], rows.counts
    for key, same in places.items():
        values = [labels[place] for place in same]
        if max(values) - min(values) > tolerance or len({rows.splits[place] for place in same}) > 1:
            counts["conflicting"] += len(same)
            counts["conflicting_molecules"] += 1
            continue
        counts["merged"] += len(same) - 1
        kept.append((rows.smiles[same[0]], float(np.mean(values)), key, rows.splits[same[0]]))
    table = pd.DataFrame(kept, columns=["smiles", "label", "inchikey14", "split"])
    table["label"] = table["label"].astype("float64")
    return table, TableReport(
        rows=counts["rows"],
        no_label=counts["no_label"],
        odd_label=counts["odd_label"],
        no_split=counts["no_split"],
        no_structure=counts["no_structure"],
        merged=counts["merged"],
        conflicting=counts["conflicting"],
        conflicting_molecules=counts["conflicting_molecules"],
        kept=len(table),
    )


def _check(table: pd.DataFrame, report: TableReport, kind: Kind, column: str, words: Counter[str]) -> None:
    """Refuse what cannot be learned from."""
    left_out = report.left_out()
    if report.no_label == report.rows:
        raise ValueError(f"none of {counted(report.rows, 'row')} has a label in column {column!r}")
    if kind == "regression" and report.odd_label + report.no_label == report.rows:
        raise ValueError(
            f"no label in column {column!r} is a number (seen: {_listed(words)}); expected numbers, or the kind "
            "classification"
        )
    if len(table) < LEAST_MOLECULES:
        raise ValueError(
            f"the table has {counted(len(table), 'usable molecule')}{left_out}; expected at least {LEAST_MOLECULES}"
        )
    labels = table["label"].to_numpy()
    if kind == "regression":
        if np.ptp(labels) == 0:
            raise ValueError(f"the labels in column {column!r} are all {labels[0]:g}; expected different values")
        return
    for c in (0, 1):
        if (count := int((labels == c).sum())) < LEAST_PER_CLASS:
            which = "positive" if c else "negative"
            raise ValueError(
                f"only {counted(count, 'molecule')} of the {which} class in column {column!r} can be used{left_out}; "
                f"expected at least {LEAST_PER_CLASS} of each class, so that train, valid and test hold some"
            )


def _class_pair(words: Counter[str], column: str) -> tuple[str, str]:
    """(negative, positive) of the labels of a classification."""
    pair = ordered_pair(words)
    if pair is not None or not words:
        return pair or ("0", "1")
    if len(words) == 1:
        raise ValueError(f"the labels in column {column!r} are all {next(iter(words))[:40]!r}; expected two classes")
    expected = "expected two classes whose order is clear: 1 and 0, yes and no, true and false, active and inactive, "
    expected += "or positive and negative"
    if len(words) > 2 and all(map(_is_number, words)):
        expected += "; for measured values choose the kind regression"
    raise ValueError(f"column {column!r} holds {len(words)} different labels ({_listed(words)}); {expected}")


def _listed(words: Counter[str]) -> str:
    """The most frequent labels, shortened."""
    shown = [f"{word[:30]!r} in {counted(count, 'row')}" for word, count in words.most_common(_SHOWN)]
    return ", ".join(shown) + (" and more" if len(words) > _SHOWN else "")


def _key(smiles: str) -> str:
    with BlockLogs():
        return str(Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)))[:14]


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
