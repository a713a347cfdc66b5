"""Files named by their path: where the page is seen from this machine alone, or in folders that are meant for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.screening.page.paths import allowed_folders, checked_path, served_here_only


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHYMOL_SCREEN_PATHS", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "library.smi"
    file.parent.mkdir()
    file.write_text("CCO\n")
    return file


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("localhost", {}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("::1", {"host": "[::1]:8501"}, True),
        (None, {}, False),
        ("", {}, False),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),  # what is refused
        ("localhost", {"Host": "lab.example.org"}, False),
        ("localhost", {"Host": "localhost.example.org:8501"}, False),
        ("localhost", {"Host": "localhost:8501", "x-forwarded-for": "10.0.0.3"}, False),
        ("localhost", {"Host": "["}, False),
    ],
)
def test_who_can_see_the_page(address: str | None, headers: dict[str, str], expected: bool) -> None:
    assert served_here_only(address, headers) is expected


def test_a_page_for_this_machine_reads_any_file(file: Path) -> None:
    assert checked_path(f' "{file}" ', here_only=True) == file


def test_a_page_for_others_reads_none(file: Path) -> None:
    with pytest.raises(ValueError, match="WHYMOL_SCREEN_PATHS"):
        checked_path(str(file), here_only=False)


@pytest.mark.parametrize("here_only", [True, False])
def test_named_folders_are_all_that_is_read(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path, here_only: bool
) -> None:
    secret = tmp_path / "secret.smi"
    secret.write_text("CCN\n")
    (file.parent / "link.smi").symlink_to(secret)
    monkeypatch.setenv("WHYMOL_SCREEN_PATHS", f"{file.parent}{os.pathsep} {os.pathsep}")
    assert allowed_folders() == (file.parent,)
    assert checked_path(str(file), here_only=here_only) == file
    for other in (secret, file.parent / ".." / "secret.smi", file.parent / "link.smi", tmp_path / "is not there"):
        with pytest.raises(ValueError, match="outside of the folders"):
            checked_path(str(other), here_only=here_only)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("library.smi", "expected a full one"),
        ("", "expected a full one"),
        ("/is/not/there.smi", "There is no file"),
        ("/tmp", "is a folder"),
        ("/tmp/\0.smi", "NUL"),
        ("/" + "x" * 5000, "cannot be read"),
        ("~nobody-of-that-name/x", "cannot be read"),
    ],
    ids=range(7),
)
def test_what_is_no_file_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        checked_path(text, here_only=True)
