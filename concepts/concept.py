"""The values that travel from extraction to reports and pages: a concept, its members and names, and a set of them.

A concept is a group of molecules that one channel of a model sees alike: their explanation embeddings lie together,
because the parts that speak for the channel are alike. All values are frozen; arrays are read-only.

Distances are those of `ConceptSet.metric` between a molecule's embedding in the channel and the concept's centroid.

Source: Teufel and Friederich 2024, "Global Concept Explanations for Graphs by Self-Explaining Graph Neural Networks".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from megan.metrics import Interval

Floats = npt.NDArray[np.float32]
Metric = Literal["cosine"]
METRICS: Final[tuple[Metric, ...]] = ("cosine",)
HISTOGRAMS: Final = ("contribution", "mask_size", "prediction", "distance")
"""What every concept has a histogram of."""
KNOWN_SHARE: Final = 0.5
"""Share of the members whose mask must lie on an alert for it to account for a concept."""


class Histogram(NamedTuple):
    """How many members fall between neighbouring edges."""

    edges: tuple[float, ...]
    """One more than counts, ascending."""
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A molecule of a concept."""

    smiles: str
    label: float | None
    """Measured class (0 or 1) or value; None where nothing was measured."""
    split: str
    """train, valid or test; an empty string where the molecule is in no split."""
    prediction: float
    """Calibrated probability of class 1, or the value in the task's unit."""
    contribution: float
    """How far the channel moves the output its own way; log-odds, or the task's unit."""
    distance: float
    """To the centroid."""
    mask: tuple[float, ...]
    """The channel's importance of every atom in the order of `smiles`, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Part:
    """A substructure of the masked parts, and how much more often members have it than other molecules."""

    smarts: str
    """What was searched for in all molecules."""
    smiles: str
    """The fragment as it was cut out, for reading, which need not parse alone; empty where `name` says it."""
    in_members: int
    """Members that hold it anywhere."""
    in_all: int
    """Molecules of the whole table that hold it, members included."""
    odds_ratio: float
    """Sample odds ratio of members against all others, half a count added to each cell."""
    low: float
    """Lower end of its 95 % interval."""
    high: float
    """Upper end of it."""
    p: float
    """Fisher's exact test, one-sided, corrected for the number of tests (Benjamini and Hochberg)."""
    masked: int = 0
    """Members whose mask covers most of it, see `concepts.naming.naming`."""
    touched: int = 0
    """Members whose mask holds at least one of its atoms."""
    name: str = ""
    """What a chemist calls it; an empty string where our table has no word for it."""


@dataclass(frozen=True, slots=True)
class AlertOverlap:
    """A published alert that members carry."""

    catalog: str
    """PAINS, Brenk or Kazius."""
    name: str
    in_members: int
    """Members that carry it."""
    in_all: int
    """Molecules of the whole table that carry it."""
    under_mask: int = 0
    """Members whose mask covers at least half of the atoms of such a site."""


class Stage(NamedTuple):
    """An ancestor of a prototype in the search."""

    round: int
    """In which it was made; 0 for the member that the search began with."""
    smiles: str
    fitness: float
    """As in `Prototype.rounds`."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """A smallest molecule that is still in the concept."""

    smiles: str
    distance: float
    """To the centroid."""
    atoms: int
    """Heavy atoms."""
    contribution: float
    """As in `Member`."""
    rounds: tuple[float, ...]
    """Best fitness before the first round of the search and after each, lower is better: how it converged."""
    stages: tuple[Stage, ...] = ()
    """How it came about: a member, what was made of it, and so on; the prototype itself comes last."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a language model supposes; machine-written and unverified."""

    claim: str
    mechanism: str
    evidence_for: str
    evidence_against: str
    keywords: tuple[str, ...]
    """For a literature search."""
    confidence: str
    model: str
    """Name of the language model."""
    prompt_sha256: str
    created: str
    """When, ISO 8601."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A group of molecules that one channel sees alike."""

    id: str
    """Channel and rank by number of members, such as "mutagenic-03"."""
    task: str
    channel: int
    channel_name: str
    name: str
    """A short systematic name of what the masked parts share."""
    n_members: int
    members: tuple[Member, ...]
    """Nearest first; in shipped sets only the few that a report shows."""
    counterexamples: tuple[Member, ...]
    """Members that were measured otherwise, nearest first; empty where nothing was measured."""
    centroid: Floats = field(compare=False)
    """Shape (D,): mean of the members' embeddings."""
    medoid: Floats = field(compare=False)
    """Shape (D,): embedding of the member that is nearest to the others."""
    core: float
    """Median distance of the members."""
    radius: float
    """Distance within which a molecule counts as one of the concept, see `concepts.matching`."""
    contribution: Interval
    """Mean over the members, with its 95 % bootstrap interval; likewise the next two."""
    mask_size: Interval
    """Atoms whose importance is at least 0.5."""
    prediction: Interval
    hit_rate: Interval | None
    """Share of measured members on the channel's side, Wilson interval; None where no member was measured."""
    hit_rate_test: Interval | None
    """The same on members of the test split alone; None where there is none."""
    stability: float
    """Share of resamples of the molecules in which it was found again, 0 to 1."""
    histograms: dict[str, Histogram]
    """By the names of `HISTOGRAMS`."""
    parts: tuple[Part, ...]
    """Most telling first."""
    alerts: tuple[AlertOverlap, ...]
    """Carried by at least a quarter of the members, most common first."""
    prototypes: tuple[Prototype, ...] = ()
    hypothesis: Hypothesis | None = None

    def __post_init__(self) -> None:
        if self.centroid.ndim != 1 or self.centroid.shape != self.medoid.shape:
            raise ValueError(
                f"Concept.centroid and medoid have shapes {self.centroid.shape} and {self.medoid.shape}; expected (D,)"
            )
        if not 0 <= self.stability <= 1:
            raise ValueError(f"Concept.stability is {self.stability}; expected 0 to 1")
        if set(self.histograms) != set(HISTOGRAMS):
            raise ValueError(f"Concept.histograms are of {sorted(self.histograms)}; expected {', '.join(HISTOGRAMS)}")
        if not 1 <= len(self.members) <= self.n_members:
            raise ValueError(f"Concept.members has {len(self.members)} entries; expected 1 to {self.n_members}")
        for array in (self.centroid, self.medoid):
            array.flags.writeable = False

    @property
    def known_alerts(self) -> tuple[AlertOverlap, ...]:
        """Alerts that account for the concept: at least half of the members carry them where the mask lies."""
        return tuple(alert for alert in self.alerts if alert.under_mask >= KNOWN_SHARE * self.n_members)

    @property
    def stable(self) -> bool:
        """Whether it was found again in more than half of the resamples."""
        return self.stability > 0.5


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """A picture of the embeddings: a point for every molecule and channel that the filter let pass, n of them."""

    points: Floats
    """Shape (n, 2), no unit; each channel has a plane of its own."""
    channel: npt.NDArray[np.int64]
    """Shape (n,)."""
    concept: npt.NDArray[np.int64]
    """Shape (n,): position in `ConceptSet.concepts`, or -1 for none."""
    keys: npt.NDArray[np.uint64]
    """Shape (n,): key hashes as in `megan.domain`, to find the structures where the measured table is at hand."""
    anchors: Floats
    """Shape (n, R): the points' embeddings, reduced; a new molecule is placed among its nearest."""
    origin: Floats
    """Shape (K, D): what is subtracted before reducing."""
    axes: Floats
    """Shape (K, D, R): onto what it is projected."""
    method: str
    """How the plane was made: umap or pca."""
    smiles: tuple[str, ...] = ()
    """One a point; empty in shipped sets, which hold few structures."""

    def __post_init__(self) -> None:
        n = len(self.points)
        for name, shape in (("points", (n, 2)), ("channel", (n,)), ("concept", (n,)), ("keys", (n,))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"ConceptMap.{name} has shape {getattr(self, name).shape}; expected {shape}")
        if self.anchors.shape != (n, self.axes.shape[-1]) or self.axes.shape[:2] != self.origin.shape:
            raise ValueError(
                f"ConceptMap.anchors, axes and origin have shapes {self.anchors.shape}, {self.axes.shape} and "
                f"{self.origin.shape}; expected (n, R), (K, D, R) and (K, D)"
            )
        if len(self.smiles) not in (0, n):
            raise ValueError(f"ConceptMap.smiles has {len(self.smiles)} entries; expected {n} or none")


@dataclass(frozen=True, slots=True)
class ExtractionSettings:
    """What decides which concepts are found."""

    threshold: float
    """Least contribution of a channel; log-odds, or the task's unit."""
    own_verdict: bool
    """Whether a channel only gets the molecules that the model gives to its class."""
    least_members: int
    """Smallest cluster."""
    neighbours: int
    """Neighbours within which a point must be dense; larger values call more points noise."""
    reduced_to: int
    """Principal components that are clustered."""
    merge_within: float
    """Clusters are merged where average linkage of their centroids is under this cosine distance."""
    most_points: int
    """Points of a channel that are clustered; beyond, a random sample is, and the others are matched."""
    resamples: int
    """For the stability; 0 for none."""
    seed: int
    member: int
    """Network of the committee whose embeddings are clustered."""


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """All concepts of one model on one table of molecules."""

    task: str
    channels: tuple[str, ...]
    metric: Metric
    model_sha256: str
    """Of the weights that the embeddings came from; other weights have other embeddings."""
    data: str
    """What was read, in words."""
    n_molecules: int
    """Molecules that were read."""
    passed: tuple[int, ...]
    """Per channel: molecules that the filter let pass."""
    unclustered: tuple[int, ...]
    """Per channel: those of them in no concept."""
    notes: tuple[str, ...]
    """What a reader must know of the making, in sentences."""
    filters: ExtractionSettings
    concepts: tuple[Concept, ...]
    """By channel, then by number of members, largest first."""
    map: ConceptMap = field(compare=False)

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ValueError(f"ConceptSet.metric is {self.metric!r}; expected {' or '.join(METRICS)}")
        for name in ("passed", "unclustered"):
            if len(getattr(self, name)) != len(self.channels):
                raise ValueError(
                    f"ConceptSet.{name} has {len(getattr(self, name))} entries; expected {len(self.channels)}"
                )

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)

    def __len__(self) -> int:
        return len(self.concepts)

    def of_channel(self, channel: int) -> tuple[Concept, ...]:
        """The concepts of one channel; empty where it has none."""
        return tuple(concept for concept in self.concepts if concept.channel == channel)

    def by_id(self, name: str) -> Concept:
        """A concept by its id.

        Raises
        ------
        ValueError
            If there is none.
        """
        for concept in self.concepts:
            if concept.id == name:
                return concept
        raise ValueError(f"concept is {name!r}; expected one of {', '.join(c.id for c in self.concepts) or 'none'}")
