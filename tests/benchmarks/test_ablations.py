"""The ablations differ from the base in what their names tell, and never see a test molecule."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import ablations
from benchmarks.ablations import NO_EXPLANATION, VARIANTS, main


def test_the_base_changes_nothing_and_every_other_variant_something() -> None:
    assert VARIANTS["base"] == ablations.Variant()
    assert all(variant != ablations.Variant() for name, variant in VARIANTS.items() if name != "base")
    assert set(NO_EXPLANATION.values()) == {0.0}


def test_a_variant_is_trained_and_judged_on_validation_molecules(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_test = table.copy()
    without_test.loc[without_test["split"] == "test", "smiles"] = "C"
    scored = []
    for name, rows in (("a", table), ("b", without_test)):
        monkeypatch.setattr(ablations, "load_table", lambda task, rows=rows: rows)
        main(["--variants", "base", "gate on every atom", "--epochs", "2", "--results", str(tmp_path / name)])
        scored.append(json.loads((tmp_path / name / "ablations.json").read_text())["measured"])
    for measured in scored:
        assert list(measured) == ["base", "gate on every atom"]
        for row in measured.values():
            assert 0 <= row["auroc"] <= 1
            assert 0 <= row["toxicophore_auroc"] <= 1
            row.pop("minutes")
    assert scored[0] == scored[1]


def test_numbers_of_other_variants_are_kept(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablations, "load_table", lambda task: table)
    main(["--variants", "no dropout", "--epochs", "1", "--results", str(tmp_path)])
    main(["--variants", "base", "--epochs", "1", "--results", str(tmp_path)])
    assert list(json.loads((tmp_path / "ablations.json").read_text())["measured"]) == ["base", "no dropout"]


def test_no_seed_is_refused() -> None:
    with pytest.raises(SystemExit, match="--seeds is 0; expected at least 1"):
        main(["--seeds", "0"])
