"""Concepts made by hand, for tests of what is done with them."""

from __future__ import annotations

import numpy as np

from concepts.concept import (
    HISTOGRAMS,
    AlertOverlap,
    Concept,
    ConceptMap,
    ConceptSet,
    ExtractionSettings,
    Histogram,
    Hypothesis,
    Member,
    Part,
    Prototype,
    Stage,
)
from megan.metrics import Interval

SETTINGS = ExtractionSettings(
    threshold=0.2,
    own_verdict=True,
    least_members=10,
    neighbours=5,
    reduced_to=12,
    merge_within=0.15,
    most_points=10_000,
    resamples=8,
    seed=0,
    member=0,
)
WIDTH = 8


def made_member(smiles: str = "CCO", label: float | None = 1.0, distance: float = 0.01) -> Member:
    return Member(smiles, label, "train", 0.9, 0.5, distance, (0.1, 0.9, 1.0))


def made_concept(
    name: str, channel: int, direction: np.ndarray, core: float = 0.02, radius: float = 0.1, *, told: bool = False
) -> Concept:
    return Concept(
        id=name,
        task="mutagenicity",
        channel=channel,
        channel_name=("non-mutagenic", "mutagenic")[channel],
        name="alcohol <b>",
        n_members=12,
        members=(made_member(), made_member("CCN", None, 0.03)),
        counterexamples=(made_member("CCC", 0.0),),
        centroid=direction.astype(np.float32),
        medoid=(direction + 0.01).astype(np.float32),
        core=core,
        radius=radius,
        contribution=Interval(0.5, 0.4, 0.6),
        mask_size=Interval(3.0, 2.0, 4.0),
        prediction=Interval(0.9, 0.8, 0.95),
        hit_rate=Interval(0.9, 0.7, 0.97) if told else None,
        hit_rate_test=None,
        stability=0.75 if told else 0.25,
        histograms={entry: Histogram((0.0, 0.5, 1.0), (4, 8)) for entry in HISTOGRAMS},
        parts=(Part("[CX4][OX2H]", "", 9, 20, 5.5, 2.5, 12.25, 1e-12, 8, 9, "alcohol"),),
        alerts=(AlertOverlap("Kazius", "epoxide", 7, 30, 6), AlertOverlap("Brenk", "aldehyde", 12, 30, 5)),
        prototypes=(Prototype("CO", 0.05, 2, 0.4, (4.0, 2.0), (Stage(0, "CCCO", 4.0), Stage(1, "CO", 2.0))),)
        if told
        else (),
        hypothesis=Hypothesis("c", "m", "f", "a", ("x", "y"), "low", "gpt", "0" * 64, "2026-01-01T00:00:00+00:00")
        if told
        else None,
    )


def made_map(concepts: int, points: int = 6) -> ConceptMap:
    rng = np.random.default_rng(0)
    return ConceptMap(
        points=rng.normal(size=(points, 2)).astype(np.float32),
        channel=np.arange(points) % 2,
        concept=np.arange(points) % max(concepts, 1) if concepts else np.full(points, -1),
        keys=np.arange(points, dtype=np.uint64) + np.uint64(2**63),
        anchors=rng.normal(size=(points, 3)).astype(np.float32),
        origin=np.zeros((2, WIDTH), np.float32),
        axes=np.stack([np.eye(WIDTH, 3, dtype=np.float32)] * 2),
        method="pca",
        smiles=("C",) * points,
    )


def made_set(*concepts: Concept) -> ConceptSet:
    return ConceptSet(
        task="mutagenicity",
        channels=("non-mutagenic", "mutagenic"),
        metric="cosine",
        model_sha256="0" * 64,
        data="made by hand",
        n_molecules=100,
        passed=(40, 30),
        unclustered=(10, 5),
        notes=("A sentence.",),
        filters=SETTINGS,
        concepts=concepts,
        map=made_map(len(concepts)),
    )


def three_concepts() -> ConceptSet:
    """Two in the first channel, 45 degrees apart with another radius each, and one in the second."""
    axis = np.eye(WIDTH)
    return made_set(
        made_concept("non-mutagenic-01", 0, axis[0], told=True),
        made_concept("non-mutagenic-02", 0, axis[0] + axis[1], core=0.05, radius=0.2),
        made_concept("mutagenic-01", 1, axis[2]),
    )
