"""Parts that are handed over through a place are whole, of their run, and taken once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from app.screening.engines.fetching import fetch_input
from app.screening.engines.handing_over import HandingOver, file_system, is_uri
from app.screening.run_folder import RunError, make_run
from app.screening.settings import ScreenSettings
from tests.app.screening.engine_work import content, made_up_run
from tests.app.screening.object_store import object_store

TABLE = pa.table({"row": [0, 1], "smiles": ["CCO", None]})


@pytest.mark.parametrize(("scheme", "name"), [("", "a place"), ("file://", "a%20place")])
def test_parts_are_handed_over_and_taken(tmp_path: Path, scheme: str, name: str) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    place = HandingOver(f"{scheme}{tmp_path}/{name}", "one")
    assert place.waiting() == []
    place.put(3, TABLE)
    place.put(0, TABLE)
    HandingOver(place.place, "another").put(1, TABLE)
    assert place.waiting() == [0, 3]
    assert [file.name for file in sorted((tmp_path / "a place" / "one").iterdir())] == [
        "part-00000.parquet",
        "part-00003.parquet",
    ]
    place.take(0, run)
    assert content(run) == TABLE.to_pylist()
    assert place.waiting() == [3]
    with pytest.raises(FileNotFoundError):
        place.take(0, run)
    (tmp_path / "a place" / "one" / "part-00003.parquet").write_bytes(b"PAR1")
    with pytest.raises(OSError, match="did not come whole"):
        place.take(3, run)
    assert content(run) == TABLE.to_pylist()


def test_what_was_half_written_is_no_part(tmp_path: Path) -> None:
    place = HandingOver(str(tmp_path), "one")
    place.put(0, TABLE)
    (tmp_path / "one" / ".part-00001.parquet.x.part").write_bytes(b"PAR1")
    (tmp_path / "one" / "notes.txt").touch()
    assert place.waiting() == [0]


def test_an_odd_place_is_a_sentence_without_its_key() -> None:
    assert is_uri("s3://bucket/key")
    assert not is_uri("C:/library.csv")
    with pytest.raises(ValueError, match="a place of kind 'gopher' cannot be used here") as error:
        file_system("gopher://user:secret@host/x")
    assert "secret" not in str(error.value)


def test_parts_go_through_an_object_store(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    with object_store("bucket") as (query, objects):
        place = HandingOver(f"s3://name:secret@bucket/some/place?{query}", "one")
        assert place.waiting() == []
        place.put(0, TABLE)
        place.put(11, TABLE)
        assert [key for key in objects if not key.endswith("/")] == [
            "some/place/one/part-00000.parquet",
            "some/place/one/part-00011.parquet",
        ]
        assert place.waiting() == [0, 11]
        place.take(11, run)
        assert place.waiting() == [0]
        with pytest.raises(FileNotFoundError):
            place.take(7, run)
    assert content(run) == TABLE.to_pylist()


def test_an_input_comes_from_an_object_store(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    settings = ScreenSettings(("mutagenicity",))
    with object_store("bucket") as (query, objects):
        objects["in/library.smi"] = b"CCO a\nCCN b\n"
        uri = f"s3://name:secret@bucket/in/library.smi?{query}"
        run = make_run(folder, fetch_input(uri, folder), settings)
        assert run.input.read_bytes() == objects["in/library.smi"]
        assert "secret" not in (folder / "run.json").read_text(encoding="utf-8")
        assert make_run(folder, fetch_input(uri, folder), settings).record == run.record
        objects["in/library.smi"] += b"CCC c\n"
        with pytest.raises(RunError, match="its content has changed"):
            make_run(folder, fetch_input(uri, folder), settings)
        with pytest.raises(FileNotFoundError):
            fetch_input(uri.replace("library", "nothing"), folder)
