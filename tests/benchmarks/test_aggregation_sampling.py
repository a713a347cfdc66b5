"""Rows are drawn so that a shortcut's cells tell nothing of the class, and every variant is judged alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import aggregation_sampling
from benchmarks.aggregation_sampling import PLAIN, VARIANTS, balanced_rows, compared, main
from benchmarks.model_tables import sampling_table


def test_every_cell_gives_as_many_of_either_class_and_the_rarer_come_more_often() -> None:
    labels = np.array([1, 1, 1, 1, 1, 0, 0, 1, 0, 0])
    cells = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    rows = balanced_rows(labels, cells, 0)
    assert sorted(rows[cells[rows] == 0].tolist())[-3:] == [5, 5, 5]
    for cell, size in ((0, 3), (1, 2)):
        drawn = labels[rows[cells[rows] == cell]]
        assert (drawn == 1).sum() == (drawn == 0).sum() == size
    assert np.bincount(rows, minlength=10)[7] == 2
    assert max(np.bincount(rows)[:5]) == 1


def test_a_cell_of_one_class_is_left_out() -> None:
    rows = balanced_rows(np.array([1, 1, 0, 1]), np.array([0, 0, 1, 1]), 0)
    assert sorted(rows.tolist()) == [2, 3]
    assert not len(balanced_rows(np.array([1, 1]), np.array([0, 0]), 0))


def test_a_lead_is_the_difference_of_the_means_over_bins() -> None:
    y = np.tile([0.0, 1.0], 40)
    bins = np.repeat([0, 1], 40)
    good, bad = y.copy(), np.where(bins == 0, y, 1 - y)
    found = compared(y, {PLAIN: bad, "better": good}, {"logP": bins})
    assert found["logP"]["auroc"] == {PLAIN: 0.5, "better": 1.0}
    assert found["logP"]["leads"]["better"] == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert found["all"]["auroc"][PLAIN] == pytest.approx(0.5, abs=0.01)


def test_every_variant_is_measured_and_no_test_molecule_is_looked_at(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_test = table.copy()
    without_test.loc[without_test["split"] == "test", "smiles"] = "C"
    measured = []
    for name, rows in (("a", table), ("b", without_test)):
        monkeypatch.setattr(aggregation_sampling, "load_table", lambda task, rows=rows: rows)
        monkeypatch.setattr(
            aggregation_sampling, "quartile_bins", lambda values: (np.zeros(len(values), dtype=np.int64), [])
        )
        main(["--epochs", "1", "--results", str(tmp_path / name)])
        measured.append(json.loads((tmp_path / name / "aggregation_sampling.json").read_text())["measured"])
    assert measured[0] == measured[1]
    assert list(measured[0]["logP"]["auroc"]) == list(VARIANTS)
    assert set(measured[0]["logP"]["leads"]) == set(VARIANTS) - {PLAIN}
    rows = sampling_table(measured[0]).splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {variant}" for variant in VARIANTS]
    assert rows[0].count(";") == 0
    assert rows[1].count(";") == 3
