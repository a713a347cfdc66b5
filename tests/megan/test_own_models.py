"""The user's own models are found by name, wherever their folder is; broken ones are passed over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from datasets.own_task import Wording, own_task
from megan import Predictor
from megan.card import BundleError, bundle_folder
from megan.domain import key_hash
from megan.own_models import models_folder, own_bundles, own_table
from megan.settings import settings_for_rows
from megan.structures import measured_structures


def _card(folder: Path, name: object) -> None:
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps({"task": {"name": name}}))


def test_no_folder_is_no_model(no_own_models: Path) -> None:
    assert models_folder() == no_own_models
    assert own_bundles() == {}


def test_bundles_and_run_folders_are_found_and_broken_ones_passed_over(no_own_models: Path) -> None:
    _card(no_own_models / "herg" / "bundle", "herg")
    _card(no_own_models / "from a colleague", "logd")
    _card(no_own_models / "other", "herg")
    for i, name in enumerate(("../x", "", None, 3, "A B")):
        _card(no_own_models / f"odd{i}", name)
    (no_own_models / "half").mkdir()
    (no_own_models / "half" / "card.json").write_text("{")
    assert own_bundles() == {"herg": no_own_models / "herg" / "bundle", "logd": no_own_models / "from a colleague"}
    assert bundle_folder("logd") == no_own_models / "from a colleague"
    with pytest.raises(BundleError, match="herg, logd, or a folder"):
        bundle_folder("taste")


def test_a_bundle_is_loaded_by_name(no_own_models: Path, tiny_bundle: Path) -> None:
    shutil.copytree(tiny_bundle, no_own_models / "mine")
    card = json.loads((no_own_models / "mine" / "card.json").read_text())
    card["task"]["name"] = "mine"
    (no_own_models / "mine" / "card.json").write_text(json.dumps(card))
    assert Predictor.load("mine").task.name == "mine"


def test_structures_come_from_the_table_of_the_run(no_own_models: Path) -> None:
    task = own_task(Wording(), "classification", "herg", "my.csv")
    assert measured_structures(task) == {}
    (no_own_models / "herg").mkdir(parents=True)
    table = pd.DataFrame({"smiles": ["CCO"], "label": [1.0], "inchikey14": ["LFQSCWFLJHTTHZ"], "split": ["train"]})
    table.to_csv(no_own_models / "herg" / "table.csv", index=False)
    assert measured_structures(task) == {key_hash("LFQSCWFLJHTTHZ"): [(1.0, "CCO")]}
    assert own_table("../own-models/herg") is None
    (no_own_models / "herg" / "table.csv").write_text("a,b\n1,2\n")
    assert measured_structures(task) == {}


def test_small_tables_get_small_batches_and_a_short_average() -> None:
    small, large = settings_for_rows(40, 10), settings_for_rows(50_000)
    assert (small.batch, large.batch, small.epochs) == (16, 64, 10)
    assert 0 <= small.averaging < large.averaging == 0.995
    with pytest.raises(ValueError, match="epochs is 0"):
        settings_for_rows(100, 0)
