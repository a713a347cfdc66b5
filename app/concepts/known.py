"""The concepts of a loaded model, and which of them a predicted molecule belongs to.

A set says something about a model only if it was extracted from the very same weights: other weights have other
embeddings. A molecule is held to the rules by which extraction chose members, so that what is told of a concept's
members can be told of it: the channel moves the output, marks an atom, and, where extraction asked so, speaks for the
verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from app.concepts.folders import own_sets, read_set, set_folder
from concepts.concept import Concept, ConceptSet
from concepts.matching import INSIDE, Matcher, matcher_of
from concepts.naming.fragments import MASKED
from concepts.storage import ConceptsError, shipped_concepts
from datasets.file_hash import file_sha256
from datasets.tasks import Task
from megan.prediction import Prediction


class Outside(StrEnum):
    """Why a channel of a molecule is in no concept."""

    NO_CONCEPTS = "no_concepts"
    """The channel has none."""
    QUIET = "quiet"
    """It moves the output by less than the set's threshold."""
    UNMARKED = "unmarked"
    """It marks no atom."""
    OTHER_VERDICT = "other_verdict"
    """Its concepts are of molecules with the other verdict."""
    FAR = "far"
    """It lies outside the radius of all."""


@dataclass(frozen=True, slots=True)
class ChannelConcept:
    """What one channel of a molecule has to do with concepts."""

    channel: int
    nearest: Concept | None
    """The best concept of the channel, whether the molecule is in it or not; None where the channel has none."""
    score: float
    """Membership in it, 0 to 1."""
    outside: Outside | None
    """Why the molecule is not in it; None where it is."""

    @property
    def concept(self) -> Concept | None:
        """The concept that the channel belongs to, if there is one."""
        return self.nearest if self.outside is None else None


@dataclass(frozen=True, slots=True)
class KnownConcepts:
    """The set of a model, ready to match."""

    name: str
    """Of the set, as the Concepts page knows it."""
    found: ConceptSet
    matcher: Matcher

    def of(self, prediction: Prediction) -> tuple[ChannelConcept, ...]:
        """What each channel of a prediction belongs to; empty where the prediction is another model's."""
        explanation = prediction.explanation
        if explanation.embedding.shape != self.found.map.origin.shape:
            return ()
        scores = self.matcher.scores(explanation.embedding[None])[0]
        answers = []
        for k in range(len(self.found.channels)):
            own = np.flatnonzero(self.matcher.channel == k)
            if not len(own):
                answers.append(ChannelConcept(k, None, 0.0, Outside.NO_CONCEPTS))
                continue
            best = int(own[scores[own].argmax()])
            score = float(scores[best])
            answers.append(ChannelConcept(k, self.found.concepts[best], score, self._outside(prediction, k, score)))
        return tuple(answers)

    def _outside(self, prediction: Prediction, k: int, score: float) -> Outside | None:
        filters, explanation = self.found.filters, prediction.explanation
        if explanation.fidelity[k] < filters.threshold:
            return Outside.QUIET
        if not (explanation.node_importance[:, k] >= MASKED).any():
            return Outside.UNMARKED
        one_sided = filters.own_verdict and prediction.threshold is not None
        if one_sided and (prediction.output >= (prediction.threshold or 0)) != (k == 1):
            return Outside.OTHER_VERDICT
        return None if score >= INSIDE else Outside.FAR


Known = Mapping[str, KnownConcepts]
"""By task name."""
NO_CONCEPTS: Final[Known] = MappingProxyType({})


def concepts_of_model(task: Task, weights: Path) -> KnownConcepts | None:
    """The shipped set of a model, or else the latest of the user's own; None where no set fits.

    Parameters
    ----------
    task
        What the model predicts.
    weights
        File of its weights.
    """
    candidates = [task.name] if task.name in shipped_concepts() else []
    candidates += own_sets()
    sha256 = file_sha256(weights) if candidates else ""
    for name in candidates:
        folder = set_folder(name)
        try:
            found = None if folder is None else read_set(folder)
        except (ConceptsError, OSError):
            continue  # the Concepts page says what is wrong with it
        if found is not None and _fits(found, task, sha256):
            return KnownConcepts(name, found, matcher_of(found))
    return None


def concepts_of_bundles(tasks: Sequence[Task], folders: Sequence[Path]) -> dict[str, KnownConcepts]:
    """The sets of several models, by task name, where there is one."""
    found = {
        task.name: concepts_of_model(task, folder / "weights.safetensors")
        for task, folder in zip(tasks, folders, strict=True)
        if (folder / "weights.safetensors").is_file()
    }
    return {name: known for name, known in found.items() if known is not None}


def _fits(found: ConceptSet, task: Task, sha256: str) -> bool:
    # A prediction carries the embeddings of the committee's first network only.
    same = (found.task, found.channels, found.model_sha256) == (task.name, task.channels, sha256)
    return same and found.filters.member == 0 and len(found) > 0
