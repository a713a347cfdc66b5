"""Soft labels: what boosted trees think of the training molecules and of many that nobody measured.

The trees judge each training molecule by a model that has not seen its scaffold, so that their opinion is a guess and
no memory, and they judge unmeasured molecules of other tables. The network then learns a blend of measurement and
opinion: it sees more of chemistry, and is told which labels are doubtful.

Distillation: Hinton, Vinyals, Dean 2015, arXiv 1503.02531. Trees: LightGBM, Ke et al. 2017.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.descriptors import tree_features
from datasets.splits import scaffold
from megan.files import write_beside

Floats = npt.NDArray[np.float64]
LEAST_PROBABILITY = 0.002
"""The teacher is never surer than this, however sure its trees are."""


@dataclass(frozen=True, slots=True)
class TeacherSettings:
    """How the teacher is trained and how much it is heard."""

    share: float = 0.5
    """Weight of its opinion in the label of a measured molecule, 0 to 1; unmeasured ones have nothing else."""
    pool: tuple[str, ...] = ()
    """Tasks whose tables lend their molecules, without their labels."""
    pool_size: int = 20_000
    """Most unmeasured molecules."""
    trees: int = 600
    leaves: int = 31
    features: float = 0.2
    """Share of the features that each tree may look at."""
    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for field, low, high in (("share", 0.0, 1.0), ("features", 0.001, 1.0)):
            if not low <= getattr(self, field) <= high:
                raise ValueError(f"TeacherSettings.{field} is {getattr(self, field)}; expected {low:g} to {high:g}")
        for field, least in (("pool_size", 0), ("trees", 1), ("leaves", 2), ("folds", 2)):
            if getattr(self, field) < least:
                raise ValueError(f"TeacherSettings.{field} is {getattr(self, field)}; expected at least {least}")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the network is told beside the measurements."""

    train: Floats
    """Shape (n_train,): blended labels in the order of the training molecules; probabilities of class 1, or values."""
    pool_smiles: tuple[str, ...]
    """Unmeasured molecules."""
    pool: Floats
    """Shape (len(pool_smiles),): the teacher's opinion of them."""

    def __post_init__(self) -> None:
        if self.pool.shape != (len(self.pool_smiles),):
            raise ValueError(f"Lesson.pool has shape {self.pool.shape}; expected ({len(self.pool_smiles)},)")


def prepare_lesson(
    smiles: Sequence[str],
    labels: npt.ArrayLike,
    pool: Sequence[str],
    regression: bool,
    settings: TeacherSettings,
    tell: Callable[[str], None] = lambda line: None,
) -> Lesson:
    """Train the teacher and ask it.

    Parameters
    ----------
    smiles, labels
        Training molecules, and 0 or 1, or values.
    pool
        Unmeasured molecules; none of them may be measured, which the caller sees to.
    tell
        Called with a line as the work goes on.

    Raises
    ------
    ValueError
        If there are fewer scaffolds than folds, or a fold leaves one class only.
    """
    measured = np.asarray(labels, dtype=np.float64)
    features = tree_features(smiles)
    fold_of = scaffold_folds(smiles, settings.folds, settings.seed)
    opinion = teachers_opinion(features, measured, fold_of, regression, settings, tell)
    trees = _grown(features, measured, regression, settings)
    opinion_of_pool = _asked(trees, tree_features(pool), regression) if len(pool) else np.zeros(0)
    tell(f"teacher: {len(pool):,} unmeasured molecules")
    blend = (1 - settings.share) * measured + settings.share * opinion
    return Lesson(blend, tuple(pool), opinion_of_pool)


def teachers_opinion(
    features: npt.NDArray[np.float32],
    labels: npt.ArrayLike,
    fold_of: npt.NDArray[np.int64],
    regression: bool,
    settings: TeacherSettings,
    tell: Callable[[str], None] = lambda line: None,
) -> Floats:
    """What trees say of each molecule that have not seen its fold, (n,): probabilities of class 1, or values.

    Parameters
    ----------
    features
        From `datasets.descriptors.tree_features`.
    fold_of
        Fold of each molecule, (n,) in 0 .. folds-1.

    Raises
    ------
    ValueError
        If a fold leaves one class only.
    """
    measured = np.asarray(labels, dtype=np.float64)
    opinion = np.zeros(len(measured))
    folds = int(fold_of.max()) + 1
    for fold in range(folds):
        unseen = fold_of == fold
        if not regression and np.ptp(measured[~unseen]) == 0:
            raise ValueError(f"without fold {fold} all labels are {measured[~unseen][0]:g}; expected both classes")
        trees = _grown(features[~unseen], measured[~unseen], regression, settings)
        opinion[unseen] = _asked(trees, features[unseen], regression)
        tell(f"teacher: fold {fold + 1} of {folds}")
    return opinion


def scaffold_folds(smiles: Sequence[str], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for every molecule, (n,) in 0 .. folds-1; molecules of one scaffold share it, acyclic ones stand alone.

    Raises
    ------
    ValueError
        If there are fewer scaffolds than folds.
    """
    names, group = np.unique([scaffold(row, text) or text for row, text in enumerate(smiles)], return_inverse=True)
    if len(names) < folds:
        raise ValueError(f"the molecules have {len(names)} scaffolds; expected at least folds = {folds}")
    fold_of_scaffold = np.random.default_rng(seed).permutation(len(names)) % folds
    chosen: npt.NDArray[np.int64] = fold_of_scaffold[group].astype(np.int64)
    return chosen


def save_lesson(folder: Path, lesson: Lesson, about: dict[str, Any], settings: TeacherSettings) -> None:
    """Keep a lesson in a run folder, with what it was made from."""
    with write_beside(folder / "lesson.json") as beside:
        content = {
            "about": about,
            "settings": asdict(settings),
            "train": np.round(lesson.train, 5).tolist(),
            "pool": dict(zip(lesson.pool_smiles, np.round(lesson.pool, 5).tolist(), strict=True)),
        }
        beside.write_text(json.dumps(content), encoding="utf-8")


def load_lesson(folder: Path, about: dict[str, Any], settings: TeacherSettings) -> Lesson | None:
    """The lesson of an earlier run if it was made from the same data and settings."""
    file = folder / "lesson.json"
    if not file.is_file():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))
    if content["about"] != about or content["settings"] != json.loads(json.dumps(asdict(settings))):
        return None
    pool: dict[str, float] = content["pool"]
    return Lesson(np.array(content["train"]), tuple(pool), np.array(list(pool.values()), dtype=np.float64))


def _grown(features: npt.NDArray[np.float32], labels: Floats, regression: bool, settings: TeacherSettings) -> Any:
    import lightgbm

    parameters = {
        "objective": "regression" if regression else "binary",
        "learning_rate": 0.05,
        "num_leaves": settings.leaves,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": settings.features,
        "min_data_in_leaf": 10,
        "seed": settings.seed,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
    }
    return lightgbm.train(parameters, lightgbm.Dataset(features, labels), num_boost_round=settings.trees)


def _asked(trees: Any, features: npt.NDArray[np.float32], regression: bool) -> Floats:
    answer: Floats = np.asarray(trees.predict(features, num_threads=1), dtype=np.float64)
    return answer if regression else np.clip(answer, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
