"""A predictor without a network: probabilities and masks from the structure alone, the same every time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from rdkit import Chem

from datasets.molecule import InputRow, Molecule
from datasets.standardize import Policy, standardize_rows
from datasets.tasks import AGGREGATION, MUTAGENICITY, Task
from megan.prediction import Domain, Explanation, Neighbour, Prediction, RowResult

NEIGHBOURS = ("Nc1ccccc1[N+](=O)[O-]", "O=[N+]([O-])c1ccccc1", None)


class FakePredictor:
    """Answers as `megan.predictor.Predictor` does; nitro groups and phenols decide."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.card = fake_card(task)

    def predict(self, smiles: str) -> Prediction:
        mol = Chem.MolFromSmiles(smiles)
        n, b = mol.GetNumAtoms(), mol.GetNumBonds()
        random = np.random.default_rng(zlib.crc32(f"{self.task.name}{smiles}".encode()))
        hits = mol.GetSubstructMatches(Chem.MolFromSmarts("[N+](=O)[O-]" if self.task is MUTAGENICITY else "cO"))
        nodes = (random.random((n, 2)) ** 3 * 0.5).astype(np.float32)
        for hit in hits:
            nodes[list(hit), 1] = 0.95
        edges = np.array(
            [np.minimum(nodes[x.GetBeginAtomIdx()], nodes[x.GetEndAtomIdx()]) for x in mol.GetBonds()], dtype=np.float32
        ).reshape(b, 2)
        output = float(0.93 if hits else 0.08 + 0.5 * random.random())
        verdict = self.task.classes[int(output >= 0.5)]
        neighbours = tuple(
            Neighbour(i, 0.71 - 0.13 * i, float(i != 1), ("train", "test", "valid")[i], NEIGHBOURS[i]) for i in range(3)
        )
        similarity = 0.62 if n > 3 else 0.12
        return Prediction(
            task=self.task.name,
            output=output,
            verdict=verdict,
            threshold=0.5,
            spread=0.04 + 0.1 * float(random.random()),
            conformal=(verdict,) if hits else self.task.classes,
            confidence=0.9,
            domain=Domain(
                similarity=similarity,
                inside=similarity > 0.3,
                neighbours=neighbours,
                measured=Neighbour(9, 1.0, 0.0, "train", smiles) if smiles == "CCO" or len(hits) > 1 else None,
            ),
            explanation=Explanation(
                channels=self.task.channels,
                node_importance=nodes,
                edge_importance=edges,
                fidelity=np.array([0.4, 1.9], dtype=np.float32),
                embedding=np.zeros((2, 4), dtype=np.float32),
            ),
        )


def fake_predictors() -> dict[str, FakePredictor]:
    return {task.name: FakePredictor(task) for task in (AGGREGATION, MUTAGENICITY)}


def fake_predict_rows(
    rows: Sequence[InputRow], predictors: Sequence[FakePredictor], policy: Policy = Policy.PARENT
) -> list[RowResult]:
    return [
        RowResult(
            molecule,
            {p.task.name: p.predict(molecule.smiles) for p in predictors} if isinstance(molecule, Molecule) else {},
        )
        for molecule in standardize_rows(rows, policy)
    ]


def fake_card(task: Task) -> dict[str, object]:
    """A card with every field that the contract names."""
    grid = np.linspace(0, 1, 21)
    interval = {"value": 0.871, "low": 0.842, "high": 0.899}
    return {
        "format": 1,
        "task": {"name": task.name},
        "created": "2026-01-01",
        "versions": {"torch": "2.13.0", "rdkit": "2026.9.1"},
        "data": {"table": task.table, "sha256": "ab" * 32, "rows": {"train": 5666, "valid": 708, "test": 708}},
        "settings": {"units": [64, 64, 64]},
        "seeds": [0, 1, 2, 3, 4],
        "training": {
            "seconds": 1830.0,
            "epochs": [20, 18],
            "log": [
                {"member": m, "epoch": e, "loss": 1 / (e + 1), "valid_score": 0.88 - 0.3 / (e + 1) - 0.01 * m}
                for m in range(5)
                for e in range(20)
            ],
        },
        "calibration": {"temperature": 1.21, "threshold": 0.5},
        "domain": {"similarity_limit": 0.27},
        "test": {
            "n": 708,
            "auroc": interval,
            "balanced_accuracy": interval,
            "average_precision": interval,
            "ece": {"value": 0.031, "low": 0.02, "high": 0.05},
            "fidelity": {name: {"value": 1.4, "low": 1.2, "high": 1.6} for name in task.channels},
        },
        "curves": {
            "roc": {"fpr": grid.tolist(), "tpr": np.sqrt(grid).tolist()},
            "calibration": {
                "bins": grid[::4].tolist(),
                "mean_predicted": [0.1, 0.3, 0.5, 0.7, 0.9],
                "observed": [0.12, 0.27, 0.55, 0.68, 0.91],
                "count": [120, 90, 0, 130, 200],
                "low": [0.08, 0.2, 0.4, 0.6, 0.86],
                "high": [0.17, 0.36, 0.66, 0.75, 0.95],
            },
        },
        "conformal": {level: dict.fromkeys(task.classes, float(level) + 0.01) for level in ("0.8", "0.9", "0.95")},
        "members": 5,
    }
