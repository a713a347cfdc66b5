"""A quiz over fake predictions: nitro compounds against plain ones, nothing but the structure needed."""

from __future__ import annotations

from app.quiz.material import WELL_KNOWN, Item, Material
from app.quiz.order import plan
from app.quiz.session import QuizSession
from datasets.tasks import MUTAGENICITY
from tests.app.fake_results import prediction
from tests.conftest import NITRO, PLAIN


def made_material() -> Material:
    """Sixteen molecules of either verdict; the mask marks every nitrogen for the second."""
    items = [
        Item(smiles, verdict, prediction(smiles, MUTAGENICITY, 0.9 if verdict else 0.1), ("", "nitro <b>"))
        for verdict, texts in ((1, NITRO), (0, PLAIN))
        for smiles in texts
    ]
    return Material(MUTAGENICITY, ("non-mutagenic", "mutagenic"), WELL_KNOWN, tuple(items))


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def made_session(questions: int = 8, clock: Clock | None = None) -> QuizSession:
    """A quiz that has not begun."""
    material = made_material()
    return QuizSession(material, plan(material.verdicts, 4, questions, 3), 3, "ab" * 32, clock=clock or Clock())
