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
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.featurize import featurize
from datasets.file_hash import file_sha256
from datasets.tasks import Task
from megan.bundle import save_bundle
from megan.card import FORMAT
from megan.domain import SPLITS
from megan.encoder import SHIPPED_ENCODER, WEIGHTS, PretrainedEncoder, load_encoder
from megan.evaluation import check_labels
from megan.files import write_beside
from megan.judging import judged_bundle
from megan.model import Megan, ModelSettings
from megan.run_claim import claim_run
from megan.settings import Recipe, TrainSettings, recipe_for
from megan.split_table import SplitTable, split_table
from megan.teacher import Lesson, TeacherSettings, load_lesson, prepare_lesson, save_lesson
from megan.training import LabelledSet, Progress, train_member

PACKAGES = ("torch", "numpy", "rdkit", "safetensors")
Floats = npt.NDArray[np.float64]


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
    encoder = load_encoder() if recipe.pretrained else None
    encoder_sha256 = file_sha256(SHIPPED_ENCODER / WEIGHTS) if recipe.pretrained else None
    claim_run(
        run,
        {
            "task": task.name,
            "train": dataclasses.asdict(settings),
            "model": dataclasses.asdict(model_settings),
            "teacher": dataclasses.asdict(recipe.teacher) if recipe.teacher is not None else None,
            "encoder_sha256": encoder_sha256,
            "data_sha256": data_sha256,
        },
    )
    train = data.sets["train"]
    if recipe.teacher is not None:
        train = _taught(data, _lesson(data, pool, regression, recipe.teacher, data_sha256, run))
    models, log = _train_committee(
        train, data.sets["valid"], model_settings, settings, encoder, recipe.members, run, device, report
    )
    seconds = sum(float(row["seconds"]) for row in log)
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
            "unmeasured": len(train.labels) - len(data.smiles["train"]),
            **(about_data or {}),
        },
        "settings": {
            "model": dataclasses.asdict(model_settings),
            "train": dataclasses.asdict(settings),
            "teacher": dataclasses.asdict(recipe.teacher) if recipe.teacher is not None else None,
            "pretrained": recipe.pretrained,
            "encoder_sha256": encoder_sha256,
        },
        "seeds": [settings.seed + i for i in range(recipe.members)],
        "members": recipe.members,
        "training": {
            "seconds": round(seconds, 1),
            "wall_seconds": round(time.perf_counter() - start, 1),
            "epochs": [sum(1 for row in log if row["member"] == i) for i in range(recipe.members)],
            "log": [{key: round(value, 5) for key, value in row.items()} for row in log],
        },
    }
    bundle = judged_bundle(task, card, models, data)
    save_bundle(out, bundle)
    return bundle.card


def _lesson(
    data: SplitTable, pool: Sequence[str], regression: bool, teacher: TeacherSettings, sha256: str, run: Path
) -> Lesson:
    about = {"data_sha256": sha256, "pool": hashlib.sha256("\n".join(pool).encode()).hexdigest()}
    lesson = load_lesson(run, about, teacher)
    if lesson is None:
        lesson = prepare_lesson(data.smiles["train"], data.sets["train"].labels, pool, regression, teacher)
        save_lesson(run, lesson, about, teacher)
    return lesson


def _taught(data: SplitTable, lesson: Lesson) -> LabelledSet:
    batch = featurize([*data.smiles["train"], *lesson.pool_smiles])
    return LabelledSet(batch, np.concatenate([lesson.train, lesson.pool]).astype(np.float32))


def _train_committee(
    train: LabelledSet,
    valid: LabelledSet,
    model_settings: ModelSettings,
    settings: TrainSettings,
    encoder: PretrainedEncoder | None,
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
            encoder=encoder,
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
