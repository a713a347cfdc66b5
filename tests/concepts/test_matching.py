"""Membership: calibrated by the members' distances, best concept first, none where nothing is near."""

from __future__ import annotations

import numpy as np
import pytest

from concepts.matching import NONE, matcher_of, membership
from tests.concepts.hand_made import WIDTH, made_set, three_concepts

AXIS = np.eye(WIDTH)


def molecule(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.stack([first, second])


def test_score_by_hand() -> None:
    assert membership(0.02, 0.02, 0.1) == pytest.approx(0.9)
    assert membership(0.1, 0.02, 0.1) == pytest.approx(0.5)
    assert membership(0.18, 0.02, 0.1) == pytest.approx(0.1)
    scores = membership(np.linspace(0, 2, 50), 0.02, 0.1)
    assert (np.diff(scores) <= 0).all()
    assert (scores >= 0).all()
    assert (scores <= 1).all()


def test_a_member_is_in_and_noise_is_not() -> None:
    matcher = matcher_of(three_concepts())
    given = np.stack([
        molecule(3 * AXIS[0], AXIS[2]),
        molecule(AXIS[0] + AXIS[1], AXIS[3]),
        molecule(AXIS[5], -AXIS[2]),
    ])  # fmt: skip
    found = matcher.match(given)
    assert found.concept.tolist() == [[0, 2], [1, NONE], [NONE, NONE]]
    assert found.distance[0].tolist() == pytest.approx([0, 0], abs=1e-7)
    assert (found.score[0] > 0.9).all()
    assert (found.score[2] < 0.01).all()
    assert matcher.ids[found.concept[0, 1]] == "mutagenic-01"


def test_the_wider_concept_may_win_at_a_greater_distance() -> None:
    found = three_concepts()
    matcher = matcher_of(found)
    # 27 degrees from the narrow one, whose radius is 26 degrees; 18 from the wide one.
    angle = np.deg2rad(27)
    between = np.cos(angle) * AXIS[0] + np.sin(angle) * AXIS[1]
    matches = matcher.match(molecule(between, AXIS[2])[None])
    scores = matcher.scores(molecule(between, AXIS[2])[None])[0]
    assert matches.concept[0, 0] == 1
    assert scores[0] < 0.5 < scores[1]
    assert scores.shape == (3,)


def test_a_channel_that_says_nothing_is_in_no_concept() -> None:
    matcher = matcher_of(three_concepts())
    given = molecule(AXIS[0], AXIS[2])[None]
    assert matcher.match(given, [[0.1, 0.3]]).concept.tolist() == [[NONE, 2]]


def test_matching_one_by_one_is_the_same() -> None:
    matcher = matcher_of(three_concepts())
    given = np.random.default_rng(0).normal(size=(40, 2, WIDTH)) * 0.2 + molecule(AXIS[0], AXIS[2])
    together = matcher.match(given)
    for i, one in enumerate(given):
        alone = matcher.match(one[None])
        assert alone.concept[0].tolist() == together.concept[i].tolist()
        assert np.allclose(alone.score[0], together.score[i])
    assert len(matcher.match(given[:0]).concept) == 0


def test_many_at_once_are_matched_as_one_by_one() -> None:
    matcher, rng = matcher_of(three_concepts()), np.random.default_rng(1)
    angles = rng.uniform(0, np.pi / 2, 3000)
    first = np.cos(angles)[:, None] * AXIS[0] + np.sin(angles)[:, None] * AXIS[1]
    given = np.stack([first, rng.normal(size=first.shape) * 0.2 + AXIS[2]], axis=1) * rng.uniform(0.1, 9, (3000, 2, 1))
    # Some lie on a radius, some between two concepts, as nearly as single precision can tell.
    on_edge = np.arccos(1 - matcher.radius[0])
    given[:50, 0] = np.cos(on_edge) * AXIS[0] + np.sin(on_edge) * AXIS[1] + rng.normal(size=(50, WIDTH)) * 1e-7
    asked = rng.random((3000, 2)) < 0.7
    singles = given.astype(np.float32)
    plain = np.where(asked, matcher.match(singles).concept, NONE)
    np.testing.assert_array_equal(matcher.concepts(singles, asked), plain)
    assert len(np.unique(plain)) == 4
    assert matcher_of(made_set()).concepts(singles, asked).max() == NONE


def test_without_concepts_nothing_matches() -> None:
    found = matcher_of(made_set()).match(molecule(AXIS[0], AXIS[2])[None])
    assert (found.concept == NONE).all()
    assert (found.score == 0).all()
    assert np.isinf(found.distance).all()


@pytest.mark.parametrize("shape", [(2, WIDTH), (4, 3, WIDTH), (4, 2, WIDTH + 1)])
def test_embeddings_of_another_model_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="embeddings have shape"):
        matcher_of(three_concepts()).match(np.ones(shape))
