"""Tasks of a run are told by its record, whether their models are still here or not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.screening.run_tasks import channel_of, concept_set_of, tasks_of, threshold_of
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from tests.app.made_screening import made_run

MINE = replace(MUTAGENICITY, name="herg", title="My hERG", channels=("no blocker", "blocker"))
LONGER = replace(SOLUBILITY, name="herg_2", title="My other", channels=("lowers", "raises"))


def test_shipped_tasks_are_those_of_the_registry(tmp_path: Path) -> None:
    run = made_run(tmp_path, [])
    assert tasks_of(run) == [AGGREGATION, MUTAGENICITY, SOLUBILITY]
    assert [concept_set_of(run, name) for name in ("mutagenicity", "unknown")] == ["mutagenicity", ""]
    assert concept_set_of(made_run(tmp_path / "other", [], concepts=False), "mutagenicity") == ""


def test_a_model_that_is_gone_is_told_by_its_columns(tmp_path: Path) -> None:
    found = tasks_of(made_run(tmp_path, [], tasks=[MINE, LONGER]))
    assert [(task.name, task.kind, task.channels, task.title) for task in found] == [
        ("herg", "classification", ("no blocker", "blocker"), "herg"),
        ("herg_2", "regression", ("lowers", "raises"), "herg_2"),
    ]
    assert threshold_of(found[0]) is None


def test_a_model_of_ones_own_keeps_its_title(tmp_path: Path, no_own_models: Path) -> None:
    folder = no_own_models / "herg"
    folder.mkdir(parents=True)
    card = {"task": {"name": "herg", "title": "My hERG", "unit": ""}, "calibration": {"threshold": 0.4}}
    (folder / "card.json").write_text(json.dumps(card))
    [task] = tasks_of(made_run(tmp_path / "run", [], tasks=[MINE]))
    assert task.title == "My hERG"
    assert threshold_of(task) == 0.4


@pytest.mark.parametrize("text", ["", "[]", '{"task": 3, "calibration": []}'])
def test_a_broken_card_tells_nothing(tmp_path: Path, no_own_models: Path, text: str) -> None:
    folder = no_own_models / "herg"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(text)
    [task] = tasks_of(made_run(tmp_path / "run", [], tasks=[MINE]))
    assert (task.title, threshold_of(task)) == ("herg", None)


@pytest.mark.parametrize("name", ["../mutagenicity", "mutagenicity/..", "/etc"])
def test_a_name_leads_to_no_other_folder(name: str) -> None:
    assert threshold_of(replace(MUTAGENICITY, name=name)) is None


def test_channel_is_told_by_the_id() -> None:
    assert [channel_of(AGGREGATION, key) for key in ("aggregator-01", "non-aggregator-12", "x-1", "")] == [
        1, 0, None, None,
    ]  # fmt: skip
