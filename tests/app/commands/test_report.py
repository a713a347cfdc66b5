"""`report`: from a folder of concepts to a file in the format of its suffix."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from concepts.storage import save_concepts
from tests.app.conftest import Ran
from tests.concepts.hand_made import WIDTH, made_concept, made_set, three_concepts
from tests.concepts.report.made_sets import with_bundle

Command = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    save_concepts(tmp_path / "run", three_concepts())
    return tmp_path / "run"


def test_html(command: Command, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report.HTML"
    ran = command("report", str(run), "-o", str(out))
    assert (ran.code, ran.out.strip()) == (0, str(out))
    text = out.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "has other weights than those" in text
    assert [file.name for file in out.parent.iterdir()] == ["report.HTML"]


def test_json(command: Command, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    assert command("report", str(run), "-o", str(out)).code == 0
    record = json.loads(out.read_text())
    assert record["task"] == "mutagenicity"
    assert [entry["id"] for entry in record["concepts"]] == ["non-mutagenic-01", "non-mutagenic-02", "mutagenic-01"]


def test_csv_runs_no_formula(command: Command, tmp_path: Path) -> None:
    concept = dataclasses.replace(made_concept("mutagenic-01", 1, np.eye(WIDTH)[0], told=True), name="=1+1")
    save_concepts(tmp_path / "run", made_set(concept))
    out = tmp_path / "report.csv"
    assert command("report", str(tmp_path / "run"), "-o", str(out)).code == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1
    assert rows[0]["name"] == "'=1+1"
    assert float(rows[0]["contribution"]) == 0.5
    assert rows[0]["hit_rate_test"] == ""


def test_csv_without_concepts_has_its_header(command: Command, tmp_path: Path) -> None:
    save_concepts(tmp_path / "run", made_set())
    out = tmp_path / "report.csv"
    assert command("report", str(tmp_path / "run"), "-o", str(out)).code == 0
    assert out.read_text().splitlines()[0].startswith("id,channel,name,n_members,contribution,")
    assert len(out.read_text().splitlines()) == 1


def test_pdf(command: Command, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    ran = command("report", str(run), "-o", str(out))
    if "Pango" in ran.err:
        pytest.skip(ran.err)
    assert ran.code == 0
    assert "laying out the pages of 3 concepts" in ran.err
    assert out.read_bytes().startswith(b"%PDF")


def test_pdf_without_its_library_leaves_no_file(
    command: Command, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    ran = command("report", str(run), "-o", str(tmp_path / "report.pdf"))
    assert ran.code == 2
    assert "write HTML instead" in ran.err
    assert not (tmp_path / "report.pdf").exists()


def test_the_model_can_be_named(command: Command, tmp_path: Path) -> None:
    save_concepts(tmp_path / "run", with_bundle(tmp_path / "bundle"))
    out = tmp_path / "report.html"
    assert command("report", str(tmp_path / "run"), "-o", str(out), "--model", str(tmp_path / "bundle")).code == 0
    assert "AUROC" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "report.docx"], "the output is 'report.docx'; expected a name that ends with .html, .pdf, .json, .csv"),
        (["-o", "report"], "the output is 'report'; expected a name that ends with"),
        (["-o", "report.json", "--model", "aggregation"], "bundle is 'aggregation', whose weights are others"),
        ([], "Missing option '--output'"),
    ],
)
def test_wrong_settings_are_one_sentence(
    command: Command, run: Path, arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("report", str(run), *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("report")] == []


def test_a_missing_set_is_one_sentence(command: Command, tmp_path: Path) -> None:
    ran = command("report", str(tmp_path / "nowhere"), "-o", str(tmp_path / "report.html"))
    assert ran.code == 2
    assert "or a folder with a concepts.json" in ran.err


def test_its_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, app.cli; app.cli.main(['report', '--help']); "
        "print([m for m in ('torch', 'rdkit', 'jinja2', 'weasyprint', 'numpy') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().splitlines()[-1] == "[]"
