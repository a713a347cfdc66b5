"""The map: planes of channels, and new molecules between their nearest."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from concepts.clustering import Channel, prepared
from concepts.concept import ConceptMap
from concepts.placing import joined, place, plane


def embeddings(seed: int, n: int, width: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width)) + 3


def drawn(n: int = 40) -> tuple[list[np.ndarray], list[Channel], ConceptMap]:
    given = [embeddings(0, n), embeddings(1, n // 2)]
    channels = [prepared(g, 4) for g in given]
    planes = [plane(channel, "pca") for channel in channels]
    shown = joined(
        channels,
        [places for places, _ in planes],
        [np.full(len(c.vectors), -1) for c in channels],
        [np.arange(len(c.vectors), dtype=np.uint64) for c in channels],
        [["C"] * len(c.vectors) for c in channels],
        planes[0][1],
    )
    return given, channels, shown


def test_a_plane_of_components_keeps_the_order_of_variances() -> None:
    channel = prepared(embeddings(0, 40), 4)
    places, method = plane(channel, "pca")
    assert method == "pca"
    assert (places == channel.reduced[:, :2]).all()


def test_few_points_are_projected_whatever_is_asked_for() -> None:
    assert plane(prepared(embeddings(0, 10), 4), "umap")[1] == "pca"
    assert plane(prepared(embeddings(0, 0), 4), "umap")[0].shape == (0, 2)


def test_a_point_of_the_map_is_placed_where_it_is() -> None:
    given, channels, shown = drawn()
    for k in (0, 1):
        places = place(shown, k, given[k][channels[k].order])
        assert np.allclose(places, shown.points[shown.channel == k], atol=1e-3)


def test_a_new_molecule_stays_among_its_neighbours() -> None:
    _, _, shown = drawn()
    places = place(shown, 0, embeddings(5, 20))
    points = shown.points[shown.channel == 0]
    assert (places >= points.min(axis=0) - 1e-6).all()
    assert (places <= points.max(axis=0) + 1e-6).all()


def test_a_channel_without_points_has_no_places() -> None:
    channels = [prepared(embeddings(0, 12), 4), prepared(embeddings(0, 0), 4)]
    shown = joined(
        channels,
        [plane(c, "pca")[0] for c in channels],
        [np.full(len(c.vectors), -1) for c in channels],
        [np.zeros(len(c.vectors), np.uint64) for c in channels],
        [["C"] * len(c.vectors) for c in channels],
        "pca",
    )
    assert np.isnan(place(shown, 1, embeddings(2, 3))).all()
    with pytest.raises(ValueError, match=r"ConceptMap.keys has shape \(1,\)"):
        dataclasses.replace(shown, keys=np.zeros(1, np.uint64))
    with pytest.raises(ValueError, match="ConceptMap.smiles has 1 entries"):
        dataclasses.replace(shown, smiles=("C",))
