"""How good a bundle is on measured molecules it has not learned from: metrics with intervals, and curves to plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.featurize import FlatBatch
from datasets.tasks import Task
from megan import metrics
from megan.calibration import Conformal, coverage_by_chance
from megan.domain import SPLITS, MeasuredSet, similarities
from megan.predictor import Outputs, Predictor
from megan.rejection import judge_rejection, rejection_curve

Floats = npt.NDArray[np.float64]
CONFIDENCES = (0.8, 0.9, 0.95)
BOOTSTRAP = 1000
CURVE_POINTS = 200
NEIGHBOURS = 5
"""Nearest training compounds that are asked whether they were measured as predicted."""
LEAST_WEIGHT = 1e-6
"""Keeps a mean defined where no training compound has any likeness."""


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
    """What a card says of a split: `test`, `curves`, `conformal` and `conformal_by_chance`.

    Parameters
    ----------
    predictor
        Its bundle's measured compounds tell how near the test compounds are to the training ones, if they are those
        that are judged here.
    batch
        The molecules, in the order in which the bundle lists those of the test split.
    labels : (G,)
    conformal
        Fitted on the validation split.
    """
    task, outputs = predictor.task, predictor.outputs(batch)
    record: dict[str, Any] = {name: rounded(s) for name, s in score(predictor, outputs, labels).items()}
    if task.kind == "classification":
        record["ece_by_chance"] = rounded(metrics.ece_by_chance(outputs.output))
    record["n"] = len(labels)
    record["fidelity"] = {
        channel: rounded(_mean_interval(outputs.fidelity[:, k])) for k, channel in enumerate(task.channels)
    }
    record["positive_fidelity"] = {
        channel: round(float((outputs.fidelity[:, k] > 0).mean()), 4) for k, channel in enumerate(task.channels)
    }
    neighbours = training_neighbours(predictor.bundle.measured, labels)
    coverage = conformal_coverage(task, labels, outputs.output, conformal)
    return {
        "test": record,
        "curves": {
            **_curves(task, labels, outputs.output),
            "rejection": rejection_record(outputs, labels, predictor.threshold, neighbours),
        },
        "conformal": {
            level: {name: round(covered.value, 4) for name, covered in classes.items()}
            for level, classes in coverage.items()
        },
        "conformal_by_chance": conformal_by_chance(task, labels, conformal),
    }


@dataclass(frozen=True, slots=True)
class TrainingNeighbours:
    """What the training compounds nearest to each of G test compounds tell."""

    similarity: Floats
    """Shape (G,): of the nearest one, 0 to 1."""
    label: Floats
    """Shape (G,): mean label of the `NEIGHBOURS` nearest, weighted by their similarities."""


def training_neighbours(measured: MeasuredSet, labels: Floats) -> TrainingNeighbours | None:
    """The nearest training compounds of each test compound.

    None where the measured compounds are not those that the labels (G,) belong to, or none is a training compound.
    """
    test, train = (measured.splits == SPLITS.index(split) for split in ("test", "train"))
    if not train.any() or not np.array_equal(measured.labels[test], labels.astype(np.float32)):
        return None
    known, known_labels = measured.fingerprints[train], measured.labels[train].astype(np.float64)
    taken = min(NEIGHBOURS, len(known))
    similarity, label = np.empty(len(labels)), np.empty(len(labels))
    for row, query in enumerate(measured.fingerprints[test]):
        near = similarities(known, query).astype(np.float64)
        # Only those that can be among the nearest are sorted, stably: ties are taken in the table's order.
        least = np.partition(near, -taken)[-taken]
        candidates = np.flatnonzero(near >= least)
        nearest = candidates[np.argsort(-near[candidates], kind="stable")][:taken]
        similarity[row] = near[nearest[0]]
        label[row] = np.average(known_labels[nearest], weights=near[nearest] + LEAST_WEIGHT)
    return TrainingNeighbours(similarity, label)


def rejection_record(
    outputs: Outputs, labels: Floats, threshold: float | None, neighbours: TrainingNeighbours | None
) -> dict[str, Any]:
    """How the error falls when only the most trusted molecules are kept, by several measures of trust.

    Parameters
    ----------
    outputs, labels
        Of G molecules.
    threshold
        Probability from which the verdict is the positive class; None for regression.
    neighbours
        The nearest training compounds; None leaves out the orders that need them.

    Returns
    -------
    dict
        `error`: "wrong" for the share of wrong verdicts, "rmse" for the root of the mean squared error. `kept`: shares
        of molecules. `orders`: per measure the `error` of the kept at these shares, the `area` under it and the `gain`
        over a random order, each with its interval. The measures are spread (members that agree first), similarity
        (near a training compound first), neighbours (nearest training compounds measured as predicted first, a simple
        form of the trust score of Jiang et al. 2018, arXiv 1805.11783) and, for verdicts, margin (far from the
        threshold first).
    """
    trust = {"spread": -outputs.spread}
    if threshold is None:
        losses, root, predicted = (outputs.output - labels) ** 2, True, outputs.output
    else:
        verdict = outputs.output >= threshold
        losses, root, predicted = (verdict != (labels == 1)).astype(np.float64), False, verdict.astype(np.float64)
        trust["margin"] = np.abs(outputs.output - threshold)
    if neighbours is not None:
        trust["similarity"] = neighbours.similarity
        trust["neighbours"] = -np.abs(predicted - neighbours.label)
    kept: list[float] = []
    orders = {}
    for name, values in trust.items():
        curve = rejection_curve(losses, values, root=root)
        judged = judge_rejection(losses, values, draws=BOOTSTRAP, root=root)
        kept = _plain(curve.kept)
        orders[name] = {"error": _plain(curve.error), "area": rounded(judged.area), "gain": rounded(judged.gain)}
    return {"error": "rmse" if root else "wrong", "kept": kept, "orders": orders}


def conformal_coverage(
    task: Task, labels: Floats, output: Floats, conformal: Conformal
) -> dict[str, dict[str, metrics.Interval]]:
    """Measured coverage with its binomial interval, by promised coverage and by class (or "all" for values).

    A class that no label belongs to is left out.
    """
    result: dict[str, dict[str, metrics.Interval]] = {}
    for confidence in CONFIDENCES:
        if task.kind == "regression":
            inside = {"all": np.abs(labels - output) <= conformal.half_width(confidence)}
        else:
            sets = conformal.sets(output, confidence)
            inside = {name: sets[labels == c, c] for c, name in enumerate(task.classes)}
        result[str(confidence)] = {
            name: metrics.proportion(int(hits.sum()), len(hits)) for name, hits in inside.items() if len(hits)
        }
    return result


def conformal_by_chance(task: Task, labels: Floats, conformal: Conformal) -> dict[str, dict[str, dict[str, float]]]:
    """The coverages that faultless sets could show on as many molecules, by promised coverage and by class.

    Returns
    -------
    dict
        `low` and `high` of the range that holds 95 % of them.
    """
    if task.kind == "regression":
        judged = {"all": len(labels)}
    else:
        judged = {name: int((labels == c).sum()) for c, name in enumerate(task.classes)}
    result: dict[str, dict[str, dict[str, float]]] = {}
    for confidence in CONFIDENCES:
        ranges = {}
        for (name, count), scores in zip(judged.items(), conformal.scores, strict=True):
            low, high = coverage_by_chance(len(scores), count, confidence)
            ranges[name] = {"low": round(low, 4), "high": round(high, 4)}
        result[str(confidence)] = ranges
    return result


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


def _plain(values: npt.NDArray[Any]) -> list[float]:
    return [round(float(v), 5) for v in values]
