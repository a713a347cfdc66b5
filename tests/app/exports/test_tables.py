"""CSV and Parquet: rows aligned, the user's columns kept, no formula let through."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.exports.tables import CsvTable, ParquetTable, csv_text, without_formula
from datasets.tasks import AGGREGATION, MUTAGENICITY
from tests.app.fake_results import results

TASKS = (AGGREGATION, MUTAGENICITY)
LINES = [("nitro", "O=[N+]([O-])c1ccccc1"), ("=HYPERLINK(1)", "CC("), ("a,b\n\"c\"", "CCO")]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@x", "\tx", "\rx", " =1", "\n=1", "+49 123", "-", "--1"])
def test_formulas_become_text(text: str) -> None:
    assert without_formula(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["-3.2", "+1", "-1e-5", "-.5", "CCO", "[Na+]", "", "'quoted", -3.2, None, 0])
def test_numbers_and_plain_texts_stay(cell: object) -> None:
    assert without_formula(cell) == cell


def test_csv_reads_back_row_for_row() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(results(LINES), TASKS))))
    assert [row["row"] for row in rows] == ["0", "1", "2"]
    assert rows[0]["mutagenicity_probability"] == "0.9"
    assert rows[0]["mutagenicity_verdict"] == "mutagenic"
    assert rows[1]["id"] == "'=HYPERLINK(1)"
    assert (rows[1]["status"], rows[1]["code"], rows[1]["mutagenicity_probability"]) == ("error", "parse_error", "")
    assert rows[2]["id"] == 'a,b\n"c"'


def test_users_columns_come_first_and_keep_their_names() -> None:
    text = io.StringIO()
    with CsvTable(text, TASKS, ["SMILES", "=note"]) as table:
        table.write(results(LINES)[:2], [["O=[N+]([O-])c1ccccc1", "x"], ["CC(", "-1.5"]])
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert rows[0][:2] == ["SMILES", "'=note"]
    assert "smiles" not in rows[0]
    assert "whymol_smiles" in rows[0]
    assert rows[2][:2] == ["CC(", "-1.5"]


def test_more_values_than_results_is_an_error() -> None:
    with CsvTable(io.StringIO(), TASKS, ["a"]) as table, pytest.raises(ValueError, match="longer"):
        table.write(results(LINES), [["1"]] * 4)


def test_parquet_has_types_also_where_every_row_failed(tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    with ParquetTable(file, TASKS, ["batch"]) as table:
        table.write(results([("", "CC(")]), [[7]])
        table.write(results(LINES), [["a"], [None], ["c"]])
    found = pq.read_table(file)
    assert found.num_rows == 4
    assert found.schema.field("mutagenicity_probability").type == "double"
    assert found.column("batch").to_pylist() == ["7", "a", None, "c"]
    assert found.column("id").to_pylist()[2] == "=HYPERLINK(1)"
