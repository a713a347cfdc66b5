"""Sets of concepts made by hand, written where the app looks for them, and predictions that belong to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.concepts.folders import runs_folder
from concepts import storage
from concepts.concept import ConceptSet
from concepts.storage import save_concepts
from datasets.file_hash import file_sha256
from datasets.tasks import MUTAGENICITY, Task
from megan.prediction import Prediction
from megan.shipped import PRETRAINED
from tests.app.fake_predictor import FakePredictor
from tests.concepts.hand_made import WIDTH, three_concepts

WEIGHTS = PRETRAINED / "mutagenicity" / "weights.safetensors"


def of_shipped_model(**changes: Any) -> ConceptSet:
    """Three concepts that are of the shipped model of mutagenicity."""
    return replace(three_concepts(), model_sha256=file_sha256(WEIGHTS), **changes)


def write_shipped(found: ConceptSet | None = None) -> Path:
    """A set that comes with the package, as far as the app knows."""
    return _written(storage.SHIPPED / "mutagenicity", found)


def write_own(name: str = "concepts-mine", found: ConceptSet | None = None) -> Path:
    """A set of the user's own."""
    return _written(runs_folder() / name, found)


def _written(folder: Path, found: ConceptSet | None) -> Path:
    save_concepts(folder, of_shipped_model() if found is None else found)
    return folder


def placed(prediction: Prediction, *directions: int, fidelity: tuple[float, float] = (0.1, 1.9)) -> Prediction:
    """The same prediction with an embedding along one axis in each channel."""
    embedding = np.eye(WIDTH, dtype=np.float32)[list(directions)]
    explanation = replace(prediction.explanation, embedding=embedding, fidelity=np.array(fidelity, dtype=np.float32))
    return replace(prediction, explanation=explanation)


class PlacedPredictor(FakePredictor):
    """Every molecule lies in the middle of non-mutagenic-01 and of mutagenic-01."""

    def __init__(self, task: Task = MUTAGENICITY) -> None:
        super().__init__(task)

    def predict(self, smiles: str) -> Prediction:
        return placed(super().predict(smiles), 0, 2)
