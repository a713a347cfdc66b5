"""Scores of a model on labelled structures, batch after batch, by the same functions that wrote its card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.predicting.labelled import LabelledRows
from app.predicting.row_source import BATCH
from datasets.featurize import featurize
from datasets.standardize import Policy, parent_smiles
from megan.evaluation import check_labels, rounded, score
from megan.predictor import Outputs, Predictor


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a card says of its test split."""

    n: int
    """Rows that were predicted and compared."""
    failed: int
    """Rows whose structure could not be read."""
    scores: dict[str, dict[str, float]]
    """Metric -> value, low, high."""


def evaluate_labelled(predictor: Predictor, rows: LabelledRows) -> Evaluated:
    """Predict labelled structures and compare.

    Parameters
    ----------
    predictor
        The model.
    rows
        Structures and labels; salts are reduced to their parent as in training.

    Raises
    ------
    ValueError
        If no metric can be computed from the labels: fewer than two rows, or all labels equal.
    """
    # Before the work as well as after it: labels that say nothing need no prediction.
    check_labels(np.array(rows.labels, dtype=np.float64), predictor.task)
    parts: list[Outputs] = []
    labels: list[float] = []
    for start in range(0, len(rows.smiles), BATCH):
        parents = [parent_smiles(text, Policy.PARENT) for text in rows.smiles[start : start + BATCH]]
        batch = zip(parents, rows.labels[start : start + BATCH], strict=True)
        kept = [(smiles, label) for smiles, label in batch if smiles is not None]
        if kept:
            parts.append(predictor.outputs(featurize([smiles for smiles, _ in kept])))
            labels += [label for _, label in kept]
    if not parts:
        raise ValueError(f"none of {len(rows.smiles)} structures could be read; expected SMILES")
    outputs = Outputs(
        np.concatenate([part.output for part in parts]),
        np.concatenate([part.spread for part in parts]),
        np.concatenate([part.fidelity for part in parts]),
    )
    scores = score(predictor, outputs, np.array(labels, dtype=np.float64))
    return Evaluated(
        n=len(labels),
        failed=len(rows.smiles) - len(labels),
        scores={name: rounded(interval) for name, interval in scores.items()},
    )
