"""Calibration and conformal sets on samples whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from megan.calibration import Conformal, fit_temperature, probability


def sample(n: int, overconfidence: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from known log-odds, and the same log-odds exaggerated."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 2, n)
    return overconfidence * true, (rng.random(n) < probability(true, 1.0)).astype(float)


def test_probability_is_the_logistic_function_without_overflow() -> None:
    assert probability([0.0, np.log(3.0), -1e6, 1e6], 1.0).tolist() == pytest.approx([0.5, 0.75, 0.0, 1.0])
    assert probability(np.log(9.0), 2.0) == pytest.approx(0.75)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_temperature_recovers_the_exaggeration(factor: float) -> None:
    z, y = sample(20_000, factor, seed=0)
    assert fit_temperature(z, y) == pytest.approx(factor, rel=0.06)


def test_temperature_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="expected both 0 and 1"):
        fit_temperature([1.0, 2.0], [1, 1])


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
def test_sets_cover_each_class_as_promised(confidence: float) -> None:
    z, y = sample(8_000, 1.0, seed=1)
    conformal = Conformal.from_probabilities(probability(z, 1.0), y)
    new_z, new_y = sample(8_000, 1.0, seed=2)
    sets = conformal.sets(probability(new_z, 1.0), confidence)
    for c in (0, 1):
        assert sets[new_y == c, c].mean() == pytest.approx(confidence, abs=0.02)


def test_p_values_count_what_is_at_least_as_strange() -> None:
    conformal = Conformal.from_probabilities([0.1, 0.2, 0.3, 0.9, 0.6], [0, 0, 0, 1, 1])
    # Class 0 has strangeness 0.1, 0.2, 0.3 and class 1 has 0.1, 0.4.
    assert conformal.p_values([0.2])[0].tolist() == pytest.approx([3 / 4, 1 / 3])


def test_a_higher_confidence_never_shrinks_a_set() -> None:
    z, y = sample(500, 1.0, seed=3)
    conformal = Conformal.from_probabilities(probability(z, 1.0), y)
    p = np.linspace(0, 1, 101)
    small, large = conformal.sets(p, 0.8), conformal.sets(p, 0.95)
    assert (large | ~small).all()


def test_regression_interval_covers_as_promised() -> None:
    rng = np.random.default_rng(4)
    conformal = Conformal.from_errors(np.zeros(4_000), rng.normal(0, 1, 4_000))
    assert conformal.half_width(0.9) == pytest.approx(1.645, abs=0.08)
    assert Conformal.from_errors([0.0, 0.0], [1.0, 2.0]).half_width(0.99) == 2.0


@pytest.mark.parametrize("confidence", [0.0, 1.0, 90.0])
def test_an_impossible_confidence_is_named(confidence: float) -> None:
    with pytest.raises(ValueError, match=f"confidence is {confidence}"):
        Conformal.from_probabilities([0.1, 0.9], [0, 1]).sets([0.5], confidence)
