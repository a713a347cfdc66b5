"""What the teacher may know, and how much it is heard."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from datasets.splits import scaffold
from megan.teacher import (
    LEAST_PROBABILITY,
    Lesson,
    TeacherSettings,
    load_lesson,
    prepare_lesson,
    save_lesson,
    scaffold_folds,
)

TAILS = ["C", "CC", "CCC", "CCCC", "CCCCC", "CO", "CCO", "CCCO", "CN", "CCN", "F", "Cl", "Br", "C#N", "CF"]
NITRO = [f"O=[N+]([O-])c1ccc({tail})cc1" for tail in TAILS] + [f"O=[N+]([O-]){tail}" for tail in TAILS[:8]]
PLAIN = [f"c1ccc({tail})nc1" for tail in TAILS] + [f"O=C(O){tail}" for tail in TAILS[:8]]
SMILES = NITRO + PLAIN
LABELS = np.array([1.0] * len(NITRO) + [0.0] * len(PLAIN))
QUICK = TeacherSettings(trees=30, leaves=4, features=1.0, folds=3)


def test_molecules_of_one_ring_system_share_a_fold() -> None:
    folds = scaffold_folds(SMILES, 3, 0)
    rings = [scaffold(row, text) for row, text in enumerate(SMILES)]
    for name in set(rings) - {""}:
        assert len({int(fold) for fold, ring in zip(folds, rings, strict=True) if ring == name}) == 1
    assert set(folds.tolist()) == {0, 1, 2}
    assert len({int(fold) for fold, ring in zip(folds, rings, strict=True) if not ring}) > 1


def test_too_few_scaffolds_are_named() -> None:
    with pytest.raises(ValueError, match="have 1 scaffolds; expected at least folds = 3"):
        scaffold_folds(["c1ccccc1C", "c1ccccc1CC"], 3, 0)


def test_labels_are_blended_by_the_share() -> None:
    lessons = [
        prepare_lesson(SMILES, LABELS, [], False, dataclasses.replace(QUICK, share=share)) for share in (0.0, 0.5, 1.0)
    ]
    np.testing.assert_array_equal(lessons[0].train, LABELS)
    np.testing.assert_allclose(lessons[1].train, 0.5 * (LABELS + lessons[2].train))
    assert lessons[2].train.min() >= LEAST_PROBABILITY
    assert lessons[2].train.max() <= 1 - LEAST_PROBABILITY


def test_the_pool_is_judged_as_its_likes_are() -> None:
    pool = ["O=[N+]([O-])c1ccc(CCCF)cc1", "c1ccc(CCCF)nc1"]
    lesson = prepare_lesson(SMILES, LABELS, pool, False, QUICK)
    assert lesson.pool_smiles == tuple(pool)
    assert lesson.pool[0] > 0.7 > 0.3 > lesson.pool[1]


def test_an_opinion_is_a_guess_and_no_memory() -> None:
    """A label that contradicts all its likes is remembered by trees that saw it, and not by those that did not."""
    odd = LABELS.copy()
    odd[NITRO.index("O=[N+]([O-])CC")] = 0.0
    lesson = prepare_lesson(SMILES, odd, [], False, dataclasses.replace(QUICK, share=1.0, folds=10))
    assert lesson.train[NITRO.index("O=[N+]([O-])CC")] > 0.5


def test_values_are_blended_too() -> None:
    values = LABELS * 4 - 2
    lesson = prepare_lesson(SMILES, values, ["O=[N+]([O-])c1ccc(CCCF)cc1"], True, QUICK)
    assert lesson.pool[0] > 0.5
    assert lesson.train.min() < -1 < 1 < lesson.train.max()


def test_a_fold_that_leaves_one_class_is_named() -> None:
    with pytest.raises(ValueError, match="all labels are 0; expected both classes"):
        prepare_lesson(["c1ccccc1C", *PLAIN], np.array([1.0] + [0.0] * len(PLAIN)), [], False, QUICK)


def test_a_lesson_is_kept_for_the_same_data_and_settings_only(tmp_path: Path) -> None:
    lesson = Lesson(np.array([0.25, 1.0]), ("CC", "CO"), np.array([0.5, 0.125]))
    save_lesson(tmp_path, lesson, {"data_sha256": "a"}, QUICK)
    kept = load_lesson(tmp_path, {"data_sha256": "a"}, QUICK)
    assert kept is not None
    assert kept.pool_smiles == lesson.pool_smiles
    np.testing.assert_array_equal(kept.train, lesson.train)
    np.testing.assert_array_equal(kept.pool, lesson.pool)
    assert load_lesson(tmp_path, {"data_sha256": "b"}, QUICK) is None
    assert load_lesson(tmp_path, {"data_sha256": "a"}, dataclasses.replace(QUICK, share=0.1)) is None
    assert load_lesson(tmp_path / "nowhere", {"data_sha256": "a"}, QUICK) is None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("share", 1.5, "0 to 1"), ("features", 0.0, "0.001 to 1"), ("trees", 0, "at least 1"), ("folds", 1, "at least 2")],
)
def test_a_bad_setting_is_named(field: str, value: float, expected: str) -> None:
    with pytest.raises(ValueError, match=rf"TeacherSettings.{field} is {value}; expected {expected}"):
        dataclasses.replace(QUICK, **{field: value})  # type: ignore[arg-type]


def test_a_pool_without_opinions_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Lesson.pool has shape \(0,\); expected \(1,\)"):
        Lesson(np.zeros(1), ("CC",), np.zeros(0))
