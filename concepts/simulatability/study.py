"""Artificial simulatability: an explanation is worth what it lets another learn.

Two students of the same small architecture and the same initial weights learn from the same few graphs: the reference
from labels alone, the other also from explanation masks. This is repeated on fresh random splits; the score is the
median paired difference in performance (accuracy for classes, R2 for values) on validation graphs.

Source: Teufel, Torresi, Friederich 2023, "Quantifying the Intrinsic Usefulness of Attributional Explanations for GNNs
with Artificial Simulatability Studies".

study = simulate(subject_of("rb_adv_motifs", 1000), conditions(["truth", "random"], [25, 100]))
for row in study.rows: print(row.record())
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from concepts.simulatability.conditions import Condition, StudySettings, conditions, published_sweep
from concepts.simulatability.explainers import FILE, explainer
from concepts.simulatability.folder import StudyFolder
from concepts.simulatability.masks import Masks, with_adversarial, with_noise
from concepts.simulatability.rows import ScoreRow, score_row
from concepts.simulatability.student_graphs import Pool, pool_of
from concepts.simulatability.student_training import Lesson, train_students
from concepts.simulatability.students import shape_for
from concepts.simulatability.subjects import Subject, generated_subject, predicted_subject, subject_of

__all__ = [
    "Condition",
    "ScoreRow",
    "Study",
    "StudyProgress",
    "StudySettings",
    "conditions",
    "generated_subject",
    "predicted_subject",
    "published_sweep",
    "simulate",
    "subject_of",
]

LESSONS_AT_ONCE: Final = 2
"""Lessons of a part; more would make the loss by an interruption larger, not the study faster."""
MEASURED: Final = ("performance", "node_auroc", "edge_auroc")
FAILED_TRAINING: Final = "a student's weights ran away; try a lower learning rate"


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study is, with what it has found so far."""

    done: float
    """Share of all parts, 0 to 1, counting the one in flight by its epochs."""
    seconds_left: float
    """At the speed so far; NaN before there is any."""
    rows: tuple[ScoreRow, ...]
    """Of the conditions that are done."""


@dataclass(frozen=True, slots=True)
class Study:
    """A finished study."""

    metric: str
    """accuracy, or R2."""
    rows: tuple[ScoreRow, ...]
    """One a condition, in the order asked for."""
    seconds: float
    """Time that this call took; parts of an earlier call are not in it."""


def simulate(
    subject: Subject,
    asked: Sequence[Condition],
    settings: StudySettings | None = None,
    *,
    run: Path | None = None,
    report: Callable[[StudyProgress], None] = lambda progress: None,
) -> Study:
    """Run a study, or go on with it.

    Parameters
    ----------
    asked
        What is compared; conditions of equal size, depth and kind of student share their reference.
    run
        Its folder: what is done there is not done again. None keeps nothing.
    report
        Called after every epoch of every batch of students.

    Raises
    ------
    ValueError
        If the folder holds another study, masks do not fit or are empty, there are fewer graphs than are drawn, or all
        labels are equal; the sentence says which.
    """
    settings = StudySettings() if settings is None else settings
    if not asked:
        raise ValueError("conditions is empty; expected at least one")
    pool = pool_of(subject.batch, subject.labels, len(subject.channels), subject.kind == "regression")
    needed = max(condition.size for condition in asked) + settings.validation
    if len(pool) < needed:
        raise ValueError(
            f"{subject.name} has {len(pool)} graphs; expected at least {needed}: {needed - settings.validation} to "
            f"learn from and {settings.validation} to judge by"
        )
    folder = StudyFolder(run)
    folder.claim(_claim(subject, asked, settings))
    folder.note("graphs", _described(subject))
    masks = {name: _masks_of(subject, name, folder) for name in _explainers_of(asked)}
    return _Runner(subject, pool, tuple(asked), settings, masks, folder, report).finish()


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    group: tuple[int, int, str, str]
    lessons: tuple[Condition | None, ...]
    """None is the reference."""


def _parts(asked: Sequence[Condition]) -> list[_Part]:
    groups: dict[tuple[int, int, str, str], list[Condition | None]] = {}
    for condition in asked:
        groups.setdefault(condition.group, [None]).append(condition)
    found: list[_Part] = []
    for group, lessons in groups.items():
        for first in range(0, len(lessons), LESSONS_AT_ONCE):
            found.append(_Part(len(found), group, tuple(lessons[first : first + LESSONS_AT_ONCE])))
    return found


@dataclass(slots=True)
class _Runner:
    subject: Subject
    pool: Pool
    asked: tuple[Condition, ...]
    settings: StudySettings
    masks: dict[str, Masks]
    folder: StudyFolder
    report: Callable[[StudyProgress], None]

    def finish(self) -> Study:
        """Train what is not there yet, part by part."""
        start = time.perf_counter()
        parts = _parts(self.asked)
        done = {part.number: rows for part in parts if (rows := self.folder.part(part.number)) is not None}
        open_parts = [part for part in parts if part.number not in done]
        rows = self._rows(done)
        for n, part in enumerate(open_parts):

            def tell(share: float, n: int = n, rows: tuple[ScoreRow, ...] = rows) -> None:
                trained = n + share
                seconds = time.perf_counter() - start
                left = seconds / trained * (len(open_parts) - trained) if trained else math.nan
                self.report(StudyProgress((len(parts) - len(open_parts) + trained) / len(parts), left, rows))

            done[part.number] = self._train(part, tell)
            self.folder.keep_part(part.number, done[part.number])
            rows = self._rows(done)
            self.folder.note("progress", {"done": len(done), "of": len(parts), "rows": [r.record() for r in rows]})
        self.report(StudyProgress(1.0, 0.0, rows))
        metric = "R2" if self.pool.regression else "accuracy"
        return Study(metric, rows, time.perf_counter() - start)

    def _train(self, part: _Part, tell: Callable[[float], None]) -> pd.DataFrame:
        size, layers, kind, reference = part.group
        train, valid = draws(len(self.pool), size, self.settings)
        problems = [self._problem_of_draw(r, train[r], valid[r]) for r in range(len(train))]
        usable = np.flatnonzero([not problem for problem in problems])
        shape = shape_for(self.pool, "gcn" if kind == "gcn" else "megan", layers, self.settings.width)
        lessons = [self._lesson(condition, reference) for condition in part.lessons]
        found = {name: np.full((len(lessons), len(train)), np.nan) for name in MEASURED}
        if len(usable):
            results = train_students(
                self.pool, shape, lessons, train[usable], valid[usable], self.settings.training,
                seeds=[[self.settings.seed, r] for r in usable.tolist()], report=tell,
            )  # fmt: skip
            for name, values in found.items():
                values[:, usable] = getattr(results, name)
        return pd.DataFrame([
            {
                "condition": -1 if condition is None else self.asked.index(condition),
                "group": str(part.group),
                "repetition": r,
                **{name: float(values[lesson, r]) for name, values in found.items()},
                "problem": problems[r] or ("" if np.isfinite(found["performance"][lesson, r]) else FAILED_TRAINING),
            }
            for lesson, condition in enumerate(part.lessons)
            for r in range(len(train))
        ])  # fmt: skip

    def _problem_of_draw(self, r: int, train: npt.NDArray[np.int64], valid: npt.NDArray[np.int64]) -> str:
        for what, drawn in (("training", train), ("validation", valid)):
            labels = self.pool.labels[drawn]
            if np.ptp(labels) == 0 and (what == "validation" or not self.pool.regression):
                value = f"class {self.subject.channels[int(labels[0])]}" if not self.pool.regression else "one value"
                return f"repetition {r}: all {len(drawn)} {what} graphs are of {value}; expected at least two"
        return ""

    def _lesson(self, condition: Condition | None, reference: str) -> Lesson:
        if condition is None:
            return Lesson(self.masks[reference] if reference else None, judged_by=self.subject.truth)
        clean = self.masks[condition.explainer]
        masks = clean
        if condition.adversarial:
            wrong = self.masks["adversarial"]
            masks = with_adversarial(masks, wrong, condition.adversarial, self.subject.batch, self.settings.seed)
        if condition.noise:
            masks = with_noise(masks, condition.noise, self.settings.seed)
        return Lesson(masks, condition.masks, condition.start, judged_by=self.subject.truth or clean)

    def _rows(self, done: dict[int, pd.DataFrame]) -> tuple[ScoreRow, ...]:
        if not done:
            return ()
        table = pd.concat(done.values(), ignore_index=True)
        found = []
        for number, condition in enumerate(self.asked):
            own = table[table["condition"] == number]
            reference = table[(table["condition"] == -1) & (table["group"] == str(condition.group))]
            if len(own) and len(reference):
                found.append(score_row(condition, reference, own, self.settings.seed))
        return tuple(found)


def draws(n: int, size: int, settings: StudySettings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Training and validation graphs of every repetition, (R, size) and (R, validation), without any in common.

    The training graphs of a smaller size are the first of those of a larger one, so that sizes compare.
    """
    orders = np.stack([np.random.default_rng([settings.seed, r]).permutation(n) for r in range(settings.repetitions)])
    return orders[:, settings.validation : settings.validation + size], orders[:, : settings.validation]


def _explainers_of(asked: Sequence[Condition]) -> list[str]:
    names = [name for c in asked for name in (c.explainer, c.reference, "adversarial" if c.adversarial else "") if name]
    return list(dict.fromkeys(names))


def _masks_of(subject: Subject, name: str, folder: StudyFolder) -> Masks:
    key = name if not name.startswith(FILE) else "file-" + hashlib.sha256(name.encode()).hexdigest()[:12]
    kept = folder.masks(key)
    if kept is not None:
        return kept
    masks = explainer(name)(subject)
    folder.keep_masks(key, masks)
    return masks


def _claim(subject: Subject, asked: Sequence[Condition], settings: StudySettings) -> dict[str, Any]:
    digest = hashlib.sha256()
    batch = subject.batch
    for array in (batch.atoms, batch.bonds, batch.ends, batch.atom_offsets, batch.bond_offsets, subject.labels):
        digest.update(np.ascontiguousarray(array).tobytes())
    for member in subject.members:
        for weight in member.state_dict().values():
            digest.update(weight.numpy().tobytes())
    for condition in asked:
        if condition.explainer.startswith(FILE):
            file = Path(condition.explainer.removeprefix(FILE))
            digest.update(file.read_bytes() if file.is_file() else b"")
    return {
        "subject": subject.name,
        "graphs and explanations": digest.hexdigest(),
        "conditions": [asdict(condition) for condition in asked],
        **asdict(settings),
    }


def _described(subject: Subject) -> dict[str, Any]:
    return {
        "subject": subject.name,
        "channels": list(subject.channels),
        "nodes": np.diff(subject.batch.atom_offsets).tolist(),
        "edges": np.diff(subject.batch.bond_offsets).tolist(),
        "labels": subject.labels.tolist(),
        "smiles": list(subject.smiles),
    }
