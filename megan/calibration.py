"""From raw outputs to probabilities that mean what they say, and to sets of classes with a promised coverage.

The committee's mean log-odds are divided by a temperature (Guo et al. 2017, arXiv 1706.04599). Where held-out folds
tell that it helps, they are also shifted by an offset (Platt 1999, "Probabilistic outputs for support vector machines")
and stretched where they are large, because networks that learn under several losses at once can stop short of the
certainty that their best-known molecules deserve. Conformal sets (Vovk et al. 2005; class-conditional form) hold every
class whose validation members looked at least as strange as the query often enough; the promise holds per class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10.0), 400))

FOLDS: Final = 10
#: What a deviation from "as it came" costs in log-likelihood: of 1 / temperature from 1, the offset and the stretch
#: from 0, each squared. Chosen by scaffold-grouped folds of validation splits; a few dozen molecules move little.
PRIOR: Final = np.array([5.0, 20.0, 128.0])
GENTLEST_SLOPE: Final = 0.1
"""1 / temperature is at least this, so that a higher log-odds never means a lower probability."""
NEWTON_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising curve from a network's log-odds z to calibrated ones: z / temperature + offset + stretch * z ** 3."""

    temperature: float = 1.0
    """Above 0; above 1 it makes verdicts less certain."""
    offset: float = 0.0
    """In log-odds; above 0 it makes class 1 likelier everywhere."""
    stretch: float = 0.0
    """0 or above: how much more certain than the temperature makes them large log-odds become."""
    reach: float = 0.0
    """The largest |z| that the stretch was fitted on; beyond it the stretch grows no more."""

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"temperature is {self.temperature}; expected a number above 0")
        if not (self.stretch >= 0 and self.reach >= 0):
            raise ValueError(f"stretch is {self.stretch} and reach {self.reach}; expected numbers of 0 or above")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Calibration:
        """From a card's `calibration`; what the card of an older bundle does not state is 0."""
        return cls(
            temperature=float(record["temperature"]),
            offset=float(record.get("offset") or 0.0),
            stretch=float(record.get("stretch") or 0.0),
            reach=float(record.get("reach") or 0.0),
        )

    def record(self) -> dict[str, float]:
        """For a card, as plain numbers."""
        return {
            "temperature": round(self.temperature, 5),
            "offset": round(self.offset, 5),
            "stretch": round(self.stretch, 6),
            "reach": round(self.reach, 4),
        }

    def probability(self, log_odds: npt.ArrayLike) -> Floats:
        """Calibrated probability of class 1 from a network's log-odds; any shape, values in (0, 1)."""
        return probability(self.log_odds(log_odds), 1.0)

    def log_odds(self, log_odds: npt.ArrayLike) -> Floats:
        """Calibrated log-odds from a network's; any shape."""
        z = np.asarray(log_odds, dtype=np.float64)
        stretched: Floats = self.stretch * np.clip(z, -self.reach, self.reach) ** 3
        return z / self.temperature + self.offset + stretched

    def log_likelihood(self, log_odds: npt.ArrayLike, labels: npt.ArrayLike) -> Floats:
        """Logarithm of the probability of the true class of each molecule; both and the result (n,)."""
        z, y = self.log_odds(log_odds), np.asarray(labels, dtype=np.float64)
        result: Floats = y * z - np.logaddexp(0.0, z)
        return result


def probability(log_odds: npt.ArrayLike, temperature: float) -> Floats:
    """Probability of class 1 from log-odds at a temperature; any shape, values in (0, 1)."""
    scaled = np.asarray(log_odds, dtype=np.float64) / temperature
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * scaled))
    return result


def fit_calibration(log_odds: npt.ArrayLike, labels: npt.ArrayLike) -> Calibration:
    """A temperature alone, unless the whole curve is clearly better on held-out folds.

    Clearly: its mean log-likelihood over `FOLDS` folds is higher by more than one standard error of the difference
    (the rule of Breiman et al. 1984, "Classification and Regression Trees", section 3.4.3). With fewer than `FOLDS`
    molecules of a class the temperature is taken.

    Parameters
    ----------
    log_odds : (n,)
        Mean log-odds of the committee on the validation split.
    labels : (n,)
        0 or 1.

    Raises
    ------
    ValueError
        If the labels hold one class only.
    """
    z, y = np.asarray(log_odds, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    alone = Calibration(fit_temperature(z, y))
    if min((y == 0).sum(), (y == 1).sum()) < FOLDS:
        return alone
    # Dealt out class by class, so that each fold has its share of both.
    order = np.lexsort((np.random.default_rng(0).random(len(y)), y))
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    better = np.empty(len(y))
    for held_out in (fold == k for k in range(FOLDS)):
        rest = ~held_out
        curve, temperature = fit_curve(z[rest], y[rest]), Calibration(fit_temperature(z[rest], y[rest]))
        likelihoods = [c.log_likelihood(z[held_out], y[held_out]) for c in (curve, temperature)]
        better[held_out] = likelihoods[0] - likelihoods[1]
    standard_error = better.std(ddof=1) / np.sqrt(len(better))
    return fit_curve(z, y) if better.mean() > standard_error else alone


def fit_curve(log_odds: npt.ArrayLike, labels: npt.ArrayLike) -> Calibration:
    """The calibration with the highest log-likelihood minus the cost of `PRIOR`; arguments as `fit_calibration`.

    Raises
    ------
    ValueError
        If the labels hold one class only.

    Notes
    -----
    What is minimised is convex in (1 / temperature, offset, stretch), so that a bound that its minimum crosses holds
    with equality at the best allowed point.
    """
    z, y = np.asarray(log_odds, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    _check_both_classes(y)
    inputs = np.stack([z, np.ones_like(z), z**3], axis=1)
    start, free = np.array([1.0, 0.0, 0.0]), np.array([True, True, True])
    slope, offset, stretch = _newton(inputs, y, start, free)
    if stretch < 0:
        free[2] = False
        slope, offset, stretch = _newton(inputs, y, start, free)
    if slope < GENTLEST_SLOPE:
        start[0], free[0], free[2] = GENTLEST_SLOPE, False, False
        slope, offset, stretch = _newton(inputs, y, start, free)
    reach = float(np.abs(z).max()) if stretch > 0 else 0.0
    return Calibration(float(1 / slope), float(offset), float(stretch), reach)


def _newton(inputs: Floats, y: Floats, start: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    """The weights of the inputs with the smallest penalised negative log-likelihood; those not free stay."""
    neutral, weights = np.array([1.0, 0.0, 0.0]), start.copy()

    def cost(w: Floats) -> float:
        z = inputs @ w
        return float((np.logaddexp(0.0, z) - y * z).sum() + (PRIOR * (w - neutral) ** 2).sum())

    for _ in range(NEWTON_STEPS):
        p = probability(inputs @ weights, 1.0)
        gradient = (inputs.T @ (p - y) + 2 * PRIOR * (weights - neutral))[free]
        curvature = ((inputs.T * (p * (1 - p))) @ inputs + 2 * np.diag(PRIOR))[np.ix_(free, free)]
        step = np.zeros(3)
        step[free] = np.linalg.solve(curvature, gradient)
        size, before = 1.0, cost(weights)
        while size > 1e-6 and cost(weights - size * step) > before:
            size /= 2
        weights = weights - size * step
        if np.abs(size * step).max() < 1e-10:
            break
    return weights


def fit_temperature(log_odds: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """The temperature with the smallest negative log-likelihood, searched between 0.1 and 10.

    Parameters
    ----------
    log_odds : (n,)
        Mean log-odds of the committee on the validation split.
    labels : (n,)
        0 or 1.

    Raises
    ------
    ValueError
        If the labels hold one class only.
    """
    z, y = np.asarray(log_odds, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    _check_both_classes(y)
    scaled = z[None, :] / TEMPERATURES[:, None]
    loss = np.logaddexp(0.0, scaled).mean(axis=1) - (y * scaled).mean(axis=1)
    return float(TEMPERATURES[int(np.argmin(loss))])


def _check_both_classes(y: Floats) -> None:
    if len(np.unique(y)) < 2:
        raise ValueError(f"labels hold {len(np.unique(y))} class of validation molecules; expected both 0 and 1")


@dataclass(frozen=True, slots=True)
class Conformal:
    """Strangeness of the validation molecules, from which every prediction set is read."""

    scores: tuple[Floats, ...]
    """Per class, ascending: 1 - probability of the true class. For regression one array: the absolute errors."""

    @classmethod
    def from_probabilities(cls, probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> Conformal:
        """Fit for two classes.

        Parameters
        ----------
        probabilities : (n,)
            Calibrated probability of class 1.
        labels : (n,)
            0 or 1.
        """
        p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
        return cls((np.sort(p[y == 0]), np.sort(1 - p[y == 1])))

    @classmethod
    def from_errors(cls, values: npt.ArrayLike, labels: npt.ArrayLike) -> Conformal:
        """Fit for regression; both (n,) in the task's unit."""
        errors = np.abs(np.asarray(values, dtype=np.float64) - np.asarray(labels, dtype=np.float64))
        return cls((np.sort(errors),))

    def p_values(self, probabilities: npt.ArrayLike) -> Floats:
        """Share of a class's validation members at least as strange as the query, per class.

        Parameters
        ----------
        probabilities : (n,)
            Calibrated probability of class 1.

        Returns
        -------
        p_values : (n, 2)
        """
        p = np.asarray(probabilities, dtype=np.float64)
        columns = []
        for scores, strangeness in zip(self.scores, (p, 1 - p), strict=True):
            at_least = len(scores) - np.searchsorted(scores, strangeness, side="left")
            columns.append((at_least + 1) / (len(scores) + 1))
        return np.stack(columns, axis=1)

    def sets(self, probabilities: npt.ArrayLike, confidence: float) -> npt.NDArray[np.bool_]:
        """Which classes cannot be excluded, (n, 2).

        Parameters
        ----------
        probabilities : (n,)
        confidence
            Promised coverage per class, between 0 and 1.
        """
        _check_confidence(confidence)
        return self.p_values(probabilities) > 1 - confidence

    def half_width(self, confidence: float) -> float:
        """Half the width of a regression interval with the promised coverage, in the task's unit."""
        _check_confidence(confidence)
        errors = self.scores[0]
        rank = min(len(errors) - 1, int(np.ceil((len(errors) + 1) * confidence)) - 1)
        return float(errors[rank])


def coverage_by_chance(
    calibrated_on: int, judged_on: int, confidence: float, draws: int = 20_000, seed: int = 0
) -> tuple[float, float]:
    """The range that holds 95 % of the coverages that conformal sets can show if nothing is wrong with them.

    The promise is an average over validation splits: with one finite split the coverage is drawn from a beta
    distribution, and finite test molecules scatter around it. A smaller deviation is no evidence of a fault.

    Parameters
    ----------
    calibrated_on
        Molecules of the class among those that the sets were fitted on.
    judged_on
        Molecules of the class among those that coverage is measured on.
    confidence
        Promised coverage, between 0 and 1.
    draws, seed
        Of the simulation.

    Returns
    -------
    low, high
        Coverages, 0 to 1.

    Raises
    ------
    ValueError
        If a number of molecules is below 1 or the confidence impossible.

    Notes
    -----
    Vovk 2012, arXiv 1209.2673, proposition 2a.
    """
    _check_confidence(confidence)
    if calibrated_on < 1 or judged_on < 1:
        raise ValueError(f"calibrated_on is {calibrated_on} and judged_on {judged_on}; expected at least 1 each")
    # How many validation molecules may be stranger than the last molecule whose class is kept; rounded first, since
    # 1 - 0.9 is a little less than a tenth.
    excluded = int(np.floor(round((calibrated_on + 1) * (1 - confidence), 9)))
    if excluded == 0:
        return 1.0, 1.0
    rng = np.random.default_rng(seed)
    true = rng.beta(calibrated_on + 1 - excluded, excluded, draws)
    low, high = np.quantile(rng.binomial(judged_on, true) / judged_on, [0.025, 0.975])
    return float(low), float(high)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1")
