"""An encoder gives a network its first weights, is kept whole on disk, and refuses what it does not fit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from datasets.featurize import featurize
from megan.encoder import Encoder, EncoderShape, load_encoder, save_encoder
from megan.graph import graph_batch
from megan.layers import AttentionLayer
from megan.metrics import auroc
from megan.model import Megan, ModelSettings
from megan.settings import TrainSettings
from megan.training import LabelledSet, raw_outputs, train_member

SMALL = EncoderShape(width=16, layers=2, attention_width=8)
FITTING = ModelSettings(width=16, layers=2, attention_width=8, projection=(16,), head=(16,))


def small_encoder() -> Encoder:
    torch.manual_seed(3)
    return Encoder(SMALL, outputs=5, reader_width=16).eval()


def layers(model: Megan, channel: int) -> list[AttentionLayer]:
    stack = model.stacks[channel]
    assert isinstance(stack, torch.nn.ModuleList)
    return [layer for layer in stack if isinstance(layer, AttentionLayer)]


def test_every_channel_starts_where_the_encoder_ended(tmp_path: Path) -> None:
    encoder = small_encoder()
    save_encoder(tmp_path, {"molecules": 7}, encoder)
    kept = load_encoder(tmp_path)
    assert kept.card["molecules"] == 7
    assert kept.shape == SMALL
    model = Megan(FITTING).eval()
    kept.start(model)
    graph = graph_batch(featurize(["CCO", "c1ccccc1[N+](=O)[O-]"]))
    state = encoder.embed(graph.atoms)
    for layer, own in zip(encoder.stack, layers(model, 1), strict=True):
        expected, _ = layer(graph, state, attentive=False)
        found, _ = own(graph, state, attentive=False)
        torch.testing.assert_close(found, expected)
        state = expected


def test_channels_keep_an_attention_of_their_own(tmp_path: Path) -> None:
    save_encoder(tmp_path, {}, small_encoder())
    model = Megan(FITTING).eval()
    before = layers(model, 0)[0].attention.weight.clone()
    load_encoder(tmp_path).start(model)
    torch.testing.assert_close(layers(model, 0)[0].attention.weight, before)
    masks = model(graph_batch(featurize(["CCO", "c1ccccc1[N+](=O)[O-]"]))).node_importance
    assert not torch.allclose(masks[:, 0], masks[:, 1])


def test_nothing_of_the_reader_is_kept() -> None:
    names = small_encoder().kept()
    assert names
    assert not [name for name in names if name.startswith("reader")]


@pytest.mark.parametrize("field", ["width", "layers", "attention_width"])
def test_a_network_of_another_shape_is_refused(field: str, tmp_path: Path) -> None:
    save_encoder(tmp_path, {}, small_encoder())
    other = dataclasses.replace(FITTING, **{field: 5})  # type: ignore[arg-type]
    assert not SMALL.fits(other)
    with pytest.raises(ValueError, match=f"has width.*{5}.*expected 16, 2, 8 as the encoder has"):
        load_encoder(tmp_path).start(Megan(other))


def test_a_training_starts_from_the_encoder_and_learns(table: pd.DataFrame, tmp_path: Path) -> None:
    save_encoder(tmp_path, {}, small_encoder())
    data = LabelledSet(featurize(list(table["smiles"])), table["label"].to_numpy(dtype=np.float32))
    still = TrainSettings(epochs=1, batch=8, averaging=0.0, learning_rate=1e-12, weight_decay=0.0)
    model, _ = train_member(data, data, FITTING, still, encoder=load_encoder(tmp_path))
    torch.testing.assert_close(model.embed.weight, small_encoder().embed.weight)
    learnt = TrainSettings(epochs=30, patience=30, batch=8, averaging=0.5)
    model, _ = train_member(data, data, FITTING, learnt, encoder=load_encoder(tmp_path))
    assert auroc(data.labels, raw_outputs(model, data.batch)) > 0.99


def test_a_folder_without_an_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing has no card.json; expected the folder of a pretrained"):
        load_encoder(tmp_path / "nothing")


def test_a_shape_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"EncoderShape.layers is 0; expected at least 1"):
        EncoderShape(layers=0)


def test_the_shipped_encoder_fits_the_default_network() -> None:
    shipped = load_encoder()
    assert shipped.shape.fits(ModelSettings())
    shipped.start(Megan(ModelSettings()))
    assert shipped.card["log"][-1]["median_r2"] > 0.9
