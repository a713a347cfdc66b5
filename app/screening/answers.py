"""What one model says of a batch, as arrays: outputs, trust, masks and concepts.

`answer` is the one place where screening asks networks; a faster network takes its place here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.concepts.known import KnownConcepts
from app.screening.models import ScreenModel
from app.screening.nearest import Equals, Fingerprints, NearestSearch
from concepts.concept import Concept
from concepts.matching import NONE
from concepts.naming.fragments import MASKED
from datasets.featurize import FlatBatch
from datasets.tasks import Task
from megan.calibration import Calibration
from megan.committee import CommitteeOutput, PreparedBatch, ask
from megan.domain import key_hash
from megan.model import Megan
from megan.predictor import Predictor

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TaskAnswers:
    """Answers on G molecules with N atoms and M bonds in all; K channels."""

    task: Task
    output: Doubles
    """Shape (G,): probability of the positive class, or value in the task's unit."""
    spread: Doubles
    """Shape (G,): standard deviation of the members' outputs; 0 for a single member."""
    verdict: list[str] | None
    """G names of classes; None for regression."""
    conformal: list[str] | None
    """The classes that cannot be excluded, "; " between; None for regression."""
    half_width: float
    """Of the conformal interval of a regression; 0 for classification."""
    similarity: Doubles
    """Shape (G,): to the nearest training compound, 0 to 1."""
    inside: npt.NDArray[np.bool_]
    """Shape (G,): whether that is inside the domain."""
    measured: list[float | None]
    """The measured label of this very compound, where there is one and InChIKeys are at hand to tell."""
    fidelity: npt.NDArray[np.float32]
    """Shape (G, K)."""
    node_importance: npt.NDArray[np.float32]
    """Shape (N, K)."""
    edge_importance: npt.NDArray[np.float32]
    """Shape (M, K)."""
    concepts: ConceptsOf | None
    """The concepts that each molecule is in; None where none are known of the model."""


@dataclass(frozen=True, slots=True)
class ConceptsOf:
    """The concepts of G molecules."""

    known: Sequence[Concept]
    best: npt.NDArray[np.int64]
    """Shape (G, K): position in `known`, a channel, or `NONE`."""

    def different(self) -> tuple[list[tuple[Concept, ...]], npt.NDArray[np.int64]]:
        """The different answers, and which one each molecule has."""
        rows, place = np.unique(self.best, axis=0, return_inverse=True)
        found = [tuple(self.known[index] for index in row if index != NONE) for row in rows]
        return found, place.reshape(-1)


@dataclass(slots=True)
class Screener:
    """A model that is ready for many batches."""

    model: ScreenModel
    members: Sequence[Megan]
    """The networks of the committee that answer."""
    _nearest: NearestSearch

    @classmethod
    def of(cls, model: ScreenModel, members: str) -> Screener:
        """Make ready; `members` is `all` or `one`."""
        bundle = model.predictor.bundle
        return cls(model, bundle.members[: 1 if members == "one" else None], NearestSearch.of(bundle.measured))

    def screen(
        self,
        batch: FlatBatch,
        prepared: FlatBatch | PreparedBatch,
        fingerprints: Fingerprints,
        inchikeys: Sequence[str | None] | None = None,
    ) -> TaskAnswers:
        """Everything on a batch.

        Parameters
        ----------
        batch
            The features of G molecules.
        prepared
            What to ask networks with, see `megan.committee.prepare_for`.
        fingerprints
            Their fingerprints.
        inchikeys
            Their InChIKeys, by which measured compounds are known again; None if there are none.
        """
        predictor = self.model.predictor
        answer = ask(self.members, prepared)
        output, spread = _calibrated(predictor, answer)
        near = self._nearest.find(fingerprints)
        limit = float(predictor.card["domain"]["similarity_limit"])
        known = self.model.concepts
        verdicts = None if predictor.threshold is None else output >= predictor.threshold
        return TaskAnswers(
            task=predictor.task,
            output=output,
            spread=spread,
            verdict=None if verdicts is None else [predictor.task.classes[int(yes)] for yes in verdicts],
            conformal=_labels_in_set(predictor, output),
            half_width=predictor.bundle.conformal.half_width(predictor.confidence) if verdicts is None else 0.0,
            similarity=near.training.astype(np.float64),
            inside=near.training >= limit,
            measured=_measured(predictor, inchikeys, near.same, len(batch)),
            fidelity=answer.fidelity,
            node_importance=answer.node_importance,
            edge_importance=answer.edge_importance,
            concepts=None if known is None else _concepts(known, answer, batch, verdicts),
        )


def _calibrated(predictor: Predictor, answer: CommitteeOutput) -> tuple[Doubles, Doubles]:
    raw = answer.outputs.astype(np.float64)
    if predictor.task.kind == "regression":
        return raw.mean(axis=0), raw.std(axis=0)
    calibration = Calibration.from_record(predictor.card["calibration"])
    return calibration.probability(raw.mean(axis=0)), calibration.probability(raw).std(axis=0)


def _labels_in_set(predictor: Predictor, output: Doubles) -> list[str] | None:
    if predictor.task.kind == "regression":
        return None
    negative, positive = predictor.task.classes
    said = {(False, False): "", (True, False): negative, (False, True): positive}
    said[True, True] = f"{negative}; {positive}"
    sets = predictor.bundle.conformal.sets(output, predictor.confidence)
    words = [said[bool(number & 2), bool(number & 1)] for number in range(4)]
    return [words[number] for number in (sets @ np.array([2, 1])).tolist()]


def _measured(predictor: Predictor, inchikeys: Sequence[str | None] | None, same: Equals, n: int) -> list[float | None]:
    """Labels of compounds that were measured: of those with an equal fingerprint, the one with the same skeleton."""
    measured = predictor.bundle.measured
    labels: list[float | None] = [None] * n
    for place, inchikey in enumerate(inchikeys or ()):
        candidates = same.of(place)
        if inchikey is None or not len(candidates):
            continue
        own = candidates[measured.keys[candidates] == np.uint64(key_hash(inchikey))]
        if len(own):
            labels[place] = float(measured.labels[own[0]])
    return labels


def _concepts(
    known: KnownConcepts, answer: CommitteeOutput, batch: FlatBatch, verdicts: npt.NDArray[np.bool_] | None
) -> ConceptsOf:
    """As `KnownConcepts.of`, for all molecules at once."""
    found = known.found
    if answer.embedding.shape[1:] != found.map.origin.shape:
        return ConceptsOf(found.concepts, np.full((len(batch), len(found.channels)), NONE))
    asked = answer.fidelity >= known.matcher.threshold
    asked &= np.maximum.reduceat(answer.node_importance, batch.atom_offsets[:-1], axis=0) >= MASKED
    if found.filters.own_verdict and verdicts is not None:
        asked[verdicts, 0] = False
        asked[~verdicts, 1] = False
    return ConceptsOf(found.concepts, known.matcher.concepts(answer.embedding, asked))
