"""One person's way through a quiz: examples first, then one question after the other, each timed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.quiz.material import Item, Material
from app.quiz.order import Plan, Question
from app.quiz.statistics import Outcome, outcome
from app.quiz.store import PERSON, Answered, TakenQuiz

#: Longer than this, somebody has gone away; the time says nothing of the question.
AWAY = 600.0


@dataclass(slots=True)
class QuizSession:
    """A quiz in the taking."""

    material: Material
    plan: Plan
    seed: int
    weights: str = ""
    """sha256 of the model's weights."""
    learning: bool = True
    """Whether the examples are still shown."""
    answers: list[Answered] = field(default_factory=list)
    kept: bool = False
    token: str = ""
    """By which it is found again while it is taken; empty where it is not."""
    interrupted: int = -1
    """Number of a question that was on the page when the page was lost: nobody knows how long it was looked at."""
    clock: Callable[[], float] = time.monotonic
    _shown: tuple[int, float] | None = None
    """Number of the question on the page, and since when."""

    @property
    def done(self) -> bool:
        """Whether every question is answered."""
        return len(self.answers) >= len(self.plan.questions)

    @property
    def question(self) -> Question:
        """The question that is next."""
        return self.plan.questions[len(self.answers)]

    @property
    def item(self) -> Item:
        """Its molecule."""
        return self.material.items[self.question.place]

    def show(self) -> None:
        """Start the clock of the question on the page; a page that runs again does not start it anew."""
        number = len(self.answers)
        if self._shown is None or self._shown[0] != number:
            self._shown = (number, self.clock())

    def answer(self, number: int, verdict: int) -> None:
        """Answer a question; an answer to one that is past, such as from a second click, is passed over."""
        if self.done or number != len(self.answers):
            return
        untimed = self._shown is None or number == self.interrupted
        seconds = None if untimed or self._shown is None else self.clock() - self._shown[1]
        item = self.item
        self.answers.append(
            Answered(
                item.smiles,
                self.question.explained,
                self.material.names[item.verdict],
                self.material.names[verdict],
                seconds if seconds is not None and seconds <= AWAY else None,
            )
        )

    def go_on(self, answers: Sequence[Answered], learning: bool) -> None:
        """Take up a quiz whose page was lost, from the answers that were given before."""
        self.answers, self.learning = list(answers), learning
        self.interrupted = -1 if learning else len(self.answers)

    @property
    def fingerprint(self) -> str:
        """sha256 of what is shown and asked; another model, or other molecules, make it another quiz."""
        items = self.material.items
        told = [
            self.weights,
            self.material.names,
            [(items[place].smiles, items[place].verdict) for place in self.plan.examples],
            [(items[q.place].smiles, items[q.place].verdict, q.explained) for q in self.plan.questions],
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def outcome(self) -> Outcome:
        """What it came to.

        Raises
        ------
        ValueError
            If a kind of question was not answered yet.
        """
        return outcome_of(self.answers)

    def taken(self, who: str, taker: str = PERSON, answers: list[Answered] | None = None) -> TakenQuiz:
        """As it is kept; `answers` are those of another taker of the same quiz."""
        given = tuple(self.answers if answers is None else answers)
        return TakenQuiz(
            who, taker, self.material.task.name, self.weights, self.material.source, self.seed,
            len(self.plan.examples), given,
        )  # fmt: skip

    def answered_by(self, words: list[str]) -> list[Answered]:
        """The same questions with somebody else's answers, untimed."""
        return [
            Answered(
                self.material.items[question.place].smiles,
                question.explained,
                self.material.names[self.material.items[question.place].verdict],
                word,
                None,
            )
            for question, word in zip(self.plan.questions, words, strict=True)
        ]


def outcome_of(answers: list[Answered] | tuple[Answered, ...]) -> Outcome:
    """What answers came to.

    Raises
    ------
    ValueError
        If a kind of question is not among them.
    """
    return outcome([a.correct for a in answers], [a.explained for a in answers], [a.seconds for a in answers])
