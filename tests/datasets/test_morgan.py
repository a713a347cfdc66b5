"""Fingerprints from codes against RDKit's."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from datasets.featurize import featurize_mols
from datasets.morgan import morgan_bits
from tests.datasets.plain_smiles.made_molecules import made_molecules

MORE = ("[H][H]", "[H]O[H]", "CC", "O", "[13CH3]C", "C" * 90, "C1CCCCC1" * 12, "[Cu+2]", "C[Si](C)(C)C", "C[N+]#[C-]")


@pytest.mark.parametrize(("radius", "n_bits"), [(0, 64), (1, 512), (2, 1024), (3, 2048)])
def test_bits_are_those_of_rdkit(radius: int, n_bits: int, odd_smiles: tuple[str, ...]) -> None:
    mols = [Chem.MolFromSmiles(text) for text in (*odd_smiles, *MORE, *made_molecules()[::9])]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    asked: list[int] = []

    def mol_at(place: int) -> Chem.Mol:
        asked.append(place)
        return mols[place]

    words = morgan_bits(featurize_mols(mols), radius, n_bits, mol_at)
    for mol, row in zip(mols, words, strict=True):
        bits = np.unpackbits(row.view(np.uint8), bitorder="little")
        np.testing.assert_array_equal(bits, generator.GetFingerprintAsNumPy(mol), err_msg=Chem.MolToSmiles(mol))
    assert 0 < len(asked) < 20


def test_no_molecules_have_no_fingerprints() -> None:
    assert morgan_bits(featurize_mols([]), 2, 1024, lambda place: Chem.Mol()).shape == (0, 16)
