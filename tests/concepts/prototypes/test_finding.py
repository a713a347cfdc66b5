"""Prototypes of a concept of the tiny model: they are in it, small, different, and the same every time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from concepts.concept import ConceptSet
from concepts.matching import matcher_of
from concepts.prototypes.finding import (
    PrototypeSettings,
    check,
    find_prototypes,
    judge_of,
    surroundings_of,
    with_prototypes,
)
from concepts.prototypes.genetic_search import SearchSettings
from megan.model import Megan
from megan.prediction import Prediction
from megan.predictor import Predictor
from tests.concepts.made_concepts import CHANNEL, made_set

QUICK = PrototypeSettings(search=SearchSettings(population=60, rounds=8, parents=30))


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


@pytest.fixture(scope="module")
def nitro(predictor: Predictor, table: pd.DataFrame) -> ConceptSet:
    return made_set(predictor.bundle.members, table.loc[table["label"] == 1, "smiles"].tolist())


def with_members(predictor: Predictor, members: tuple[Megan, ...]) -> Predictor:
    return dataclasses.replace(predictor, bundle=dataclasses.replace(predictor.bundle, members=members))


@pytest.fixture(scope="module")
def measured(table: pd.DataFrame) -> list[str]:
    return [str(text) for text in table["smiles"]]


def test_prototypes_are_valid_small_different_and_in_their_concept(
    predictor: Predictor, nitro: ConceptSet, measured: list[str], tiny_bundle: Path
) -> None:
    (concept,) = nitro
    found = find_prototypes(predictor, nitro, concept, surroundings_of(measured), QUICK)
    assert 1 <= len(found) <= 3
    smallest = min(Chem.MolFromSmiles(m.smiles).GetNumHeavyAtoms() for m in concept.members)
    assert found[0].atoms <= smallest
    # Asked through the one door, not by what the search itself uses.
    answers = Predictor.load(tiny_bundle).predict([prototype.smiles for prototype in found])
    for prototype, answer in zip(found, answers, strict=True):
        assert isinstance(answer, Prediction)
        explanation = answer.explanation
        direction = explanation.embedding[CHANNEL] / np.linalg.norm(explanation.embedding[CHANNEL])
        distance = 1 - direction @ concept.centroid
        assert distance <= concept.radius
        assert prototype.distance == pytest.approx(distance, abs=1e-4)
        assert prototype.contribution == pytest.approx(explanation.fidelity[CHANNEL], abs=1e-3)
        mol = Chem.MolFromSmiles(prototype.smiles)
        assert mol.GetNumHeavyAtoms() == prototype.atoms
        assert Chem.MolToSmiles(mol) == prototype.smiles
        assert prototype.atoms <= 1.5 * found[0].atoms
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(p.smiles)) for p in found]
    for row in range(1, len(prints)):
        assert max(DataStructs.BulkTanimotoSimilarity(prints[row], prints[:row])) <= 0.5


def test_convergence_is_recorded(predictor: Predictor, nitro: ConceptSet) -> None:
    (concept,) = nitro
    prototypes = find_prototypes(predictor, nitro, concept, None, QUICK)
    first = prototypes[0]
    assert len(first.rounds) == QUICK.search.rounds + 1
    assert list(first.rounds) == sorted(first.rounds, reverse=True)
    assert first.rounds[-1] <= first.atoms + 1
    for prototype in prototypes:
        assert prototype.stages[-1].smiles == prototype.smiles
        assert prototype.stages[0].round == 0
        assert [stage.round for stage in prototype.stages] == sorted({stage.round for stage in prototype.stages})


def test_equal_settings_give_equal_prototypes(predictor: Predictor, nitro: ConceptSet) -> None:
    (concept,) = nitro
    assert find_prototypes(predictor, nitro, concept, None, QUICK) == find_prototypes(
        predictor, nitro, concept, None, QUICK
    )


def test_judge_agrees_with_matching_one_molecule_at_a_time(
    predictor: Predictor, nitro: ConceptSet, measured: list[str]
) -> None:
    (concept,) = nitro
    said = judge_of(predictor, nitro, concept, None)([Chem.MolFromSmiles(text) for text in measured])
    assert said.importance is not None
    alone = with_members(predictor, predictor.bundle.members[:1])
    judge = judge_of(alone, nitro, concept, None)
    for row, text in enumerate(measured):
        once = judge([Chem.MolFromSmiles(text)])
        assert once.distance[0] == pytest.approx(said.distance[row], abs=1e-3)
        checked = check(alone, nitro, concept, [text])
        assert said.distance[row] * concept.core == pytest.approx(checked.distance[0], abs=1e-4)
        if said.inside[row]:
            assert checked.inside[0]
            assert checked.distance[0] <= concept.core + 1e-4
        assert len(said.importance[row]) == Chem.MolFromSmiles(text).GetNumAtoms()
    assert 0 < said.inside.sum() <= len(concept.members)


def test_check_uses_the_network_that_made_the_concepts(predictor: Predictor, measured: list[str]) -> None:
    swapped = made_set(predictor.bundle.members[::-1], measured[:8])
    second = dataclasses.replace(swapped, filters=dataclasses.replace(swapped.filters, member=1))
    (concept,) = second
    smiles = [member.smiles for member in concept.members]
    checked = check(predictor, second, concept, smiles)
    np.testing.assert_allclose(checked.distance, [member.distance for member in concept.members], atol=1e-5)


def test_a_contribution_under_the_threshold_is_outside(predictor: Predictor, measured: list[str]) -> None:
    strict = made_set(predictor.bundle.members, measured[:8], threshold=1e6)
    (concept,) = strict
    assert find_prototypes(predictor, strict, concept, None, QUICK) == ()
    assert not check(predictor, strict, concept, measured).inside.any()


def test_the_verdict_must_be_the_channels_where_members_have_it(
    predictor: Predictor, nitro: ConceptSet, measured: list[str]
) -> None:
    sided = dataclasses.replace(nitro, filters=dataclasses.replace(nitro.filters, own_verdict=True))
    (concept,) = sided
    verdicts = [
        answer.verdict == "mutagenic" for answer in predictor.predict(measured) if isinstance(answer, Prediction)
    ]
    assert 0 < sum(verdicts) < len(measured)
    anyone = check(predictor, nitro, concept, measured).inside
    np.testing.assert_array_equal(check(predictor, sided, concept, measured).inside, anyone & verdicts)
    # A card that calls nothing mutagenic leaves no prototype.
    calibration = {**predictor.card["calibration"], "threshold": 1.1}
    strict = dataclasses.replace(predictor, card={**predictor.card, "calibration": calibration})
    assert find_prototypes(strict, sided, concept, None, QUICK) == ()


def test_only_known_surroundings_count(predictor: Predictor, nitro: ConceptSet, measured: list[str]) -> None:
    (concept,) = nitro
    known = surroundings_of(measured)
    assert surroundings_of(["CCO", "no molecule"]) == surroundings_of(["OCC"])
    for prototype in find_prototypes(predictor, nitro, concept, known, QUICK):
        assert surroundings_of([prototype.smiles]) <= known
    assert find_prototypes(predictor, nitro, concept, surroundings_of(["CCO"]), QUICK) == ()


def test_a_whole_set_gets_prototypes_with_progress(predictor: Predictor, nitro: ConceptSet) -> None:
    seen: list[tuple[int, int]] = []
    found = with_prototypes(predictor, nitro, None, QUICK, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 1)]
    assert found.concepts[0].prototypes == find_prototypes(predictor, nitro, nitro.concepts[0], None, QUICK)
    assert dataclasses.replace(found, concepts=nitro.concepts) == nitro
    matches = matcher_of(found).match(np.zeros((0, 2, nitro.concepts[0].centroid.shape[0])))
    assert matches.concept.shape == (0, 2)


def test_a_foreign_concept_is_refused(predictor: Predictor, nitro: ConceptSet) -> None:
    foreign = dataclasses.replace(nitro.concepts[0], id="mutagenic-07")
    with pytest.raises(ValueError, match="concept is 'mutagenic-07'; expected one of mutagenic-01"):
        find_prototypes(predictor, nitro, foreign)


@pytest.mark.parametrize(
    ("field", "value"), [("count", 0), ("start", 0), ("most_similar", 0.0), ("most_similar", 1.1), ("most_larger", 0.9)]
)
def test_bad_settings_are_said(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"PrototypeSettings.{field} is {value}; expected"):
        PrototypeSettings(**{field: value})  # type: ignore[arg-type]
