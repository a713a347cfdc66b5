"""From raw outputs to probabilities that mean what they say, and to sets of classes with a promised coverage.

Temperature scaling (Guo et al. 2017, arXiv 1706.04599) divides the committee's mean log-odds by one number that is
fitted on the validation split. Conformal sets (Vovk et al. 2005; class-conditional form) hold every class whose
validation members looked at least as strange as the query often enough; the promise holds per class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10.0), 400))


def probability(log_odds: npt.ArrayLike, temperature: float) -> Floats:
    """Probability of class 1 from log-odds at a temperature; any shape, values in (0, 1)."""
    scaled = np.asarray(log_odds, dtype=np.float64) / temperature
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * scaled))
    return result


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
    if len(np.unique(y)) < 2:
        raise ValueError(f"labels hold {len(np.unique(y))} class of validation molecules; expected both 0 and 1")
    scaled = z[None, :] / TEMPERATURES[:, None]
    loss = np.logaddexp(0.0, scaled).mean(axis=1) - (y * scaled).mean(axis=1)
    return float(TEMPERATURES[int(np.argmin(loss))])


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


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1")
