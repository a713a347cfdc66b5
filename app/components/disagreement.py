"""Where the rungs of the evidence ladder contradict each other, said aloud.

Pure functions from a prediction to sentences in plain text, the weightiest first. The rules:

- a measured record beats the model, so a contradiction is a warning about the model;
- alerts count only for the endpoint that they were made for: Kazius for mutagenicity, PAINS for assay interference and
  so for aggregation; Brenk's list is about unwanted chemistry in general and contradicts nobody;
- a mask counts as evidence only if its channel moved the output towards its own class;
- neighbours count from a Tanimoto similarity of 0.4 upward, where Morgan fingerprints begin to mean shared chemistry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.components import value_disagreement, words
from datasets.tasks import Task
from megan.prediction import Neighbour, Prediction

#: Similarity from which a neighbour has a say.
NEAR = 0.4
#: Log-odds by which a channel may miss its own direction before its picture comes with a warning.
MISLEADING = 0.1
#: The catalogue whose alerts speak about a task.
CATALOGUE_OF_TASK = {"mutagenicity": "Kazius", "aggregation": "PAINS"}

RungName = Literal["measured", "neighbours", "alerts", "verdict", "conformal", "spread", "domain"]


class NamedAlert(Protocol):
    """The part of an alert that is judged here."""

    @property
    def catalog(self) -> str:
        """PAINS, Brenk or Kazius."""

    @property
    def name(self) -> str:
        """Name of the rule."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One contradiction between two rungs, or a rung that cannot decide."""

    rung: RungName
    """The rung that does not go along with the verdict."""
    sentence: str
    """What contradicts what, in plain text."""
    contradicts: bool = True
    """Whether the rung points to the other class; False where it only warns."""


def disagreements(task: Task, prediction: Prediction, alerts: Sequence[NamedAlert]) -> list[Disagreement]:
    """Name every rung that does not go along with the verdict.

    Parameters
    ----------
    task : Task
        The task; for a regression, what lies outside the conformal interval contradicts.
    prediction : Prediction
        The verdict and its evidence.
    alerts : Sequence[NamedAlert]
        All alerts found in the molecule.

    Returns
    -------
    list[Disagreement]
        In the order of the ladder; empty where all rungs agree.
    """
    if task.kind != "classification":
        return _of_value(task, prediction)
    return [
        *_measured(task, prediction),
        *_neighbours(task, prediction),
        *_alerts(task, prediction, alerts),
        *_channels(prediction),
        *_conformal(prediction),
        *_spread(prediction),
        *_domain(prediction),
    ]


def _of_value(task: Task, prediction: Prediction) -> list[Disagreement]:
    near = [n for n in other_neighbours(prediction)[:3] if n.similarity >= NEAR]
    found = [
        Disagreement("measured", value_disagreement.record_outside(task, prediction)),
        Disagreement("neighbours", value_disagreement.neighbours_outside(prediction, near)),
        *(Disagreement("verdict", said, False) for said in value_disagreement.misleading_channels(task, prediction)),
        Disagreement("spread", value_disagreement.wide_spread(task, prediction), contradicts=False),
        *_domain(prediction),
    ]
    return [item for item in found if item.sentence]


def other_neighbours(prediction: Prediction) -> list[Neighbour]:
    """The nearest measured compounds, without the record of the compound itself."""
    own = prediction.domain.measured
    return [n for n in prediction.domain.neighbours if own is None or n.index != own.index]


def _measured(task: Task, prediction: Prediction) -> list[Disagreement]:
    record = prediction.domain.measured
    if record is None or words.label_in_words(task, record.label) == prediction.verdict:
        return []
    measured = words.label_in_words(task, record.label)
    return [
        Disagreement(
            "measured",
            f"This compound was measured {measured}, but the model says {prediction.verdict}. Trust the measurement.",
        )
    ]


def _neighbours(task: Task, prediction: Prediction) -> list[Disagreement]:
    near = [n for n in other_neighbours(prediction)[:3] if n.similarity >= NEAR]
    against = [n for n in near if words.label_in_words(task, n.label) != prediction.verdict]
    if len(against) * 2 <= len(near):
        return []
    label = words.label_in_words(task, against[0].label)
    if len(near) == 1:
        who = "The one near measured compound is"
    elif len(against) == len(near):
        who = f"All {len(near)} near measured compounds are"
    else:
        who = f"{len(against)} of {len(near)} near measured compounds are"
    return [Disagreement("neighbours", f"{who} {label}, but the model says {prediction.verdict}.")]


def _alerts(task: Task, prediction: Prediction, alerts: Sequence[NamedAlert]) -> list[Disagreement]:
    catalogue = CATALOGUE_OF_TASK.get(task.name)
    if catalogue is None:
        return []
    names = sorted({alert.name for alert in alerts if alert.catalog == catalogue})
    if names and prediction.verdict != task.positive:
        noun = "alert" if len(names) == 1 else "alerts"
        verb = "speaks" if len(names) == 1 else "speak"
        listed = words.join([f"“{name}”" for name in names])
        return [
            Disagreement(
                "alerts",
                f"The {catalogue} {noun} {listed} {verb} for {task.positive}, but the model says {prediction.verdict}.",
            )
        ]
    if not names and prediction.verdict == task.positive and catalogue == "Kazius":
        return [
            Disagreement(
                "alerts",
                f"The model says {prediction.verdict}, but no {catalogue} alert matches: "
                "the reason lies outside the known toxicophores.",
                contradicts=False,
            )
        ]
    return []


def _channels(prediction: Prediction) -> list[Disagreement]:
    """Channels whose mask moved the output away from their own class, which a picture alone would hide."""
    explanation = prediction.explanation
    wrong = [
        channel
        for channel, fidelity in zip(explanation.channels, explanation.fidelity, strict=True)
        if fidelity < -MISLEADING
    ]
    return [
        Disagreement(
            "verdict",
            f"The atoms marked as {channel} moved the output the other way. Do not read them as evidence.",
            contradicts=False,
        )
        for channel in wrong
    ]


def _conformal(prediction: Prediction) -> list[Disagreement]:
    kept = prediction.conformal
    level = words.percent(prediction.confidence)
    if len(kept) == 1 and kept[0] == prediction.verdict:
        return []
    if len(kept) == 1:
        sentence = f"The threshold says {prediction.verdict}, but at {level} confidence only {kept[0]} remains."
    elif kept:
        sentence = f"The verdict is {prediction.verdict}, but at {level} confidence neither class can be excluded."
    else:
        sentence = f"The verdict is {prediction.verdict}, but at {level} confidence no class fits."
    return [Disagreement("conformal", sentence, contradicts=len(kept) == 1)]


def _spread(prediction: Prediction) -> list[Disagreement]:
    if prediction.threshold is None or abs(prediction.output - prediction.threshold) >= prediction.spread:
        return []
    sentence = f"The committee's spread of {prediction.spread:.2f} reaches across the threshold."
    return [Disagreement("spread", sentence, contradicts=False)]


def _domain(prediction: Prediction) -> list[Disagreement]:
    if prediction.domain.inside:
        return []
    return [
        Disagreement(
            "domain",
            f"The molecule is outside the domain: the nearest training compound has a similarity of only "
            f"{prediction.domain.similarity:.2f}.",
            contradicts=False,
        )
    ]
