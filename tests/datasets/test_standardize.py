from __future__ import annotations

import csv
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem, rdBase
from rdkit.Chem.MolStandardize import rdMolStandardize

from datasets import standardize as module
from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import Policy, parent_smiles, standardize, standardize_rows

STRUCTURES = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "O=[N+]([O-])c1ccccc1",
    "CN(=O)=O",
    "C[N+](C)(C)CC(=O)[O-]",
    "[NH3+]CC(=O)[O-]",
    "[O-][n+]1ccccc1",
    "CC(=O)[O-].[Na+]",
    "CC(=O)O[Na]",
    "CCN.CCN.OS(=O)(=O)O",
    "CCCC.CCCCCC(=O)CC",
    "[Na+].[Cl-]",
    "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]",
    "N[Pt](N)(Cl)Cl",
    "[2H]C([2H])([2H])N",
    "F/C=C/[C@H](O)[C@@H](Cl)Br",
    "C[S+]([O-])c1ccccc1",
    "[N-]=[N+]=NCC(=O)[O-].[K+]",
    "O=c1[n-]c(=O)c2[nH]cnc2[nH]1.[NH4+]",
    "OCl(=O)(=O)=O",
    "c1ccccc1[N+]#N.F[B-](F)(F)F",
    "[CH3:1][NH2:2]",
    "[H]/N=C/C",
    "C12C3C4C1C5C2C3C45",
    "C[Mg]Br",
    "CC(=O)[O-].CC(=O)[O-].[Ca+2].O",
)


def molecule(text: str, policy: Policy = Policy.PARENT) -> Molecule:
    result = standardize(InputRow(0, "", text), policy)
    assert isinstance(result, Molecule), result
    return result


def codes(result: Molecule) -> list[str]:
    return [note.code for note in result.notes]


@pytest.mark.parametrize(
    ("text", "smiles", "expected", "words"),
    [
        ("C1=CC=CC=C1O", "Oc1ccccc1", [], ""),
        ("CC(=O)[O-].[Na+]", "CC(=O)O", ["salt_stripped", "charge_neutralised"], "sodium"),
        ("CC(=O)O[Na]", "CC(=O)O", ["salt_stripped", "charge_neutralised"], "sodium"),
        ("[K].OC(=O)c1ccncc1", "O=C(O)c1ccncc1", ["salt_stripped"], "potassium"),
        ("CCN.Cl", "CCN", ["salt_stripped"], "removed: chloride."),
        ("CCN.Cl.Cl.O", "CCN", ["salt_stripped"], "2 × chloride"),
        ("CC[NH3+].[Br-]", "CCN", ["salt_stripped", "charge_neutralised"], "bromide"),
        ("CCN.OC(=O)/C=C\\C(O)=O", "CCN", ["salt_stripped"], "fumarate or maleate"),
        ("CCN.CCN.OS(O)(=O)=O", "CCN", ["salt_stripped"], "1 more copy of the kept structure"),
        ("C[N+](C)(C)C.[I-]", "C[N+](C)(C)C", ["salt_stripped"], "iodide"),
        ("CCCC.CCCCCC(=O)CC", "CCCCCC(=O)CC", ["mixture_kept_largest"], "CCCC"),
        ("CC(=O)[O-]", "CC(=O)O", ["charge_neutralised"], "net charge -1) became no charged atom (net charge 0)"),
        ("[NH3+]CC(=O)[O-]", "NCC(=O)O", ["charge_neutralised"], "2 charged atoms"),
        ("C[N+](C)(C)CC(=O)[O-]", "C[N+](C)(C)CC(=O)[O-]", [], ""),
        ("CN(=O)=O", "C[N+](=O)[O-]", [], ""),
        ("[O-][n+]1ccccc1", "[O-][n+]1ccccc1", [], ""),
        ("C[n+]1ccccc1", "C[n+]1ccccc1", [], ""),
        ("[2H]C([2H])([2H])N", "[2H]C([2H])([2H])N", [], ""),
        ("Oc1ccccn1", "Oc1ccccn1", [], ""),
        ("O=c1cccc[nH]1", "O=c1cccc[nH]1", [], ""),
        ("[CH3:1][NH2:2]", "CN", [], ""),
        ("[Na+].[Cl-]", "[Cl-].[Na+]", ["unusual_element"], "sodium (Na)"),
        ("[Fe]", "[Fe]", ["unusual_element"], "iron (Fe)"),
        ("C[Hg]C", "[CH3][Hg][CH3]", ["unusual_element"], "mercury (Hg)"),
        ("C[Si](C)(C)OB(O)c1c[se]cc1", "C[Si](C)(C)OB(O)c1cc[se]c1", [], ""),
    ],
)
def test_parent(text: str, smiles: str, expected: list[str], words: str) -> None:
    result = molecule(text)
    assert (result.smiles, codes(result)) == (smiles, expected)
    assert words in " ".join(note.sentence for note in result.notes)


def test_a_small_drug_is_kept_before_a_large_counterion() -> None:
    pamoate = "OC(=O)c1cc2ccccc2c(Cc2c(O)c(cc3ccccc23)C(O)=O)c1O"
    result = molecule(f"CN(C)C(=N)NC(N)=N.{pamoate}")
    assert result.smiles == "CN(C)C(=N)NC(=N)N"
    assert result.notes[0].sentence == "The parent was kept; removed: pamoate."
    assert Chem.MolFromSmiles(molecule(f"{pamoate}.[Na+].[Na+]").smiles).GetNumHeavyAtoms() == 29


def test_a_metal_complex_stays_whole() -> None:
    result = molecule("N[Pt](N)(Cl)Cl")
    assert codes(result) == ["unusual_element"]
    assert Chem.MolFromSmiles(result.smiles).GetNumHeavyAtoms() == 5


def test_as_drawn_changes_nothing_but_the_writing() -> None:
    for text in ("CC(=O)[O-].[Na+]", "CCN.Cl", "[NH3+]CC(=O)[O-]", "CC(=O)O[Na]"):
        result = molecule(text, Policy.AS_DRAWN)
        assert result.smiles == Chem.CanonSmiles(text)
        assert set(codes(result)) <= {"unusual_element"}


def test_inchikey() -> None:
    assert molecule("CC(=O)Oc1ccccc1C(=O)O").inchikey == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    assert molecule("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]").inchikey == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"


def test_problem_keeps_row_id_and_text() -> None:
    result = standardize(InputRow(7, "mine", "CC("))
    assert isinstance(result, RowProblem)
    assert (result.row, result.id, result.given, result.code) == (7, "mine", "CC(", "parse_error")
    assert "position 3" in result.sentence


def test_rows_out_equal_rows_in_and_repeats_are_noted() -> None:
    texts = ["c1ccccc1O", "CC(", "Oc1ccccc1", "", "[O-]c1ccccc1.[Na+]", "C"]
    results = standardize_rows(InputRow(row, "first" if row == 0 else "", text) for row, text in enumerate(texts))
    assert [result.row for result in results] == list(range(6))
    assert [isinstance(result, RowProblem) for result in results] == [False, True, False, True, False, False]
    assert isinstance(results[2], Molecule)
    assert isinstance(results[4], Molecule)
    assert results[2].notes[-1].code == results[4].notes[-1].code == "duplicate_of_row"
    assert "row 0 (first)" in results[4].notes[-1].sentence
    assert isinstance(results[0], Molecule)
    assert results[0].notes == ()


def test_a_long_fragment_is_named_briefly() -> None:
    result = molecule("C" * 150 + "." + "CC(C)" * 20 + "N")
    assert codes(result) == ["mixture_kept_largest"]
    assert len(result.notes[0].sentence) < 150


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("text", STRUCTURES)
def test_result_is_a_fixed_point(text: str, policy: Policy) -> None:
    first = molecule(text, policy)
    assert Chem.CanonSmiles(first.smiles) == first.smiles
    again = molecule(first.smiles, policy)
    assert again.smiles == first.smiles
    assert again.inchikey == first.inchikey
    assert set(codes(again)) <= {"unusual_element"}
    assert parent_smiles(text, policy) == first.smiles


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STRUCTURES), st.randoms(use_true_random=False), st.sampled_from(list(Policy)))
def test_result_does_not_depend_on_the_order_of_atoms(text: str, random: random.Random, policy: Policy) -> None:
    mol = Chem.MolFromSmiles(text)
    order = list(range(mol.GetNumAtoms()))
    random.shuffle(order)
    shuffled = Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)
    assert parent_smiles(shuffled, policy) == parent_smiles(text, policy)


def slow_parent(text: str) -> str:
    """Do every step, whether it is needed or not."""
    smiles = module._fixed_point(Chem.MolToSmiles(Chem.MolFromSmiles(text)))
    assert smiles is not None
    kept = module._largest_organic_fragment(module._split_covalent_salt(smiles), []) or smiles
    uncharged = Chem.MolToSmiles(rdMolStandardize.Uncharger(True).uncharge(Chem.MolFromSmiles(kept)))
    return module._fixed_point(uncharged) or kept


@pytest.mark.parametrize("text", STRUCTURES)
def test_fast_path_agrees_with_the_slow_one(text: str) -> None:
    text = text.replace(":1", "").replace(":2", "")
    assert parent_smiles(text) == slow_parent(text)


@pytest.mark.skipif("MEGAN_DATA" not in os.environ, reason="needs the tables")
@pytest.mark.parametrize("table", ["ames.csv", "aggregation.csv", "aqsoldb.csv"])
def test_real_tables(table: str) -> None:
    with (Path(os.environ["MEGAN_DATA"]) / table).open() as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    with rdBase.BlockLogs():
        for text in random.Random(0).sample(texts, 1500):
            parent = parent_smiles(text)
            assert parent is not None
            assert parent == slow_parent(text)
            assert parent == parent_smiles(parent)


def test_a_ring_that_needs_its_charge_keeps_it() -> None:
    assert molecule("[cH-]1cccc1").smiles == "c1cc[cH-]c1"


def test_what_rdkit_cannot_read_again_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_fixed_point", lambda smiles: None)
    result = standardize(InputRow(0, "", "OC"))
    assert isinstance(result, RowProblem)
    assert result.code == "parse_error"


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for text in (*STRUCTURES, "CC(", "[H+].[Cl-]", "C->[Fe]", "C[C@](F)(F)Cl"):
        for policy in Policy:
            standardize(InputRow(0, "", text), policy)
    assert capfd.readouterr() == ("", "")
