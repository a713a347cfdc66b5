"""`screen`, `resume`, `status`, `export`, `pick`: from a file to a plate, and sentences for what cannot be."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from app.screening.run_folder import open_run
from tests.app.conftest import Ran

Command = Callable[..., Ran]


def test_a_library_from_start_to_plate(command: Command, tiny_bundle: Path, tmp_path: Path) -> None:
    file, run = tmp_path / "in.smi.gz", tmp_path / "run"
    file.write_bytes(gzip.compress(b"CCO a\r\nCC( b\r\nO=[N+]([O-])c1ccccc1 c\r\nOCC d"))
    screen = ("screen", str(file), "-o", str(run), "--task", str(tiny_bundle), "--workers", "1")
    ran = command(*screen)
    assert ran.code == 0, ran.err
    assert "'whymol_smiles'" in ran.err
    assert "4 of 4 rows" in ran.err
    assert ran.out.startswith("4 rows, 3 predicted, 1 of them repeats.\nNot predicted: parse_error 1.\n")
    assert command("status", str(run)).out.startswith("finished: 4 of 4 rows")
    assert "screened already" in command(*screen).err
    assert "screened already" in command("resume", str(run)).err
    ran = command(*screen, "--no-alerts")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "alerts True, not False" in ran.err
    out = tmp_path / "out.csv"
    assert command("export", str(run), str(out), "--where", "status = 'ok'", "--columns", "id,smiles").code == 0
    with out.open(encoding="utf-8", newline="") as text:
        assert [row["id"] for row in csv.DictReader(text)] == ["a", "c", "d"]
    assert command("pick", str(run), "-n", "2", "--diverse").code == 0
    assert len((run / "picks.csv").read_text(encoding="utf-8").splitlines()) == 3
    ran = command("export", str(run), str(file))
    assert ran.code == 2
    file.write_bytes(gzip.compress(b"CCO a\n"))
    assert "its content has changed" in command(*screen).err
    assert open_run(run).finished()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "is empty"),
        ("no.csv", b"name,mass\na,1\nb,2\n", "no column of no.csv holds SMILES"),
        ("book.xlsx", b"PK\x03\x04", "unknown format"),
        ("cut.smi.gz", gzip.compress(b"CCO a\n" * 1000, mtime=0)[:40], "cut off or damaged"),
    ],
)
def test_files_that_cannot_be_read_are_sentences(
    command: Command, tiny_bundle: Path, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    ran = command("screen", str(file), "-o", str(tmp_path / "run"), "--task", str(tiny_bundle))
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("screen", "nowhere.csv", "-o", "run"), "nowhere.csv"),
        (("screen", "nowhere.csv", "-o", "run", "--members", "two"), "members is 'two'; expected all or one"),
        (("screen", "nowhere.csv", "-o", "run", "--policy", "salty"), "policy is 'salty'"),
        (("resume", "nowhere"), "is no run folder"),
        (("status", "nowhere"), "is no run folder"),
        (("export", "nowhere", "out.csv"), "is no run folder"),
        (("export", "nowhere", "out.doc"), ".xlsx"),
        (("pick", "nowhere", "-n", "0"), "n is 0"),
        (("pick", "nowhere", "-n", "1", "--plate", "7"), "plate is 7"),
    ],
)
def test_wrong_settings_are_sentences(command: Command, arguments: tuple[str, ...], says: str) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
