"""Edits: which children are made, and that every one is a molecule."""

from __future__ import annotations

import random

import pytest
from rdkit import Chem

from concepts.prototypes.mutations import editable, mutate

DRUGS = (
    "O=C(N/N=C/c1ccc([N+](=O)[O-])o1)c1ccc(O)cc1",
    "CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "CCCC[C@@H](CC)COS(=O)(=O)O",
    "[N-]=[N+]=NCC(O)C(O)CO",
    "C[N+](C)(C)CCCl",
    "O=P(OC(CCl)CCl)(OCC)OC",
    "c1ccc2[nH]ccc2c1",
    "CC(=O)[O-]",
)


def children(smiles: str, tries: int = 400, importance: list[float] | None = None, seed: int = 0) -> set[str]:
    parent, rng = editable(Chem.MolFromSmiles(smiles), importance), random.Random(seed)
    return {child for child in (mutate(parent, rng) for _ in range(tries)) if child is not None}


def hydrogens_on_charged_atoms(mol: Chem.Mol) -> int:
    return sum(atom.GetTotalNumHs() for atom in mol.GetAtoms() if atom.GetFormalCharge())


def heteroatom_bonds(mol: Chem.Mol) -> int:
    return sum(6 not in (b.GetBeginAtom().GetAtomicNum(), b.GetEndAtom().GetAtomicNum()) for b in mol.GetBonds())


@pytest.mark.parametrize("smiles", DRUGS)
def test_every_child_is_a_whole_canonical_molecule(smiles: str) -> None:
    parent = Chem.MolFromSmiles(smiles)
    found = children(smiles)
    assert len(found) >= 3
    for text in found:
        child = Chem.MolFromSmiles(text)
        assert child is not None, text
        assert Chem.MolToSmiles(child) == text
        assert len(Chem.GetMolFrags(child)) == 1
        assert 1 <= child.GetNumAtoms() <= parent.GetNumAtoms()
        assert abs(Chem.GetFormalCharge(child)) <= abs(Chem.GetFormalCharge(parent))
        assert not any(atom.GetNumRadicalElectrons() for atom in child.GetAtoms())
        assert hydrogens_on_charged_atoms(child) <= hydrogens_on_charged_atoms(parent)
        assert heteroatom_bonds(child) <= heteroatom_bonds(parent)
        assert "@" not in text
        assert "/" not in text


def test_children_of_a_chain_are_all_that_one_or_two_edits_reach() -> None:
    # By hand: shorter chains, one atom of the chain exchanged, or both.
    often = {"CC", "C", "CO", "CN", "CS", "CCO", "CCN", "CCS", "COC", "CNC", "CSC", "N", "O", "S"}
    seldom = {"OCO", "NCN", "SCS", "NCO", "NCS", "OCS"}
    assert often <= children("CCC", 3000) <= often | seldom


def test_rings_are_opened_shrunk_and_cut_off() -> None:
    found = children("OC1CCCC1", 1000)
    assert {"C1CCCC1", "OC1CCC1", "CCCCCO", "OC1CCOC1"} <= found


def test_an_aromatic_ring_stays_whole_where_only_a_neighbour_goes() -> None:
    assert {"c1ccccc1", "Cc1ccccn1", "Oc1ccccc1"} <= children("Cc1ccccc1")
    assert "c1ccc2[nH]ccc2c1" in children("Cn1ccc2ccccc21")


def test_sulfones_do_not_become_odd_hydrides() -> None:
    found = children("CCS(=O)(=O)CC", 2000)
    assert "CCSCC" in found
    assert not any("[SH]" in text for text in found)


def test_nitro_goes_as_a_whole_or_becomes_nitroso() -> None:
    found = children("CCC[N+](=O)[O-]", 2000)
    assert {"CCC", "CCCN=O", "CC[N+](=O)[O-]"} <= found
    # Its =O may become carbon; its charges stay together.
    nitro = Chem.MolFromSmarts("[#6][N+](=[O,C])[O-]")
    charged = [text for text in found if "+" in text]
    assert len(charged) >= 5
    assert all(Chem.MolFromSmiles(text).HasSubstructMatch(nitro) for text in charged)


def test_ammonium_loses_its_charge_with_its_fourth_neighbour() -> None:
    found = children("C[N+](C)(C)CC", 1000)
    assert {"CCN(C)C", "CN(C)C"} <= found


@pytest.mark.parametrize("smiles", ["C[Pt](C)<-N", "[CH3]", "[2H]C([2H])O", "C[Si](C)(C)C", "[NH4+]", "[Na+].[Cl-]"])
def test_odd_molecules_have_sound_children_or_none(smiles: str) -> None:
    for text in children(smiles):
        assert Chem.MolFromSmiles(text) is not None
        assert "." not in text


def test_every_odd_molecule_can_be_prepared(odd_smiles: tuple[str, ...]) -> None:
    for smiles in odd_smiles:
        for text in children(smiles, 20):
            assert Chem.MolFromSmiles(text) is not None, (smiles, text)


def test_the_important_fragment_is_kept() -> None:
    ester = "CCCCCCCC(=O)OC"
    importance = [0.0] * 8 + [0.0, 1.0, 1.0]
    guided, blind = children(ester, 600, importance), children(ester, 600)
    assert "COC=O" in guided
    assert min(map(len, (text for text in guided if "O" in text))) <= min(map(len, blind))
    with pytest.raises(ValueError, match="importance has 2 values; expected 11, one an atom"):
        editable(Chem.MolFromSmiles(ester), [1.0, 0.0])


def test_the_parent_is_left_as_it_was() -> None:
    mol = Chem.MolFromSmiles("C[C@H](N)c1ccccc1")
    before = mol.ToBinary()
    parent, rng = editable(mol), random.Random(0)
    for _ in range(200):
        mutate(parent, rng)
    assert mol.ToBinary() == before
    assert Chem.MolToSmiles(parent.mol, kekuleSmiles=True) == Chem.MolToSmiles(editable(mol).mol, kekuleSmiles=True)


def test_a_seed_decides() -> None:
    def line(seed: int) -> list[str | None]:
        parent, rng = editable(Chem.MolFromSmiles(DRUGS[0])), random.Random(seed)
        return [mutate(parent, rng) for _ in range(50)]

    assert line(3) == line(3)
    assert line(3) != line(4)
