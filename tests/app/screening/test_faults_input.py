"""Odd files through all stages: every row is accounted for, in order, with the user's columns first and untouched."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem

from app.screening.engines import reading
from app.screening.engines.local_engine import run_local
from app.screening.engines.raw_part import GIVEN_UP
from app.screening.engines.reading import open_input, raw_parts
from app.screening.results.exporting import export
from app.screening.results.table import Results
from datasets.molecule import ERROR_CODES
from datasets.readers.streams import LONGEST_LINE
from tests.app.screening import engine_work
from tests.app.screening.conftest import screened_here, settings
from tests.app.screening.engine_work import content, made_up_run

ROOT = Path(__file__).parents[3]
NITRO = "O=[N+]([O-])c1ccccc1"
PEPTIDE = Chem.MolToSmiles(Chem.MolFromSequence("GAVLIPFMWSTCYNQDEKRHGAVLIP"))
MEGABYTE = "x" * 1_000_000


@dataclass(frozen=True, slots=True)
class _Odd:
    """A file, and what becomes of it."""

    name: str
    content: bytes
    columns: tuple[str, ...]
    """The user's own, as they are called in the results."""
    rows: tuple[tuple[Any, ...], ...]
    """Their values."""
    codes: tuple[str | None, ...]
    """Of each row; None where it is predicted."""


def _sdf(*smiles: str) -> bytes:
    text = io.StringIO()
    with Chem.SDWriter(text) as writer:
        for number, one in enumerate(smiles):
            mol = Chem.MolFromSmiles(one)
            mol.SetProp("_Name", f"m{number}")
            mol.SetProp("mass", str(number))
            writer.write(mol)
    return text.getvalue().encode()


def _parquet(**columns: list[Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


ODD = {
    "windows": _Odd(
        "w.csv",
        f'id,smiles,note\r\na,{NITRO},"two\r\nlines, one cell"\r\nb,CC(,\r\nc,CCO,"a ""quote"""'.encode(),
        ("id", "smiles", "note"),
        (("a", NITRO, "two\r\nlines, one cell"), ("b", "CC(", ""), ("c", "CCO", 'a "quote"')),
        (None, "parse_error", None),
    ),
    "names alike": _Odd(
        "n.csv",
        f"smiles,SMILES,mass,mass,status\n{NITRO},x,1,2,mine\nCCO,y,3,4,own\n".encode(),
        ("smiles", "SMILES_2", "mass", "mass_2", "status"),
        ((NITRO, "x", "1", "2", "mine"), ("CCO", "y", "3", "4", "own")),
        (None, None),
    ),
    "nul": _Odd(
        "0.csv",
        b"smiles,name\nCC\0O,a\0b\n\0,c\nCCO,d\n",
        ("smiles", "name"),
        (("CC\ufffdO", "a\ufffdb"), ("\ufffd", "c"), ("CCO", "d")),
        ("parse_error", "empty", None),
    ),
    "utf-16": _Odd(
        "16.tsv",
        f"smiles\tname\r\n{NITRO}\tβ-Ä\r\nCCO\t水\r\n".encode("utf-16"),
        ("smiles", "name"),
        ((NITRO, "β-Ä"), ("CCO", "水")),
        (None, None),
    ),
    "lines of a megabyte": _Odd(
        "m.csv",
        f"smiles,note\n{NITRO},{MEGABYTE}\n{'C' * 100_000},{MEGABYTE}\n{MEGABYTE},odd\nCCO,\n".encode(),
        ("smiles", "note"),
        ((NITRO, MEGABYTE), ("C" * 100_000, MEGABYTE), (MEGABYTE, "odd"), ("CCO", "")),
        (None, "too_large", "parse_error", None),
    ),
    "peptides": _Odd(
        "p.smi", f"{PEPTIDE} p\nCCO q".encode(), ("smiles", "name"), ((PEPTIDE, "p"), ("CCO", "q")), (None, None)
    ),
    "sdf": _Odd(
        "s.sdf",
        _sdf(NITRO, "CCO") + b"broken\n\n\nno counts\n$$$$\n" + _sdf("CCN"),
        ("mass",),
        (("0",), ("1",), ("",), ("0",)),
        (None, None, "parse_error", None),
    ),
    "parquet": _Odd(
        "q.parquet",
        _parquet(smiles=[NITRO, None, "CC("], mass=[1.5, None, 2.0], flag=[True, False, None]),
        ("smiles", "mass", "flag"),
        ((NITRO, "1.5", "True"), (None, None, "False"), ("CC(", "2.0", None)),
        (None, "empty", "parse_error"),
    ),
    "formulas": _Odd(
        "f.csv",
        b'smiles,=cmd\nCCO,=1+1\nCCN,+2\nCCC,-3\nCCCC,@x\nCCCCC,"\t=1"\n=1+1,|x\n',
        ("smiles", "=cmd"),
        (("CCO", "=1+1"), ("CCN", "+2"), ("CCC", "-3"), ("CCCC", "@x"), ("CCCCC", "\t=1"), ("=1+1", "|x")),
        (None, None, None, None, None, "parse_error"),
    ),
}


def test_the_peptide_is_a_large_one() -> None:
    assert Chem.MolFromSmiles(PEPTIDE).GetNumHeavyAtoms() >= 200


@pytest.mark.parametrize("kind", ODD)
def test_rows_are_accounted_for(tiny_bundle: Path, tmp_path: Path, kind: str) -> None:
    odd = ODD[kind]
    file = tmp_path / odd.name
    file.write_bytes(odd.content)
    run = screened_here(tmp_path / "run", file, settings(tiny_bundle, part_rows=2, alerts=False))
    with Results(run) as results:
        table = results.page()
        assert tuple(table.column_names[: len(odd.columns)]) == odd.columns
        assert tuple(zip(*(table[name].to_pylist() for name in odd.columns), strict=True)) == odd.rows
        assert table["row"].to_pylist() == list(range(len(odd.rows)))
        status, code = (next(c.name for c in run.columns if c.key == key and not c.own) for key in ("status", "code"))
        said = zip(table[status].to_pylist(), table[code].to_pylist(), strict=True)
        bad = [code if status == "error" else None for status, code in said]
        assert tuple(bad) == odd.codes
        assert set(filter(None, bad)) <= set(ERROR_CODES)
        assert export(results, tmp_path / "out.csv") == len(odd.rows)
    csv.field_size_limit(1 << 30)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as text:
        cells = [cell for row in csv.reader(text) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_parts_end_early_where_rows_are_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART_SIGNS", 100)
    texts = ["C" * 60, "CCO", "C" * 60, *["CC"] * 7, "C" * 300]
    run = made_up_run(tmp_path, texts)
    parts = list(raw_parts(open_input(run), 5))
    assert [len(part) for part in parts] == [3, 5, 3]
    assert [part.first_row for part in parts] == [0, 3, 8]
    assert [text for part in parts for text in part.texts] == texts
    assert list(raw_parts(open_input(run), 5, {0, 2})) == parts[1:2]
    run_local(run, 1, make_work=engine_work.plain)
    assert [row["row"] for row in content(run)] == list(range(len(texts)))


BOMB = """
import resource, sys
from app.screening.engines.reading import raw_parts
from datasets.library import read_structures
import numpy, rdkit.Chem
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 260_000_000,) * 2)
try:
    print(sum(len(part) for part in raw_parts(read_structures(sys.argv[1], smiles_column="smiles"), 8192)))
except ValueError as error:
    print(error)
"""
BOMBS: dict[str, tuple[Callable[[], list[bytes]], str]] = {
    "one line": (lambda: [b"smiles\n", *[b"C" * 1_000_000] * 400], f"has a line of {LONGEST_LINE:,} characters"),
    "a quoted cell": (lambda: [b'smiles\nCCO\n"', *[b"C" * 1_000_000] * 400], f"a line of {LONGEST_LINE:,} characters"),
    "many lines": (lambda: [b"smiles,note\n", *[b"CCO," + b"x" * 4000 + b"\n"] * 80_000], "80000"),
    "blank lines": (lambda: [b"smiles\nCCO\n", *[b"\n" * 1000] * 1000, b"CCO\n"], "2"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="bounds the memory as Linux does")
@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_file_that_unpacks_to_a_huge_one_takes_little_memory(tmp_path: Path, kind: str) -> None:
    chunks, says = BOMBS[kind]
    file = tmp_path / "bomb.csv.gz"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.writelines(chunks())
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(file)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert says in done.stdout, done.stderr


@pytest.mark.usefixtures("quick_workers")
def test_a_structure_that_takes_rdkit_too_long_is_given_up(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO", _torus(20), "CCN", "CC("], time_limit=1.5)
    run_local(run, 1, make_work=engine_work.standardised)
    assert [row["code"] for row in content(run)] == [None, "timeout", None, "parse_error"]
    assert set(GIVEN_UP) <= set(ERROR_CODES)


def _torus(side: int) -> str:
    """Carbons in a grid without border, whose canonical numbering for the InChI takes seconds."""
    mol = Chem.RWMol()
    for _ in range(side * side):
        mol.AddAtom(Chem.Atom("C"))
    for row in range(side):
        for column in range(side):
            here = row * side + column
            mol.AddBond(here, row * side + (column + 1) % side, Chem.BondType.SINGLE)
            mol.AddBond(here, (row + 1) % side * side + column, Chem.BondType.SINGLE)
    mol.UpdatePropertyCache(strict=False)
    return str(Chem.MolToSmiles(mol, canonical=False))
