"""A random forest on Morgan counts and descriptors: the reference that needs no network. Runs in our own environment.

It learns from train and valid, since it has nothing to stop early; what it says of valid molecules comes from the trees
that have not seen them (out of bag), so that a threshold chosen there is honest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors
from rdkit.rdBase import BlockLogs
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from benchmarks.peers.exchange import Job, read_job, write_answer

RADIUS = 2
BITS = 2048
DESCRIPTORS = (
    "CrippenClogP", "CrippenMR", "amw", "tpsa", "labuteASA", "NumHBD", "NumHBA", "NumRotatableBonds", "NumRings",
    "NumAromaticRings", "FractionCSP3", "NumHeteroatoms",
)  # fmt: skip
"""RDKit's names of size, polarity, shape and rings."""


def features(smiles: tuple[str, ...]) -> Any:
    """Counts of circular environments and descriptors, (N, BITS + len(DESCRIPTORS))."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    described = rdMolDescriptors.Properties(list(DESCRIPTORS))
    rows = np.zeros((len(smiles), BITS + len(DESCRIPTORS)), dtype=np.float32)
    with BlockLogs():
        for row, text in zip(rows, smiles, strict=True):
            molecule = Chem.MolFromSmiles(text)
            row[:BITS] = generator.GetCountFingerprintAsNumPy(molecule)
            row[BITS:] = list(described.ComputeProperties(molecule))
    return rows


def answer(job: Job) -> dict[int, float]:
    """Predictions of the valid (out of bag) and the test molecules by row."""
    regression = job.settings["kind"] == "regression"
    x, y = features(job.smiles), np.array(job.labels)
    learned, test = job.rows("train", "valid"), job.rows("test")
    kind = RandomForestRegressor if regression else RandomForestClassifier
    forest = kind(
        n_estimators=job.settings["trees"],
        # A third of the features for values, their root for classes, as Breiman 2001 (doi 10.1023/A:1010933404324).
        max_features=1 / 3 if regression else "sqrt",
        oob_score=True,
        n_jobs=1,
        random_state=0,
    ).fit(x[learned], y[learned])
    unseen = forest.oob_prediction_ if regression else forest.oob_decision_function_[:, 1]
    predicted = forest.predict(x[test]) if regression else forest.predict_proba(x[test])[:, 1]
    valid = {row for row in learned if job.splits[row] == "valid"}
    out_of_bag = {row: float(value) for row, value in zip(learned, unseen, strict=True) if row in valid}
    return out_of_bag | {row: float(value) for row, value in zip(test, predicted, strict=True)}


if __name__ == "__main__":
    work = read_job()
    write_answer(work, answer(work), {"molecules": len(work.rows("train", "valid")), "trees": work.settings["trees"]})
