"""The molecules of a quiz: of the test split where the table is here, else well-known; verdicts are the model's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from app.concepts.known import ChannelConcept, Outside
from app.quiz.material import MOST_ATOMS, TEST_SPLIT, WELL_KNOWN, Item, material_of, verdict_names
from app.quiz.molecules import MOLECULES
from datasets.molecule import InputRow
from datasets.tasks import MUTAGENICITY, SOLUBILITY, Task
from megan.prediction import RowResult
from tests.app.fake_results import FakePredictor, predict_rows, prediction


def _material(task: Task = MUTAGENICITY, known: Any = None) -> Any:
    predictor: Any = FakePredictor(task)

    def predict(rows: Any, policy: Any, tasks: Any) -> list[RowResult]:
        return predict_rows(rows, [predictor], policy)

    return material_of(predictor, predict, known, 1)


@pytest.fixture(autouse=True)
def no_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "none")
    return tmp_path


def test_well_known_molecules_are_molecules_and_each_is_there_once() -> None:
    canonical = [Chem.CanonSmiles(smiles) for _, smiles in MOLECULES]
    assert len(set(canonical)) == len(canonical) >= 80
    assert len({name for name, _ in MOLECULES}) == len(MOLECULES)


def test_without_a_table_well_known_molecules_are_asked() -> None:
    found = _material()
    assert found.source == WELL_KNOWN
    assert set(found.verdicts) == {0, 1}
    assert all(Chem.MolFromSmiles(item.smiles).GetNumAtoms() <= MOST_ATOMS for item in found.items)
    nitrogen = [("N" in item.smiles or "n" in item.smiles) for item in found.items]
    assert [item.verdict == 1 for item in found.items] == nitrogen


def test_with_a_table_only_its_test_split_is_asked(no_tables: Path) -> None:
    rows = [("CCCCCN", "test"), ("CCCCCO", "test"), ("CCCCCCN", "train"), ("C", "test"), ("CCCCN.CCCC", "test")]
    pd.DataFrame({
        "smiles": [smiles for smiles, _ in rows],
        "mutagenic": [1, 0, 1, 0, 1],
        "inchikey14": [f"{'A' * 13}{chr(65 + i)}" for i in range(len(rows))],
        "split": [split for _, split in rows],
    }).to_csv(no_tables / "ames.csv", index=False)  # fmt: skip
    found = _material()
    assert found.source == TEST_SPLIT
    # A salt is asked about by its parent; what is too small to look at is left out.
    assert {item.smiles for item in found.items} == {"CCCCCN", "CCCCCO", "CCCCN"}


def test_values_are_split_at_the_median() -> None:
    found = _material(SOLUBILITY)
    assert verdict_names(SOLUBILITY, -3.25) == ("below -3.2 log10 mol/L", "-3.2 log10 mol/L or more")
    assert found.verdicts.count(1) >= len(found.verdicts) / 2
    outputs = np.array([item.prediction.output for item in found.items])
    assert [item.verdict for item in found.items] == (outputs >= np.median(outputs)).astype(int).tolist()


def test_marked_atoms_are_told_as_fragments() -> None:
    smiles = "CCN"
    item = Item(smiles, 1, prediction(smiles, MUTAGENICITY), ("", ""))
    assert item.marked() == ("", "N")


@pytest.mark.parametrize(
    ("outside", "score", "told"),
    [
        (None, 0.9, "aromatic nitro"),
        (Outside.OTHER_VERDICT, 0.9, "aromatic nitro"),
        (Outside.QUIET, 0.9, "aromatic nitro"),
        (Outside.QUIET, 0.1, ""),
        (Outside.UNMARKED, 0.9, ""),
        (Outside.FAR, 0.1, ""),
    ],
)
def test_concepts_are_told_by_likeness_and_not_by_verdict(outside: Outside | None, score: float, told: str) -> None:
    concept: Any = SimpleNamespace(name="aromatic nitro")
    match = ChannelConcept(1, concept, score, outside)
    nothing = replace(match, channel=0, nearest=None, outside=Outside.NO_CONCEPTS)
    found = _material(known=SimpleNamespace(of=lambda prediction: (nothing, match)))
    assert {item.concepts for item in found.items} == {("", told)}
    assert {item.concepts for item in _material().items} == {("", "")}


def test_rows_that_are_no_molecule_are_left_out() -> None:
    rows = [InputRow(0, "", "not a molecule"), InputRow(1, "", "CCCCCCN")]
    results = predict_rows(rows, [FakePredictor(MUTAGENICITY)])
    assert not results[0].predictions
    predictor: Any = FakePredictor(MUTAGENICITY)
    found = material_of(predictor, lambda *_: results, None, 0)
    assert [item.smiles for item in found.items] == ["CCCCCCN"]
