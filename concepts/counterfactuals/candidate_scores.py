"""What speaks for and against a molecule beside its verdict: how hard to make, how well known, which alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from concepts.counterfactuals.counterfactual import SA_ROUNDING
from datasets.alerts import Alert, find_alerts
from megan.domain import fingerprint, similarities
from megan.predictor import Predictor

EDIT: Final = 0.05
"""What every further edit costs, in units of similarity; likewise the next ones."""
HARDER: Final = 0.08
"""To look harder to make at all."""
HARDER_STEP: Final = 0.1
"""A step of synthetic accessibility."""
OUTSIDE: Final = 0.12
ALERT: Final = 0.08
DISSENT: Final = 0.15
"""All members on the other side."""
EVIDENCE: Final = 0.03
"""All the evidence for the verdict that is to go still there."""
UNSURE: Final = 0.03
"""To pass the goal by nothing; to pass it by `SURE` costs nothing."""
SURE: Final = 2.0
"""Log-odds, or the unit of the goal."""
OTHER: Final = 0.3
"""Another endpoint that goes from 0 to 1 in probability, or by two units of a regression."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one molecule; lower is better except for `similarity`."""

    edits: int
    similarity: float
    harder: float
    """By how much its synthetic accessibility score is worse than that of the start, at least 0."""
    outside: int
    """Tasks whose domain it is outside of."""
    alerts: int
    """New ones."""
    dissent: float
    """Share of the members that are not on the committee's side."""
    spread: float
    """Of the task that is searched for."""
    other_worse: float
    """By how much other endpoints are worse, summed; see `worse`."""
    evidence_left: float
    """Share of the evidence against the goal that is still there, 0 to 1; 0 where that tells nothing of the goal."""
    beyond: float
    """By how much the goal is passed, 0 to `SURE`."""

    def costs(self, *, disagreement_wanted: bool = False) -> tuple[float, ...]:
        """As objectives of a Pareto front; in a stress test disagreement is what is wanted."""
        sign = -1 if disagreement_wanted else 1
        return (
            self.edits,
            -round(self.similarity, 2),
            round(self.harder, 1),
            self.outside,
            self.alerts,
            sign * round(self.dissent, 2),
            sign * round(self.spread, 2),
            round(self.other_worse, 2),
            round(self.evidence_left, 1),
            -round(self.beyond),
        )

    def worth(self) -> float:
        """One number to choose by; higher is better."""
        return (
            self.similarity
            - EDIT * (self.edits - 1)
            - making_cost(self.harder)
            - OUTSIDE * min(self.outside, 1)
            - ALERT * min(self.alerts, 3)
            - DISSENT * self.dissent
            - OTHER * self.other_worse
            - EVIDENCE * self.evidence_left
            - UNSURE * (1 - self.beyond / SURE)
        )


def making_cost(harder_by: float) -> float:
    """What looking harder to make costs, in units of similarity."""
    return HARDER * (harder_by > 0) + HARDER_STEP * min(harder_by, 2.0)


def harder(after: float | None, before: float | None) -> float:
    """By how much a synthetic accessibility score is worse, at least 0; 0 where one of them is missing."""
    if after is None or before is None or after <= before + SA_ROUNDING:
        return 0.0
    return after - before


def worse(predictor: Predictor, before: float, after: float) -> float:
    """By how much an endpoint is worse: a more likely positive class, or half of the units by which a value falls."""
    if predictor.task.kind == "classification":
        return max(after - before, 0.0)
    return max(before - after, 0.0) / 2


def nearest_similarity(predictor: Predictor, smiles: Sequence[str]) -> list[float]:
    """Similarity of the nearest training compound, of each molecule."""
    measured = predictor.bundle.measured
    trained = np.ascontiguousarray(measured.fingerprints[measured.splits == 0])
    return [float(similarities(trained, fingerprint(text)).max()) if len(trained) else 0.0 for text in smiles]


def new_alerts(before: Sequence[Alert], smiles: str) -> tuple[Alert, ...]:
    """Alerts of a molecule whose rule another one raises less often.

    Parameters
    ----------
    before
        Alerts of the other one.
    smiles
        The molecule.
    """
    had = Counter((alert.catalog, alert.name) for alert in before)
    found: list[Alert] = []
    for alert in find_alerts(smiles):
        rule = alert.catalog, alert.name
        had[rule] -= 1
        if had[rule] < 0:
            found.append(alert)
    return tuple(found)
