"""From a model and a table of molecules to its concepts: the one function that commands, pages and shipping use.

found = extract(Predictor.load("mutagenicity"), load_table(MUTAGENICITY), data="ames.csv")
save_concepts(Path("runs/concepts-mutagenicity"), found)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from concepts.answers import Answers, answers
from concepts.clustering import Channel, Groups, find_groups, prepared
from concepts.concept import Concept, ConceptSet, ExtractionSettings, Member
from concepts.geometry import Doubles
from concepts.matching import NONE
from concepts.naming.naming import Described, Masked, describe
from concepts.naming.substructures import Haystack
from concepts.notes import notes_on
from concepts.placing import Method, joined, plane
from concepts.stability import stability
from concepts.statistics import histogram, hit_rate, mean_interval
from megan.predictor import Predictor

Ints = npt.NDArray[np.int64]
LEAST_CONTRIBUTION: Final = 0.2
"""Log-odds, or standard deviations of the target. The published 0.5 leaves out two thirds of what the shipped model
calls mutagenic, and with them toxicophores that 0.2 finds."""
LEAST_MEMBERS: Final = 10
MOLECULES_PER_MEMBER: Final = 700
"""From large tables only groups count that hold at least one molecule in so many; else there would be hundreds."""
SHOWN: Final = 8
"""Members of each concept in a shipped set."""
SHOWN_POINTS: Final = 5000
"""Points of each channel on the map of a shipped set; more take long to draw and show no more."""
SHOWN_AGAINST: Final = 4
"""Counterexamples of each concept in a shipped set."""


def default_settings(predictor: Predictor, n_molecules: int) -> ExtractionSettings:
    """What is used where nothing else is asked for.

    Parameters
    ----------
    predictor
        The model; a regression's threshold is in units of its target's standard deviation.
    n_molecules
        Size of the table.
    """
    regression = predictor.task.kind == "regression"
    scale = float(predictor.bundle.members[0].target_scale) if regression else 1.0
    return ExtractionSettings(
        threshold=round(LEAST_CONTRIBUTION * scale, 4),
        own_verdict=not regression,
        least_members=max(LEAST_MEMBERS, round(n_molecules / MOLECULES_PER_MEMBER)),
        neighbours=5,
        reduced_to=12,
        merge_within=0.15,
        most_points=20_000,
        resamples=20,
        seed=0,
        member=0,
    )


def extract(
    predictor: Predictor,
    table: pd.DataFrame,
    settings: ExtractionSettings | None = None,
    *,
    data: str,
    model_sha256: str = "",
    picture: Method = "pca",
    tell: Callable[[str], None] = lambda sentence: None,
) -> ConceptSet:
    """Ask, filter, cluster, count and name.

    Parameters
    ----------
    predictor
        The model.
    table
        Column smiles; also label (numbers, NaN for none), split and inchikey14 if it has them.
    settings
        By default `default_settings`.
    data
        What the table is, in words.
    model_sha256
        Of the model's weights.
    picture
        How the map is made.
    tell
        Called with a sentence on the way.

    Raises
    ------
    ValueError
        If no row is a molecule, or a setting is not possible.
    """
    chosen = settings or default_settings(predictor, len(table))
    check_settings(chosen)
    asked = answers(predictor, table, chosen.member, tell)
    channels, groups, rows = [], [], []
    for k, name in enumerate(predictor.task.channels):
        tell(f"grouping what speaks for {name}")
        passed = np.flatnonzero(_passes(predictor, asked, k, chosen))
        channel = prepared(asked.embedding[passed, k], chosen.reduced_to)
        channels.append(channel)
        groups.append(find_groups(channel, chosen))
        rows.append(passed[channel.order])
    found = [
        _Found(predictor, asked, k, groups[k], channels[k], rows[k], stability(channels[k], groups[k], chosen))
        for k in range(len(channels))
    ]
    tell("naming")
    masked = [
        Masked(f.rows_of(c), [asked.masks[r][:, f.k] for r in f.rows_of(c)], f.k) for f in found for c in range(len(f))
    ]
    described = iter(describe(Haystack(asked.smiles), masked))
    concepts = tuple(f.concept(c, next(described)) for f in found for c in range(len(f)))
    tell("drawing the map")
    planes = [plane(channel, picture, chosen.seed) for channel in channels]
    firsts = np.cumsum([0, *(len(f) for f in found)])
    labels = [np.where(g.labels == NONE, NONE, g.labels + firsts[k]) for k, g in enumerate(groups)]
    drawn = joined(
        channels,
        [places for places, _ in planes],
        labels,
        [asked.keys[r] for r in rows],
        [[asked.smiles[i] for i in r] for r in rows],
        "umap" if any(method == "umap" for _, method in planes) else "pca",
    )
    return ConceptSet(
        task=predictor.task.name,
        channels=predictor.task.channels,
        metric="cosine",
        model_sha256=model_sha256,
        data=data,
        n_molecules=len(asked),
        passed=tuple(len(r) for r in rows),
        unclustered=tuple(int((g.labels == NONE).sum()) for g in groups),
        notes=tuple(notes_on(asked, predictor.task.channels, groups, concepts, chosen)),
        filters=chosen,
        concepts=concepts,
        map=drawn,
    )


def for_shipping(
    found: ConceptSet, members: int = SHOWN, counterexamples: int = SHOWN_AGAINST, points: int = SHOWN_POINTS
) -> ConceptSet:
    """The same set with the few structures that a report shows, and so many points a channel on its map.

    All numbers stay those of all members. Where points are left out, a note says so.
    """
    few = tuple(
        replace(c, members=c.members[:members], counterexamples=c.counterexamples[:counterexamples]) for c in found
    )
    rng = np.random.default_rng(found.filters.seed)
    kept, notes = [], list(found.notes)
    for k, name in enumerate(found.channels):
        own = np.flatnonzero(found.map.channel == k)
        if len(own) > points:
            notes.append(f"{name}: the map shows a random {points:,} of {len(own):,} molecules.")
            own = np.sort(rng.choice(own, points, replace=False))
        kept.append(own)
    rows = np.concatenate(kept)
    chosen = {name: getattr(found.map, name)[rows] for name in ("points", "channel", "concept", "keys", "anchors")}
    return replace(found, concepts=few, notes=tuple(notes), map=replace(found.map, **chosen, smiles=()))


def check_settings(settings: ExtractionSettings) -> None:
    """Refuse what cannot be clustered with.

    Raises
    ------
    ValueError
        Naming the setting.
    """
    for name, least in (
        ("least_members", 2), ("neighbours", 1), ("reduced_to", 2), ("resamples", 0), ("most_points", 100),
        ("merge_within", 0), ("member", 0), ("seed", 0),
    ):  # fmt: skip
        if getattr(settings, name) < least:
            raise ValueError(f"{name} is {getattr(settings, name)}; expected at least {least}")
    if not np.isfinite(settings.threshold):
        raise ValueError(f"threshold is {settings.threshold}; expected a finite number")


def _passes(predictor: Predictor, asked: Answers, k: int, settings: ExtractionSettings) -> npt.NDArray[np.bool_]:
    """Which molecules a channel has something to say about: it moves the output, and there is an atom to point at."""
    kept: npt.NDArray[np.bool_] = (asked.contribution[:, k] >= settings.threshold) & (asked.mask_size[:, k] > 0)
    if settings.own_verdict and predictor.threshold is not None:
        kept &= (asked.prediction >= predictor.threshold) == (k == 1)
    return kept


def _on_side(predictor: Predictor, labels: Doubles, k: int) -> npt.NDArray[np.bool_]:
    """Whether what was measured is the channel's class, or on its side of the target's mean."""
    if predictor.task.kind == "classification":
        return np.asarray(labels == k)
    mean = float(predictor.bundle.members[0].target_mean)
    sided: npt.NDArray[np.bool_] = labels > mean if k == 1 else labels < mean
    return sided


@dataclass(frozen=True, slots=True)
class _Found:
    """The groups of one channel with all that is known of their molecules."""

    predictor: Predictor
    asked: Answers
    k: int
    groups: Groups
    channel: Channel
    rows: Ints
    """Shape (points,): molecule of each point."""
    stable: Doubles

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def name(self) -> str:
        return self.predictor.task.channels[self.k]

    def points_of(self, group: int) -> Ints:
        """Points of a group, nearest first."""
        points = np.flatnonzero(self.groups.labels == group)
        return points[np.argsort(self.groups.distances[points], kind="stable")]

    def rows_of(self, group: int) -> list[int]:
        """Molecules of a group, nearest first."""
        rows: list[int] = self.rows[self.points_of(group)].tolist()
        return rows

    def member(self, row: int, distance: float) -> Member:
        label = float(self.asked.labels[row])
        return Member(
            smiles=self.asked.smiles[row],
            label=None if np.isnan(label) else label,
            split=self.asked.splits[row],
            prediction=round(float(self.asked.prediction[row]), 4),
            contribution=round(float(self.asked.contribution[row, self.k]), 4),
            distance=round(distance, 5),
            mask=tuple(round(float(value), 3) for value in self.asked.masks[row][:, self.k]),
        )

    def concept(self, group: int, described: Described) -> Concept:
        points = self.points_of(group)
        rows = self.rows[points]
        distances = self.groups.distances[points]
        members = tuple(self.member(int(row), float(d)) for row, d in zip(rows, distances, strict=True))
        contribution, prediction = self.asked.contribution[rows, self.k], self.asked.prediction[rows]
        sizes = self.asked.mask_size[rows, self.k]
        measured = ~np.isnan(self.asked.labels[rows])
        on_side = _on_side(self.predictor, self.asked.labels[rows], self.k)
        tested = measured & (np.array([self.asked.splits[row] for row in rows]) == "test")
        every = self.asked.contribution[self.rows, self.k]
        ends = (0.0, 1.0) if self.predictor.threshold is not None else _ends(self.asked.prediction[self.rows])
        return Concept(
            id=f"{_slug(self.name)}-{group + 1:02d}",
            task=self.predictor.task.name,
            channel=self.k,
            channel_name=self.name,
            name=described.name,
            n_members=len(rows),
            members=members,
            counterexamples=tuple(m for m, wrong in zip(members, measured & ~on_side, strict=True) if wrong),
            centroid=self.groups.centroids[group].astype(np.float32),
            medoid=self.channel.vectors[self.groups.medoids[group]].astype(np.float32),
            core=float(self.groups.core[group]),
            radius=float(self.groups.radius[group]),
            contribution=mean_interval(contribution),
            mask_size=mean_interval(sizes),
            prediction=mean_interval(prediction),
            hit_rate=hit_rate(on_side[measured]),
            hit_rate_test=hit_rate(on_side[tested]),
            stability=round(float(self.stable[group]), 3),
            histograms={
                "contribution": histogram(contribution, *_ends(every)),
                "mask_size": histogram(sizes, 0, float(sizes.max()), whole=True),
                "prediction": histogram(prediction, *ends),
                "distance": histogram(distances, 0, float(self.groups.radius[group])),
            },
            parts=described.parts,
            alerts=described.alerts,
        )


def _ends(values: npt.NDArray[np.floating]) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "channel"
