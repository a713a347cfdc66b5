"""SMILES in, predictions out: the one door for pages, commands, concepts and users' scripts.

Examples
--------
>>> from megan import Predictor
>>> predictor = Predictor.load("mutagenicity")
>>> predictor.predict(["O=[N+]([O-])c1ccccc1"])[0].verdict
'mutagenic'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.featurize import FlatBatch, featurize
from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import Policy, standardize_rows
from datasets.tasks import Task
from megan.bundle import Bundle, load_bundle
from megan.calibration import Calibration
from megan.card import shipped_tasks, task_of
from megan.committee import CommitteeOutput, ask
from megan.domain import describe_domain
from megan.prediction import Domain, Explanation, Prediction, RowResult
from megan.structures import Structures, measured_structures, with_structures

__all__ = ["Predictor", "predict_rows", "shipped_tasks"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outputs:
    """Numbers alone for G molecules, for evaluation and screening."""

    output: Floats
    """Shape (G,): calibrated probability of class 1, or value in the task's unit."""
    spread: Floats
    """Shape (G,): standard deviation of the members' outputs."""
    fidelity: npt.NDArray[np.float32]
    """Shape (G, K)."""


@dataclass(slots=True)
class Predictor:
    """A loaded committee with its calibration and its measured compounds."""

    task: Task
    card: dict[str, Any]
    bundle: Bundle
    confidence: float = 0.9
    """Nominal coverage of the conformal sets."""
    _structures: Structures | None = field(default=None, repr=False)

    @classmethod
    def load(cls, name_or_path: str | Path, confidence: float = 0.9) -> Predictor:
        """Load a shipped bundle by its task's name, or any bundle by its folder.

        Raises
        ------
        BundleError
            If there is no such bundle or it cannot be read.
        ValueError
            If `confidence` is not between 0 and 1.
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1")
        bundle = load_bundle(name_or_path)
        return cls(task_of(bundle.card), bundle.card, bundle, confidence)

    @property
    def threshold(self) -> float | None:
        """Probability from which the verdict is the positive class; None for regression."""
        threshold = self.card["calibration"]["threshold"]
        return None if threshold is None else float(threshold)

    def predict(self, smiles: Sequence[str], policy: Policy = Policy.PARENT) -> list[Prediction | RowProblem]:
        """Predict and explain; as many answers as inputs, in their order.

        Parameters
        ----------
        smiles
            Any texts; those that are no molecule yield a RowProblem.
        policy
            Whether salts are reduced to their parent.
        """
        rows = [InputRow(row, "", text) for row, text in enumerate(smiles)]
        results = predict_rows(rows, [self], policy)
        return [r.molecule if isinstance(r.molecule, RowProblem) else r.predictions[self.task.name] for r in results]

    def outputs(self, batch: FlatBatch) -> Outputs:
        """Numbers without domain or explanation, for many molecules at once."""
        answer = ask(self.bundle.members, batch)
        return Outputs(self._combined(answer), self._calibrated(answer).std(axis=0), answer.fidelity)

    def explain(self, molecules: Sequence[Molecule], batch: FlatBatch) -> list[Prediction]:
        """Full predictions for standardised molecules and their features (in the same order)."""
        answer = ask(self.bundle.members, batch)
        members = self._calibrated(answer)
        output = self._combined(answer)
        spread = members.std(axis=0)
        labels = self._labels_in_set(output)
        return [
            Prediction(
                task=self.task.name,
                output=float(output[g]),
                verdict=self._verdict(float(output[g])),
                threshold=self.threshold,
                spread=float(spread[g]),
                conformal=labels[g],
                confidence=self.confidence,
                domain=self._domain(molecule),
                explanation=self._explanation(answer, batch, g),
            )
            for g, molecule in enumerate(molecules)
        ]

    def _calibrated(self, answer: CommitteeOutput) -> Floats:
        if self.task.kind == "regression":
            return answer.outputs.astype(np.float64)
        return Calibration.from_record(self.card["calibration"]).probability(answer.outputs)

    def _combined(self, answer: CommitteeOutput) -> Floats:
        mean: Floats = answer.outputs.astype(np.float64).mean(axis=0)
        if self.task.kind == "regression":
            return mean
        return Calibration.from_record(self.card["calibration"]).probability(mean)

    def _verdict(self, output: float) -> str:
        if self.threshold is None:
            return f"{output:.2f} {self.task.unit}".rstrip()
        return self.task.classes[int(output >= self.threshold)]

    def _labels_in_set(self, output: Floats) -> list[tuple[str, ...]]:
        if self.task.kind == "regression":
            half = self.bundle.conformal.half_width(self.confidence)
            return [(f"{value - half:.2f}..{value + half:.2f}",) for value in output]
        sets = self.bundle.conformal.sets(output, self.confidence)
        return [tuple(name for name, kept in zip(self.task.classes, row, strict=True) if kept) for row in sets]

    def _domain(self, molecule: Molecule) -> Domain:
        if self._structures is None:
            self._structures = measured_structures(self.task)
        limit = float(self.card["domain"]["similarity_limit"])
        domain = describe_domain(self.bundle.measured, molecule.smiles, molecule.inchikey, limit)
        return with_structures(domain, self.bundle.measured.keys, self._structures)

    def _explanation(self, answer: CommitteeOutput, batch: FlatBatch, g: int) -> Explanation:
        atoms = slice(batch.atom_offsets[g], batch.atom_offsets[g + 1])
        bonds = slice(batch.bond_offsets[g], batch.bond_offsets[g + 1])
        return Explanation(
            channels=self.task.channels,
            node_importance=answer.node_importance[atoms].copy(),
            edge_importance=answer.edge_importance[bonds].copy(),
            fidelity=answer.fidelity[g].copy(),
            embedding=answer.embedding[g].copy(),
        )


def predict_rows(
    rows: Sequence[InputRow], predictors: Sequence[Predictor], policy: Policy = Policy.PARENT
) -> list[RowResult]:
    """Standardise and featurise once, then ask every predictor; one result a row, in the rows' order.

    Parameters
    ----------
    rows
        Structures as given.
    predictors
        One per task.
    policy
        Whether salts are reduced to their parent.
    """
    standardised = standardize_rows(rows, policy)
    molecules = [m for m in standardised if isinstance(m, Molecule)]
    batch = featurize([m.smiles for m in molecules])
    by_task = {p.task.name: iter(p.explain(molecules, batch)) for p in predictors}
    return [
        RowResult(m, {name: next(answers) for name, answers in by_task.items()} if isinstance(m, Molecule) else {})
        for m in standardised
    ]
