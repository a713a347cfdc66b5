"""`concepts`: from the shipped table or a file of one's own to a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from app.concepts.table import own_molecules
from concepts.storage import load_concepts
from datasets.tasks import MUTAGENICITY
from tests.app.conftest import Ran

Command = Callable[..., Ran]
SMALL = ("--threshold", "-100", "--least-members", "4", "--neighbours", "2", "--resamples", "2")


@pytest.fixture
def mine(table: pd.DataFrame, tmp_path: Path) -> Path:
    file = tmp_path / "mine.csv"
    table.assign(mutagenic=table["label"].astype(int)).drop(columns=["label", "inchikey14"]).to_csv(file, index=False)
    return file


def test_concepts_of_a_file(command: Command, tiny_bundle: Path, mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    ran = command("concepts", str(tiny_bundle), "--csv", str(mine), "-o", str(out), *SMALL)
    assert ran.code == 0
    found = load_concepts(out)
    assert found.data == "mine.csv"
    assert len(found.model_sha256) == 64
    lines = ran.out.splitlines()
    assert lines[-1] == str(out)
    for concept in found:
        assert any(line.startswith(concept.id) for line in lines)
        assert concept.hit_rate is not None
    assert f"{len(found)} concepts of 32 molecules" in ran.err


def test_the_measured_table_is_the_default(
    command: Command,
    tiny_bundle: Path,
    mine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: pd.DataFrame,
) -> None:
    table.rename(columns={"label": "mutagenic"}).to_csv(tmp_path / "ames.csv", index=False)
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ran = command("concepts", str(tiny_bundle), "--brief", *SMALL)
    assert ran.code == 0
    found = load_concepts("runs/concepts-mutagenicity")
    assert found.n_molecules == 32
    assert found.map.smiles == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "tsne"], "--map is 'tsne'; expected umap or pca"),
        (["--label", "x"], "--label is about your own table; expected --csv"),
        (["--csv", "nowhere.csv"], "there is no file nowhere.csv"),
    ],
)
def test_wrong_settings_are_one_sentence(command: Command, tiny_bundle: Path, arguments: list[str], says: str) -> None:
    ran = command("concepts", str(tiny_bundle), *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_labels_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("smiles,active\nCCO,yes\nCCN,0\nCCC,\nCC,non-mutagenic\n")
    read, name = own_molecules(file, MUTAGENICITY, label_column="active")
    assert name == "own.csv"
    assert read["label"].tolist()[:2] == [1, 0]
    assert pd.isna(read["label"].iloc[2])
    assert read["label"].iloc[3] == 0
    unlabelled, _ = own_molecules(file, MUTAGENICITY)
    assert unlabelled["label"].isna().all()
    with pytest.raises(ValueError, match="--label is 'x'; expected a column of own.csv"):
        own_molecules(file, MUTAGENICITY, label_column="x")
    file.write_text("smiles,active\nCCO,maybe\n")
    with pytest.raises(ValueError, match="row 0 has the label 'maybe' in column 'active'; expected 0 or 1"):
        own_molecules(file, MUTAGENICITY, label_column="active")
