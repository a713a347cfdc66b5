"""A generated set becomes a model that comes back with its truth, and what is refused on the way."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets.synthetic import ba2motifs, rb_dual_motifs
from datasets.tasks import GENERATED, RB_DUAL_MOTIFS, TASKS
from megan import Predictor
from megan.card import BundleError, shipped_tasks
from megan.committee import CommitteeOutput
from megan.generated_building import build_generated, judged
from megan.generated_models import load_generated
from megan.generated_recipes import RECIPES, GeneratedRecipe
from megan.model import ModelSettings
from megan.settings import TrainSettings
from megan.shipped import PRETRAINED_GENERATED, shipped_names

TINY = GeneratedRecipe(
    graphs=60,
    train=TrainSettings(epochs=2, batch=16, averaging=0.5),
    model=ModelSettings(width=8, attention_width=4, projection=(8,), head=(8,)),
    members=2,
)


@pytest.fixture(scope="module", params=["rb_dual_motifs", "rb_adv_motifs"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("generated")
    return root, build_generated(request.param, root / "model", root / "run", recipe=TINY)


def test_the_card_tells_set_settings_and_truth(built: tuple[Path, dict[str, Any]]) -> None:
    root, card = built
    task = GENERATED[card["task"]["name"]]
    assert json.loads((root / "model" / "card.json").read_text()) == json.loads(json.dumps(card))
    assert sorted(p.name for p in (root / "model").iterdir()) == ["card.json", "weights.safetensors"]
    assert card["data"]["rows"] == {"train": 48, "valid": 6, "test": 6}
    assert (card["data"]["generator"], card["data"]["graphs"], card["seeds"]) == (task.name, 60, [0, 1])
    assert card["settings"]["model"]["regression"] is (task.kind == "regression")
    metric = card["test"]["r2" if task.kind == "regression" else "auroc"]
    assert metric["low"] <= metric["value"] <= metric["high"]
    for field in ("node_auroc", "sign_consistency", "median_size", "true_size"):
        assert tuple(card["test"][field]) == task.channels
    assert len(card["training"]["log"]) == sum(card["training"]["epochs"]) == 4


def test_a_model_comes_back_and_draws_its_own_graphs(built: tuple[Path, dict[str, Any]]) -> None:
    root, card = built
    model = load_generated(root / "model")
    test = model.graphs().part("test")
    assert model.task == GENERATED[card["task"]["name"]]
    assert len(model.members) == 2
    answer = model.ask(test.batch)
    assert answer.outputs.shape == (2, 6)
    assert answer.node_importance.shape == (test.batch.atom_offsets[-1], 2)
    assert judged(test, answer) == card["test"]


def test_a_killed_training_goes_on_and_another_is_refused(built: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    root, card = built
    name = card["task"]["name"]
    build_generated(name, tmp_path / "again", root / "run", recipe=TINY)
    first, again = (load_generated(folder).members for folder in (root / "model", tmp_path / "again"))
    for a, b in zip(first, again, strict=True):
        assert all(torch.equal(value, b.state_dict()[key]) for key, value in a.state_dict().items())
    with pytest.raises(ValueError, match="run folder 'run' holds a training with other data; expected the same"):
        build_generated(name, tmp_path / "again", root / "run", recipe=replace(TINY, graphs=61))


def test_graphs_that_are_drawn_otherwise_are_refused(built: tuple[Path, dict[str, Any]]) -> None:
    model = load_generated(built[0] / "model")
    other = replace(model, card={**model.card, "data": {**model.card["data"], "sha256": "0" * 64}})
    with pytest.raises(BundleError, match=f"has the sha256 .*; expected {'0' * 64}"):
        other.graphs()


def test_models_of_molecules_and_of_graphs_are_not_mixed_up(
    built: tuple[Path, dict[str, Any]], tiny_bundle: Path
) -> None:
    with pytest.raises(BundleError, match="names no generated set; expected one of"):
        load_generated(tiny_bundle)
    with pytest.raises(BundleError, match="has no trust.safetensors"):
        Predictor.load(built[0] / "model")
    with pytest.raises(BundleError, match="bundle is 'rb_dual_motifs'"):
        Predictor.load("rb_dual_motifs")
    assert not set(GENERATED) & (set(TASKS) | set(shipped_tasks()))


def test_a_missing_or_broken_model_says_so(built: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="generated model is 'nonsense'"):
        load_generated("nonsense")
    copy = shutil.copytree(built[0] / "model", tmp_path / "copy")
    (copy / "weights.safetensors").unlink()
    with pytest.raises(BundleError, match="bundle 'copy' has no weights.safetensors"):
        load_generated(copy)


def test_what_cannot_be_trained_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="set is 'mutagenicity'; expected one of"):
        build_generated("mutagenicity", tmp_path, tmp_path)
    with pytest.raises(ValueError, match="of 4 graphs holds fewer than two labels"):
        build_generated("ba2motifs", tmp_path, tmp_path, recipe=replace(TINY, graphs=4))
    with pytest.raises(ValueError, match=r"GeneratedRecipe.members is 0"):
        replace(TINY, members=0)


def test_every_generated_set_has_a_recipe_and_a_shipped_model() -> None:
    assert set(RECIPES) == set(shipped_names(PRETRAINED_GENERATED)) == set(GENERATED)
    assert RB_DUAL_MOTIFS.channels == rb_dual_motifs(3).channels


def test_the_true_masks_are_judged_as_true() -> None:
    data = ba2motifs(40)
    labels = data.labels
    truth = np.concatenate([valid[0] for valid in data.node_masks]).astype(np.float32)
    answer = CommitteeOutput(
        outputs=np.stack([2 * labels - 1]).astype(np.float32),
        node_importance=truth,
        edge_importance=np.zeros((data.batch.bond_offsets[-1], 2), np.float32),
        fidelity=np.stack([np.ones(40), np.where(labels == 1, 1.0, -1.0)], axis=1).astype(np.float32),
        embedding=np.zeros((40, 2, 1), np.float32),
    )
    found = judged(data, answer)
    assert found["auroc"]["value"] == 1.0
    assert [found["node_auroc"][c]["value"] for c in data.channels] == [1.0, 1.0]
    assert [found["node_auroc"][c]["graphs"] for c in data.channels] == [20, 20]
    assert found["sign_consistency"] == {"house": 1.0, "cycle": 0.5}
    assert found["median_size"] == found["true_size"] == {"house": 0.2, "cycle": 0.2}


@pytest.mark.parametrize("name", shipped_names(PRETRAINED_GENERATED))
def test_the_shipped_models_know_their_sets(name: str) -> None:
    model = load_generated(name)
    test = model.graphs().part("test")
    found = judged(test, model.ask(test.batch))
    metric = "r2" if model.task.kind == "regression" else "auroc"
    assert found[metric]["value"] == pytest.approx(model.card["test"][metric]["value"], abs=1e-3)
    assert TrainSettings(**model.card["settings"]["train"]) == RECIPES[name].train
    assert (model.card["members"], model.card["data"]["graphs"]) == (RECIPES[name].members, RECIPES[name].graphs)
    for channel, score in found["node_auroc"].items():
        assert score["value"] == pytest.approx(model.card["test"]["node_auroc"][channel]["value"], abs=2e-3)
