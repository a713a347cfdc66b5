"""Bundles on disk: they come back as they were, and broken ones say what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from megan.bundle import load_bundle, save_bundle
from megan.card import BundleError, read_card, shipped_tasks, task_of


def test_comes_back_as_it_was(tiny_bundle: Path, tmp_path: Path) -> None:
    first = load_bundle(tiny_bundle)
    save_bundle(tmp_path / "copy", first)
    second = load_bundle(tmp_path / "copy")
    assert first.card == second.card
    for a, b in zip(first.members, second.members, strict=True):
        for name, value in a.state_dict().items():
            assert torch.equal(value, b.state_dict()[name])
    for x, y in zip(first.conformal.scores, second.conformal.scores, strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(first.measured.fingerprints, second.measured.fingerprints)
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == [
        "card.json",
        "trust.safetensors",
        "weights.safetensors",
    ]


def test_the_card_tells_where_the_model_comes_from(tiny_bundle: Path) -> None:
    card = read_card(tiny_bundle)
    assert task_of(card).name == "mutagenicity"
    assert card["seeds"] == [0, 1]
    assert card["data"]["rows"] == {"train": 16, "valid": 8, "test": 8}
    assert len(card["data"]["sha256"]) == 64
    for metric in ("auroc", "balanced_accuracy", "average_precision", "ece"):
        scored = card["test"][metric]
        assert scored["low"] <= scored["value"] <= scored["high"]
    assert set(card["test"]["fidelity"]) == {"non-mutagenic", "mutagenic"}
    assert {"roc", "calibration", "rejection"} == set(card["curves"])
    assert {"0.8", "0.9", "0.95"} == set(card["conformal"])
    assert len(card["training"]["log"]) == sum(card["training"]["epochs"])


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(BundleError, match="bundle is 'nonsense'; expected one of"):
        load_bundle("nonsense")


@pytest.mark.parametrize("missing", ["weights.safetensors", "trust.safetensors"])
def test_a_missing_file_is_named(tiny_bundle: Path, tmp_path: Path, missing: str) -> None:
    copy = shutil.copytree(tiny_bundle, tmp_path / "copy")
    (copy / missing).unlink()
    with pytest.raises(BundleError, match=f"bundle 'copy' has no {missing}"):
        load_bundle(copy)


def test_a_bundle_of_another_format_says_so(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_bundle, tmp_path / "copy")
    card = json.loads((copy / "card.json").read_text())
    (copy / "card.json").write_text(json.dumps(card | {"format": 99}))
    with pytest.raises(BundleError, match="has format 99; expected 1"):
        load_bundle(copy)


def test_a_broken_card_says_so(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_bundle, tmp_path / "copy")
    (copy / "card.json").write_text("{")
    with pytest.raises(BundleError, match="not valid JSON"):
        load_bundle(copy)


def test_weights_that_do_not_fit_say_so(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_bundle, tmp_path / "copy")
    card = json.loads((copy / "card.json").read_text())
    card["settings"]["model"]["width"] = 24
    (copy / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match="do not fit its card"):
        load_bundle(copy)


@pytest.mark.parametrize("name", shipped_tasks())
def test_shipped_bundles_are_small_and_complete(name: str) -> None:
    bundle = load_bundle(name)
    folder = Path(__file__).parents[2] / "megan" / "pretrained" / name
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000_000
    assert bundle.card["members"] == len(bundle.members) == len(bundle.card["seeds"])
    assert task_of(bundle.card).name == name


def test_both_first_tasks_are_shipped() -> None:
    assert {"aggregation", "mutagenicity"} <= set(shipped_tasks())


def test_a_setting_of_another_version_is_named(tiny_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle, tmp_path / "b")
    card = json.loads((tmp_path / "b" / "card.json").read_text())
    card["settings"]["model"]["from_the_future"] = 1
    (tmp_path / "b" / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match="a setting of another version .*from_the_future"):
        load_bundle(tmp_path / "b")
