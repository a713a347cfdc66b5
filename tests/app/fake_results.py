"""Results without a model: every number follows from the SMILES, so tests know what must come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rdkit import Chem

from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import Policy, standardize_rows
from datasets.tasks import Task, get_task
from megan.prediction import Domain, Explanation, Prediction, RowResult


def prediction(smiles: str, task: Task, output: float | None = None) -> Prediction:
    """A prediction whose mask marks every nitrogen in the last channel."""
    mol = Chem.MolFromSmiles(smiles)
    marked = [atom.GetSymbol() == "N" for atom in mol.GetAtoms()]
    bonds = [marked[b.GetBeginAtomIdx()] or marked[b.GetEndAtomIdx()] for b in mol.GetBonds()]
    if output is None:
        output = 0.9 if any(marked) else 0.2
    regression = task.kind == "regression"
    return Prediction(
        task=task.name,
        output=output,
        verdict=f"{output:.2f} {task.unit}" if regression else task.classes[output >= 0.5],
        threshold=None if regression else 0.5,
        spread=0.01,
        conformal=(f"{output - 1:.2f}..{output + 1:.2f}",) if regression else (task.classes[output >= 0.5],),
        confidence=0.9,
        domain=Domain(similarity=0.75, inside=True, neighbours=(), measured=None),
        explanation=Explanation(
            channels=task.channels,
            node_importance=np.array([[0, m] for m in marked], dtype=np.float32).reshape(-1, 2),
            edge_importance=np.array([[0, b] for b in bonds], dtype=np.float32).reshape(-1, 2),
            fidelity=np.array([0, 1.5], dtype=np.float32),
            embedding=np.zeros((2, 4), dtype=np.float32),
        ),
    )


def results(
    lines: Sequence[tuple[str, str]], tasks: Sequence[str] = ("aggregation", "mutagenicity")
) -> list[RowResult]:
    """Results of (id, SMILES) pairs."""
    rows = [InputRow(row, name, smiles) for row, (name, smiles) in enumerate(lines)]
    return predict_rows(rows, [FakePredictor(get_task(task)) for task in tasks])


class FakePredictor:
    """Answers as `megan.Predictor` does, at once."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.card: dict[str, Any] = {"calibration": {"threshold": None if task.kind == "regression" else 0.5}}

    @classmethod
    def load(cls, name: object, confidence: float = 0.9) -> FakePredictor:
        return cls(get_task(str(name)))


def predict_rows(
    rows: Sequence[InputRow], predictors: Sequence[FakePredictor], policy: Policy = Policy.PARENT
) -> list[RowResult]:
    """Stands for `megan.predict_rows`."""
    return [
        RowResult(
            m, {} if isinstance(m, RowProblem) else {p.task.name: prediction(m.smiles, p.task) for p in predictors}
        )
        for m in standardize_rows(rows, policy)
    ]


def molecule(smiles: str, name: str = "") -> Molecule:
    """One standardised molecule."""
    found = standardize_rows([InputRow(0, name, smiles)])[0]
    assert isinstance(found, Molecule)
    return found
