"""What a counterfactual shall reach, and how far a molecule still is from it.

A goal is reached where the distance to it is 0 or less. Distances are in log-odds for verdicts and in the task's unit
for values, so that a search can weigh one edit against another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.concept import Concept, ConceptSet
from concepts.matching import INSIDE, matcher_of
from megan.calibration import Calibration
from megan.committee import CommitteeOutput
from megan.predictor import Predictor

Floats = npt.NDArray[np.float64]
LEAST_PROBABILITY: Final = 0.02
"""A verdict with its margin is never asked to be more certain than this."""
_OF_SCORE: Final = 4.0
"""A membership that is too high by a quarter counts as much as one unit of log-odds."""
_OF_SPREAD: Final = 10.0


@dataclass(frozen=True, slots=True)
class Flip:
    """The verdict becomes another class."""

    wanted: int = 0
    """The class to reach, 0 or 1."""
    margin: float = 0.05
    """By how much the calibrated probability must pass the threshold."""

    def __post_init__(self) -> None:
        if self.wanted not in (0, 1):
            raise ValueError(f"Flip.wanted is {self.wanted}; expected 0 or 1")
        if not 0 <= self.margin < 0.5:
            raise ValueError(f"Flip.margin is {self.margin}; expected at least 0 and under 0.5")


@dataclass(frozen=True, slots=True)
class Move:
    """A regression's value changes by at least an amount."""

    by: float
    """In the task's unit; above 0 to raise it, under 0 to lower it."""

    def __post_init__(self) -> None:
        if not self.by or not math.isfinite(self.by):
            raise ValueError(f"Move.by is {self.by}; expected a number other than 0")


@dataclass(frozen=True, slots=True)
class LeaveConcept:
    """The molecule is in a named concept no more."""

    found: ConceptSet
    concept: Concept


@dataclass(frozen=True, slots=True)
class Disagree:
    """The committee disagrees: a stress test, after Schwalbe-Koda et al. 2021, doi 10.1038/s41467-021-25342-8."""

    at_least: float = 0.15
    """Standard deviation of the members' probabilities, or of their values in the task's unit."""

    def __post_init__(self) -> None:
        if not self.at_least > 0:
            raise ValueError(f"Disagree.at_least is {self.at_least}; expected a number above 0")


Goal = Flip | Move | LeaveConcept | Disagree


@dataclass(frozen=True, slots=True)
class Reading:
    """What some members of a committee say of n molecules, in the units of the pages."""

    output: Floats
    """Shape (n,): calibrated probability of class 1, or value in the task's unit."""
    members: Floats
    """Shape (C, n): likewise, one member by one."""

    @property
    def spread(self) -> Floats:
        """Standard deviation over the members, (n,)."""
        spread: Floats = self.members.std(axis=0)
        return spread


def read(predictor: Predictor, answer: CommitteeOutput) -> Reading:
    """Bring raw answers into the units of the pages."""
    raw = answer.outputs.astype(np.float64)
    if predictor.task.kind == "regression":
        return Reading(raw.mean(axis=0), raw)
    calibration = Calibration.from_record(predictor.card["calibration"])
    return Reading(calibration.probability(raw.mean(axis=0)), calibration.probability(raw))


def distance(goal: Goal, predictor: Predictor, answer: CommitteeOutput, start: float) -> Floats:
    """How far n molecules are from a goal, (n,); at most 0 where it is reached, and lower the surer it is.

    Parameters
    ----------
    goal
        What shall be reached.
    predictor
        Whose goal it is.
    answer
        Of `megan.committee.ask`; for `LeaveConcept` its first member must be the one that the concepts are of.
    start
        Output for the molecule that the search began with.
    """
    if isinstance(goal, Flip):
        limit = _with_margin(predictor, goal)
        calibration = Calibration.from_record(predictor.card["calibration"])
        odds = calibration.log_odds(answer.outputs.astype(np.float64).mean(axis=0)) - math.log(limit / (1 - limit))
        return odds if goal.wanted == 0 else -odds
    reading = read(predictor, answer)
    if isinstance(goal, Move):
        return abs(goal.by) - (reading.output - start) * math.copysign(1.0, goal.by)
    if isinstance(goal, LeaveConcept):
        return _inside_concept(goal, answer)
    return (goal.at_least - reading.spread) * _OF_SPREAD


def evidence_channels(goal: Goal, channels: int) -> tuple[int, ...]:
    """Channels whose masks show what speaks against the goal."""
    if isinstance(goal, Flip):
        return (1 - goal.wanted,)
    if isinstance(goal, Move):
        return (0 if goal.by > 0 else 1,)
    if isinstance(goal, LeaveConcept):
        return (goal.concept.channel,)
    return tuple(range(channels))


def check_goal(goal: Goal, predictor: Predictor) -> None:
    """Refuse a goal that a predictor cannot have.

    Raises
    ------
    ValueError
        If it is a verdict for a regression, a value for a classification, or a concept of another model.
    """
    kind = predictor.task.kind
    if isinstance(goal, Flip) and kind != "classification":
        raise ValueError(f"goal is Flip; expected Move, because {predictor.task.name} is a regression")
    if isinstance(goal, Move) and kind != "regression":
        raise ValueError(f"goal is Move; expected Flip, because {predictor.task.name} is a classification")
    if isinstance(goal, LeaveConcept):
        if goal.found.task != predictor.task.name:
            raise ValueError(f"goal's concepts are of {goal.found.task!r}; expected those of {predictor.task.name!r}")
        goal.found.by_id(goal.concept.id)


def _with_margin(predictor: Predictor, goal: Flip) -> float:
    threshold = predictor.threshold
    assert threshold is not None
    limit = threshold - goal.margin if goal.wanted == 0 else threshold + goal.margin
    return min(max(limit, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)


def _inside_concept(goal: LeaveConcept, answer: CommitteeOutput) -> Floats:
    matcher = matcher_of(goal.found)
    position = matcher.ids.index(goal.concept.id)
    matched = matcher.match(answer.embedding, answer.fidelity).concept[:, goal.concept.channel] == position
    beyond = _OF_SCORE * (matcher.scores(answer.embedding)[:, position] - INSIDE)
    # Another concept can fit better, or the channel fall silent, while the score is still that of a member.
    return np.where(matched, np.maximum(beyond, 0.0) + 0.1, np.minimum(beyond, 0.0))
