"""A virtual atom is bonded to every atom of its molecule, and nothing else changes."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.virtual_atom import with_virtual_atom, without_virtual_atom
from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.featurize import featurize
from megan.committee import ask_plainly
from megan.model import Megan, ModelSettings


def test_each_molecule_has_one_atom_more_with_a_bond_to_each_of_its_own() -> None:
    plain = featurize(["CCO", "[Na+]", "c1ccccc1"])
    batch = with_virtual_atom(plain)
    assert np.diff(batch.atom_offsets).tolist() == [4, 2, 7]
    assert np.diff(batch.bond_offsets).tolist() == [2 + 3, 0 + 1, 6 + 6]
    for g in range(len(plain)):
        one, more = plain.select([g]), batch.select([g])
        n, m = len(one.atoms), len(one.bonds)
        assert np.array_equal(more.atoms[:n], one.atoms)
        assert more.atoms[n].tolist() == [feature.size - 1 for feature in ATOM_FEATURES]
        assert np.array_equal(more.bonds[:m], one.bonds)
        assert np.array_equal(more.ends[:m], one.ends)
        assert more.ends[m:].tolist() == [[atom, n] for atom in range(n)]
        assert (more.bonds[m:] == [feature.size - 1 for feature in BOND_FEATURES]).all()


def test_what_is_left_without_it_are_the_rows_of_the_own_atoms_in_their_order() -> None:
    plain = featurize(["CCO", "N"])
    batch = with_virtual_atom(plain)
    assert np.array_equal(without_virtual_atom(batch.atoms, batch), plain.atoms)


def test_a_network_reads_such_molecules_alike_in_any_order() -> None:
    torch.manual_seed(0)
    network = Megan(ModelSettings(width=8, layers=2, attention_width=4, projection=(8,), head=(8,))).eval()
    asked = [ask_plainly([network], with_virtual_atom(featurize([text]))) for text in ("CCON", "NOCC")]
    np.testing.assert_allclose(asked[0].outputs, asked[1].outputs, atol=1e-5)
    masks = [without_virtual_atom(a.node_importance, with_virtual_atom(featurize(["CCON"]))) for a in asked]
    np.testing.assert_allclose(masks[0], masks[1][::-1], atol=1e-5)
