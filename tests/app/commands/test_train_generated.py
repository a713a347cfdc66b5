"""`train` with a generated set: its own recipe, its own model, and nothing that `predict` would offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.commands.train_generated import score_lines
from megan.generated_models import load_generated
from megan.generated_recipes import RECIPES
from tests.app.conftest import Ran
from tests.megan.test_generated_building import TINY

Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(RECIPES, "rb_dual_motifs", TINY)
    monkeypatch.chdir(tmp_path)


def test_a_set_is_trained_by_its_name_and_its_masks_are_judged(command: Command) -> None:
    ran = command("train", "rb_dual_motifs", "--members", "1", "--epochs", "1", "--seed", "5")
    assert ran.code == 0
    for start in ("test r2: ", "test rmse: ", "test node_auroc lowers: ", "test sign_consistency raises: "):
        assert any(line.startswith(start) for line in ran.out.splitlines()), start
    assert "member 0 epoch 1/1" in ran.err
    folder = Path("runs/train-rb_dual_motifs/bundle")
    assert ran.out.splitlines()[-1] == str(folder)
    card = load_generated(folder).card
    assert (card["seeds"], card["training"]["epochs"], card["data"]["graphs"]) == ([5], [1], TINY.graphs)


def test_the_model_goes_where_it_is_wanted(command: Command) -> None:
    ran = command("train", "rb_dual_motifs", "--run-folder", "run", "--out", "model")
    assert (ran.code, load_generated("model").card["members"]) == (0, TINY.members)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--members", "0"], "--members is 0"),
        (["--epochs", "0"], "epochs is 0"),
        (["--device", "tpu"], "--device is 'tpu'"),
        (["--label-column", "x"], "--label-column is about your own table"),
    ],
)
def test_wrong_settings_never_start(command: Command, arguments: list[str], says: str) -> None:
    ran = command("train", "rb_dual_motifs", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["rb_dual_motifs", "rb_adv_motifs", "ba2motifs"])
def test_generated_sets_are_not_offered_for_molecules(command: Command, name: str) -> None:
    ran = command("predict", "CCO", "--task", name)
    assert ran.code == 2
    assert f"bundle is '{name}'" in ran.err
    assert command("fetch-data", name).code == 2


def test_a_channel_without_a_cause_has_no_score() -> None:
    assert score_lines({"auroc": {"value": 1.0}}) == []
    assert score_lines({"node_auroc": {"a": None}, "sign_consistency": {"a": 1.0}}) == [
        "test sign_consistency a: 1.0000"
    ]
