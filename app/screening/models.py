"""The models of a run, loaded by each worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.concepts.known import KnownConcepts, concepts_of_model
from megan.card import bundle_folder
from megan.predictor import Predictor


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """A committee and the concepts of its masks."""

    predictor: Predictor
    concepts: KnownConcepts | None
    """None where no set of concepts is of this very model."""


def load_models(names: Sequence[str]) -> list[ScreenModel]:
    """Load the models of a run.

    Raises
    ------
    ValueError
        If a bundle cannot be read.
    """
    models = []
    for name in names:
        predictor = Predictor.load(name)
        models.append(
            ScreenModel(predictor, concepts_of_model(predictor.task, bundle_folder(name) / "weights.safetensors"))
        )
    return models
