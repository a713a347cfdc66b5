"""Features of tree models against RDKit's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from datasets.descriptors import CIRCULAR_BITS, LARGEST_COUNT, PAIR_BITS, descriptor_names, tree_features


def test_a_descriptor_stands_in_its_column() -> None:
    column = CIRCULAR_BITS + PAIR_BITS + descriptor_names().index("MolLogP")
    features = tree_features(["CCO", "c1ccccc1"])
    for row, text in enumerate(["CCO", "c1ccccc1"]):
        assert features[row, column] == pytest.approx(
            dict(Descriptors.descList)["MolLogP"](Chem.MolFromSmiles(text)), abs=1e-5
        )


def test_atom_order_does_not_change_features() -> None:
    first, second = tree_features(["CC(=O)Nc1ccc(O)cc1", "c1(O)ccc(NC(C)=O)cc1"])
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_counts_are_capped_and_all_is_finite() -> None:
    features = tree_features(["C" * 60, "[Na+].[Cl-]", "[He]"])
    assert features[:, : CIRCULAR_BITS + PAIR_BITS].max() == LARGEST_COUNT
    assert np.isfinite(features).all()


def test_text_that_is_no_molecule_is_named() -> None:
    with pytest.raises(ValueError, match=r"smiles\[1\] is 'nope'; expected a SMILES that parses"):
        tree_features(["C", "nope"])
