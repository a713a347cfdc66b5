"""Judgements of masks, on numbers small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from megan.mask_metrics import (
    empty_share,
    mask_size,
    mean_fall,
    node_auroc,
    node_average_precision,
    rank_agreement,
    sign_consistency,
    spoken_channels,
)


def valid(*masks: list[int]) -> np.ndarray:
    return np.array(masks, dtype=bool)


def test_auroc_counts_pairs_of_atoms_in_the_right_order() -> None:
    # Pairs (inside, outside): 0.9 > 0.5, 0.9 > 0.1, 0.4 < 0.5, 0.4 > 0.1.
    assert node_auroc([0.9, 0.5, 0.4, 0.1], valid([1, 0, 1, 0])) == pytest.approx(3 / 4)


def test_the_best_valid_explanation_counts() -> None:
    scores = [0.9, 0.8, 0.1, 0.0]
    assert node_auroc(scores, valid([0, 0, 1, 1])) == 0
    assert node_auroc(scores, valid([0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1])) == 1


def test_average_precision_by_hand() -> None:
    # Found at rank 1 (precision 1) and rank 3 (precision 2/3).
    assert node_average_precision([0.9, 0.5, 0.4, 0.1], valid([1, 0, 1, 0])) == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("metric", [node_auroc, node_average_precision])
def test_nothing_to_rank_is_none(metric: type[object]) -> None:
    assert metric([0.2, 0.3], valid([1, 1])) is None  # type: ignore[call-arg]
    assert metric([0.2, 0.3], valid([0, 0])) is None  # type: ignore[call-arg]


def test_equal_scores_are_a_coin_toss_even_with_noise_of_rounding() -> None:
    assert node_auroc([0.7, 0.7, 0.7], valid([1, 0, 0])) == 0.5
    assert node_auroc([0.7, 0.7 - 1e-9, 0.1], valid([0, 1, 0])) == pytest.approx(3 / 4)
    assert node_auroc([0.0, 0.0], valid([1, 0])) == 0.5
    assert node_auroc([-1e-9, 1e-9, -3e-9], valid([0, 1, 0])) == 1  # small is not equal


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=r"scores have shape \(2,\), valid explanations \(1, 3\)"):
        node_auroc([0.1, 0.2], valid([1, 0, 0]))
    with pytest.raises(ValueError, match="expected one value per atom in both"):
        rank_agreement([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="at least 2 points"):
        mean_fall([[1.0]])
    with pytest.raises(ValueError, match=r"expected \(N, K\) with N = atom_offsets\[-1\]"):
        mask_size([[0.5]], [0, 2])
    with pytest.raises(ValueError, match=r"expected \(G, K\) for both"):
        sign_consistency([[1.0, 2.0]], [[True]])


def test_sign_consistency_counts_zero_against_a_channel_unless_it_is_silent() -> None:
    fidelity = [[1.0, -1.0], [0.0, 2.0], [3.0, 1.0]]
    assert sign_consistency(fidelity).tolist() == pytest.approx([2 / 3, 2 / 3])
    spoken = [[True, False], [False, True], [True, False]]
    assert sign_consistency(fidelity, spoken).tolist() == [1.0, 1.0]
    assert np.isnan(sign_consistency(fidelity, np.zeros((3, 2), dtype=bool))).all()


def test_empty_and_size_by_molecule_and_channel() -> None:
    masks = [[1.0, 0.0], [0.5, 0.05], [0.05, 0.0], [0.0, 0.2]]
    offsets = [0, 2, 4]
    assert spoken_channels(masks, offsets).tolist() == [[True, False], [False, True]]
    assert empty_share(masks, offsets).tolist() == [0.5, 0.5]
    assert mask_size(masks, offsets).tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert mask_size(masks, offsets, 0.1).tolist() == [[1.0, 0.0], [0.0, 0.5]]


def test_rank_agreement_is_spearman_with_mean_ranks() -> None:
    assert rank_agreement([1, 2, 3], [10, 20, 90]) == pytest.approx(1)
    assert rank_agreement([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    # Ranks 1, 2.5, 2.5 against 1, 2, 3: covariance 1.5, deviations sqrt(1.5) and sqrt(2).
    assert rank_agreement([0.0, 0.5, 0.5 + 1e-7], [1, 2, 3]) == pytest.approx(1.5 / np.sqrt(1.5 * 2))
    assert rank_agreement([1, 1, 1], [1, 2, 3]) is None


def test_fall_is_the_area_above_the_curve() -> None:
    # Falls 0, 0.5, 1 over two steps: (0 + 0.5) / 2 and (0.5 + 1) / 2, mean 0.5; at once: (0 + 1) / 2 and 1, mean 0.75.
    assert mean_fall([[1.0, 0.5, 0.0], [1.0, 0.0, 0.0], [0.4, 0.4, 0.4]]).tolist() == [0.5, 0.75, 0.0]
