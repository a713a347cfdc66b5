"""The rules of the recipes one by one on hand-made files, and the published tables byte for byte where at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

from datasets.recipe import RECIPES, clean, compound_key
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY, Task

BENZENE, ETHANOL, ANILINE, ALANINE, ACETATE = (
    "UHOVQNZJYSORNB",
    "LFQSCWFLJHTTHZ",
    "PAYRUJLWNCNPSJ",
    "QNAYBMKLOCPYGJ",
    "QTBSBXVTEAMEQO",
)


def _key(smiles: str) -> str | None:
    return compound_key(Chem.MolFromSmiles(smiles))


def _ames(folder: Path, hansen: str = "", xu: str = "", toxric: str = "") -> dict[str, Path]:
    """Write the three files; each row is `SMILES label`."""
    heads = {
        "hansen2009.csv": ("CAS_NO,Canonical_Smiles,Activity", hansen, "x,{},{}"),
        "tdc_ames.csv": ("SMILES,Y", xu, "{},{}"),
        "toxric_ames.csv": ("TAID,Canonical SMILES,Toxicity Value", toxric, "x,{},{}"),
    }
    for name, (head, rows, form) in heads.items():
        lines = [form.format(*row.rsplit(" ", 1)) for row in rows.splitlines() if row.strip()]
        (folder / name).write_text("\n".join([head, *lines, ""]))
    return {name: folder / name for name in heads}


def _rows(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(row) for row in table.itertuples(index=False)]


def test_key_is_the_skeleton_of_the_fragment_with_most_heavy_atoms() -> None:
    assert _key("c1ccccc1") == BENZENE
    assert _key("[Na+].CC(=O)[O-]") == _key("CC(=O)[O-]")
    assert _key("Cl.Nc1ccccc1") == _key("Nc1ccccc1") == ANILINE
    assert _key("C[C@H](N)C(=O)O") == _key("CC(N)C(=O)O") == ALANINE
    # Twelve hydrogens do not outweigh seven heavy atoms.
    assert _key("Nc1ccccc1.CC(C)(C)C") == ANILINE
    # Of two equally large fragments the first counts.
    assert _key("CCO.CCN") == ETHANOL
    assert _key("CCN.CCO") != ETHANOL


def test_key_of_nothing_is_none() -> None:
    assert compound_key(Chem.MolFromSmiles("")) is None


def test_first_row_stands_and_sources_are_joined(tmp_path: Path) -> None:
    raw = _ames(tmp_path, hansen="C1=CC=CC=C1 0", xu="c1ccccc1.Cl 0\nOCC 1", toxric="c1ccccc1 0\nC(O)C 1\nC(O)C 1")
    table = clean(MUTAGENICITY, raw, [(BENZENE, "train"), (ETHANOL, "test")])
    assert list(table.columns) == ["smiles", "mutagenic", "sources", "inchikey14", "split"]
    assert _rows(table) == [
        ("c1ccccc1", "0", "hansen2009+toxric+xu2012", BENZENE, "train"),
        ("CCO", "1", "toxric+xu2012", ETHANOL, "test"),
    ]


def test_salts_stay_in_the_canonical_smiles(tmp_path: Path) -> None:
    table = clean(MUTAGENICITY, _ames(tmp_path, xu="Cl.c1ccc(N)cc1 1"), [(ANILINE, "valid")])
    assert _rows(table) == [("Cl.Nc1ccccc1", "1", "xu2012", ANILINE, "valid")]


def test_what_does_not_parse_is_dropped(tmp_path: Path) -> None:
    raw = _ames(tmp_path, hansen="C1CC 1\nC(C)(C)(C)(C)C 1\nnonsense 0", xu="c1ccccc1 1", toxric=" 0")
    assert len(clean(MUTAGENICITY, raw, [(BENZENE, "train")])) == 1


@pytest.mark.parametrize(
    ("hansen", "xu", "toxric"),
    [
        ("c1ccccc1 0", "c1ccccc1 1", ""),
        ("c1ccccc1 0", "", "Cl.c1ccccc1 1"),
        ("c1ccccc1 0\nC1=CC=CC=C1 1", "", ""),
    ],
)
def test_compounds_whose_rows_disagree_are_dropped(tmp_path: Path, hansen: str, xu: str, toxric: str) -> None:
    raw = _ames(tmp_path, hansen + "\nCCO 1", xu, toxric)
    table = clean(MUTAGENICITY, raw, [(BENZENE, "train"), (ETHANOL, "train")])
    assert list(table["inchikey14"]) == [ETHANOL]


def test_a_row_that_does_not_parse_causes_no_disagreement(tmp_path: Path) -> None:
    raw = _ames(tmp_path, hansen="c1ccccc1 0\nc1ccccc 1")
    assert len(clean(MUTAGENICITY, raw, [(BENZENE, "train")])) == 1


def test_the_list_gives_order_and_split_and_leaves_out_what_it_lacks(tmp_path: Path) -> None:
    raw = _ames(tmp_path, hansen="c1ccccc1 0\nCCO 1\nNc1ccccc1 1")
    table = clean(MUTAGENICITY, raw, [(ANILINE, "test"), ("AAAAAAAAAAAAAA", "train"), (BENZENE, "valid")])
    assert list(zip(table["inchikey14"], table["split"], strict=True)) == [(ANILINE, "test"), (BENZENE, "valid")]


def test_the_real_list_is_the_default(tmp_path: Path) -> None:
    # Imipramine is on the list of mutagenicity, helium is not.
    table = clean(MUTAGENICITY, _ames(tmp_path, hansen="CN(C)CCCN1c2ccccc2CCc2ccccc21 0\n[He] 0"))
    assert _rows(table) == [("CN(C)CCCN1c2ccccc2CCc2ccccc21", "0", "hansen2009", "BCGWQEUPMDMJNV", "train")]


def test_aggregation_reads_its_file(tmp_path: Path) -> None:
    file = tmp_path / "chemfh_aggregators.csv"
    file.write_text("SMILES,Label\nOCC,0\nC1=CC=CC=C1,1\nC1=CC=CC=C1,0\nNc1ccccc1.Cl,0\nbad,1\n")
    listed = [(BENZENE, "train"), (ANILINE, "train"), (ETHANOL, "valid")]
    table = clean(AGGREGATION, {file.name: file}, listed)
    assert list(table.columns) == ["smiles", "aggregator", "inchikey14", "split"]
    assert _rows(table) == [("Cl.Nc1ccccc1", "0", ANILINE, "train"), ("CCO", "0", ETHANOL, "valid")]


def test_solubility_keeps_every_row_as_given(tmp_path: Path) -> None:
    file = tmp_path / "aqsoldb.csv"
    file.write_text(
        'ID,Name,SMILES,Solubility\nA-1,"alanine, L",OC(=O)[C@H](C)N,0.10\nA-2,bad,C1CC,1\n'
        "A-3,alanine,OC(=O)C(C)N,0.30\nA-4,NA,[Na+].CC([O-])=O,1e-1\n"
    )
    listed = [(ALANINE, "train"), (ALANINE, "test"), (ACETATE, "valid")]
    table = clean(SOLUBILITY, {file.name: file}, listed)
    assert list(table.columns) == ["id", "name", "smiles", "logS", "inchikey14", "split"]
    assert _rows(table) == [
        ("A-1", "alanine, L", "OC(=O)[C@H](C)N", "0.10", ALANINE, "train"),
        ("A-3", "alanine", "OC(=O)C(C)N", "0.30", ALANINE, "test"),
        ("A-4", "NA", "[Na+].CC([O-])=O", "1e-1", ACETATE, "valid"),
    ]


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chemfh_aggregators.csv"
    file.write_text("smiles,y\nC,1\n")
    with pytest.raises(ValueError, match="no column SMILES, Label"):
        clean(AGGREGATION, {file.name: file}, [])
    file.write_text("SMILES,Label\nCCO,active\n")
    with pytest.raises(ValueError, match="label 'active' for CCO; expected 0 or 1"):
        clean(AGGREGATION, {file.name: file}, [])


def test_progress_ends_at_the_last_row(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    clean(MUTAGENICITY, _ames(tmp_path, hansen="C 0\nCC 0", xu="CCC 0"), [], lambda done, of: seen.append((done, of)))
    assert seen == [(3, 3)]


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="needs the real data")
@pytest.mark.parametrize("task", [MUTAGENICITY, SOLUBILITY, AGGREGATION], ids=lambda task: task.name)
def test_the_published_tables_come_out_byte_for_byte(task: Task) -> None:
    folder = Path(os.environ["MEGAN_DATA"])
    raw = {file.file: folder / "raw" / file.file for file in RECIPES[task.name].files}
    absent = [name for name, path in raw.items() if not path.exists()]
    if absent:
        pytest.skip(f"{', '.join(absent)} is not in MEGAN_DATA/raw")
    made = clean(task, raw).to_csv(index=False, lineterminator="\n").encode()
    assert made == (folder / task.table).read_bytes()
