"""Calibration and conformal sets on samples whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from megan.calibration import (
    PRIOR,
    Calibration,
    Conformal,
    coverage_by_chance,
    fit_calibration,
    fit_curve,
    fit_temperature,
    probability,
)


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


def penalised(z: np.ndarray, y: np.ndarray, slope: float, offset: float, stretch: float) -> float:
    """What `fit_curve` minimises, written out molecule by molecule."""
    total = float(np.dot(PRIOR, np.array([slope - 1, offset, stretch]) ** 2))
    for score, label in zip(z, y, strict=True):
        p = 1 / (1 + np.exp(-(slope * score + offset + stretch * score**3)))
        total -= np.log(p if label else 1 - p)
    return total


@pytest.mark.parametrize(("seed", "n"), [(0, 40), (1, 300)])
def test_no_calibration_nearby_is_better_than_the_fitted_one(seed: int, n: int) -> None:
    z, y = sample(n, 0.6, seed)
    found = fit_curve(z, y)
    best = penalised(z, y, 1 / found.temperature, found.offset, found.stretch)
    for slope in (-0.02, 0, 0.02):
        for offset in (-0.02, 0, 0.02):
            for stretch in (-0.002, 0, 0.002):
                if found.stretch + stretch >= 0:
                    near = (1 / found.temperature + slope, found.offset + offset, found.stretch + stretch)
                    assert penalised(z, y, *near) >= best - 1e-9


@pytest.mark.parametrize(("temperature", "offset", "stretch"), [(1.0, 0.0, 0.0), (3.0, -0.4, 0.0), (1.5, 0.5, 0.06)])
def test_calibration_recovers_how_the_log_odds_were_bent(temperature: float, offset: float, stretch: float) -> None:
    rng = np.random.default_rng(5)
    z = rng.uniform(-3, 3, 60_000)
    truth = Calibration(temperature, offset, stretch, 3.0)
    found = fit_curve(z, (rng.random(len(z)) < truth.probability(z)).astype(float))
    assert found.temperature == pytest.approx(temperature, rel=0.08)
    assert found.offset == pytest.approx(offset, abs=0.04)
    assert found.stretch == pytest.approx(stretch, abs=0.008)
    assert np.abs(found.probability(z) - truth.probability(z)).max() < 0.015


def test_an_over_sure_end_is_not_bent_downwards() -> None:
    rng = np.random.default_rng(6)
    z = rng.uniform(-3, 3, 5_000)
    y = (rng.random(5_000) < probability(2 * np.tanh(z), 1.0)).astype(float)
    found = fit_curve(z, y)
    assert (found.stretch, found.reach) == (0.0, 0.0)


def test_a_network_that_is_wrong_is_flattened_but_not_turned_round() -> None:
    z, y = sample(2_000, 1.0, seed=7)
    found = fit_curve(-z, y)
    assert found.temperature == pytest.approx(10.0)
    assert (np.diff(found.probability(np.linspace(-5, 5, 50))) > 0).all()


def test_few_molecules_move_little_and_one_class_is_refused() -> None:
    few = fit_curve([1.0, -1.0], [1, 0])
    assert few.temperature == pytest.approx(1, abs=0.1)
    assert abs(few.offset) < 1e-9
    with pytest.raises(ValueError, match="expected both 0 and 1"):
        fit_curve([1.0, 2.0], [1, 1])


def test_the_curve_is_taken_only_where_held_out_folds_ask_for_it() -> None:
    rng = np.random.default_rng(9)
    z = rng.uniform(-3, 3, 2_000)
    draw = rng.random(2_000)
    bent = (draw < Calibration(1.5, 0.3, 0.06, 3.0).probability(z)).astype(float)
    straight = (draw < probability(z, 1.5)).astype(float)
    assert fit_calibration(z, bent) == fit_curve(z, bent)
    assert fit_calibration(z, straight) == Calibration(fit_temperature(z, straight))


def test_too_few_of_a_class_get_a_temperature_alone() -> None:
    z, y = np.linspace(-3, 3, 40), np.r_[np.zeros(31), np.ones(9)]
    assert fit_calibration(z, y) == Calibration(fit_temperature(z, y))
    with pytest.raises(ValueError, match="expected both 0 and 1"):
        fit_calibration([1.0, 2.0], [0, 0])


def test_log_likelihood_is_that_of_the_true_class() -> None:
    bent = Calibration(1.3, -0.2, 0.1, 2.5)
    p = bent.probability([-1.0, 2.0])
    assert bent.log_likelihood([-1.0, 2.0], [0, 1]).tolist() == pytest.approx([np.log(1 - p[0]), np.log(p[1])])


def test_probability_rises_everywhere_and_the_stretch_ends_at_its_reach() -> None:
    bent = Calibration(1.3, -0.2, 0.1, 2.5)
    z = np.linspace(-20, 20, 401)
    log_odds = np.log(bent.probability(z)) - np.log1p(-bent.probability(z))
    assert (np.diff(bent.probability(z)) >= 0).all()
    assert log_odds[z == 2.0] == pytest.approx(2.0 / 1.3 - 0.2 + 0.8)
    assert np.diff(log_odds[z > 2.6])[:20] == pytest.approx(0.1 / 1.3)


def test_the_card_of_an_older_bundle_is_a_temperature_alone() -> None:
    older = Calibration.from_record({"temperature": 1.21, "threshold": 0.5})
    assert older == Calibration(1.21)
    z = np.linspace(-4, 4, 9)
    assert older.probability(z).tolist() == probability(z, 1.21).tolist()
    bent = Calibration(1.25, 0.5, 0.0625, 2.5)
    assert Calibration.from_record(bent.record() | {"threshold": 0.5}) == bent


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"temperature": 0.0}, "temperature is 0.0"), ({"stretch": -0.1}, "stretch is -0.1"), ({"reach": -1.0}, "-1.0")],
)
def test_a_falling_calibration_is_refused(fields: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Calibration(**fields)


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


@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_coverage_scatters_by_chance_as_sets_on_fresh_samples_do(confidence: float) -> None:
    low, high = coverage_by_chance(60, 80, confidence)
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(2_000):
        sets = Conformal.from_probabilities(np.r_[rng.random(60), 1.0], np.r_[np.zeros(60), 1]).sets(
            rng.random(80), confidence
        )
        covered.append(sets[:, 0].mean())
    assert np.quantile(covered, [0.025, 0.975]).tolist() == pytest.approx([low, high], abs=0.013)


def test_coverage_by_chance_narrows_and_too_few_molecules_exclude_nothing() -> None:
    few, many = coverage_by_chance(320, 320, 0.8), coverage_by_chance(20_000, 20_000, 0.8)
    assert few[0] < many[0] < 0.8 < many[1] < few[1]
    assert coverage_by_chance(8, 50, 0.9) == (1.0, 1.0)
    assert coverage_by_chance(9, 50, 0.9)[0] < 1
    with pytest.raises(ValueError, match="judged_on 0"):
        coverage_by_chance(5, 0, 0.9)
    with pytest.raises(ValueError, match="confidence is 1.5"):
        coverage_by_chance(5, 5, 1.5)
