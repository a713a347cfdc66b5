"""Exports and picks: the same rows in every format, no formulas, every well once."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import pytest
from rdkit import Chem

from app.screening.results.exporting import Asked, export
from app.screening.results.picking import PickSettings, pick, picked_table
from app.screening.results.plates import wells, write_plate_map
from app.screening.results.table import Results
from tests.app.screening.conftest import ROWS


def _csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_csv_has_the_users_columns_first_and_no_formula(results: Results, tmp_path: Path) -> None:
    assert export(results, tmp_path / "out.csv") == ROWS
    rows = _csv(tmp_path / "out.csv")
    assert list(rows[0])[:4] == ["Name", "SMILES", "mass", "smiles_2"]
    assert [row["row"] for row in rows] == [str(row) for row in range(ROWS)]
    assert rows[1]["Name"] == "'=cmd"
    assert rows[1]["id"] == "'=cmd"
    assert rows[2]["smiles_2"] == "two\nlines"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@"))]


def test_parquet_and_excel_hold_the_same(results: Results, tmp_path: Path) -> None:
    for name in ("out.parquet", "out.xlsx"):
        assert export(results, tmp_path / name) == ROWS
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.to_pylist() == results.page().to_pylist()
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert list(cells[0]) == table.column_names
    assert len(cells) == ROWS + 1
    assert cells[2][0] == "'=cmd"


def test_sdf_carries_masks_and_keeps_bad_rows(results: Results, tmp_path: Path) -> None:
    assert export(results, tmp_path / "out.sdf") == ROWS
    mols = list(Chem.SDMolSupplier(str(tmp_path / "out.sdf")))
    assert len(mols) == ROWS
    assert [mol.GetNumAtoms() == 0 for mol in mols] == [False, True, False, False, False, True, False, False]
    first = mols[0].GetAtomWithIdx(0)
    assert first.HasProp("mutagenicity_mutagenic")
    assert mols[1].GetProp("code") == "parse_error"


def test_some_rows_and_columns(results: Results, tmp_path: Path) -> None:
    asked = Asked(("row", "NAME"), "mass > 90 and status = 'ok'")
    assert export(results, tmp_path / "some.csv", asked) == 3
    assert _csv(tmp_path / "some.csv")[1] == {"row": "6", "Name": "f"}


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("out.txt", Asked(), ".csv, .parquet, .sdf, .xlsx"),
        ("out.csv", Asked(("nothing",)), "'nothing' is no column"),
        ("out.csv", Asked(where="1; drop"), "semicolon"),
    ],
)
def test_wrong_wishes_leave_no_file(results: Results, tmp_path: Path, name: str, asked: Asked, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        export(results, tmp_path / name, asked)
    assert not list(tmp_path.iterdir())


def test_picks_hold_no_repeats_and_no_bad_rows(results: Results) -> None:
    picks = pick(results, PickSettings(100))
    assert picks.rows == [0, 2, 3, 6, 7]
    assert picks.candidates == 5
    diverse = pick(results, PickSettings(3, diverse=True))
    assert len(set(diverse.rows)) == 3
    assert set(diverse.rows) < set(picks.rows)
    assert diverse == pick(results, PickSettings(3, diverse=True))
    assert picked_table(results, diverse, ["row"])["row"].to_pylist() == diverse.rows


def test_diverse_picks_spread(results: Results) -> None:
    rows = pick(results, PickSettings(2, diverse=True, where="row in (0, 6, 2)")).rows
    assert set(rows) != {0, 6}, "two nitrobenzenes are alike"


def test_picks_that_cannot_be(results: Results) -> None:
    with pytest.raises(ValueError, match="no molecule meets"):
        pick(results, PickSettings(1, where="mass > 9999"))
    with pytest.raises(ValueError, match="concepts are x"):
        pick(results, PickSettings(1, without_concepts=("x",)))
    with pytest.raises(ValueError, match="n is 0"):
        PickSettings(0)


def test_wells_go_row_by_row() -> None:
    assert wells(98, 96)[:2] + wells(98, 96)[11:13] + wells(98, 96)[-3:] == [
        (1, "A01"), (1, "A02"), (1, "A12"), (1, "B01"), (1, "H12"), (2, "A01"), (2, "A02"),
    ]  # fmt: skip
    assert wells(384, 384)[-1] == (1, "P24")
    assert len(set(wells(1000, 384))) == 1000
    with pytest.raises(ValueError, match="96 or 384"):
        wells(1, 1536)


def test_a_plate_map_is_safe(tmp_path: Path) -> None:
    write_plate_map(tmp_path / "map.csv", ["well", "x"], [["=1+1", 2.5]], 96)
    assert _csv(tmp_path / "map.csv") == [{"plate": "1", "whymol_well": "A01", "well": "'=1+1", "x": "2.5"}]
