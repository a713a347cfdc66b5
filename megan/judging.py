"""What makes trained networks a bundle: calibration and conformal scores from validation, the domain, and the test.

It needs no training, so that the bundles of an earlier training can be judged anew by a later version.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.tasks import Task
from megan.bundle import Bundle, load_bundle, save_bundle
from megan.calibration import Calibration, Conformal, fit_calibration
from megan.card import task_of
from megan.domain import similarity_limit
from megan.evaluation import split_record
from megan.model import Megan
from megan.predictor import Predictor
from megan.split_table import SplitTable, split_table
from megan.training import raw_outputs

Floats = npt.NDArray[np.float64]


def judged_bundle(task: Task, card: dict[str, Any], models: Sequence[Megan], data: SplitTable) -> Bundle:
    """Calibrate on the validation split, fit what trust rests on, and test.

    Parameters
    ----------
    card
        What is known before; the bundle's card adds `calibration`, `domain` and all that `split_record` says.
    models
        The committee, in evaluation mode.
    data
        The molecules it was trained on, chosen by, and is tested on.
    """
    valid, test = data.sets["valid"], data.sets["test"]
    raw = np.mean([raw_outputs(model, valid.batch) for model in models], axis=0).astype(np.float64)
    calibration, conformal = calibrate(task, raw, valid.labels.astype(np.float64))
    domain = {"similarity_limit": round(similarity_limit(data.measured), 4)}
    card = {**card, "calibration": calibration, "domain": domain}
    predictor = Predictor(task, card, Bundle(card, tuple(models), conformal, data.measured))
    record = split_record(predictor, test.batch, test.labels.astype(np.float64), conformal)
    return Bundle({**card, **record}, tuple(models), conformal, data.measured)


def judge_anew(folder: Path, table: pd.DataFrame) -> dict[str, Any]:
    """Calibrate and test a bundle's networks again and write its card and trust; the weights stay as they are.

    Parameters
    ----------
    folder
        A bundle.
    table
        The one that it was trained on, see `megan.split_table.split_table`.

    Returns
    -------
    card
        The new content of card.json.

    Raises
    ------
    BundleError
        If there is no bundle.
    ValueError
        If the table splits into other numbers of molecules than the card states.
    """
    old = load_bundle(folder)
    data = split_table(table)
    found = {split: len(part.labels) for split, part in data.sets.items()}
    if found != old.card["data"]["rows"]:
        raise ValueError(f"the table has {found} molecules; expected those of the card, {old.card['data']['rows']}")
    judged = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    bundle = judged_bundle(task_of(old.card), {**old.card, "judged": judged}, old.members, data)
    save_bundle(folder, bundle)
    return bundle.card


def calibrate(task: Task, raw: Floats, labels: Floats) -> tuple[dict[str, float | None], Conformal]:
    """Calibration, threshold and conformal scores from the committee's raw outputs on the validation split.

    The threshold is the probability with the best balanced accuracy, so that a rare class is not drowned.
    """
    if task.kind == "regression":
        return {"temperature": None, "threshold": None}, Conformal.from_errors(raw, labels)
    # What the card states, to its last digit, is what predicts.
    calibration = Calibration.from_record(fit_calibration(raw, labels).record())
    p = calibration.probability(raw)
    return (
        {**calibration.record(), "threshold": round(best_threshold(p, labels), 3)},
        Conformal.from_probabilities(p, labels),
    )


def best_threshold(p: Floats, labels: Floats) -> float:
    """The middle of the thresholds whose balanced accuracy is within half a point of the best.

    A single best threshold follows the noise of a small validation split; the middle of the plateau does not.
    """
    grid = np.linspace(0.05, 0.95, 181)
    positive, negative = p[labels == 1], p[labels == 0]
    accuracy = np.array([0.5 * ((positive >= t).mean() + (negative < t).mean()) for t in grid])
    plateau = grid[accuracy >= accuracy.max() - 0.005]
    return float(0.5 * (plateau[0] + plateau[-1]))
