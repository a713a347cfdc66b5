"""From a table of measured molecules to a bundle: train the members, calibrate, fit the trust, test, write.

The run folder keeps a checkpoint per member and a log, so a training that was killed goes on where it stood.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.featurize import featurize
from datasets.standardize import Policy, parent_smiles
from datasets.tasks import Task
from megan.bundle import FORMAT, Bundle, save_bundle
from megan.calibration import Conformal, fit_temperature, probability
from megan.domain import SPLITS, MeasuredSet, fingerprint, key_hash, similarity_limit
from megan.evaluation import check_labels, split_record
from megan.files import write_beside
from megan.model import Megan, ModelSettings
from megan.predictor import Predictor
from megan.run_claim import claim_run
from megan.settings import Recipe, TrainSettings, recipe_for
from megan.teacher import Lesson, TeacherSettings, load_lesson, prepare_lesson, save_lesson
from megan.training import LabelledSet, Progress, raw_outputs, train_member

PACKAGES = ("torch", "numpy", "rdkit", "safetensors")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SplitTable:
    """A task's molecules after standardisation, by split."""

    sets: dict[str, LabelledSet]
    train_smiles: tuple[str, ...]
    """Standardised SMILES of the training molecules, in the order of their set."""
    measured: MeasuredSet
    dropped: int
    """Rows whose SMILES could not be standardised."""


def split_table(table: pd.DataFrame) -> SplitTable:
    """Standardise (parent of salts, neutralised), featurise and fingerprint a table.

    Parameters
    ----------
    table
        Columns smiles, label, inchikey14, split, as `datasets.sources.load_table` yields them.

    Raises
    ------
    ValueError
        If a split holds no usable molecule.
    """
    smiles = [parent_smiles(text, Policy.PARENT) for text in table["smiles"]]
    usable = np.array([text is not None for text in smiles])
    kept = table[usable].reset_index(drop=True)
    parents = [text for text in smiles if text is not None]
    labels = kept["label"].to_numpy(dtype=np.float32)
    sets = {}
    train_smiles: tuple[str, ...] = ()
    for split in SPLITS:
        rows = np.flatnonzero((kept["split"] == split).to_numpy())
        if not len(rows):
            raise ValueError(f"split {split!r} holds no usable molecule; expected train, valid and test rows")
        chosen = [parents[row] for row in rows]
        sets[split] = LabelledSet(featurize(chosen), labels[rows])
        if split == "train":
            train_smiles = tuple(chosen)
    measured = MeasuredSet(
        fingerprints=np.stack([fingerprint(text) for text in parents]),
        labels=labels,
        splits=np.array([SPLITS.index(split) for split in kept["split"]], dtype=np.uint8),
        keys=np.array([key_hash(key) for key in kept["inchikey14"]], dtype=np.uint64),
    )
    return SplitTable(sets, train_smiles, measured, int((~usable).sum()))


def build_bundle(
    task: Task,
    table: pd.DataFrame,
    out: Path,
    run: Path,
    *,
    data_sha256: str,
    about_data: Mapping[str, Any] | None = None,
    recipe: Recipe | None = None,
    pool: Sequence[str] = (),
    device: str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Train a committee and write its bundle.

    Parameters
    ----------
    task
        What is learned.
    table
        See `split_table`.
    out, run
        Folder of the bundle; folder of checkpoints and log.
    data_sha256
        Hash of the table's file, for the card.
    about_data
        More that the card should say of the data, such as what was left out before.
    recipe
        How to train, by default as the task's shipped bundle was; member i has seed `recipe.train.seed + i`.
    pool
        Standardised molecules without a measurement, for the recipe's teacher; without a teacher they are not used.
    device
        "cpu" or "cuda".
    report
        Called after every epoch.

    Returns
    -------
    card
        The content of card.json.

    Raises
    ------
    ValueError
        If a setting or the table cannot be used, or the run folder belongs to other settings.
    """
    recipe = recipe or recipe_for(task.name)
    settings = recipe.train
    regression = task.kind == "regression"
    model_settings = dataclasses.replace(recipe.model, channels=len(task.channels), regression=regression)
    start = time.perf_counter()
    data = split_table(table)
    for split in SPLITS:
        check_labels(data.sets[split].labels.astype(np.float64), task)
    claim_run(
        run,
        {
            "task": task.name,
            "train": dataclasses.asdict(settings),
            "model": dataclasses.asdict(model_settings),
            "teacher": dataclasses.asdict(recipe.teacher) if recipe.teacher is not None else None,
            "data_sha256": data_sha256,
        },
    )
    train = data.sets["train"]
    if recipe.teacher is not None:
        train = _taught(data, _lesson(data, pool, regression, recipe.teacher, data_sha256, run))
    models, log = _train_committee(
        train, data.sets["valid"], model_settings, settings, recipe.members, run, device, report
    )
    seconds = sum(float(row["seconds"]) for row in log)
    valid = data.sets["valid"]
    raw = np.mean([raw_outputs(m, valid.batch) for m in models], axis=0).astype(np.float64)
    calibration, conformal = calibrate(task, raw, valid.labels.astype(np.float64))
    card: dict[str, Any] = {
        "format": FORMAT,
        "task": dataclasses.asdict(task),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "data": {
            "table": task.table,
            "sha256": data_sha256,
            "rows": {split: len(data.sets[split].labels) for split in SPLITS},
            "dropped": data.dropped,
            "unmeasured": len(train.labels) - len(data.train_smiles),
            **(about_data or {}),
        },
        "settings": {
            "model": dataclasses.asdict(model_settings),
            "train": dataclasses.asdict(settings),
            "teacher": dataclasses.asdict(recipe.teacher) if recipe.teacher is not None else None,
        },
        "seeds": [settings.seed + i for i in range(recipe.members)],
        "members": recipe.members,
        "training": {
            "seconds": round(seconds, 1),
            "wall_seconds": round(time.perf_counter() - start, 1),
            "epochs": [sum(1 for row in log if row["member"] == i) for i in range(recipe.members)],
            "log": [{key: round(value, 5) for key, value in row.items()} for row in log],
        },
        "calibration": calibration,
        "domain": {"similarity_limit": round(similarity_limit(data.measured), 4)},
    }
    bundle = Bundle(card, tuple(models), conformal, data.measured)
    test = data.sets["test"]
    predictor = Predictor(task, card, bundle)
    card |= split_record(predictor, test.batch, test.labels.astype(np.float64), conformal)
    save_bundle(out, bundle)
    return card


def calibrate(task: Task, raw: Floats, labels: Floats) -> tuple[dict[str, float | None], Conformal]:
    """Temperature, threshold and conformal scores from the committee's raw outputs on the validation split.

    The threshold is the probability with the best balanced accuracy, so that a rare class is not drowned.
    """
    if task.kind == "regression":
        return {"temperature": None, "threshold": None}, Conformal.from_errors(raw, labels)
    temperature = fit_temperature(raw, labels)
    p = probability(raw, temperature)
    return (
        {"temperature": round(temperature, 5), "threshold": round(best_threshold(p, labels), 3)},
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


def _lesson(
    data: SplitTable, pool: Sequence[str], regression: bool, teacher: TeacherSettings, sha256: str, run: Path
) -> Lesson:
    about = {"data_sha256": sha256, "pool": hashlib.sha256("\n".join(pool).encode()).hexdigest()}
    lesson = load_lesson(run, about, teacher)
    if lesson is None:
        lesson = prepare_lesson(data.train_smiles, data.sets["train"].labels, pool, regression, teacher)
        save_lesson(run, lesson, about, teacher)
    return lesson


def _taught(data: SplitTable, lesson: Lesson) -> LabelledSet:
    batch = featurize([*data.train_smiles, *lesson.pool_smiles])
    return LabelledSet(batch, np.concatenate([lesson.train, lesson.pool]).astype(np.float32))


def _train_committee(
    train: LabelledSet,
    valid: LabelledSet,
    model_settings: ModelSettings,
    settings: TrainSettings,
    members: int,
    run: Path,
    device: str,
    report: Callable[[Progress], None],
) -> tuple[list[Megan], list[dict[str, float | int]]]:
    models: list[Megan] = []
    log: list[dict[str, float | int]] = []
    for member in range(members):
        model, rows = train_member(
            train,
            valid,
            model_settings,
            settings.with_seed(settings.seed + member),
            member=member,
            folder=run,
            device=device,
            report=report,
        )
        models.append(model)
        log += rows
        _write_log(run / "log.json", log)
    return models, log


def _write_log(file: Path, log: Sequence[dict[str, float | int]]) -> None:
    with write_beside(file) as beside:
        beside.write_text(json.dumps(log, indent=1), encoding="utf-8")
