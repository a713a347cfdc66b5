"""The model that a set was made from, as far as its bundle is at hand and certainly the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from concepts.concept import ConceptSet
from concepts.hypotheses.prompt import one_line
from concepts.report.wording import joined
from datasets.file_hash import file_sha256
from datasets.tasks import Task
from megan.card import BundleError, bundle_folder, card_in, task_of

METRICS: Final = {
    "auroc": ("AUROC", "chance that a positive outranks a negative"),
    "balanced_accuracy": ("Balanced accuracy", "mean of the share found right in each class"),
    "average_precision": ("Average precision", "area under precision against recall"),
    "ece": ("Calibration error", "mean gap between predicted and observed frequency"),
    "rmse": ("RMSE", "root mean squared error, in the unit of the task"),
    "mae": ("Mean absolute error", "in the unit of the task"),
    "r2": ("R²", "share of the variance that is explained"),
}
"""Test results of a card that a report states, with their names and meanings, in order."""
SPLITS: Final = {"train": "to train on", "valid": "to choose and calibrate", "test": "to test"}
WEIGHTS: Final = "weights.safetensors"


class Metric(NamedTuple):
    """A test result."""

    key: str
    name: str
    meaning: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a report says about the model."""

    task: Task | None
    """From the card; None without one."""
    metrics: tuple[Metric, ...]
    n_test: int | None
    """Molecules of the test split."""
    facts: tuple[tuple[str, str], ...]
    """Names and texts, in the order of the page."""
    sentence: str
    """Why there is no card; an empty string where there is one."""


def model_card(found: ConceptSet, bundle: str | None = None) -> ModelCard:
    """The card of the model that a set was made from.

    Parameters
    ----------
    found
        The set; its `model_sha256` must be that of the bundle's weights.
    bundle
        Name or folder of the bundle; by default the one that the task is the name of, if it is at hand.

    Raises
    ------
    ValueError
        If a bundle is given and there is none, or it has other weights than the set was made from.
    """
    try:
        folder = bundle_folder(bundle or found.task)
        same = (folder / WEIGHTS).is_file() and file_sha256(folder / WEIGHTS) == found.model_sha256
        card = card_in(folder)
    except BundleError as error:
        if bundle:
            raise
        return _without(f"The model's card is not in this report: {error}.")
    if same:
        return _card(card, found.model_sha256)
    if bundle:
        raise ValueError(
            f"bundle is {bundle!r}, whose weights are others than those that the concepts were made from; expected "
            f"weights with sha256 {found.model_sha256 or '(not recorded)'}"
        )
    return _without(
        f"The model's card is not in this report: the bundle named {one_line(found.task)} on this machine has other "
        "weights than those that the concepts were made from."
    )


def _without(sentence: str) -> ModelCard:
    return ModelCard(task=None, metrics=(), n_test=None, facts=(), sentence=one_line(sentence, 600))


def _card(card: dict[str, Any], sha256: str) -> ModelCard:
    task, test, data = task_of(card), card.get("test", {}), card.get("data", {})
    rows, members = data.get("rows", {}), card.get("members")
    threshold = card.get("calibration", {}).get("threshold")
    facts = {
        "Model": f"committee of {members} self-explaining graph networks (MEGAN)" if members else "",
        "Rows": joined([f"{rows[split]:,} {name}" for split, name in SPLITS.items() if split in rows])
        + (f", of {one_line(str(data['table']))}" if data.get("table") else ""),
        "Measurements": one_line(task.citation),
        "Licence": one_line(task.licence),
        "Threshold": f"{threshold:.3g}; from this probability on the verdict is {one_line(task.positive)}"
        if threshold is not None and task.kind == "classification"
        else "",
        "Trained": one_line(str(card.get("created", ""))),
        "Weights": f"sha256 {sha256}",
    }
    return ModelCard(
        task=task,
        metrics=tuple(_metric(key, test[key]) for key in METRICS if key in test),
        n_test=test.get("n"),
        facts=tuple((name, text) for name, text in facts.items() if text),
        sentence="",
    )


def _metric(key: str, value: Any) -> Metric:
    name, meaning = METRICS[key]
    if isinstance(value, dict):
        return Metric(key, name, meaning, float(value["value"]), value.get("low"), value.get("high"))
    return Metric(key, name, meaning, float(value), None, None)
