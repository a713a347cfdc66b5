"""Losses on numbers small enough to work out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from megan.losses import (
    contrastive_loss,
    explanation_loss,
    fidelity,
    fidelity_loss,
    prediction_loss,
    sparsity_loss,
    sufficiency_loss,
)


def test_prediction_loss_of_even_odds_is_the_logarithm_of_two() -> None:
    assert prediction_loss(torch.zeros(3, 2), torch.tensor([0.0, 1.0, 1.0]), False).item() == pytest.approx(math.log(2))


def test_prediction_loss_of_a_value_is_its_squared_error() -> None:
    assert prediction_loss(torch.tensor([[3.0], [1.0]]), torch.tensor([1.0, 1.0]), True).item() == 2.0


def test_explanation_loss_is_least_when_the_mass_tells_the_class() -> None:
    mass = 10 * math.atanh(0.9) / 2.0
    right = explanation_loss(torch.tensor([[0.0, mass]]), torch.tensor([1.0]), 2.0, False)
    wrong = explanation_loss(torch.tensor([[mass, 0.0]]), torch.tensor([1.0]), 2.0, False)
    floor = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) / 2
    assert right.item() == pytest.approx(floor, abs=1e-4)
    assert wrong.item() > right.item() + 1


def test_explanation_loss_of_regression_wants_raises_above_the_mean() -> None:
    mass = torch.tensor([[0.0, 10.0]])
    above = explanation_loss(mass, torch.tensor([0.5]), 1.5, True)
    below = explanation_loss(mass, torch.tensor([-0.5]), 1.5, True)
    assert above < below


def test_explanation_loss_of_regression_lets_both_channels_speak() -> None:
    """Masses of 20 and 10 at offset 2 argue for 0.2 * (20 - 10) = 2 standard units."""
    mass = torch.tensor([[10.0, 20.0]])
    assert explanation_loss(mass, torch.tensor([2.0]), 2.0, True).item() == pytest.approx(0.0, abs=1e-6)
    assert explanation_loss(mass, torch.tensor([2.5]), 2.0, True).item() == pytest.approx(0.5 * 0.5**2)


def test_hoyer_square_is_one_for_equal_masks_and_one_over_n_for_one_atom() -> None:
    owner = torch.tensor([0, 0, 1, 1])
    mask = torch.tensor([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.0, 0.0]])
    assert sparsity_loss(mask, owner, 2).item() == pytest.approx((1 + 1 / 4) / 2, abs=1e-4)


def test_contrastive_loss_falls_when_views_stay_with_their_molecules() -> None:
    embedding = torch.eye(4)[:, None, :]
    own = contrastive_loss(embedding, embedding)
    other = contrastive_loss(embedding, embedding.roll(1, 0))
    expected = -math.log(math.exp(5) / (math.exp(5) + 3))
    assert own.item() == pytest.approx(expected, abs=1e-5)
    assert other > own
    assert contrastive_loss(embedding[:1], embedding[:1]).item() == 0


def test_fidelity_of_classes_is_the_move_in_log_odds() -> None:
    output = torch.tensor([[1.0, 3.0]])
    without = torch.tensor([[[0.0, 3.5], [1.5, 0.0]]])  # without channel 0, without channel 1
    # Without channel 0 its own logit loses 1 and the other gains 0.5; without channel 1: 3 and 0.5.
    assert fidelity(output, without, False).tolist() == [[1.5, 3.5]]


def test_fidelity_of_regression_has_a_sign_per_channel() -> None:
    output = torch.tensor([[2.0]])
    without = torch.tensor([[[3.0], [0.5]]])
    assert fidelity(output, without, True).tolist() == [[1.0, 1.5]]


def test_fidelity_loss_punishes_the_wrong_direction() -> None:
    assert fidelity_loss(torch.tensor([[-1.0, 1.0]])).item() == pytest.approx(0.5 + 0.1)
    assert fidelity_loss(torch.tensor([[1.0, 1.0]])).item() == pytest.approx(0.1)
    assert fidelity_loss(torch.tensor([[1.0, 1.0]]), square=0.01).item() == pytest.approx(0.01)


def test_sufficiency_asks_every_channel_by_itself() -> None:
    target = torch.tensor([1.0, 0.0])
    even, sure = [0.0, 0.0], [0.0, 50.0]
    blind = torch.tensor([[even, even], [even, even]])
    assert sufficiency_loss(blind, target).item() == pytest.approx(2 * math.log(2))
    one_knows = torch.tensor([[even, sure], [even, sure[::-1]]])
    assert sufficiency_loss(one_knows, target).item() == pytest.approx(math.log(2))
    assert sufficiency_loss(one_knows, torch.stack([1 - target, target], dim=1)).item() == pytest.approx(math.log(2))
