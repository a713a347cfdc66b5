"""A pool of molecules never holds what has been measured."""

from __future__ import annotations

import pytest
from rdkit import Chem

from datasets.unmeasured import MOST_ATOMS, unmeasured


def key(smiles: str) -> str:
    return str(Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)))


def test_measured_compounds_stay_out_as_their_salts_do() -> None:
    pool = unmeasured(["CCCC(=O)O.[Na]", "CCCC(=O)[O-].[Na+]", "c1ccccc1N"], [key("CCCC(=O)O")], 10)
    assert [key(text) for text in pool] == [key("c1ccccc1N")]


def test_each_molecule_comes_once_and_within_its_size() -> None:
    smiles = ["OCCCC", "CCCCO", "C", "nonsense", "C" * (MOST_ATOMS + 1), "c1ccccc1"]
    assert sorted(unmeasured(smiles, [], 10)) == sorted([Chem.CanonSmiles("CCCCO"), "c1ccccc1"])


def test_a_draw_is_repeatable_and_no_longer_than_asked() -> None:
    smiles = ["C" * n for n in range(4, 30)]
    assert unmeasured(smiles, [], 5, seed=3) == unmeasured(smiles, [], 5, seed=3)
    assert len(unmeasured(smiles, [], 5)) == 5
    assert unmeasured(smiles, [], 5, seed=1) != unmeasured(smiles, [], 5, seed=2)
    assert unmeasured(smiles, [], 0) == []


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="size is -1; expected 0 or more"):
        unmeasured([], [], -1)
