"""The molecules of a quiz with the model's verdicts and explanations.

They are those of the model's test split, which it has never seen, where the measured table is on this machine; else
well-known molecules, of which it may have seen some. That is no harm to the quiz, which asks what the model says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
from rdkit import Chem

from app.concepts.known import KnownConcepts, Outside
from app.concepts.table import measured_molecules
from app.quiz.molecules import MOLECULES
from concepts.matching import INSIDE
from concepts.naming.fragments import masked_atoms
from datasets.molecule import InputRow, Molecule
from datasets.standardize import Policy
from datasets.tasks import Task
from megan.prediction import Prediction, RowResult

if TYPE_CHECKING:
    from megan.predictor import Predictor

LOOKED_AT: Final = 240
"""Molecules of the test split that are predicted to choose from."""
FEWEST_ATOMS, MOST_ATOMS = 5, 40
"""Heavy atoms of a molecule that a person can take in."""
TEST_SPLIT: Final = "test split of the model's measured table"
WELL_KNOWN: Final = "well-known molecules"
#: Why a channel has no concept that could be told.
_SILENT: Final = (Outside.NO_CONCEPTS, Outside.UNMARKED, Outside.FAR)
Predict = Callable[[Sequence[InputRow], Policy, Sequence[str]], list[RowResult]]


@dataclass(frozen=True, slots=True)
class Item:
    """A molecule with what the model says of it."""

    smiles: str
    verdict: int
    """0 or 1; of a value, whether it is above the limit."""
    prediction: Prediction
    concepts: tuple[str, ...]
    """Per channel: name of the concept that it looks like; empty where there is none."""

    def marked(self) -> tuple[str, ...]:
        """Per channel: the marked atoms as SMILES fragments, such as "N(=O)[O-]"; empty where none is marked."""
        mol = Chem.MolFromSmiles(self.smiles)
        found = []
        for k in range(self.prediction.explanation.node_importance.shape[1]):
            atoms = masked_atoms(self.prediction.explanation.node_importance[:, k])
            found.append(Chem.MolFragmentToSmiles(mol, sorted(atoms)) if atoms else "")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a quiz about a model can ask."""

    task: Task
    names: tuple[str, str]
    """What the two verdicts are called."""
    source: str
    """`TEST_SPLIT` or `WELL_KNOWN`."""
    items: tuple[Item, ...]

    @property
    def verdicts(self) -> list[int]:
        """Of each item."""
        return [item.verdict for item in self.items]


def material_of(predictor: Predictor, predict: Predict, known: KnownConcepts | None, seed: int) -> Material:
    """Molecules for a quiz about a model.

    Parameters
    ----------
    predict
        `app.components.predictors.predict` or its like.
    known
        The concepts of the model, where there are some.
    seed
        Of the choice from the test split.
    """
    task = predictor.task
    smiles, source = _molecules(task, seed)
    results = predict([InputRow(row, "", text) for row, text in enumerate(smiles)], Policy.PARENT, (task.name,))
    found = [
        (result.molecule.smiles, result.predictions[task.name])
        for result in results
        if isinstance(result.molecule, Molecule) and result.predictions and _fits(result.molecule.smiles)
    ]
    found = list({text: (text, prediction) for text, prediction in found}.values())
    limit = median(prediction.output for _, prediction in found) if task.kind == "regression" else 0.0
    items = [
        Item(text, _verdict(task, prediction, limit), prediction, _concepts(prediction, known))
        for text, prediction in found
    ]
    return Material(task, verdict_names(task, limit), source, tuple(items))


def verdict_names(task: Task, limit: float = 0.0) -> tuple[str, str]:
    """What the two verdicts are called; of a regression, on which side of a limit the value is."""
    if task.kind == "classification":
        return task.classes[0], task.classes[1]
    return f"below {limit:.1f} {task.unit}".rstrip(), f"{limit:.1f} {task.unit}".rstrip() + " or more"


def _molecules(task: Task, seed: int) -> tuple[list[str], str]:
    try:
        table, _ = measured_molecules(task)
        test = table["smiles"][table["split"] == "test"].tolist()
    except (FileNotFoundError, ValueError, KeyError):
        test = []
    if not test:
        return [smiles for _, smiles in MOLECULES], WELL_KNOWN
    drawn = np.random.default_rng(seed).permutation(len(test))[:LOOKED_AT]
    return [str(test[i]) for i in drawn], TEST_SPLIT


def _fits(smiles: str) -> bool:
    mol = Chem.MolFromSmiles(smiles)
    return mol is not None and FEWEST_ATOMS <= mol.GetNumAtoms() <= MOST_ATOMS and "." not in smiles


def _verdict(task: Task, prediction: Prediction, limit: float) -> int:
    if task.kind == "regression":
        return int(prediction.output >= limit)
    return task.classes.index(prediction.verdict)


def _concepts(prediction: Prediction, known: KnownConcepts | None) -> tuple[str, ...]:
    """Names by likeness alone: a rule that asks for the verdict would give the answer away."""
    channels = len(prediction.explanation.channels)
    matches = () if known is None else known.of(prediction)
    if not matches:
        return ("",) * channels
    return tuple(
        match.nearest.name if match.nearest and match.score >= INSIDE and match.outside not in _SILENT else ""
        for match in matches
    )
