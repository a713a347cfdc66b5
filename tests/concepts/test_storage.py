"""What is saved comes back as it was, and what is broken says so."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from concepts.concept import Concept, ConceptMap, ConceptSet
from concepts.storage import ConceptsError, load_concepts, save_concepts
from tests.concepts.hand_made import made_set, three_concepts


def assert_same(one: ConceptSet, other: ConceptSet) -> None:
    # Arrays are left out of the comparison of dataclasses.
    assert one == other
    for first, second in zip(one, other, strict=True):
        for name in ("centroid", "medoid"):
            assert (getattr(first, name) == getattr(second, name)).all()
            assert not getattr(second, name).flags.writeable
    for field in dataclasses.fields(ConceptMap):
        first, second = getattr(one.map, field.name), getattr(other.map, field.name)
        assert np.array_equal(first, second), field.name
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype


@pytest.mark.parametrize("found", [three_concepts(), made_set()], ids=["three", "none"])
def test_a_set_equals_itself_after_save_and_load(found: ConceptSet, tmp_path: Path) -> None:
    save_concepts(tmp_path / "run", found)
    assert_same(found, load_concepts(tmp_path / "run"))
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == ["concepts.json", "concepts.safetensors"]
    again = tmp_path / "again"
    save_concepts(again, load_concepts(tmp_path / "run"))
    for name in ("concepts.json", "concepts.safetensors"):
        assert (again / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_a_set_replaces_an_earlier_one(tmp_path: Path) -> None:
    save_concepts(tmp_path, three_concepts())
    save_concepts(tmp_path, made_set())
    assert len(load_concepts(tmp_path)) == 0


def broken(folder: Path, **changes: object) -> None:
    file = folder / "concepts.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_what_is_missing_or_broken_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConceptsError, match="expected .*or a folder with a concepts.json"):
        load_concepts("nowhere")
    save_concepts(tmp_path, three_concepts())
    broken(tmp_path, format=0)
    with pytest.raises(ConceptsError, match="format 0; expected 1: extract the concepts again"):
        load_concepts(tmp_path)
    (tmp_path / "concepts.json").write_text("[1, 2")
    with pytest.raises(ConceptsError, match="not valid JSON"):
        load_concepts(tmp_path)
    (tmp_path / "concepts.json").write_text("[1, 2]")
    with pytest.raises(ConceptsError, match="format None"):
        load_concepts(tmp_path)


def test_files_of_two_extractions_are_not_mixed(tmp_path: Path) -> None:
    save_concepts(tmp_path / "one", three_concepts())
    save_concepts(tmp_path / "other", made_set())
    (tmp_path / "one" / "concepts.safetensors").write_bytes((tmp_path / "other" / "concepts.safetensors").read_bytes())
    with pytest.raises(ConceptsError, match="is not the file"):
        load_concepts(tmp_path / "one")
    (tmp_path / "one" / "concepts.safetensors").unlink()
    with pytest.raises(ConceptsError, match="have no concepts.safetensors"):
        load_concepts(tmp_path / "one")


@pytest.mark.parametrize("changes", [{"filters": {"threshold": 1}}, {"concepts": [{}]}, {"metric": "manhattan"}])
def test_a_record_of_another_shape_says_so(tmp_path: Path, changes: dict[str, object]) -> None:
    save_concepts(tmp_path, three_concepts())
    broken(tmp_path, **changes)
    with pytest.raises(ConceptsError, match="do not hold what this version expects"):
        load_concepts(tmp_path)


def test_a_concept_checks_itself() -> None:
    concept = three_concepts().concepts[0]
    for changes, says in (
        ({"medoid": np.zeros(3, np.float32)}, "expected \\(D,\\)"),
        ({"stability": 1.5}, "stability is 1.5"),
        ({"histograms": {}}, "histograms"),
        ({"members": ()}, "members has 0 entries"),
    ):
        with pytest.raises(ValueError, match=says):
            dataclasses.replace(concept, **changes)


def test_questions_to_a_set() -> None:
    found = three_concepts()
    assert [concept.id for concept in found.of_channel(0)] == ["non-mutagenic-01", "non-mutagenic-02"]
    assert made_set().of_channel(1) == ()
    assert found.by_id("mutagenic-01").channel == 1
    with pytest.raises(ValueError, match="expected one of non-mutagenic-01"):
        found.by_id("nothing")
    first: Concept = found.concepts[0]
    assert (first.stable, found.concepts[1].stable) == (True, False)
    # Under 6 of 12 masks, and carried by all but under 5.
    assert [alert.name for alert in first.known_alerts] == ["epoxide"]
