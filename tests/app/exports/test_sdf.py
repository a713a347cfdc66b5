"""SDF: what RDKit reads back is what was written, atom by atom."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdkit import Chem

from app.exports.sdf import SdfFile, sdf_text
from datasets.tasks import AGGREGATION, MUTAGENICITY
from tests.app.fake_results import molecule, results

TASKS = (AGGREGATION, MUTAGENICITY)
MASK = "mutagenicity_mutagenic"


def _read(text: str) -> list[Chem.Mol]:
    supplier = Chem.SDMolSupplier()
    supplier.SetData(text, removeHs=False)
    return list(supplier)


def test_importances_become_atom_and_bond_properties() -> None:
    found = results([("nitro", "O=[N+]([O-])c1ccccc1")])
    [mol] = _read(sdf_text(found, TASKS))
    mask = found[0].predictions["mutagenicity"].explanation
    assert [atom.GetDoubleProp(MASK) for atom in mol.GetAtoms()] == pytest.approx(mask.node_importance[:, 1].tolist())
    assert [bond.GetDoubleProp(MASK) for bond in mol.GetBonds()] == pytest.approx(mask.edge_importance[:, 1].tolist())
    assert [atom.GetSymbol() for atom in mol.GetAtoms() if atom.GetDoubleProp(MASK) > 0.5] == ["N"]
    assert mol.GetAtomWithIdx(0).HasProp("aggregation_non-aggregator")


def test_long_masks_survive_the_line_limit() -> None:
    [mol] = _read(sdf_text(results([("", "CCN" * 60)]), TASKS))
    assert sum(atom.GetDoubleProp(MASK) for atom in mol.GetAtoms()) == 60


def test_structure_is_drawn_and_the_same() -> None:
    smiles = "C[C@H](F)/C=C/[2H]"
    [mol] = _read(sdf_text(results([("x", smiles)]), TASKS))
    assert Chem.MolToSmiles(mol) == molecule(smiles).smiles
    assert mol.GetNumConformers() == 1
    assert not mol.GetConformer().Is3D()
    assert mol.GetProp("_Name") == "x"
    assert mol.GetProp("mutagenicity_verdict") == "non-mutagenic"
    assert float(mol.GetProp("mutagenicity_probability")) == 0.2


def test_bad_row_keeps_its_place() -> None:
    mols = _read(sdf_text(results([("", "CCO"), ("bad", "CC("), ("", "CCN")]), TASKS))
    assert [mol.GetNumAtoms() for mol in mols] == [3, 0, 3]
    assert mols[1].GetProp("code") == "parse_error"
    assert mols[0].GetProp("_Name") == "row 0"


def test_names_cannot_end_a_record() -> None:
    mols = _read(sdf_text(results([("$$$$", "CCO"), ("a\n$$$$\n\nb", "CCN"), ("> <x>", "CCC")]), TASKS))
    assert [mol.GetNumAtoms() for mol in mols] == [3, 3, 3]
    assert mols[1].GetProp("id") == "a $$$$ b"


def test_users_columns_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "out.sdf"
    with SdfFile(file, TASKS, ["Smiles", "log<P>"]) as out:
        out.write(results([("", "CCO"), ("", "CCN")]), [["OCC", "-0.3"], ["NCC", None]])
    first, second = _read(file.read_text(encoding="utf-8"))
    assert first.GetProp("Smiles") == "OCC"
    assert first.GetProp("whymol_smiles") == "CCO"
    assert first.GetProp("log P ") == "-0.3"
    assert not second.HasProp("log P ")


def test_metal_complex_can_be_written() -> None:
    [mol] = _read(sdf_text(results([("", "[NH3][Pt]([NH3])(Cl)Cl")]), TASKS))
    assert mol.GetNumAtoms() == 5
