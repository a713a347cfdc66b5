"""`predict`: every row comes out in its place; only settings are refused."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import app.predicting.row_source
from tests.app.conftest import Ran

pytestmark = pytest.mark.usefixtures("fake_models")
Command = Callable[..., Ran]
MESSY = ["", "CC(", "[Xx]", "aspirin", "😀", "*CC", "CCO>>CC=O", "C" * 1000, "[H][H]", "CC\udcff", "CC(=O)[O-].[Na+]"]


def _records(ran: Ran) -> list[dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def _stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_json_has_one_object_a_row(command: Command) -> None:
    records = _records(command("predict", "O=[N+]([O-])c1ccccc1 nitro", "CC(", "--json"))
    assert [record["row"] for record in records] == [0, 1]
    assert records[0]["id"] == "nitro"
    assert list(records[0]["tasks"]) == ["aggregation", "mutagenicity"]
    assert records[1]["code"] == "parse_error"


def test_messy_rows_are_data(command: Command) -> None:
    records = _records(command("predict", "--json", "--", *MESSY))
    assert len(records) == len(MESSY)
    assert [record["status"] for record in records] == ["error"] * 10 + ["warning"]
    assert all(record["detail"] for record in records)
    assert command("predict", "--", *MESSY).code == 0


def test_tasks_are_chosen_once_and_in_order(command: Command) -> None:
    [record] = _records(command("predict", "CCN", "--json", "--task", "solubility", "--task", "aggregation"))
    assert list(record["tasks"]) == ["solubility", "aggregation"]
    [record] = _records(command("predict", "CCN", "--json", "--task", "aggregation", "--task", "aggregation"))
    assert list(record["tasks"]) == ["aggregation"]


def test_policy_keeps_salts_as_drawn(command: Command) -> None:
    [record] = _records(command("predict", "CC(=O)[O-].[Na+]", "--json", "--policy", "as-drawn"))
    assert "." in record["smiles"]


def test_table_is_readable_and_harmless(command: Command) -> None:
    ran = command("predict", "CCN amine", "CC(", "CCO \x1b[31mred")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    header, amine, bad, red = ran.out.splitlines()[3:]
    assert header.split()[:2] == ["row", "molecule"]
    assert amine.split()[:6] == ["0", "amine", "aggregator", "0.90", "0.01", "0.75"]
    assert "parse_error:" in bad
    assert "non-mutagenic" in red
    assert amine.index("aggregator") == header.index("aggregation")


def test_file_rows_are_numbered_across_batches(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.predicting.row_source, "BATCH", 2)
    file = tmp_path / "in.csv"
    file.write_text("name,smiles,mass\na,CCO,46\nb,CC(,\nc,CCN,45\nd,OCC,46\n", encoding="utf-8")
    records = _records(command("predict", "--file", str(file), "--json"))
    assert [(record["row"], record["id"]) for record in records] == [(0, "a"), (1, "b"), (2, "c"), (3, "d")]
    assert records[3]["code"] == "duplicate_of_row"
    assert "row 0 (a)" in records[3]["detail"]


def test_output_keeps_the_users_columns(command: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "new" / "out.csv"
    file.write_text("name,smiles,mass\na,CCO,46\nb,CC(,\n", encoding="utf-8")
    ran = command("predict", "--file", str(file), "-o", str(out))
    assert (ran.code, ran.out) == (0, "")
    assert "2 rows, 1 without a prediction" in ran.err
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [row["mass"] for row in rows] == ["46", ""]
    assert rows[0]["whymol_smiles"] == "CCO"
    assert rows[1]["code"] == "parse_error"
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".sdf"])
def test_every_format_is_written(command: Command, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    assert command("predict", "CCN", "CC(", "-o", str(out)).code == 0
    assert out.stat().st_size > 0


def test_standard_input_as_lines_and_as_table(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    _stdin(monkeypatch, b"\xef\xbb\xbfCCO a\r\n\r\nCCN b\n\xff\n")
    records = _records(command("predict", "--file", "-", "--json"))
    assert [(r["row"], r["id"], r["status"]) for r in records] == [(0, "a", "ok"), (1, "b", "ok"), (2, "", "error")]
    _stdin(monkeypatch, b"name,smiles\na,CCO\n")
    [record] = _records(command("predict", "--file", "-", "--json"))
    assert (record["id"], record["smiles"]) == ("a", "CCO")
    _stdin(monkeypatch, b"")
    assert _records(command("predict", "--file", "-", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["predict"], "neither SMILES nor --file was given"),
        (["predict", "C", "--file", "x.csv"], "both SMILES and --file"),
        (["predict", "--file", "nowhere.csv"], "nowhere.csv"),
        (["predict", "C", "--task", "taste"], "'taste'"),
        (["predict", "C", "--policy", "salty"], "--policy is 'salty'; expected parent or as-drawn"),
        (["predict", "C", "-o", "out.txt"], ".csv, .parquet, .sdf"),
        (["predict", "C", "--jsn"], "--jsn"),
        (["predict", "C", "--task"], "--task"),
        (["divine"], "divine"),
        (["train", "mutagenicity", "--members", "many"], "--members"),
    ],
)
def test_wrong_setting_is_one_sentence_and_code_2(command: Command, arguments: list[str], says: str) -> None:
    ran = command(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_input_is_never_overwritten(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("smiles\nCCO\n", encoding="utf-8")
    ran = command("predict", "--file", str(file), "-o", str(file))
    assert ran.code == 2
    assert "which is the input" in ran.err
    assert file.read_text(encoding="utf-8") == "smiles\nCCO\n"
