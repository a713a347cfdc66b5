"""Which molecules a quiz asks about, in which order, and which of them come with an explanation.

Of either verdict as many questions come with an explanation as without, so that neither kind is easier by its verdicts;
the order is random throughout, so that nobody can count on what comes next. The same seed draws the same quiz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

BLOCK: Final = 4
"""A question of either verdict, with and without an explanation."""


@dataclass(frozen=True, slots=True)
class Question:
    """One molecule of the quiz."""

    place: int
    """Position among the molecules."""
    explained: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A quiz before anybody has taken it."""

    examples: tuple[int, ...]
    """Positions of the molecules to learn from, as many of either verdict."""
    questions: tuple[Question, ...]


def most_questions(verdicts: Sequence[int], examples: int) -> int:
    """How many questions the molecules allow beside that many examples; a multiple of four."""
    fewer = min(list(verdicts).count(side) for side in (0, 1))
    return max(0, (fewer - examples // 2) // 2 * BLOCK)


def plan(verdicts: Sequence[int], examples: int, questions: int, seed: int) -> Plan:
    """Draw a quiz.

    Parameters
    ----------
    verdicts
        Of each molecule, 0 or 1.
    examples
        To learn from; an even number of at least 2.
    questions
        A multiple of four.
    seed
        At least 0.

    Raises
    ------
    ValueError
        If a number is none of these, or there are too few molecules of one verdict.
    """
    if examples < 2 or examples % 2:
        raise ValueError(f"examples is {examples}; expected an even number of at least 2")
    if questions < BLOCK or questions % BLOCK:
        raise ValueError(f"questions is {questions}; expected a multiple of {BLOCK}")
    given = np.asarray(verdicts)
    if not np.isin(given, (0, 1)).all():
        raise ValueError("verdicts holds something else; expected 0 and 1 only")
    needed = (examples + questions) // 2
    rng = np.random.default_rng(seed)
    sides = [rng.permutation(np.flatnonzero(given == side)) for side in (0, 1)]
    for side, places in enumerate(sides):
        if len(places) < needed:
            raise ValueError(f"{len(places)} molecules have verdict {side}; expected at least {needed}")
    shown = [place for places in sides for place in places[: examples // 2]]
    asked = [
        Question(int(place), explained=number % 2 == 0)
        for places in sides
        for number, place in enumerate(places[examples // 2 : needed])
    ]
    return Plan(
        tuple(int(shown[i]) for i in rng.permutation(len(shown))),
        tuple(asked[i] for i in rng.permutation(len(asked))),
    )
