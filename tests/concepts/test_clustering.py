"""Groups of points whose truth is known, because it was drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from concepts.clustering import Groups, find_groups, merge_near, prepared
from concepts.concept import ExtractionSettings
from concepts.geometry import Doubles, cosine_distances, reduction, unit
from concepts.matching import NONE, membership
from concepts.stability import best_jaccard, stability

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
SIZES = (60, 40, 25)
NOISE = 30


def drawn(seed: int = 0, width: int = 32, spread: float = 0.02) -> tuple[Doubles, np.ndarray]:
    """Three tight groups in orthogonal directions, and noise all around; labels are -1 for noise."""
    rng = np.random.default_rng(seed)
    points = [np.eye(width)[g] + spread * rng.normal(size=(size, width)) for g, size in enumerate(SIZES)]
    points.append(rng.normal(size=(NOISE, width)))
    labels = np.repeat([0, 1, 2, NONE], (*SIZES, NOISE))
    # Lengths say nothing under a cosine.
    return np.concatenate(points) * rng.uniform(5, 15, size=(len(labels), 1)), labels


def groups_of(points: Doubles, settings: ExtractionSettings = SETTINGS) -> tuple[Groups, np.ndarray]:
    channel = prepared(points, settings.reduced_to)
    found = find_groups(channel, settings)
    labels = np.empty(len(points), np.int64)
    labels[channel.order] = found.labels
    return found, labels


def test_known_groups_are_found_and_none_is_lost() -> None:
    points, truth = drawn()
    found, labels = groups_of(points)
    assert len(found) == 3
    assert adjusted_rand_score(truth[truth != NONE], labels[truth != NONE]) > 0.9
    assert (labels[truth == NONE] == NONE).all()
    # Largest first, and the share that a radius holds at the least.
    sizes = np.bincount(labels[labels != NONE])
    assert list(sizes) == sorted(sizes, reverse=True)
    assert (sizes >= 0.89 * np.array(SIZES)).all()


def test_the_order_of_the_rows_changes_nothing() -> None:
    points, _ = drawn(1)
    shuffled = np.random.default_rng(9).permutation(len(points))
    one, labels = groups_of(points)
    other, labels_shuffled = groups_of(points[shuffled])
    assert (labels[shuffled] == labels_shuffled).all()
    for name in ("centroids", "core", "radius", "medoids", "distances"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    channel, again = prepared(points, 12), prepared(points[shuffled], 12)
    assert (stability(channel, one, SETTINGS) == stability(again, other, SETTINGS)).all()


def test_distances_core_and_medoid_are_what_they_say() -> None:
    points, _ = drawn(2)
    channel = prepared(points, 12)
    found = find_groups(channel, SETTINGS)
    slow = np.array([[1 - v @ c / np.linalg.norm(c) for c in found.centroids] for v in channel.vectors])
    for group in range(len(found)):
        members = np.flatnonzero(found.labels == group)
        assert np.allclose(found.distances[members], slow[members, group])
        assert found.medoids[group] == members[slow[members, group].argmin()]
        assert (membership(slow[members, group], found.core[group], found.radius[group]) >= 0.5).all()
        assert found.core[group] < found.radius[group]
    assert np.isinf(found.distances[found.labels == NONE]).all()


@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_fewer_points_than_a_cluster_are_no_group(n: int) -> None:
    found, labels = groups_of(drawn()[0][:n])
    assert (len(found), found.centroids.shape) == (0, (0, 32))
    assert (labels == NONE).all()
    assert stability(prepared(drawn()[0][:n], 12), found, SETTINGS).shape == (0,)


def test_noise_alone_is_no_group() -> None:
    points = np.random.default_rng(3).normal(size=(60, 32))
    found, labels = groups_of(points)
    assert len(found) == 0
    assert (labels == NONE).all()


def test_a_channel_that_sees_one_thing_has_one_group() -> None:
    points = drawn()[0][: SIZES[0]]
    found, labels = groups_of(points)
    assert len(found) == 1
    assert (labels == 0).mean() >= 0.89


def test_exact_repeats_are_one_group_with_room_around_it() -> None:
    points = np.repeat(np.eye(32)[:2], 15, axis=0)
    found, labels = groups_of(points)
    assert len(found) == 2
    assert (labels != NONE).all()
    assert (found.radius > found.core).all()


def test_groups_that_nearly_coincide_are_merged_by_average_linkage() -> None:
    angles = np.deg2rad([0.0, 10.0, 90.0])
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vectors = unit(np.repeat(directions, 5, axis=0))
    parts = [np.arange(5 * i, 5 * i + 5) for i in range(3)]
    near = 1 - np.cos(np.deg2rad(10.0))
    assert [list(part) for part in merge_near(vectors, parts, 1.01 * near)] == [
        list(range(10)),
        list(range(10, 15)),
    ]
    assert len(merge_near(vectors, parts, 0.99 * near)) == 3
    assert len(merge_near(vectors, parts, 0.0)) == 3
    # Average of 1 - cos 90 and 1 - cos 80 degrees.
    both = (1 + 1 - np.cos(np.deg2rad(80.0))) / 2
    assert len(merge_near(vectors, parts, 1.01 * both)) == 1
    assert len(merge_near(vectors, parts, 0.99 * both)) == 2


def test_beyond_the_most_points_a_sample_is_clustered_and_all_are_assigned() -> None:
    points, truth = drawn(4)
    found, labels = groups_of(points, dataclasses.replace(SETTINGS, most_points=100))
    assert found.clustered == 100
    assert len(found) == 3
    assert adjusted_rand_score(truth[truth != NONE], labels[truth != NONE]) > 0.85


def test_what_is_there_comes_back_and_what_is_not_does_not() -> None:
    points, _ = drawn(5)
    channel = prepared(points, 12)
    found = find_groups(channel, SETTINGS)
    assert (stability(channel, found, SETTINGS) >= 0.8).all()
    assert (stability(channel, found, dataclasses.replace(SETTINGS, resamples=0)) == 1).all()
    # Half of one group and half of another, which no clustering will find.
    half = np.where(found.labels == 0, np.arange(len(points)) % 2, found.labels)
    half = np.where((found.labels == 1) & (np.arange(len(points)) % 4 > 0), 0, half)
    made_up = dataclasses.replace(found, labels=half)
    assert stability(channel, made_up, SETTINGS)[0] < stability(channel, found, SETTINGS)[0]


def test_jaccard_against_sets() -> None:
    rng = np.random.default_rng(6)
    first, second = rng.integers(-1, 4, 50), rng.integers(-1, 3, 50)

    def of(labels: np.ndarray, group: int) -> set[int]:
        return set(np.flatnonzero(labels == group).tolist())

    slow = [
        max(len(of(first, a) & of(second, b)) / len(of(first, a) | of(second, b)) for b in range(3)) for a in range(4)
    ]
    assert np.allclose(best_jaccard(first, second, 4, 3), slow)
    assert (best_jaccard(first, second, 4, 0) == 0).all()


def test_components_are_orthonormal_ordered_and_the_same_for_any_order() -> None:
    points, _ = drawn(7)
    found = reduction(points, 5)
    assert np.allclose(found.axes.T @ found.axes, np.eye(5), atol=1e-5)
    variances = found(points).var(axis=0)
    assert (np.diff(variances) <= 1e-9).all()
    assert np.allclose(reduction(points[::-1], 5).axes, found.axes, atol=1e-5)
    assert reduction(points[:, :3], 12).axes.shape == (3, 3)


def test_cosine_distance_by_hand() -> None:
    found = cosine_distances([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]], [[1.0, 0.0]])
    assert np.allclose(found, [[0.0], [1.0], [2.0]])
