"""What the benchmark of prototypes counts, and that it runs from concepts on disk to its file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import prototypes
from benchmarks.prototypes import COMMAND, heavy_atoms, is_canonical, is_inside, main, measure_concept, summary
from concepts.concept import Concept, ConceptSet
from concepts.prototypes.finding import PrototypeSettings, surroundings_of
from concepts.prototypes.genetic_search import SearchSettings
from concepts.storage import save_concepts
from megan.predictor import Predictor
from tests.concepts.made_concepts import made_set

QUICK = PrototypeSettings(search=SearchSettings(population=20, rounds=2))


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


@pytest.fixture(scope="module")
def found(predictor: Predictor, table: pd.DataFrame) -> ConceptSet:
    return made_set(predictor.bundle.members, [str(text) for text in table.loc[table["label"] == 1, "smiles"]])


def test_a_spelling_that_rdkit_would_not_write_is_not_canonical() -> None:
    assert is_canonical("CCO")
    assert not is_canonical("OCC")
    assert not is_canonical("C1CC")
    assert heavy_atoms("[H]OCC") == 3


def test_inside_is_within_the_radius_and_over_the_threshold(predictor: Predictor, found: ConceptSet) -> None:
    (concept,) = found
    nearest, farthest = concept.members[0], concept.members[-1]
    (answer,) = predictor.predict([nearest.smiles])
    assert is_inside(answer, concept, -10.0)
    assert not is_inside(answer, concept, nearest.contribution + 0.1)
    (far,) = predictor.predict([farthest.smiles])
    assert not is_inside(far, dataclasses.replace(concept, radius=farthest.distance / 2), -10.0)
    (problem,) = predictor.predict(["C1CC"])
    assert not is_inside(problem, concept, -10.0)


def test_a_concept_is_measured(predictor: Predictor, found: ConceptSet, table: pd.DataFrame) -> None:
    (concept,) = found
    row = measure_concept(predictor, found, concept, surroundings_of(table["smiles"]), QUICK)
    assert len(row["smiles"]) == row["valid"] == row["inside"] == len(row["atoms"]) >= 1
    assert row["wall_s"] > 0
    assert row["median_member_atoms"] == pd.Series([heavy_atoms(m.smiles) for m in concept.members]).median()
    nothing = measure_concept(predictor, found, concept, surroundings_of([]), QUICK)
    assert nothing["smiles"] == []
    assert nothing["best_by_round"] == 0


def test_shares_are_of_prototypes_and_seconds_of_concepts() -> None:
    row = {"median_member_atoms": 12.0, "best_by_round": 3, "own_verdict": 1}
    rows = [
        {**row, "smiles": ["C", "CC"], "valid": 2, "inside": 1, "wall_s": 1.0, "cpu_s": 0.5, "atoms": [1, 2]},
        {**row, "smiles": [], "valid": 0, "inside": 0, "own_verdict": 0, "wall_s": 3.0, "cpu_s": 2.5, "atoms": []},
    ]
    said = summary(rows, QUICK)
    assert (said["concepts"], said["concepts_with_prototypes"], said["prototypes"]) == (2, 1, 2)
    assert (said["valid_share"], said["inside_share"], said["own_verdict_share"]) == (1.0, 0.5, 0.5)
    assert (said["wall_s_median"], said["wall_s_slowest"], said["cpu_s_median"], said["cpu_s_slowest"]) == (
        2,
        3,
        1.5,
        2.5,
    )
    assert (said["atoms_of_smallest_median"], said["atoms_of_members_median"]) == (1.0, 12.0)
    assert said["final_size_by_round_median"] == 3.0
    assert summary(rows[1:], QUICK)["inside_share"] is None


def test_it_runs_from_concepts_on_disk_to_its_file(
    found: ConceptSet, predictor: Predictor, table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (concept,) = found
    second: Concept = dataclasses.replace(concept, id="mutagenic-02")
    save_concepts(tmp_path / "concepts", dataclasses.replace(found, concepts=(concept, second)))
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    raw = table.rename(columns={"label": "mutagenic"})
    raw.assign(sources="made").to_csv(tmp_path / "ames.csv", index=False)
    monkeypatch.setattr(Predictor, "load", lambda task: predictor)
    monkeypatch.setattr(prototypes, "PrototypeSettings", lambda: QUICK)
    main(["--concepts", str(tmp_path / "concepts"), "--first", "1", "--folder", str(tmp_path / "results")])
    written = json.loads((tmp_path / "results" / "prototypes.json").read_text())
    assert written["command"] == COMMAND
    measured = written["measured"]["mutagenicity"]
    assert measured["concepts"] == len(measured["each"]) == 1
    assert measured["each"][0]["concept"] == "mutagenic-01"
    with pytest.raises(SystemExit):
        main(["--first", "0"])
