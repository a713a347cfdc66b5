"""Does the model hold the toxicophores that chemists published? Concepts of Ames beside the table of Kazius et al."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score

from concepts.answers import Answers
from concepts.concept import Concept, ConceptSet
from concepts.geometry import cosine_distances
from concepts.matching import NONE, matcher_of
from concepts.naming.enrichment import odds_ratio
from concepts.naming.substructures import Haystack
from datasets.kazius import toxicophore_patterns

LEAST_MOLECULES: Final = 30
LEAST_FOR_ENRICHMENT: Final = 20
PRECISE: Final = 0.8
"""Share of a concept's members that must carry a toxicophore for the concept to be of it."""
WIDEST: Final = 0.2
"""Cosine distance; the widest radius that was published for a concept."""
ENRICHED: Final = 2.0
"""Least lower end of an odds ratio."""


def rediscovered(found: ConceptSet, smiles: Sequence[str], channel: int = 1) -> dict[str, Any]:
    """Every toxicophore with enough molecules, and the concepts of a channel that are of it.

    Parameters
    ----------
    found
        With all its members.
    smiles
        All molecules that the concepts were found among.
    channel
        Whose concepts count.
    """
    haystack = Haystack(smiles)
    place = {text: row for row, text in enumerate(smiles)}
    members = {c.id: np.array([place[m.smiles] for m in c.members]) for c in found.of_channel(channel)}
    table: dict[str, Any] = {}
    for toxicophore, patterns in toxicophore_patterns():
        carrying = haystack.holding(*patterns)
        n = int(carrying.sum())
        if n < LEAST_FOR_ENRICHMENT:
            continue
        share = {name: float(carrying[rows].mean()) for name, rows in members.items()}
        precise = [name for name, value in share.items() if value >= PRECISE]
        enriched = [
            name
            for name, rows in members.items()
            if odds_ratio(int(carrying[rows].sum()), len(rows), n, len(smiles)).low > ENRICHED and share[name] >= 0.5
        ]
        covered = {int(row) for name in precise for row in members[name] if carrying[row]}
        table[toxicophore.name] = {
            "molecules": n,
            "precise_concepts": precise,
            "coverage": round(len(covered) / n, 4),
            "enriched_concepts": enriched,
        }
    large = [row for row in table.values() if row["molecules"] >= LEAST_MOLECULES]
    return {
        "toxicophores_of_30": len(large),
        "rediscovered_of_30": sum(bool(row["precise_concepts"]) for row in large),
        "mean_coverage_of_30": round(float(np.mean([row["coverage"] for row in large])), 4) if large else None,
        "toxicophores_of_20": len(table),
        "enriched_of_20": sum(bool(row["enriched_concepts"]) for row in table.values()),
        "toxicophores": table,
    }


def unexplained(found: ConceptSet, channel: int = 1) -> list[dict[str, Any]]:
    """Concepts that no published alert accounts for, by measured hit rate on the test split, highest first."""

    def rate(concept: Concept) -> tuple[float, int]:
        return (-1.0 if concept.hit_rate_test is None else concept.hit_rate_test.value, concept.n_members)

    free = [concept for concept in found.of_channel(channel) if not concept.known_alerts]
    return [
        {
            "id": concept.id,
            "name": concept.name,
            "members": concept.n_members,
            "hit_rate": None if concept.hit_rate is None else concept.hit_rate.value,
            "hit_rate_test": None if concept.hit_rate_test is None else concept.hit_rate_test.value,
            "tested": sum(member.split == "test" and member.label is not None for member in concept.members),
            "stability": concept.stability,
        }
        for concept in sorted(free, key=rate, reverse=True)
    ]


def explained_by_membership(found: ConceptSet, asked: Answers, threshold: float) -> dict[str, Any]:
    """How many of the model's verdicts on test molecules a linear model gets right that sees concepts only.

    Three views of a molecule: the concepts whose radius holds it (most molecules are in none); the nearest concept of
    each channel, however far; and the same with its nearness, which falls by e over the widest published radius.

    Parameters
    ----------
    found
        The concepts; members of the test split took part in the clustering, their verdicts did not.
    asked
        The committee's answers on the same molecules.
    threshold
        Of the verdict.
    """
    matcher = matcher_of(found)
    verdict = asked.prediction >= threshold
    test = np.array(asked.splits) == "test"
    best = matcher.match(asked.embedding).concept
    inside = np.zeros((len(asked), len(found)))
    nearest, graded = np.zeros_like(inside), np.zeros_like(inside)
    for k in range(best.shape[1]):
        rows = np.flatnonzero(best[:, k] != NONE)
        inside[rows, best[rows, k]] = 1.0
        own = np.flatnonzero(matcher.channel == k)
        if len(own):
            distances = cosine_distances(asked.embedding[:, k], matcher.centroids[own])
            rows = np.arange(len(asked))
            nearest[rows, own[distances.argmin(axis=1)]] = 1.0
            graded[rows, own[distances.argmin(axis=1)]] = np.exp(-distances.min(axis=1) / WIDEST)
    shares = {}
    right = {}
    for name, features in (("inside", inside), ("nearest", nearest), ("nearest_by_nearness", graded)):
        fitted = LogisticRegression(max_iter=5000).fit(features[~test], verdict[~test])
        right[name] = fitted.predict(features) == verdict
        shares[name] = round(float(right[name][test].mean()), 4)
    held = test & (best != NONE).any(axis=1)
    return {
        "test_molecules": int(test.sum()),
        "commoner_verdict": round(float(max(verdict[test].mean(), 1 - verdict[test].mean())), 4),
        **shares,
        "test_in_some_concept": round(float(held.sum() / test.sum()), 4),
        "inside_of_those": round(float(right["inside"][held].mean()), 4) if held.any() else None,
    }


def same_concepts(
    first: ConceptSet, second: ConceptSet, smiles: Sequence[str]
) -> dict[str, dict[str, float | int | None]]:
    """Adjusted Rand index between the concepts of two members of a committee, on molecules that both put into one."""
    place = {text: row for row, text in enumerate(smiles)}
    result: dict[str, dict[str, float | int | None]] = {}
    for k, name in enumerate(first.channels):
        one, other = (_labels(found, k, place) for found in (first, second))
        both = (one != NONE) & (other != NONE)
        index = round(float(adjusted_rand_score(one[both], other[both])), 4) if both.any() else None
        result[name] = {
            "adjusted_rand": index,
            "molecules": int(both.sum()),
            "concepts": len(first.of_channel(k)),
            "concepts_of_other": len(second.of_channel(k)),
        }
    return result


def _labels(found: ConceptSet, channel: int, place: dict[str, int]) -> npt.NDArray[np.int64]:
    labels = np.full(len(place), NONE)
    for index, concept in enumerate(found.of_channel(channel)):
        labels[[place[member.smiles] for member in concept.members]] = index
    return labels
