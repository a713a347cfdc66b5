"""How spread masks are, and what logP and weight tell of verdicts, where the answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verdict_causes import spread, told_by_whole_molecule
from concepts.simulatability.conditions import StudySettings
from concepts.simulatability.masks import Masks
from concepts.simulatability.subjects import Subject, generated_subject
from datasets.featurize import featurize

SETTINGS = StudySettings(repetitions=4, validation=8)


def _subject(smiles: list[str], labels: list[int]) -> Subject:
    drawn = generated_subject("ba2motifs", 4)
    return replace(drawn, batch=featurize(smiles), labels=np.array(labels, dtype=float), smiles=tuple(smiles))


def _masks(subject: Subject, nodes: list[list[float]]) -> Masks:
    edges = np.zeros((int(subject.batch.bond_offsets[-1]), 2), dtype=np.float32)
    return Masks(np.array(nodes, dtype=np.float32), edges)


@pytest.mark.parametrize(
    ("own", "over_half", "entropy"),
    [
        ([0.3, 0.3, 0.3, 0.3], 1.0, 1.0),
        ([0.9, 0.0, 0.0, 0.0], 0.25, 0.0),
        ([0.8, 0.0, 0.8, 0.0], 0.5, 0.5),
        ([0.8, 0.4, 0.3, 0.3], 0.5, None),
    ],
)
def test_spread_is_that_of_the_verdict_s_channel(own: list[float], over_half: float, entropy: float | None) -> None:
    subject = _subject(["CCCO"], [1])
    found = spread(subject, _masks(subject, [[0.7, value] for value in own]))
    assert found["over_half"] == over_half
    if entropy is None:
        shares = np.array(own) / sum(own)
        entropy = float(-(shares * np.log(shares)).sum() / np.log(4))
    assert found["entropy"] == pytest.approx(entropy, abs=1e-4)


def test_molecules_without_any_mask_are_left_out() -> None:
    subject = _subject(["CCCO", "CO"], [0, 1])
    masks = _masks(subject, [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.9, 0.0], [0.9, 0.0]])
    assert spread(subject, masks) == {"over_half": 0.25, "entropy": 0.0}


def test_fat_molecules_are_told_from_others_and_the_study_s_students_are_beside() -> None:
    fat, lean = ["C" * n for n in range(10, 26)], ["O" + "CO" * n for n in range(3, 19)]
    subject = _subject([*fat, *lean], [1] * 16 + [0] * 16)
    (found,) = told_by_whole_molecule(subject, [16], SETTINGS, {16: [0.5, 0.5, 0.75, 0.5]})
    assert (found["size"], found["accuracy"], found["lead"]) == (16, 1.0, 0.5)
    assert 0.25 <= found["low"] <= found["high"] == 0.5
    assert found["p"] < 0.01


def test_numbers_that_say_nothing_tell_nothing() -> None:
    smiles = [text for n in range(4, 20) for text in ("C" * n, "C" * n)]
    subject = _subject(smiles, [0, 1] * 16)
    (found,) = told_by_whole_molecule(subject, [16], SETTINGS, {16: [0.5] * 4})
    assert 0.2 <= found["accuracy"] <= 0.8
