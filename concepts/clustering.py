"""Groups of like explanations in one channel: HDBSCAN on principal components, near-identical groups merged.

Leaf clusters of HDBSCAN with 10 to 20 members, as published, are many and split what is nearly the same: two members of
a committee split it in different places. So clusters are merged by average linkage of their centroids, and afterwards
every point goes to the group whose radius holds it, if any does, whether or not HDBSCAN called it noise.

Clustering all 128 numbers is slow and no better: a dozen principal components keep two thirds of the variance and the
neighbourhoods; the centroids and all distances to them stay in the full space.

Sources: Campello et al. 2013, doi 10.1007/978-3-642-37456-2_14; McInnes et al. 2017, doi 10.21105/joss.00205.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.concept import ExtractionSettings
from concepts.geometry import Doubles, Reduction, cosine_distances, reduction, unit
from concepts.matching import NONE, own_and_best

Ints = npt.NDArray[np.int64]
RADIUS_QUANTILE: Final = 0.9
"""Share of a group's dense points that its radius holds; the outermost ones would let strangers in."""
LEAST_GAP: Final = 0.005
"""Least cosine distance between core and radius, so that exact repeats leave room for the nearly equal."""
FRINGE: Final = 3.0
"""How many times sparser than its dense centre a cluster may get."""
ONE_GROUP: Final = 0.1
"""Points that do not fall apart are one group if half of them are within this cosine distance of their mean."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of n points, C of them, largest first."""

    labels: Ints
    """Shape (n,): group of each point, or `NONE`."""
    centroids: Doubles
    """Shape (C, D): mean direction of the dense points, length 1."""
    medoids: Ints
    """Shape (C,): member nearest to the centroid, which is also the one nearest to all dense points on average."""
    core: Doubles
    """Shape (C,): median distance of the dense points to the centroid."""
    radius: Doubles
    """Shape (C,)."""
    distances: Doubles
    """Shape (n,): of each point to its group's centroid; infinite for those in none."""
    merged: int
    """How many clusters were merged into others."""
    clustered: int
    """Points that were clustered; the others were matched only."""

    def __len__(self) -> int:
        return len(self.centroids)


@dataclass(frozen=True, slots=True)
class Channel:
    """Points of one channel in an order that does not depend on how they came."""

    vectors: Doubles
    """Shape (n, D), length 1, sorted."""
    reduced: Doubles
    """Shape (n, R)."""
    order: Ints
    """Shape (n,): vectors = given[order]."""
    reduction: Reduction


def prepared(embeddings: npt.ArrayLike, components: int) -> Channel:
    """Sort and reduce the embeddings of one channel, (n, D)."""
    given = np.asarray(embeddings, dtype=np.float64)
    # Ties and random draws then hang on the values alone: a permuted table has the same concepts.
    order = np.lexsort(given.T[::-1])
    vectors = unit(given[order])
    found = reduction(vectors, components)
    return Channel(vectors, found(vectors), order.astype(np.int64), found)


def find_groups(channel: Channel, settings: ExtractionSettings) -> Groups:
    """Cluster, merge and assign.

    Parameters
    ----------
    channel
        From `prepared`.
    settings
        Sizes and seed.

    Returns
    -------
    Groups
        In the channel's order; of length 0 where no group is dense enough.
    """
    n = len(channel.vectors)
    chosen = np.arange(n)
    if n > settings.most_points:
        drawn = np.random.default_rng(settings.seed).choice(n, settings.most_points, replace=False)
        chosen = np.sort(drawn)
    return grouped(channel, chosen, settings.least_members, settings.neighbours, settings.merge_within)


def grouped(channel: Channel, chosen: Ints, least_members: int, neighbours: int, merge_within: float) -> Groups:
    """Groups found on the chosen points; every point of the channel is then assigned."""
    vectors = channel.vectors[chosen]
    dense = _dense_labels(channel.reduced[chosen], vectors, least_members, neighbours)
    parts = [np.flatnonzero(dense == label) for label in range(dense.max(initial=NONE) + 1)]
    kept = merge_near(vectors, parts, merge_within)
    shapes = [_shape(vectors[part]) for part in kept]
    merged = len(parts) - len(kept)
    while True:
        centroids = np.array([s[0] for s in shapes]).reshape(-1, channel.vectors.shape[1])
        core, radius = np.array([s[1] for s in shapes]), np.array([s[2] for s in shapes])
        distances = cosine_distances(channel.vectors, centroids)
        labels = own_and_best(distances, core, radius)
        sizes = np.bincount(labels[labels != NONE], minlength=len(shapes))
        # One whose every point is nearer to others is their double.
        shapes = [shape for shape, size in zip(shapes, sizes, strict=True) if size]
        if len(shapes) == len(sizes):
            break
        merged += len(sizes) - len(shapes)
    by_size = np.lexsort((distances.argmin(axis=0), -sizes)) if len(sizes) else np.zeros(0, np.int64)
    rank = np.argsort(by_size)
    labels = np.where(labels == NONE, NONE, rank[labels] if len(rank) else NONE)
    distances = distances[:, by_size]
    held = np.where(labels[:, None] == np.arange(len(by_size)), distances, np.inf)
    return Groups(
        labels=labels,
        centroids=centroids[by_size],
        medoids=held.argmin(axis=0).astype(np.int64) if len(by_size) else np.zeros(0, np.int64),
        core=core[by_size],
        radius=radius[by_size],
        distances=held.min(axis=1, initial=np.inf),
        merged=merged,
        clustered=len(chosen),
    )


def merge_near(vectors: Doubles, parts: Sequence[Ints], within: float) -> list[Ints]:
    """Unite groups by average linkage of their centroids, up to a cosine distance.

    Parameters
    ----------
    vectors : (n, D)
        Of length 1.
    parts
        Positions of each group.
    within
        Cosine distance; 0 merges nothing.
    """
    if len(parts) < 2 or within <= 0:
        return list(parts)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    centroids = np.array([_shape(vectors[part])[0] for part in parts])
    between = cosine_distances(centroids, centroids)
    between = (between + between.T) / 2
    np.fill_diagonal(between, 0)
    family = fcluster(linkage(squareform(between, checks=False), "average"), within, "distance")
    return [
        np.sort(np.concatenate([parts[i] for i in np.flatnonzero(family == f).tolist()])) for f in np.unique(family)
    ]


def _dense_labels(reduced: Doubles, vectors: Doubles, least_members: int, neighbours: int) -> Ints:
    if len(reduced) < max(2, least_members):
        return np.full(len(reduced), NONE)
    if len(reduced) > neighbours:
        from hdbscan import HDBSCAN  # with sklearn it takes seconds to import

        found = HDBSCAN(
            min_cluster_size=least_members,
            min_samples=neighbours,
            cluster_selection_method="leaf",
            core_dist_n_jobs=1,
        )
        labels: Ints = found.fit(reduced).labels_.astype(np.int64)
        if labels.max(initial=NONE) != NONE:
            tree = found.condensed_tree_.to_numpy()
            own = tree[tree["child"] < len(reduced)]
            density = np.empty(len(reduced))
            density[own["child"]] = own["lambda_val"]
            return without_fringe(labels, density, least_members)
    if _shape(vectors)[1] <= ONE_GROUP:
        return np.zeros(len(reduced), np.int64)
    return np.full(len(reduced), NONE)


def without_fringe(labels: Ints, density: Doubles, least_members: int) -> Ints:
    """Labels without the points that hang on a cluster by chance.

    A leaf of HDBSCAN's tree holds all points that were connected when it split off, however far out: noise that happens
    to lie on its side of the split belongs to it. What the cluster is shows in its `least_members` densest points.

    Parameters
    ----------
    labels : (n,)
        Negative for none.
    density : (n,)
        Inverse of the distance at which each point joins; may be infinite.
    """
    kept = labels.copy()
    for label in range(labels.max(initial=NONE) + 1):
        points = np.flatnonzero(labels == label)
        reference = np.sort(density[points])[::-1][min(least_members, len(points)) - 1]
        kept[points[density[points] < reference / FRINGE]] = NONE
    return kept


def _shape(vectors: Doubles) -> tuple[Doubles, float, float]:
    """Centroid, core and radius of a group."""
    centroid = unit(vectors.mean(axis=0))
    distances = cosine_distances(vectors, centroid[None])[:, 0]
    core, radius = np.quantile(distances, [0.5, RADIUS_QUANTILE])
    return centroid, float(core), float(max(radius, core + LEAST_GAP))
