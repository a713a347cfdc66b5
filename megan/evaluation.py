"""How good a bundle is on measured molecules it has not learned from: metrics with intervals, and curves to plot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.featurize import FlatBatch
from datasets.tasks import Task
from megan import metrics
from megan.calibration import Conformal
from megan.predictor import Outputs, Predictor

Floats = npt.NDArray[np.float64]
CONFIDENCES = (0.8, 0.9, 0.95)
BOOTSTRAP = 1000
CURVE_POINTS = 200


def point_metrics(kind: str, threshold: float | None) -> dict[str, Callable[[Floats, Floats], float]]:
    """The metrics of a kind of task: name -> function of (labels, outputs)."""
    if kind == "regression":
        return {"rmse": metrics.rmse, "mae": metrics.mae, "r2": metrics.r2}
    assert threshold is not None
    return {
        "auroc": metrics.auroc,
        "balanced_accuracy": partial(metrics.balanced_accuracy, threshold=threshold),
        "average_precision": metrics.average_precision,
        "ece": metrics.ece,
    }


def score(predictor: Predictor, outputs: Outputs, labels: Floats) -> dict[str, metrics.Interval]:
    """Every metric of the task with its interval.

    Parameters
    ----------
    outputs
        From `Predictor.outputs`.
    labels : (G,)

    Raises
    ------
    ValueError
        If the labels are fewer than two or all equal.
    """
    check_labels(labels, predictor.task)
    scored = {}
    for name, metric in point_metrics(predictor.task.kind, predictor.threshold).items():
        scored[name] = metrics.bootstrap_interval(metric, labels, outputs.output, n=BOOTSTRAP, seed=0)
    return scored


def rounded(interval: metrics.Interval) -> dict[str, float]:
    """As plain numbers for JSON."""
    return {"value": round(interval.value, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)}


def check_labels(labels: Floats, task: Task) -> None:
    """Refuse labels that no metric can be computed from.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong.
    """
    if len(labels) < 2:
        raise ValueError(f"there are {len(labels)} labelled molecules; expected at least 2")
    if not np.isfinite(labels).all():
        raise ValueError("the labels hold values that are not finite; expected numbers")
    if np.ptp(labels) == 0:
        raise ValueError(f"the labels are all {labels[0]:g}; expected at least two different ones")
    if task.kind == "classification" and not np.isin(labels, (0.0, 1.0)).all():
        odd = labels[~np.isin(labels, (0.0, 1.0))][0]
        raise ValueError(f"a label is {odd:g}; expected 0 or 1 for task {task.name!r}")


def split_record(predictor: Predictor, batch: FlatBatch, labels: Floats, conformal: Conformal) -> dict[str, Any]:
    """What a card says of a split: `test`, `curves` and `conformal`."""
    outputs = predictor.outputs(batch)
    record: dict[str, Any] = {name: rounded(s) for name, s in score(predictor, outputs, labels).items()}
    record["n"] = len(labels)
    record["fidelity"] = {
        channel: rounded(_mean_interval(outputs.fidelity[:, k])) for k, channel in enumerate(predictor.task.channels)
    }
    record["positive_fidelity"] = {
        channel: round(float((outputs.fidelity[:, k] > 0).mean()), 4)
        for k, channel in enumerate(predictor.task.channels)
    }
    return {
        "test": record,
        "curves": _curves(predictor.task, labels, outputs.output),
        "conformal": _coverage(predictor.task, labels, outputs.output, conformal),
    }


def _mean_interval(values: npt.NDArray[np.float32]) -> metrics.Interval:
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (BOOTSTRAP, len(values)))].mean(axis=1)
    return metrics.Interval(float(values.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975)))


def _curves(task: Task, labels: Floats, output: Floats) -> dict[str, Any]:
    if task.kind == "regression":
        chosen = np.linspace(0, len(labels) - 1, min(len(labels), CURVE_POINTS)).astype(int)
        order = np.argsort(output, kind="stable")[chosen]
        return {"parity": {"measured": _plain(labels[order]), "predicted": _plain(output[order])}}
    roc = metrics.roc_curve(labels, output)
    chosen = np.unique(np.linspace(0, len(roc.fpr) - 1, min(len(roc.fpr), CURVE_POINTS)).astype(int))
    bins = metrics.reliability_bins(labels, output)
    return {
        "roc": {"fpr": _plain(roc.fpr[chosen]), "tpr": _plain(roc.tpr[chosen])},
        "calibration": {
            "bins": _plain(bins.edges),
            "mean_predicted": _plain(bins.mean_predicted),
            "observed": _plain(bins.observed),
            "count": [int(c) for c in bins.count],
            "low": _plain(bins.low),
            "high": _plain(bins.high),
        },
    }


def _coverage(task: Task, labels: Floats, output: Floats, conformal: Conformal) -> dict[str, dict[str, float]]:
    result: dict[str, dict[str, float]] = {}
    for confidence in CONFIDENCES:
        if task.kind == "regression":
            inside = np.abs(labels - output) <= conformal.half_width(confidence)
            result[str(confidence)] = {"all": round(float(inside.mean()), 4)}
        else:
            sets = conformal.sets(output, confidence)
            result[str(confidence)] = {
                name: round(float(sets[labels == c, c].mean()), 4) for c, name in enumerate(task.classes)
            }
    return result


def _plain(values: npt.NDArray[Any]) -> list[float]:
    return [round(float(v), 5) for v in values]
