"""The molecules that design rules are made from, and what was measured of them and of their relatives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rdkit import Chem, rdBase

from app.concepts.table import measured_molecules
from datasets.molecule import InputRow, Molecule
from datasets.standardize import standardize_rows
from datasets.tasks import Task

_LOOKED_AT: Final = 200
"""Rows by which it is judged whether a table's SMILES are canonical already."""


@dataclass(frozen=True, slots=True)
class Molecules:
    """Standardised molecules of a file or a text."""

    smiles: tuple[str, ...]
    """Each once, in the order of the input."""
    rows: int
    unreadable: int


def molecules_of(rows: Iterable[InputRow]) -> Molecules:
    """Standardise rows; those that are no molecule are counted, repeats are left out."""
    results = standardize_rows(rows)
    found = [result.smiles for result in results if isinstance(result, Molecule)]
    return Molecules(tuple(dict.fromkeys(found)), len(results), len(results) - len(found))


def measured_labels(task: Task) -> dict[str, float]:
    """Canonical SMILES -> what was measured; empty where the table is not on this machine.

    Repeats of a value are averaged; compounds that were measured in both classes are left out.
    """
    try:
        table, _ = measured_molecules(task)
    except (FileNotFoundError, ValueError):
        return {}
    if not {"smiles", "label"} <= set(table.columns):
        return {}
    labels: dict[str, list[float]] = defaultdict(list)
    texts = _canonical([str(text) for text in table["smiles"]])
    for smiles, label in zip(texts, table["label"], strict=True):
        if smiles and label == label:
            labels[smiles].append(float(label))
    means = {smiles: sum(values) / len(values) for smiles, values in labels.items()}
    if task.kind == "regression":
        return means
    return {smiles: mean for smiles, mean in means.items() if mean in (0, 1)}


def _canonical(texts: list[str]) -> list[str]:
    """Canonical SMILES; empty for what is no molecule. Tables that are canonical as they are cost no time."""
    step = max(len(texts) // _LOOKED_AT, 1)
    with rdBase.BlockLogs():
        if all(_canonical_smiles(text) == text for text in texts[::step]):
            return texts
        return [_canonical_smiles(text) for text in texts]


def _canonical_smiles(text: str) -> str:
    mol = Chem.MolFromSmiles(text)
    return "" if mol is None else Chem.MolToSmiles(mol)
