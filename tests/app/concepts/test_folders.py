"""Sets of concepts are found by name where they lie, and a name from an address leads nowhere else."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.concepts.folders import all_sets, own_sets, read_set, runs_folder, set_folder, wording_of_set, written
from datasets.tasks import MUTAGENICITY
from tests.app.made_sets import of_shipped_model, write_own, write_shipped


def test_shipped_sets_come_first_and_the_latest_own_one_next(no_concepts: Path) -> None:
    assert all_sets() == ()
    assert runs_folder() == no_concepts
    early, late = write_own("concepts-a"), write_own("concepts-b")
    write_shipped()
    for folder, at in ((early, 1000), (late, 2000)):
        os.utime(folder / "concepts.json", (at, at))
    assert all_sets() == ("mutagenicity", "concepts-b", "concepts-a")
    assert own_sets() == ("concepts-b", "concepts-a")
    assert set_folder("concepts-a") == early
    assert written(early) < written(late)
    assert len(read_set(early)) == 3


@pytest.mark.parametrize("name", ["", ".", "..", "../own-concepts/concepts-a", "concepts-a/", "concepts-", "a", "\0"])
def test_other_names_lead_nowhere(name: str) -> None:
    write_own("concepts-a")
    assert set_folder(name) is None


def test_folders_of_other_names_and_unfinished_ones_are_no_sets(no_concepts: Path) -> None:
    write_own("other")
    (no_concepts / "concepts-begun").mkdir(parents=True)
    assert own_sets() == ()
    assert set_folder("concepts-begun") is None


def test_without_the_variable_runs_lie_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHYMOL_CONCEPTS")
    assert runs_folder() == Path("runs")


def test_an_own_model_brings_its_own_words(no_own_models: Path) -> None:
    found = of_shipped_model()
    assert wording_of_set(found).title == "Mutagenicity (Ames test)"
    mine = replace(found, task="mine")
    assert wording_of_set(mine).title == "mine"
    card = {"format": 1, "task": asdict(replace(MUTAGENICITY, name="mine", title="My assay"))}
    (no_own_models / "mine").mkdir(parents=True)
    (no_own_models / "mine" / "card.json").write_text(json.dumps(card))
    assert wording_of_set(mine).title == "My assay"
    (no_own_models / "mine" / "card.json").write_text(json.dumps(card | {"format": 0}))
    assert wording_of_set(mine).title == "mine"
