"""Masked pieces of molecules: connected, completed, canonical, and found again."""

from __future__ import annotations

import pytest
from rdkit import Chem

from concepts.naming.fragments import fragment, fragments, masked_atoms, pieces, with_rings
from concepts.naming.group_names import GROUPS, group_patterns

NITRONAPHTHALENE = "O=[N+]([O-])c1ccc2ccccc2c1"


def test_pieces_by_hand() -> None:
    mol = Chem.MolFromSmiles("CCOCCN")
    assert pieces(mol, {0, 1, 3, 5}) == [(0, 1), (3,), (5,)]
    assert pieces(mol, set()) == []
    assert masked_atoms([0.5, 0.49, 1.0]) == {0, 2}


def test_rings_are_completed_from_half_of_them() -> None:
    mol = Chem.MolFromSmiles(NITRONAPHTHALENE)
    ring = set(mol.GetRingInfo().AtomRings()[0])
    assert with_rings(mol, sorted(ring)[:3]) >= ring
    # The shared bond alone is no ring.
    shared = ring & set(mol.GetRingInfo().AtomRings()[1])
    assert with_rings(mol, shared) == shared


@pytest.mark.parametrize("smiles", [NITRONAPHTHALENE, "C1CC1C=O", "CC(=O)[O-]", "c1ccc2[nH]ccc2c1", "C[N+](C)(C)C"])
def test_a_fragment_is_found_in_its_molecule_and_is_canonical(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    whole = fragment(mol, range(mol.GetNumAtoms()))
    assert mol.HasSubstructMatch(Chem.MolFromSmarts(whole.smarts))
    order = list(reversed(range(mol.GetNumAtoms())))
    turned = Chem.RenumberAtoms(mol, order)
    assert fragment(turned, range(mol.GetNumAtoms())).smiles == whole.smiles
    part = fragment(mol, [0, 1])
    assert mol.HasSubstructMatch(Chem.MolFromSmarts(part.smarts))


def test_aromatic_and_aliphatic_pieces_differ() -> None:
    ring = fragment(Chem.MolFromSmiles("c1ccccc1"), range(6))
    chain = fragment(Chem.MolFromSmiles("C1CCCCC1"), range(6))
    assert ring.smiles != chain.smiles
    assert not Chem.MolFromSmiles("C1CCCCC1").HasSubstructMatch(Chem.MolFromSmarts(ring.smarts))
    assert not Chem.MolFromSmiles("c1ccccc1").HasSubstructMatch(Chem.MolFromSmarts(chain.smarts))


def test_fragments_of_a_mask() -> None:
    mol = Chem.MolFromSmiles(NITRONAPHTHALENE)
    # The nitro group, and half of its ring.
    found = {f.smiles for f in fragments(mol, [1, 1, 1, 1, 0.6, 0, 0, 0, 0, 0, 0, 0.6, 0.6])}
    assert "O=[N+]([O-])c1ccccc1" in found
    assert len(found) == 2
    assert fragments(mol, [0.4] * 13) == []
    # One atom names nothing.
    assert fragments(mol, [1] + [0] * 12) == []
    assert fragments(Chem.MolFromSmiles("C"), [1.0]) == []


def test_every_group_compiles_and_no_smarts_is_there_twice() -> None:
    assert all(pattern is not None for _, patterns in group_patterns() for pattern in patterns)
    smarts = [group.smarts for group in GROUPS]
    assert len(set(smarts)) == len(smarts)


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("aromatic nitro", "O=[N+]([O-])c1ccccc1", "CC[N+](=O)[O-]"),
        ("nitrofuran", "O=[N+]([O-])c1ccco1", "O=[N+]([O-])c1ccccc1"),
        ("nitrosamine", "CN(C)N=O", "CN(C)C=O"),
        ("epoxide", "C1OC1C", "C1OCC1"),
        ("primary aromatic amine", "Nc1ccccc1", "NCc1ccccc1"),
        ("quaternary ammonium", "C[N+](C)(C)C", "C[NH+](C)C"),
        ("nitrogen mustard", "CN(CCCl)CCCl", "CN(C)CCO"),
        ("fused tricyclic arene", "c1ccc2cc3ccccc3cc2c1", "c1ccc2ccccc2c1"),
        ("anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc12", "O=C1C=CC(=O)C=C1"),
        ("sugar ring", "OCC1OC(O)C(O)C(O)C1O", "C1CCOCC1"),
        ("steroid", "CC12CCC3C(CCC4CC(O)CCC34C)C1CCC2O", "C1CCCCC1"),
        ("aromatic sulfonamide", "NS(=O)(=O)c1ccccc1", "CS(N)(=O)=O"),
        ("alkyl chloride", "CCCl", "Clc1ccccc1"),
        ("tert-butyl", "CC(C)(C)c1ccccc1", "CC(C)c1ccccc1"),
        ("organothiophosphate", "CCOP(=S)(OCC)OC", "CCOP(=O)(OCC)OC"),
        ("bicyclic bridged alkane", "C1CC2CCC1C2", "C1CCCCC1"),
    ],
)
def test_groups_mean_what_they_say(name: str, has: str, lacks: str) -> None:
    patterns = dict(group_patterns())[name]
    assert any(Chem.MolFromSmiles(has).HasSubstructMatch(pattern) for pattern in patterns)
    assert not any(Chem.MolFromSmiles(lacks).HasSubstructMatch(pattern) for pattern in patterns)
