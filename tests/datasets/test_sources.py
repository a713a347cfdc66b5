"""Tables are found where they should be, and fetched files are what they were published as."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pooch
import pytest
import requests

from datasets import sources
from datasets.file_hash import file_sha256
from datasets.recipe import RECIPES, RawFile, Recipe
from datasets.sources import DownloadFailed, WrongFile, fetch, load_table, published_table, table_path
from datasets.splits import split_list
from datasets.tasks import MUTAGENICITY, TASKS

TABLE = "smiles,mutagenic,sources,inchikey14,split\n[Na+].CC(=O)[O-],0,toxric,QTBSBXVTEAMEQO,train\n"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An empty MEGAN_DATA and an empty cache."""
    data, cache = tmp_path / "data", tmp_path / "cache"
    (data / "raw").mkdir(parents=True)
    monkeypatch.setenv("MEGAN_DATA", str(data))
    monkeypatch.setattr(sources, "cache_folder", lambda: cache)
    return data, cache


@pytest.fixture
def published(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> RawFile:
    """A tiny public file that lies in the raw folder, of compounds that are on the real list."""
    content = b"SMILES,Y\nO=[N+]([O-])c1ccccc1,1\nnonsense,1\nCN(C)CCCN1c2ccccc2CCc2ccccc21,0\n"
    (folders[0] / "raw" / "tiny.csv").write_bytes(content)
    file = RawFile(
        "tiny", "tiny.csv", "some/one", "0" * 40, "a b.csv", hashlib.sha256(content).hexdigest(), "SMILES", "Y"
    )
    monkeypatch.setitem(RECIPES, "mutagenicity", Recipe((file,), name_sources=True))
    return file


def _no_network(*args: object, **kwargs: object) -> None:
    raise AssertionError("a test reached for the network")


def test_the_local_folder_wins_over_the_cache(folders: tuple[Path, Path]) -> None:
    data, cache = folders
    cache.mkdir()
    (cache / "ames.csv").write_text(TABLE)
    assert table_path(MUTAGENICITY) == cache / "ames.csv"
    (data / "ames.csv").write_text(TABLE)
    assert table_path(MUTAGENICITY) == data / "ames.csv"


def test_a_missing_table_says_how_to_get_it(folders: tuple[Path, Path]) -> None:
    with pytest.raises(FileNotFoundError, match="python -m app fetch-data mutagenicity.*MEGAN_DATA"):
        load_table(MUTAGENICITY)


def test_a_wrong_local_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGAN_DATA", "/no/such/folder")
    with pytest.raises(ValueError, match="MEGAN_DATA is '/no/such/folder'"):
        table_path(MUTAGENICITY)


def test_load_keeps_salts_and_reads_labels_as_numbers(folders: tuple[Path, Path]) -> None:
    (folders[0] / "ames.csv").write_text(TABLE)
    table = load_table(MUTAGENICITY)
    assert list(table.columns) == ["smiles", "label", "inchikey14", "split"]
    assert table.to_dict("list") == {
        "smiles": ["[Na+].CC(=O)[O-]"],
        "label": [0.0],
        "inchikey14": ["QTBSBXVTEAMEQO"],
        "split": ["train"],
    }
    assert table["label"].dtype == "float64"


def test_a_compound_of_two_splits_is_loaded_from_the_later_one(folders: tuple[Path, Path]) -> None:
    isomer = "CC(=O)[O-].[K+],1,toxric,QTBSBXVTEAMEQO,test\nCCO,0,toxric,LFQSCWFLJHTTHZ,train\n"
    (folders[0] / "ames.csv").write_text(TABLE + isomer)
    assert len(published_table(MUTAGENICITY)) == 3
    table = load_table(MUTAGENICITY)
    assert list(zip(table.index, table["smiles"], table["split"], strict=True)) == [
        (0, "CC(=O)[O-].[K+]", "test"),
        (1, "CCO", "train"),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("smiles,mutagenic\nC,1\n", "no column inchikey14, split"),
        (TABLE.replace(",0,", ",yes,"), "'yes' as label in row 0"),
    ],
)
def test_a_strange_table_is_refused(folders: tuple[Path, Path], text: str, sentence: str) -> None:
    (folders[0] / "ames.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        load_table(MUTAGENICITY)


def test_file_sha256(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"abc")
    assert file_sha256(tmp_path / "t") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_fetch_takes_the_local_raw_file_and_cleans_it_into_the_cache(
    folders: tuple[Path, Path], published: RawFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pooch, "retrieve", _no_network)
    path = fetch(MUTAGENICITY, progress=True)
    assert path == folders[1] / "ames.csv"
    table = pd.read_csv(path)
    assert set(table["smiles"]) == {"CN(C)CCCN1c2ccccc2CCc2ccccc21", "O=[N+]([O-])c1ccccc1"}
    assert [p.name for p in folders[1].iterdir()] == ["ames.csv"], "nothing half-written stays behind"
    assert "2 of 7,082 listed rows" in capsys.readouterr().err
    assert len(load_table(MUTAGENICITY)) == 2


def test_fetch_is_quiet_when_asked(
    folders: tuple[Path, Path], published: RawFile, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(MUTAGENICITY, progress=False)
    out = capsys.readouterr()
    assert not out.err
    assert not out.out


def test_a_changed_local_raw_file_is_refused(folders: tuple[Path, Path], published: RawFile) -> None:
    (folders[0] / "raw" / "tiny.csv").write_text("SMILES,Y\n")
    with pytest.raises(WrongFile, match=published.sha256):
        fetch(MUTAGENICITY, progress=False)


def test_a_changed_download_is_refused_and_thrown_away(
    folders: tuple[Path, Path], published: RawFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders[0] / "raw" / "tiny.csv").unlink()
    monkeypatch.setattr(
        pooch, "HTTPDownloader", lambda **_: lambda url, output_file, _: Path(output_file).write_text("other")
    )
    with pytest.raises(WrongFile, match="thrown away"):
        fetch(MUTAGENICITY, progress=False)
    assert not list(folders[1].rglob("*.csv"))


def test_no_network_is_one_clear_sentence(
    folders: tuple[Path, Path], published: RawFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders[0] / "raw" / "tiny.csv").unlink()

    def offline(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.ConnectionError("long\nugly\ntext")

    monkeypatch.setattr(requests, "get", offline)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", offline)
    with pytest.raises(DownloadFailed) as caught:
        fetch(MUTAGENICITY, progress=False)
    sentence = str(caught.value)
    assert "tiny.csv could not be fetched from https://raw.githubusercontent.com/some/one/000" in sentence
    assert "\n" not in sentence


def test_a_download_is_kept(folders: tuple[Path, Path], published: RawFile, monkeypatch: pytest.MonkeyPatch) -> None:
    local = folders[0] / "raw" / "tiny.csv"
    content = local.read_bytes()
    local.unlink()
    asked: list[str] = []

    def download(url: str, output_file: str, _: object) -> None:
        asked.append(url)
        Path(output_file).write_bytes(content)

    monkeypatch.setattr(pooch, "HTTPDownloader", lambda **_: download)
    first = fetch(MUTAGENICITY, progress=False).read_bytes()
    assert fetch(MUTAGENICITY, progress=False).read_bytes() == first
    assert asked == [f"https://raw.githubusercontent.com/some/one/{'0' * 40}/a%20b.csv"]


def test_every_task_has_a_recipe_with_public_files_and_a_list() -> None:
    assert set(RECIPES) == set(TASKS)
    for name, task in TASKS.items():
        assert split_list(task)
        for file in RECIPES[name].files:
            assert len(file.sha256) == 64
            assert len(file.commit) == 40
            assert file.address.startswith("https://raw.githubusercontent.com/")
            assert " " not in file.address
