"""From a table to a bundle, and what is refused on the way."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datasets.file_hash import file_sha256
from datasets.tasks import MUTAGENICITY, SOLUBILITY
from megan import Predictor
from megan.building import build_bundle
from megan.encoder import SHIPPED_ENCODER, WEIGHTS
from megan.judging import best_threshold, judge_anew
from megan.model import ModelSettings
from megan.prediction import Prediction
from megan.settings import SHIPPED, Recipe, TrainSettings, recipe_for
from megan.split_table import split_table
from megan.teacher import TeacherSettings

SHAPE = ModelSettings(width=8, attention_width=4, projection=(8,), head=(8,))
QUICK = TrainSettings(epochs=1, batch=8)
ONE = Recipe(train=QUICK, model=SHAPE, members=1)


def test_salts_are_reduced_and_hopeless_rows_counted(table: pd.DataFrame) -> None:
    salted = table.copy()
    salted.loc[0, "smiles"] = salted.loc[0, "smiles"] + ".Cl"
    salted.loc[1, "smiles"] = "not a molecule"
    clean, data = split_table(table), split_table(salted)
    assert data.dropped == 1
    assert len(data.measured.labels) == len(table) - 1
    assert np.array_equal(clean.measured.fingerprints[0], data.measured.fingerprints[0])


def test_a_regression_task_gives_values_and_intervals(table: pd.DataFrame, tmp_path: Path) -> None:
    values = table.assign(label=table["label"] * 3 + np.arange(len(table)) * 0.01)
    card = build_bundle(
        SOLUBILITY, values, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64, recipe=ONE,
    )  # fmt: skip
    assert {"rmse", "mae", "r2"} <= set(card["test"])
    (answer,) = Predictor.load(tmp_path / "b").predict(["CCO"])
    assert isinstance(answer, Prediction)
    assert answer.threshold is None
    assert answer.verdict.endswith("log10 mol/L")
    low, high = (float(part) for part in answer.conformal[0].split(".."))
    assert low < answer.output < high


def test_a_run_folder_of_other_settings_is_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    def build(settings: TrainSettings) -> None:
        build_bundle(
            MUTAGENICITY, table, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64,
            recipe=Recipe(train=settings, model=SHAPE, members=1),
        )  # fmt: skip

    build(QUICK)
    with pytest.raises(ValueError, match="run folder 'r' holds a training with other train"):
        build(dataclasses.replace(QUICK, epochs=2))


def test_a_missing_split_is_named(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="split 'test' holds no usable molecule"):
        split_table(table[table["split"] != "test"])


def test_constant_labels_are_named(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the labels are all 1"):
        build_bundle(
            MUTAGENICITY, table.assign(label=1.0), tmp_path / "b", tmp_path / "r", data_sha256="0" * 64, recipe=ONE
        )


def test_no_members_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Recipe.members is 0; expected at least 1"):
        Recipe(members=0)


def test_threshold_is_the_middle_of_the_plateau() -> None:
    p = np.array([0.1, 0.2, 0.3, 0.7, 0.8])
    labels = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    assert best_threshold(p, labels) == pytest.approx(0.5, abs=0.01)


def test_settings_of_shipped_tasks_and_of_others() -> None:
    assert recipe_for("aggregation") is SHIPPED["aggregation"]
    assert recipe_for("my own task") == Recipe()


def test_a_teacher_adds_its_pool_to_the_training_and_is_named_in_the_card(table: pd.DataFrame, tmp_path: Path) -> None:
    teacher = TeacherSettings(trees=5, leaves=4, folds=2)
    chains = [f"{'C' * (row + 2)}O" if row % 8 < 2 else text for row, text in enumerate(table["smiles"])]
    table = table.assign(smiles=chains)
    card = build_bundle(
        MUTAGENICITY, table, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64,
        recipe=dataclasses.replace(ONE, teacher=teacher), pool=["CCCCO", "CCCCCO"],
    )  # fmt: skip
    assert card["data"]["unmeasured"] == 2
    assert card["settings"]["teacher"]["trees"] == 5
    assert (tmp_path / "r" / "lesson.json").is_file()
    with pytest.raises(ValueError, match="holds a training with other teacher"):
        build_bundle(
            MUTAGENICITY, table, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64, recipe=ONE,
        )  # fmt: skip


def test_a_pretrained_recipe_names_its_encoder_and_keeps_its_run(table: pd.DataFrame, tmp_path: Path) -> None:
    def build(pretrained: bool) -> dict[str, object]:
        recipe = Recipe(train=QUICK, members=1, pretrained=pretrained)
        card = build_bundle(
            MUTAGENICITY, table, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64, recipe=recipe,
        )  # fmt: skip
        settings: dict[str, object] = card["settings"]
        return settings

    settings = build(pretrained=True)
    assert settings["pretrained"] is True
    assert settings["encoder_sha256"] == file_sha256(SHIPPED_ENCODER / WEIGHTS)
    with pytest.raises(ValueError, match="holds a training with other encoder_sha256"):
        build(pretrained=False)


def test_a_pretrained_recipe_of_another_shape_is_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has width 8.*expected 64, 3, 32 as the encoder has"):
        build_bundle(
            MUTAGENICITY, table, tmp_path / "b", tmp_path / "r", data_sha256="0" * 64,
            recipe=dataclasses.replace(ONE, pretrained=True),
        )  # fmt: skip


def test_a_bundle_judged_anew_keeps_its_weights_and_its_verdicts(
    table: pd.DataFrame, tiny_bundle: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_bundle, copy)
    before = json.loads((copy / "card.json").read_text())
    spoilt = {**before, "calibration": {"temperature": 3.0, "threshold": 0.9}}
    (copy / "card.json").write_text(json.dumps(spoilt))
    card = judge_anew(copy, table)
    assert "judged" in card
    assert (card["calibration"], card["test"]) == (before["calibration"], before["test"])
    assert (copy / "weights.safetensors").read_bytes() == (tiny_bundle / "weights.safetensors").read_bytes()
    with pytest.raises(ValueError, match="expected those of the card"):
        judge_anew(copy, table.iloc[:-1])
