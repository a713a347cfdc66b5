"""Which concept a molecule belongs to: a score between 0 and 1 from its distance, calibrated on the members.

A molecule in the middle of a concept's members, at their median distance, scores 0.9; one at the radius scores 0.5 and
is just in. Where radii overlap, the higher score decides. Extraction assigns its members by the same rule, so that a
molecule is listed as a member if and only if matching finds it in the concept.

    matcher = matcher_of(load_concepts("mutagenicity"))
    matches = matcher.match(answer.embedding, answer.fidelity)
    matcher.ids[matches.concept[0, 1]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.concept import ConceptSet
from concepts.geometry import Doubles, Floats, cosine_distances, unit

Ints = npt.NDArray[np.int64]
AT_CORE: Final = 0.9
"""Score at the median distance of the members."""
INSIDE: Final = 0.5
"""Least score of a member; the score at the radius."""
NONE: Final = -1
_STEEPNESS: Final = float(np.log(AT_CORE / (1 - AT_CORE)))
_SINGLE_ERROR: Final = 1e-5
"""More than a cosine in single precision is off."""
_SATURATED: Final = 30.0
"""Logits over this give scores that are hardly told apart."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The best concept of n molecules in each of K channels."""

    concept: Ints
    """Shape (n, K): position in the set, or `NONE`."""
    score: Doubles
    """Shape (n, K): of the best concept, also where it is under `INSIDE`; 0 in a channel without concepts."""
    distance: Doubles
    """Shape (n, K): to the best concept's centroid; infinite in a channel without concepts."""


def membership(distance: npt.ArrayLike, core: npt.ArrayLike, radius: npt.ArrayLike) -> Doubles:
    """Score of a distance, 0 to 1, falling: logistic through 0.9 at `core` and 0.5 at `radius`.

    Parameters
    ----------
    distance, core, radius
        Broadcast against each other; `radius` over `core`.
    """
    steepness = _STEEPNESS / (np.asarray(radius) - np.asarray(core))
    scores: Doubles = 1 / (1 + np.exp(np.clip(steepness * (np.asarray(distance) - radius), -700, 700)))
    return scores


@dataclass(frozen=True, slots=True)
class Matcher:
    """The concepts of a set as arrays, C of them."""

    channels: int
    channel: Ints
    """Shape (C,)."""
    centroids: Doubles
    """Shape (C, D)."""
    core: Doubles
    radius: Doubles
    """Shape (C,), as `core`."""
    ids: tuple[str, ...]
    threshold: float
    """Least contribution of a molecule whose channel says anything."""

    def scores(self, embeddings: npt.ArrayLike) -> Doubles:
        """Membership in every concept, whichever is the best.

        Parameters
        ----------
        embeddings : (n, K, D)

        Returns
        -------
        (n, C)
        """
        return self._scored(self._checked(embeddings))[1]

    def concepts(self, embeddings: Floats, asked: npt.NDArray[np.bool_]) -> Ints:
        """The concepts that `match` finds, for many molecules: in single precision, and in double where that is close.

        Parameters
        ----------
        embeddings : (n, K, D)
        asked : (n, K)
            Whether the channel of a molecule is asked about.

        Returns
        -------
        (n, K)
            Position in the set; `NONE` also where it was not asked.
        """
        best = np.full(asked.shape, NONE)
        for channel in range(self.channels):
            own, rows = np.flatnonzero(self.channel == channel), np.flatnonzero(asked[:, channel])
            if not len(own) or not len(rows):
                continue
            vectors = embeddings[rows, channel]
            cosines = vectors @ unit(self.centroids[own]).T.astype(np.float32)
            cosines /= np.maximum(np.linalg.norm(vectors, axis=1), np.float32(1e-12))[:, None]
            # The logit of a membership; it grows with it and is 0 where the score is 1/2.
            steepness = _STEEPNESS / (self.radius[own] - self.core[own])
            logits = cosines * steepness.astype(np.float32) + (steepness * (self.radius[own] - 1)).astype(np.float32)
            chosen = logits.argmax(axis=1)
            highest = logits[np.arange(len(rows)), chosen]
            best[rows, channel] = np.where(highest >= 0, own[chosen], NONE)
            error = _SINGLE_ERROR * steepness.max()
            close = (
                (highest < error) | ((logits >= (highest - error)[:, None]).sum(axis=1) > 1) | (highest > _SATURATED)
            )
            unsure = rows[close & (highest > -error)]
            if len(unsure):
                best[unsure, channel] = self.match(embeddings[unsure]).concept[:, channel]
        return best

    def match(self, embeddings: npt.ArrayLike, contributions: npt.ArrayLike | None = None) -> Matches:
        """Best concept of each molecule and channel.

        Parameters
        ----------
        embeddings : (n, K, D)
            As `megan.committee.CommitteeOutput.embedding`.
        contributions : (n, K), optional
            Its `fidelity`; with it, a channel that moves the output by less than the threshold is in no concept.

        Raises
        ------
        ValueError
            If the shape is not that of the concepts' embeddings.
        """
        given = self._checked(embeddings)
        distances, scores = self._scored(given)
        shape = (len(given), self.channels)
        best, score, distance = np.full(shape, NONE), np.zeros(shape), np.full(shape, np.inf)
        rows = np.arange(len(given))
        for channel in range(self.channels):
            own = np.flatnonzero(self.channel == channel)
            if not len(own):
                continue
            chosen = own[scores[:, own].argmax(axis=1)]
            score[:, channel], distance[:, channel] = scores[rows, chosen], distances[rows, chosen]
            best[:, channel] = np.where(score[:, channel] >= INSIDE, chosen, NONE)
        if contributions is not None:
            best[np.asarray(contributions) < self.threshold] = NONE
        return Matches(best, score, distance)

    def _checked(self, embeddings: npt.ArrayLike) -> Doubles:
        given = np.asarray(embeddings, dtype=np.float64)
        width = self.centroids.shape[1]
        if given.ndim != 3 or given.shape[1] != self.channels or (len(self.ids) and given.shape[2] != width):
            raise ValueError(f"embeddings have shape {given.shape}; expected (n, {self.channels}, {width})")
        return given

    def _scored(self, embeddings: Doubles) -> tuple[Doubles, Doubles]:
        distances = np.empty((len(embeddings), len(self.ids)))
        for channel in range(self.channels):
            own = self.channel == channel
            if own.any():
                distances[:, own] = cosine_distances(embeddings[:, channel], self.centroids[own])
        return distances, membership(distances, self.core, self.radius)


def matcher_of(found: ConceptSet) -> Matcher:
    """The concepts of a set, ready to match."""
    width = found.map.origin.shape[1]
    return Matcher(
        channels=len(found.channels),
        channel=np.array([c.channel for c in found], dtype=np.int64),
        centroids=np.stack([c.centroid for c in found]).astype(np.float64) if len(found) else np.zeros((0, width)),
        core=np.array([c.core for c in found]),
        radius=np.array([c.radius for c in found]),
        ids=tuple(c.id for c in found),
        threshold=found.filters.threshold,
    )


def own_and_best(distances: Doubles, core: Sequence[float] | Doubles, radius: Sequence[float] | Doubles) -> Ints:
    """Best group of each point, or `NONE`, from the distances to all groups, (n, C)."""
    if not distances.shape[1]:
        return np.full(len(distances), NONE)
    scores = membership(distances, core, radius)
    best = scores.argmax(axis=1)
    return np.where(scores[np.arange(len(scores)), best] >= INSIDE, best, NONE)
