"""A quiz drawn from a model and four numbers; the same numbers draw the same quiz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.components.concepts.sets import known_concepts
from app.components.predictors import predict
from app.quiz.material import material_of
from app.quiz.order import most_questions, plan
from app.quiz.session import QuizSession
from datasets.file_hash import file_sha256
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED

if TYPE_CHECKING:
    from megan.predictor import Predictor


def drawn(models: Mapping[str, Predictor], name: str, questions: int, examples: int, seed: int) -> QuizSession | str:
    """A quiz that has not begun, or why there can be none."""
    known = known_concepts({name: models[name]}).get(name)
    material = material_of(models[name], predict, known, seed)
    most = most_questions(material.verdicts, examples)
    if most < questions:
        sides = [f"{material.verdicts.count(side)} {material.names[side]}" for side in (0, 1)]
        return (
            f"{questions} questions are more than these molecules allow ({' and '.join(sides)}); expected at most "
            f"{most}, or fewer examples."
        )
    return QuizSession(material, plan(material.verdicts, examples, questions, seed), seed, _weights(name))


def _weights(name: str) -> str:
    shipped = PRETRAINED / name
    folder = shipped if (shipped / "card.json").is_file() else own_bundles().get(name)
    file = None if folder is None else folder / "weights.safetensors"
    return file_sha256(file) if file is not None and file.is_file() else ""
