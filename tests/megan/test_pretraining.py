"""Pretraining: targets in standard units, an encoder that tells held-out molecules, and a run that can be killed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets.descriptors import all_descriptor_names, descriptor_table
from datasets.featurize import featurize
from megan.encoder import EncoderShape
from megan.pretraining import LARGEST_TARGET, PretrainSettings, described, pretrain, targets, variance_told

SHAPE = EncoderShape(width=16, layers=2, attention_width=8)
QUICK = PretrainSettings(epochs=40, batch=16, held_out=8, averaging=0.5, learning_rate=5e-3)
SMILES = [f"{'C' * n}{group}" for n in range(1, 13) for group in ("O", "N", "C(=O)O", "c1ccccc1", "[N+](=O)[O-]", "Cl")]


@pytest.fixture(scope="module")
def wanted() -> np.ndarray:
    return targets(descriptor_table(SMILES))


def test_several_processes_describe_as_one_does() -> None:
    many = SMILES * 8
    np.testing.assert_array_equal(described(many, processes=2), described(many, processes=1))
    assert described(many, processes=1).shape == (len(many), len(all_descriptor_names()))


def test_targets_are_in_standard_units_and_bounded(wanted: np.ndarray) -> None:
    assert wanted.dtype == np.float32
    assert 0 < wanted.shape[1] < len(all_descriptor_names())
    np.testing.assert_allclose(wanted.std(axis=0), 1, atol=0.3)
    assert np.abs(wanted).max() <= LARGEST_TARGET


def test_long_tails_are_drawn_in_and_order_is_kept() -> None:
    values = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [1000.0, 5.0]], dtype=np.float32)
    standard = targets(values)
    assert standard.shape == (4, 1)
    assert (np.diff(standard[:, 0]) > 0).all()


def test_molecules_that_are_all_alike_are_refused() -> None:
    with pytest.raises(ValueError, match="all molecules have the same descriptors"):
        targets(np.ones((3, 4), dtype=np.float32))


def test_descriptors_of_unseen_molecules_are_told(wanted: np.ndarray) -> None:
    encoder, log = pretrain(SMILES, wanted, SHAPE, QUICK)
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    best = max(row["mean_r2"] for row in log)
    assert best > 0.5
    unseen = np.random.default_rng(QUICK.seed).permutation(len(SMILES))[: QUICK.held_out]
    told = variance_told(encoder, featurize([SMILES[i] for i in unseen]), wanted[unseen])
    assert told.mean() == pytest.approx(best)
    assert (told <= 1).all()


def test_a_killed_run_goes_on_as_if_nothing_had_happened(wanted: np.ndarray, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(line: str) -> None:
        if line.startswith("epoch 2/"):
            raise Killed

    short = dataclasses.replace(QUICK, epochs=4)
    undisturbed, log = pretrain(SMILES, wanted, SHAPE, short)
    with pytest.raises(Killed):
        pretrain(SMILES, wanted, SHAPE, short, folder=tmp_path, tell=kill)
    resumed, resumed_log = pretrain(SMILES, wanted, SHAPE, short, folder=tmp_path)
    for name, value in undisturbed.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, atol=0, rtol=0)
    assert [row["loss"] for row in resumed_log] == [row["loss"] for row in log]


def test_too_few_molecules_are_named(wanted: np.ndarray) -> None:
    with pytest.raises(ValueError, match="20 molecules; expected at least 24: 8 held out and a batch of 16"):
        pretrain(SMILES[:20], wanted[:20], SHAPE, QUICK)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("epochs", 0, "at least 1"),
        ("learning_rate", 0.0, "more than 0"),
        ("averaging", 1.0, "0 <= averaging < 1"),
    ],
)
def test_a_bad_setting_is_named(field: str, value: float, expected: str) -> None:
    with pytest.raises(ValueError, match=f"PretrainSettings.{field} is {value}; expected {expected}"):
        dataclasses.replace(QUICK, **{field: value})  # type: ignore[arg-type]
