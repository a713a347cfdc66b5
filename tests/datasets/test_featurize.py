"""The fast featuriser against the slow and obvious one, and its properties."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, mol_codes
from datasets.featurize import featurize, featurize_mols
from tests.datasets.reference_featurizer import reference_atoms, reference_bonds


def assert_agrees(smiles: list[str]) -> None:
    batch = featurize(smiles)
    for g, text in enumerate(smiles):
        mol = Chem.MolFromSmiles(text)
        atoms = batch.atoms[batch.atom_offsets[g] : batch.atom_offsets[g + 1]]
        bonds = slice(batch.bond_offsets[g], batch.bond_offsets[g + 1])
        ends = batch.ends[bonds] - batch.atom_offsets[g]
        assert atoms.tolist() == reference_atoms(mol), text
        assert batch.bonds[bonds].tolist() == reference_bonds(mol), text
        assert ends.tolist() == [[b.GetBeginAtomIdx(), b.GetEndAtomIdx()] for b in mol.GetBonds()], text


def test_agrees_with_the_reference_on_odd_molecules(odd_smiles: tuple[str, ...]) -> None:
    assert_agrees(list(odd_smiles))


@pytest.mark.parametrize("number", range(1, 119))
def test_every_element_has_a_code_of_its_own(number: int) -> None:
    symbol = Chem.GetPeriodicTable().GetElementSymbol(number)
    batch = featurize([f"[{symbol}]"])
    assert batch.atoms[0, 0] == number


def test_unlisted_values_have_their_own_code() -> None:
    charged = featurize(["[Fe+6]"]).atoms[0]
    assert charged[3] == ATOM_FEATURES[3].size - 1
    large_ring = featurize(["C1CCCCCCCCC1"])
    assert set(large_ring.atoms[:, 6]) == {ATOM_FEATURES[6].size - 1}


def test_codes_stay_within_their_columns(odd_smiles: tuple[str, ...]) -> None:
    batch = featurize(odd_smiles)
    assert (batch.atoms < [f.size for f in ATOM_FEATURES]).all()
    assert (batch.bonds < [f.size for f in BOND_FEATURES]).all()


def test_the_slow_path_of_the_product_agrees_too(odd_smiles: tuple[str, ...]) -> None:
    for text in odd_smiles:
        atoms, bonds, _ = mol_codes(Chem.MolFromSmiles(text))
        batch = featurize([text])
        assert np.array_equal(atoms, batch.atoms), text
        assert np.array_equal(bonds, batch.bonds), text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_atom_order_permutes_the_rows_and_nothing_else(seed: int, odd_smiles: tuple[str, ...]) -> None:
    rng = np.random.default_rng(seed)
    for text in odd_smiles:
        mol = Chem.MolFromSmiles(text)
        order = [int(i) for i in rng.permutation(mol.GetNumAtoms())]
        shuffled = Chem.RenumberAtoms(mol, order)
        before, after = featurize_mols([mol]), featurize_mols([shuffled])
        assert np.array_equal(before.atoms[order], after.atoms), text
        codes = sorted(map(tuple, before.bonds.tolist()))
        assert codes == sorted(map(tuple, after.bonds.tolist())), text


def test_select_equals_featurising_the_selection(odd_smiles: tuple[str, ...]) -> None:
    chosen = [3, 0, 0, 20, 7]
    selected = featurize(odd_smiles).select(chosen)
    direct = featurize([odd_smiles[i] for i in chosen])
    for field in ("atoms", "bonds", "ends", "atom_offsets", "bond_offsets"):
        assert np.array_equal(getattr(selected, field), getattr(direct, field)), field


def test_an_empty_batch_is_a_batch() -> None:
    batch = featurize([])
    assert len(batch) == 0
    assert batch.atoms.shape == (0, len(ATOM_FEATURES))


def test_a_bad_smiles_is_named() -> None:
    with pytest.raises(ValueError, match=r"smiles\[1\] is 'CC\('"):
        featurize(["CC", "CC("])


def test_is_at_least_half_as_fast_as_the_parser() -> None:
    """A floor far below the measured rate (see benchmarks/featurizer.py), so that a busy machine does not fail it."""
    smiles = ["CC(C)Cc1ccc(cc1)C(C)C(=O)Nc1ccc(cc1)S(=O)(=O)N1CCOCC1"] * 1500
    featurize(smiles[:2])
    ratios = []
    for _ in range(5):
        start = time.process_time()
        for text in smiles:
            Chem.MolFromSmiles(text)
        parsing = time.process_time() - start
        start = time.process_time()
        featurize(smiles)
        ratios.append(parsing / (time.process_time() - start))
    assert max(ratios) > 0.5


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="MEGAN_DATA names no folder with the real tables")
@pytest.mark.parametrize("name", ["ames.csv", "aggregation.csv", "library/moses_250k.smi.gz"])
def test_agrees_with_the_reference_on_real_molecules(name: str) -> None:
    file = Path(os.environ["MEGAN_DATA"]) / name
    if name.endswith(".csv"):
        smiles = list(pd.read_csv(file)["smiles"])
    else:
        with gzip.open(file, "rt") as lines:
            smiles = [line.split()[0] for line in lines][:20_000]
    assert_agrees(smiles)
