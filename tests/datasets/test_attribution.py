"""The reader of the attribution benchmark, on a file made by hand."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from datasets.attribution import CLASSES, load_attribution, read_attribution

NAMES = CLASSES["benzene"]
TOLUENE: dict[str, Any] = {
    "smiles": "c1ccccc1C",
    "label": 1,
    "node_masks": [[1, 1, 1, 1, 1, 1, 0]],
    "split": "train",
}
PROPANE: dict[str, Any] = {"smiles": "CCC", "label": 0, "node_masks": [[0, 0, 0]], "split": "test"}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "set.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_masks_are_those_of_the_file_and_bonds_follow_their_atoms(tmp_path: Path) -> None:
    two = TOLUENE | {"node_masks": [[1, 1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1, 1]]}
    data = read_attribution(written(tmp_path, two, PROPANE), "benzene", NAMES)
    assert data.smiles == ("c1ccccc1C", "CCC")
    assert data.labels.tolist() == [1, 0]
    assert data.split.tolist() == ["train", "test"]
    assert data.node_masks[0].shape == (2, 7, 2)
    assert data.node_masks[0][:, :, 1].tolist() == [[True] * 6 + [False], [False] * 5 + [True] * 2]
    assert not data.node_masks[0][:, :, 0].any()
    assert not data.node_masks[1].any()
    assert data.edge_masks[0][:, :, 1].sum(axis=1).tolist() == [6, 1]


def test_parts_and_validation(tmp_path: Path) -> None:
    data = read_attribution(written(tmp_path, *[TOLUENE] * 10, PROPANE), "benzene", NAMES)
    assert data.part("test").smiles == ("CCC",)
    held_out = data.with_validation(0.2)
    assert [(held_out.split == name).sum() for name in ("train", "valid", "test")] == [8, 2, 1]
    assert held_out.with_validation(0.5) is held_out
    with pytest.raises(ValueError, match="share is 1; expected a number between 0 and 1"):
        data.with_validation(1)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"label": 2}, "line 2 has the label 2; expected 0 or 1"),
        ({"split": "dev"}, "line 2 has the split 'dev'"),
        ({"node_masks": []}, "expected a list of at least one mask"),
        ({"node_masks": [[1, 1]]}, "expected 7 atoms"),
        ({"node_masks": [[0.5] * 7]}, "another value than 0 and 1"),
        ({"node_masks": [[0] * 7]}, "expected atoms in every mask exactly for label 1"),
        ({"label": 0}, "expected atoms in every mask exactly for label 1"),
        ({"smiles": "c1cc"}, r"smiles\[1\] is 'c1cc'"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_attribution(written(tmp_path, PROPANE, TOLUENE | changed), "benzene", NAMES)


def test_a_line_without_its_fields_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 1 lacks a field"):
        read_attribution(written(tmp_path, {"smiles": "C"}), "benzene", NAMES)
    path = tmp_path / "broken.jsonl.gz"
    path.write_bytes(gzip.compress(b"{\n"))
    with pytest.raises(ValueError, match="line 1 is not JSON"):
        read_attribution(path, "benzene", NAMES)


def test_a_set_that_is_not_here_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="let MEGAN_DATA name a folder"):
        load_attribution("benzene")
    with pytest.raises(ValueError, match="expected one of benzene, logic7"):
        load_attribution("toluene")


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="MEGAN_DATA names no folder with the real files")
def test_the_real_files_can_be_read() -> None:
    data = load_attribution("logic7")
    assert len(data) == 4326
    assert {len(masks) for masks in data.part("test").node_masks} >= {1, 3}
