"""The smallest molecules that a network still sees as a concept: what is left when all that does not matter is gone.

A genetic search (`genetic_search`) starts from the members nearest to the centroid. A molecule counts when its
embedding is no farther from the centroid than the median member's, no other concept of the channel fits better, the
channel contributes enough, and every atom with its neighbours occurs in some real molecule; for classes, the verdict
must be the channel's. The radius alone, as
published, is too generous: it lets in small molecules unlike all that the network has learned from, such as C=CNO
among azides.

What the search finds is parsed from its SMILES again and matched again with the whole committee before it is shown.

Source: Teufel and Friederich 2024, "Global Concept Explanations for Graphs by Self-Explaining Graph Neural Networks".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

from concepts.concept import Concept, ConceptSet, Prototype, Stage
from concepts.geometry import cosine_distances
from concepts.matching import matcher_of
from concepts.prototypes.genetic_search import Judge, Judgement, SearchSettings, search
from datasets.featurize import featurize, featurize_mols
from megan.calibration import Calibration
from megan.committee import ask
from megan.predictor import Predictor

Surroundings = frozenset[int]
"""Atoms with their neighbours, as hashes of Morgan environments of radius 1."""
CHECKED_AT_ONCE: Final = 64
MOST_CHECKED: Final = 1024
"""Candidates that the committee looks at before the choice ends with what there is."""
LEAST_FOR_SURROUNDINGS: Final = 1000
"""Molecules of a table whose surroundings stand for what exists; fewer would forbid most small molecules."""
ROUNDING: Final = 1e-5
"""By how much the distance of one molecule may differ between two batches."""


@dataclass(frozen=True, slots=True)
class PrototypeSettings:
    """How many prototypes, and how different."""

    count: int = 3
    most_similar: float = 0.5
    """Largest Tanimoto similarity (Morgan, radius 2) between two prototypes of a concept."""
    most_larger: float = 1.5
    """Heavy atoms of the others as a multiple of the smallest one's."""
    start: int = 100
    """Nearest members that the search begins with."""
    search: SearchSettings = field(default_factory=SearchSettings)

    def __post_init__(self) -> None:
        for name in ("count", "start"):
            if getattr(self, name) < 1:
                raise ValueError(f"PrototypeSettings.{name} is {getattr(self, name)}; expected at least 1")
        if not 0 < self.most_similar <= 1:
            raise ValueError(f"PrototypeSettings.most_similar is {self.most_similar}; expected over 0, at most 1")
        if self.most_larger < 1:
            raise ValueError(f"PrototypeSettings.most_larger is {self.most_larger}; expected at least 1")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the committee says of n molecules and one concept."""

    distance: npt.NDArray[np.float64]
    """Shape (n,): to the centroid."""
    contribution: npt.NDArray[np.float64]
    """Shape (n,): of the concept's channel; log-odds, or the task's unit."""
    inside: npt.NDArray[np.bool_]
    """Shape (n,): whether matching finds the molecule in the concept, and the verdict is one that members have."""


def find_prototypes(
    predictor: Predictor,
    found: ConceptSet,
    concept: Concept,
    known: Surroundings | None = None,
    settings: PrototypeSettings | None = None,
) -> tuple[Prototype, ...]:
    """Prototypes of one concept.

    Parameters
    ----------
    predictor
        The model that the set was extracted from.
    found
        The set that the concept is from: other concepts of the channel must not fit better.
    concept
        Its members, nearest first, are what the search starts from.
    known
        From `surroundings_of` many real molecules; None lets any valid molecule count.
    settings
        Equal settings give equal prototypes.

    Returns
    -------
    tuple of Prototype
        The smallest first, unlike each other; empty where the committee confirms none.

    Raises
    ------
    ValueError
        If the concept is not in the set.
    """
    settings = settings or PrototypeSettings()
    judge = judge_of(predictor, found, concept, known)
    start = [member.smiles for member in concept.members[: settings.start]]
    result = search(judge, start, settings.search)
    chosen: list[Prototype] = []
    prints: list[DataStructs.ExplicitBitVect] = []
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    largest = math.inf
    for first in range(0, min(len(result.candidates), MOST_CHECKED), CHECKED_AT_ONCE):
        some = result.candidates[first : first + CHECKED_AT_ONCE]
        checked = check(predictor, found, concept, [candidate.smiles for candidate in some])
        for row, candidate in enumerate(some):
            atoms = candidate.mol.GetNumHeavyAtoms()
            if atoms > largest or len(chosen) == settings.count:
                return tuple(chosen)
            if not checked.inside[row]:
                continue
            fingerprint = generator.GetFingerprint(candidate.mol)
            if prints and max(DataStructs.BulkTanimotoSimilarity(fingerprint, prints)) > settings.most_similar:
                continue
            prints.append(fingerprint)
            largest = min(largest, settings.most_larger * atoms)
            chosen.append(
                Prototype(
                    smiles=candidate.smiles,
                    distance=float(checked.distance[row]),
                    atoms=atoms,
                    contribution=float(checked.contribution[row]),
                    rounds=tuple(round(fitness, 3) for fitness in result.rounds),
                    stages=tuple(Stage(c.round, c.smiles, round(c.fitness, 3)) for c in candidate.lineage),
                )
            )
    return tuple(chosen)


def with_prototypes(
    predictor: Predictor,
    found: ConceptSet,
    known: Surroundings | None = None,
    settings: PrototypeSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ConceptSet:
    """The same set with prototypes of every concept.

    Parameters
    ----------
    predictor, found, known, settings
        As in `find_prototypes`.
    progress
        Called with the number of concepts that are done, and of all.
    """
    concepts = []
    for concept in found:
        prototypes = find_prototypes(predictor, found, concept, known, settings)
        concepts.append(dataclasses.replace(concept, prototypes=prototypes))
        if progress is not None:
            progress(len(concepts), len(found))
    return dataclasses.replace(found, concepts=tuple(concepts))


def judge_of(predictor: Predictor, found: ConceptSet, concept: Concept, known: Surroundings | None) -> Judge:
    """The search's judge: the one network whose embeddings the concepts are made of, for speed.

    Parameters
    ----------
    predictor, found, concept, known
        As in `find_prototypes`.
    """
    matcher, position = matcher_of(found), _position(found, concept)
    first, channel = [predictor.bundle.members[found.filters.member]], concept.channel

    def judge(mols: Sequence[Chem.Mol]) -> Judgement:
        batch = featurize_mols(mols)
        said = ask(first, batch)
        distance = cosine_distances(said.embedding[:, channel], concept.centroid[None])[:, 0]
        inside = matcher.match(said.embedding, said.fidelity).concept[:, channel] == position
        inside &= distance <= concept.core + ROUNDING
        if known is not None:
            inside &= np.array([known.issuperset(_surroundings(mol)) for mol in mols], dtype=bool)
        return Judgement(
            distance=distance / max(concept.core, ROUNDING),
            inside=inside,
            importance=np.split(said.node_importance[:, channel], batch.atom_offsets[1:-1]),
        )

    return judge


def check(predictor: Predictor, found: ConceptSet, concept: Concept, smiles: Sequence[str]) -> Checked:
    """Whether molecules are in a concept, asked of the whole committee, from their SMILES alone.

    Parameters
    ----------
    predictor, found, concept
        As in `find_prototypes`.
    smiles
        Valid SMILES.
    """
    own, channel, networks = found.filters.member, concept.channel, predictor.bundle.members
    # The first one asked is the one whose embeddings are returned.
    said = ask([networks[own], *networks[:own], *networks[own + 1 :]], featurize(smiles))
    matched = matcher_of(found).match(said.embedding, said.fidelity).concept[:, channel]
    inside = matched == _position(found, concept)
    if found.filters.own_verdict and predictor.threshold is not None:
        calibration = Calibration.from_record(predictor.card["calibration"])
        probability = calibration.probability(said.outputs.mean(axis=0, dtype=np.float64))
        inside &= (probability >= predictor.threshold) == (channel == 1)
    return Checked(
        distance=cosine_distances(said.embedding[:, channel], concept.centroid[None])[:, 0],
        contribution=said.fidelity[:, channel].astype(np.float64),
        inside=inside,
    )


def surroundings_of(smiles: Iterable[str]) -> Surroundings:
    """Every atom with its neighbours that occurs in molecules; SMILES that do not parse are passed over."""
    found: set[int] = set()
    with rdBase.BlockLogs():
        for text in smiles:
            mol = Chem.MolFromSmiles(text)
            if mol is not None:
                found.update(_surroundings(mol))
    return frozenset(found)


def known_surroundings(smiles: Sequence[str]) -> Surroundings | None:
    """`surroundings_of` a table that is large enough to hold what is usual; None for a smaller one."""
    return surroundings_of(smiles) if len(smiles) >= LEAST_FOR_SURROUNDINGS else None


_AROUND: Final = rdFingerprintGenerator.GetMorganGenerator(radius=1)


def _surroundings(mol: Chem.Mol) -> Iterable[int]:
    around: dict[int, int] = _AROUND.GetSparseCountFingerprint(mol).GetNonzeroElements()
    return around


def _position(found: ConceptSet, concept: Concept) -> int:
    found.by_id(concept.id)
    return [other.id for other in found].index(concept.id)
