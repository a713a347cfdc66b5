"""Paragraphs kept on this machine: found again for the same prompt, and nothing foreign is shown."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from app.counterfactuals.paragraph_store import keep, kept, paragraph_folder
from concepts.counterfactuals.pair_explanation import PairExplanation

SHA = "ab" * 32
GOOD = PairExplanation("It is less basic.", "Few were measured.", "Measure it.", "low", "m", SHA, "2026-01-01T00:00:00")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHYMOL_PARAGRAPHS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_kept_is_found_again_for_its_prompt_alone(folder: Path) -> None:
    assert kept(SHA) is None
    keep(GOOD)
    assert kept(SHA) == GOOD
    assert kept("cd" * 32) is None
    later = dataclasses.replace(GOOD, paragraph="Another.")
    keep(later)
    assert kept(SHA) == later
    assert [file.name for file in folder.iterdir()] == [f"{SHA}.json"]


@pytest.mark.parametrize(
    "changed",
    [
        b"", b"no json", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 50_000,
        json.dumps({**dataclasses.asdict(GOOD), "more": "x"}).encode(),
        json.dumps({**dataclasses.asdict(GOOD), "paragraph": 7}).encode(),
        json.dumps({**dataclasses.asdict(GOOD), "prompt_sha256": "cd" * 32}).encode(),
        json.dumps({**dataclasses.asdict(GOOD), "confidence": "certain"}).encode(),
        json.dumps({**dataclasses.asdict(GOOD), "paragraph": "x" * 200_000}).encode(),
    ],
    ids=[f"changed-{n}" for n in range(12)],
)  # fmt: skip
def test_a_file_that_holds_something_else_is_none(folder: Path, changed: bytes) -> None:
    keep(GOOD)
    (folder / f"{SHA}.json").write_bytes(changed)
    assert kept(SHA) is None


def test_texts_of_a_changed_file_are_plain_and_bounded(folder: Path) -> None:
    keep(GOOD)
    changed = {**dataclasses.asdict(GOOD), "paragraph": "a\x1b[31m\nb" + "x" * 5000}
    (folder / f"{SHA}.json").write_text(json.dumps(changed), encoding="utf-8")
    found = kept(SHA)
    assert found is not None
    assert found.paragraph.startswith("a [31m b")
    assert len(found.paragraph) == 2000


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "a" * 63])
def test_only_hashes_name_files(name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        kept(name)


def test_the_folder_is_the_users_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHYMOL_PARAGRAPHS")
    assert paragraph_folder() == Path("runs") / "paragraphs"
