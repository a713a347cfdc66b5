"""A plane of embeddings to look at: computed once for the molecules of a set, quick for new ones.

Neighbours in the plane are neighbours among the embeddings; distances over gaps, and areas, mean nothing.

Source: UMAP, McInnes et al. 2018, arXiv 1802.03426.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from concepts.clustering import Channel
from concepts.concept import ConceptMap
from concepts.geometry import Doubles, Reduction

Method = Literal["umap", "pca"]
METHODS: Final[tuple[Method, ...]] = ("umap", "pca")
NEIGHBOURS: Final = 15
LEAST_FOR_UMAP: Final = 50
"""Fewer points have no neighbourhoods worth unfolding; they are projected."""
PLACED_BY: Final = 5
"""Neighbours whose places a new molecule is put between."""


def plane(channel: Channel, method: Method, seed: int = 0) -> tuple[Doubles, Method]:
    """Places of a channel's points, (n, 2), in the channel's order, and how they were made.

    Parameters
    ----------
    channel
        What was clustered.
    method
        umap unfolds neighbourhoods and takes a minute when it is first used; pca is two components and instant.
    seed
        Of umap.
    """
    n, width = channel.reduced.shape
    if method == "umap" and n >= LEAST_FOR_UMAP:
        import warnings

        from umap import UMAP

        with warnings.catch_warnings():
            # It warns that a seed costs it its threads.
            warnings.simplefilter("ignore", UserWarning)
            fitted = UMAP(n_neighbors=NEIGHBOURS, min_dist=0.1, init="pca", random_state=seed, n_jobs=1)
            return np.asarray(fitted.fit_transform(channel.reduced), np.float64), "umap"
    places = np.zeros((n, 2))
    places[:, : min(2, width)] = channel.reduced[:, :2]
    return places, "pca"


def place(shown: ConceptMap, channel: int, embeddings: npt.ArrayLike) -> Doubles:
    """Places of new molecules among those of a map: between their nearest, weighed by nearness.

    Parameters
    ----------
    shown
        The map.
    channel
        Which channel the embeddings are of.
    embeddings : (n, D)

    Returns
    -------
    (n, 2)
        The very place of a point of the map for its own embedding; NaN where the channel has no points.
    """
    own = np.flatnonzero(shown.channel == channel)
    reduced = Reduction(shown.origin[channel], shown.axes[channel])(embeddings)
    if not len(own):
        return np.full((len(reduced), 2), np.nan)
    anchors, points = shown.anchors[own].astype(np.float64), shown.points[own].astype(np.float64)
    between = np.sqrt(np.maximum(0, ((reduced[:, None, :] - anchors[None]) ** 2).sum(axis=2)))
    k = min(PLACED_BY, len(own))
    nearest = np.argpartition(between, k - 1, axis=1)[:, :k]
    distance = np.take_along_axis(between, nearest, axis=1)
    weight = 1 / (distance + 1e-6) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    placed: Doubles = (points[nearest] * weight[:, :, None]).sum(axis=1)
    return placed


def joined(
    channels: Sequence[Channel],
    places: Sequence[Doubles],
    concepts: Sequence[npt.NDArray[np.int64]],
    keys: Sequence[npt.NDArray[np.uint64]],
    smiles: Sequence[Sequence[str]],
    method: str,
) -> ConceptMap:
    """One map of several channels.

    Parameters
    ----------
    channels, places
        Of each channel, and its plane.
    concepts
        Of each channel: positions in the set, or -1.
    keys, smiles
        Of each channel's points.
    method
        How the planes were made.
    """
    components = max(channel.reduced.shape[1] for channel in channels)

    def padded(array: npt.NDArray[np.floating], axis: int) -> npt.NDArray[np.float32]:
        missing = [(0, 0)] * array.ndim
        missing[axis] = (0, components - array.shape[axis])
        return np.pad(array, missing).astype(np.float32)

    return ConceptMap(
        points=np.concatenate(places).astype(np.float32),
        channel=np.repeat(np.arange(len(channels)), [len(c.vectors) for c in channels]),
        concept=np.concatenate(concepts).astype(np.int64),
        keys=np.concatenate(keys).astype(np.uint64),
        anchors=np.concatenate([padded(c.reduced, 1) for c in channels]),
        origin=np.stack([c.reduction.origin for c in channels]),
        axes=np.stack([padded(c.reduction.axes, 1) for c in channels]),
        method=method,
        smiles=tuple(text for texts in smiles for text in texts),
    )
