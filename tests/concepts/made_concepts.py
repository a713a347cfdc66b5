"""A set with one concept, made by hand around what a network sees in some molecules."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from concepts.concept import (
    AlertOverlap,
    Concept,
    ConceptMap,
    ConceptSet,
    ExtractionSettings,
    Histogram,
    Member,
    Part,
    Prototype,
)
from concepts.geometry import cosine_distances, unit
from datasets.featurize import featurize
from megan.committee import ask
from megan.metrics import Interval
from megan.model import Megan, ModelSettings

CHANNEL = 1


def made_set(networks: Sequence[Megan], smiles: Sequence[str], threshold: float = -10.0) -> ConceptSet:
    """One concept of the given molecules in the second channel."""
    said = ask(networks, featurize(smiles))
    centroid = unit(said.embedding[:, CHANNEL].mean(axis=0))
    distances = cosine_distances(said.embedding[:, CHANNEL], centroid[None])[:, 0]
    order = np.argsort(distances)
    members = tuple(
        Member(smiles[i], 1.0, "train", 0.9, float(said.fidelity[i, CHANNEL]), float(distances[i]), ()) for i in order
    )
    core = float(np.median(distances))
    concept = Concept(
        id="mutagenic-01",
        task="mutagenicity",
        channel=CHANNEL,
        channel_name="mutagenic",
        name="aromatic nitro",
        n_members=len(members),
        members=members,
        counterexamples=members[:1],
        centroid=centroid.astype(np.float32),
        medoid=said.embedding[order[0], CHANNEL],
        core=core,
        radius=max(float(np.quantile(distances, 0.95)), core + 0.02),
        contribution=Interval(2.25, 2.1, 2.4),
        mask_size=Interval(3.0, 2.8, 3.2),
        prediction=Interval(0.9, 0.88, 0.92),
        hit_rate=Interval(0.875, 0.8, 0.93),
        hit_rate_test=Interval(0.75, 0.5, 0.9),
        stability=0.95,
        histograms={
            name: Histogram((0.0, 1.0), (len(members),))
            for name in ("contribution", "mask_size", "prediction", "distance")
        },
        parts=(
            Part(
                smarts="[#7](=[#8])-[#8]",
                smiles="[N+](=O)[O-]",
                in_members=15,
                in_all=16,
                odds_ratio=30.5,
                low=10.0,
                high=90.0,
                p=1e-6,
                name="nitro group",
            ),
        ),
        alerts=(AlertOverlap("Kazius", "aromatic nitro", 14, 15, 14), AlertOverlap("Brenk", "chlorine", 2, 4, 0)),
    )
    width = said.embedding.shape[2]
    return ConceptSet(
        task="mutagenicity",
        channels=("non-mutagenic", "mutagenic"),
        metric="cosine",
        model_sha256="0" * 64,
        data="a table",
        n_molecules=len(smiles),
        passed=(0, len(smiles)),
        unclustered=(0, 0),
        notes=(),
        filters=ExtractionSettings(
            threshold=threshold,
            own_verdict=False,
            least_members=5,
            neighbours=5,
            reduced_to=12,
            merge_within=0.5,
            most_points=1000,
            resamples=0,
            seed=0,
            member=0,
        ),
        concepts=(concept,),
        map=ConceptMap(
            points=np.zeros((0, 2), np.float32),
            channel=np.zeros(0, np.int64),
            concept=np.zeros(0, np.int64),
            keys=np.zeros(0, np.uint64),
            anchors=np.zeros((0, 2), np.float32),
            origin=np.zeros((2, width), np.float32),
            axes=np.zeros((2, width, 2), np.float32),
            method="pca",
        ),
    )


def nitro_set() -> ConceptSet:
    """Nitro compounds as a network without training sees them, for what reads concepts and asks no network."""
    torch.manual_seed(0)
    network = Megan(ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,))).eval()
    found = made_set([network], [f"O=[N+]([O-])c1ccc({'C' * n})cc1" for n in range(1, 17)])
    prototype = Prototype("C[N+](=O)[O-]", 0.01, 4, 2.125, (9.0, 4.0))
    return dataclasses.replace(found, concepts=(dataclasses.replace(found.concepts[0], prototypes=(prototype,)),))
