"""The ablations differ from the base in what their names tell, and never see a test molecule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import ablation_lessons, ablations
from benchmarks.ablation_lessons import TAUGHT_BY, committees_opinion, start_of, states_of
from benchmarks.ablation_variants import NO_EXPLANATION, VARIANTS, Variant
from benchmarks.ablations import main
from megan.bundle import load_bundle
from megan.model import Megan
from megan.teacher import TeacherSettings


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Networks and trees that are quick, and a run folder apart."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ablations, "FOLDS", 2)
    # The table has fewer scaffolds than that.
    monkeypatch.setattr(
        ablation_lessons, "scaffold_folds", lambda smiles, folds, seed: np.arange(len(smiles)) // 2 % folds
    )
    monkeypatch.setattr(ablations, "TeacherSettings", lambda: TeacherSettings(trees=5, leaves=3))


def measure(folder: Path, *variants: str) -> dict[str, Any]:
    main(["--variants", *variants, "--epochs", "1", "--results", str(folder), "--run-folder", str(folder / "run")])
    found: dict[str, Any] = json.loads((folder / "ablations.json").read_text())["measured"]
    return found


def test_the_base_changes_nothing_and_every_other_variant_something() -> None:
    assert VARIANTS["base"] == Variant()
    assert all(variant != Variant() for name, variant in VARIANTS.items() if name != "base")
    assert set(NO_EXPLANATION.values()) == {0.0}


def test_a_variant_is_judged_on_molecules_that_it_has_not_seen_and_never_on_test_molecules(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_test = table.copy()
    without_test.loc[without_test["split"] == "test", "smiles"] = "C"
    scored = []
    for name, rows in (("a", table), ("b", without_test)):
        monkeypatch.setattr(ablation_lessons, "load_table", lambda task, rows=rows: rows)
        scored.append(measure(tmp_path / name, "base", "gate on every atom"))
    for measured in scored:
        assert list(measured) == ["base", "gate on every atom"]
        for row in measured.values():
            assert 0 <= row["auroc"] <= 1
            assert 0 <= row["toxicophore_auroc"] <= 1
        lead = measured["gate on every atom"]["lead"]
        assert lead["low"] <= lead["value"] <= lead["high"]
        assert lead["value"] == pytest.approx(
            measured["gate on every atom"]["auroc"] - measured["base"]["auroc"], abs=2e-4
        )
    assert scored[0] == scored[1]


def test_numbers_of_other_variants_are_kept_and_a_missing_base_is_measured(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation_lessons, "load_table", lambda task: table)
    assert list(measure(tmp_path, "no dropout")) == ["base", "no dropout"]
    assert list(measure(tmp_path, "pretrained")) == ["base", "pretrained", "no dropout"]


def test_trees_and_committees_and_charge_states_are_variants_too(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation_lessons, "load_table", lambda task: table)
    measured = measure(tmp_path, "committee of three", "charge states learned too", "the teacher itself, no masks")
    assert "mask_size" not in measured["the teacher itself, no masks"]
    alone, together = (
        np.load(tmp_path / "run" / f"{name}, 1 seeds, 1 epochs.npy") for name in ("base", "committee of three")
    )
    assert alone.shape == together.shape
    assert not np.array_equal(alone, together)


def test_a_network_is_taught_by_a_committee_and_another_has_a_virtual_atom(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation_lessons, "load_table", lambda task: table)
    learned: list[int] = []
    taught_by = committees_opinion

    def opinion(committee: Any, measured: Any) -> Any:
        found = taught_by(committee, measured)
        assert len(committee) == TAUGHT_BY
        assert ((found.labels >= 0) & (found.labels <= 1)).all()
        learned.append(len(found.labels) - len(measured.labels))
        return found

    monkeypatch.setattr(ablations, "committees_opinion", opinion)
    monkeypatch.setattr(ablation_lessons, "lent", lambda size, seed=0: ["CCOCC", "c1ccccc1CN"])
    measured = measure(tmp_path, "taught by three that need not explain", "virtual atom bonded to all")
    assert learned == [2, 2]
    assert 0 <= measured["virtual atom bonded to all"]["mask_size"] <= 1
    outputs = [np.load(file) for file in sorted((tmp_path / "run").glob("*.npy"))]
    assert len({tuple(values[:, 0]) for values in outputs}) == len(outputs) == 3


def test_networks_start_from_the_encoder_from_chance_or_from_another_task() -> None:
    encoder, other = start_of(VARIANTS["pretrained"]), start_of(VARIANTS["started from an aggregation network"])
    assert start_of(VARIANTS["base"]) is None
    assert encoder is not None
    assert other is not None
    assert set(encoder.weights) == set(other.weights)
    member = load_bundle("aggregation").members[0]
    started = Megan(member.settings)
    other.start(started)
    assert torch.equal(started.embed.weight, member.embed.weight)
    assert not torch.equal(started.embed.weight, encoder.weights["embed.weight"])


def test_charge_states_come_beside_the_neutral_form() -> None:
    assert states_of("CCN")[0] == "CCN"
    assert "CC[NH3+]" in states_of("CCN")
    assert states_of("CC") == ["CC"]


def test_no_seed_is_refused() -> None:
    with pytest.raises(SystemExit, match="--seeds is 0; expected at least 1"):
        main(["--seeds", "0"])
