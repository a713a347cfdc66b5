"""Training: it learns, it resumes exactly, it stops early, it refuses what it cannot learn from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from datasets.featurize import featurize
from megan.graph import graph_batch
from megan.metrics import auroc
from megan.model import Megan, ModelSettings
from megan.settings import TrainSettings
from megan.training import (
    LabelledSet,
    Progress,
    batches,
    learning_rate,
    losses,
    raw_outputs,
    rows_of_epoch,
    train_member,
)

SHAPE = ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,))
SETTINGS = TrainSettings(epochs=6, batch=8, averaging=0.5)


@pytest.fixture(scope="module")
def data(table: pd.DataFrame) -> LabelledSet:
    return LabelledSet(featurize(list(table["smiles"])), table["label"].to_numpy(dtype=np.float32))


def test_learns_a_simple_rule_and_points_at_it(data: LabelledSet) -> None:
    model, log = train_member(data, data, SHAPE, dataclasses.replace(SETTINGS, epochs=30, patience=30))
    assert auroc(data.labels, raw_outputs(model, data.batch)) > 0.99
    assert log[-1]["loss"] < log[0]["loss"]
    nitro = model(graph_batch(featurize(["CCc1ccc([N+](=O)[O-])cc1"]))).node_importance[:, 1]
    # Atoms 5 to 8 are the ring carbon that bears the group, and the group.
    assert nitro[6:9].mean() > 1.5 * nitro[:5].mean()


def test_a_killed_training_goes_on_as_if_nothing_had_happened(data: LabelledSet, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(progress: Progress) -> None:
        if progress.epoch == 2:
            raise Killed

    undisturbed, log = train_member(data, data, SHAPE, SETTINGS)
    with pytest.raises(Killed):
        train_member(data, data, SHAPE, SETTINGS, folder=tmp_path, report=kill)
    resumed, resumed_log = train_member(data, data, SHAPE, SETTINGS, folder=tmp_path)
    for name, value in undisturbed.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, atol=0, rtol=0)
    assert [row["loss"] for row in resumed_log] == [row["loss"] for row in log]


def test_same_seed_same_weights_other_seed_other_weights(data: LabelledSet) -> None:
    short = dataclasses.replace(SETTINGS, epochs=1)
    first, again, other = (
        train_member(data, data, SHAPE, settings)[0].embed.weight for settings in (short, short, short.with_seed(1))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_stops_when_validation_no_longer_improves(data: LabelledSet) -> None:
    misleading = LabelledSet(data.batch, 1 - data.labels)
    _, log = train_member(data, misleading, SHAPE, dataclasses.replace(SETTINGS, epochs=60, patience=2))
    scores = np.array([row["valid_score"] for row in log])
    last_best = len(scores) - 1 - int(np.argmax(scores[::-1]))
    assert len(log) < 60
    assert len(log) - 1 - last_best == 2


def test_progress_says_how_long_it_takes(data: LabelledSet) -> None:
    lines: list[Progress] = []
    train_member(data, data, SHAPE, dataclasses.replace(SETTINGS, epochs=2), report=lines.append)
    assert [p.epoch for p in lines] == [0, 1]
    assert lines[0].remaining == pytest.approx(lines[0].seconds)
    assert "left at most" in lines[0].line()


def test_every_loss_reaches_the_network(data: LabelledSet) -> None:
    torch.manual_seed(0)
    model = Megan(SHAPE)
    graph = graph_batch(data.batch)
    settings = dataclasses.replace(SETTINGS, batch=32, sufficiency=0.5)
    parts = losses(model, graph, torch.from_numpy(data.labels), settings, epoch=5)
    assert set(parts) == {"prediction", "explanation", "sparsity", "fidelity", "sufficiency", "contrastive"}
    for name, value in parts.items():
        model.zero_grad()
        value.backward(retain_graph=True)
        reached = sum(float(p.grad.abs().sum()) for p in model.parameters() if p.grad is not None)
        assert reached > 0, name


def test_regression_trains_in_the_unit_of_its_labels(data: LabelledSet) -> None:
    values = LabelledSet(data.batch, 100 + 5 * data.labels)
    model, _ = train_member(
        values, values, dataclasses.replace(SHAPE, regression=True), dataclasses.replace(SETTINGS, epochs=15)
    )
    raw = raw_outputs(model, values.batch)
    assert np.abs(raw - values.labels).mean() < 1.5


@pytest.mark.parametrize("n", [1, 2, 8, 9, 17, 64])
def test_batches_hold_every_molecule_once_and_none_is_alone(n: int) -> None:
    chunks = list(batches(n, 8, seed=0, epoch=3))
    assert sorted(np.concatenate(chunks).tolist()) == list(range(n))
    assert n == 1 or min(map(len, chunks)) > 1


@pytest.mark.parametrize(
    ("labels", "repeat", "rows"),
    [
        ((0, 0, 1, 0), 1, [0, 1, 2, 3]),
        ((0, 0, 1, 0), 3, [0, 1, 2, 2, 2, 3]),
        ((1, 1, 0), 2, [0, 1, 2, 2]),
        ((0, 1), 5, [0, 1]),
        ((0.1, 0.9, 0.2), 2, [0, 1, 1, 2]),
    ],
)
def test_an_epoch_repeats_the_rarer_class_alone(labels: tuple[float, ...], repeat: int, rows: list[int]) -> None:
    assert rows_of_epoch(np.array(labels, dtype=np.float32), repeat).tolist() == rows


def test_a_repeated_class_changes_the_weights_and_values_have_none(data: LabelledSet) -> None:
    short = dataclasses.replace(SETTINGS, epochs=1)
    kept = np.flatnonzero(data.labels == 0).tolist() + np.flatnonzero(data.labels == 1)[:-2].tolist()
    uneven = LabelledSet(data.batch.select(np.array(kept)), data.labels[kept])
    once, twice = (
        train_member(uneven, data, SHAPE, dataclasses.replace(short, repeat_rarer=times))[0].embed.weight
        for times in (1, 2)
    )
    assert not torch.equal(once, twice)
    values = dataclasses.replace(SHAPE, regression=True)
    with pytest.raises(ValueError, match="repeat_rarer is 2; expected 1 where values are learned"):
        train_member(data, data, values, dataclasses.replace(short, repeat_rarer=2))
    with pytest.raises(ValueError, match="sufficiency is 0.5; expected 0 where values are learned"):
        train_member(data, data, values, dataclasses.replace(short, sufficiency=0.5))


def test_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(step, 100, 1.0) for step in range(100)]
    assert rates[0] < rates[4] <= 1.0
    assert rates[-1] < 0.02
    assert rates[5:] == sorted(rates[5:], reverse=True)


def test_constant_labels_are_refused(data: LabelledSet) -> None:
    constant = LabelledSet(data.batch, np.ones_like(data.labels))
    with pytest.raises(ValueError, match="the training labels are all 1; expected at least two"):
        train_member(constant, data, SHAPE, SETTINGS)


def test_labels_of_the_wrong_length_or_kind_are_refused(data: LabelledSet) -> None:
    with pytest.raises(ValueError, match="has shape"):
        LabelledSet(data.batch, data.labels[1:])
    broken = data.labels.copy()
    broken[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        LabelledSet(data.batch, broken)


def test_a_checkpoint_of_another_shape_is_refused(data: LabelledSet, tmp_path: Path) -> None:
    train_member(data, data, SHAPE, dataclasses.replace(SETTINGS, epochs=1), folder=tmp_path)
    with pytest.raises(ValueError, match="another shape"):
        train_member(data, data, dataclasses.replace(SHAPE, width=8), SETTINGS, folder=tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("epochs", 0), ("batch", 0), ("sparsity", -1.0), ("averaging", 1.0), ("learning_rate", 0.0)],
)
def test_a_bad_setting_is_named(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"TrainSettings.{field} is {value}"):
        dataclasses.replace(SETTINGS, **{field: value})  # type: ignore[arg-type]
