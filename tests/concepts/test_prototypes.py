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
from concepts.genetic_search import SearchSettings
from concepts.matching import matcher_of
from concepts.prototypes import (
    PrototypeSettings,
    check,
    find_prototypes,
    judge_of,
    surroundings_of,
    with_prototypes,
)
from megan.model import Megan
from megan.prediction import Prediction
from megan.predictor import Predictor
from tests.concepts.made_concepts import CHANNEL, made_set

QUICK = PrototypeSettings(search=SearchSettings(population=60, rounds=8, parents=30))


@pytest.fixture(scope="module")
def networks(tiny_bundle: Path) -> tuple[Megan, ...]:
    return Predictor.load(tiny_bundle).bundle.members


@pytest.fixture(scope="module")
def nitro(networks: tuple[Megan, ...], table: pd.DataFrame) -> ConceptSet:
    return made_set(networks, table.loc[table["label"] == 1, "smiles"].tolist())


@pytest.fixture(scope="module")
def measured(table: pd.DataFrame) -> list[str]:
    return [str(text) for text in table["smiles"]]


def test_prototypes_are_valid_small_different_and_in_their_concept(
    networks: tuple[Megan, ...], nitro: ConceptSet, measured: list[str], tiny_bundle: Path
) -> None:
    (concept,) = nitro
    found = find_prototypes(nitro, concept, networks, surroundings_of(measured), QUICK)
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


def test_convergence_is_recorded(networks: tuple[Megan, ...], nitro: ConceptSet) -> None:
    (concept,) = nitro
    (first, *_) = find_prototypes(nitro, concept, networks, None, QUICK)
    assert len(first.rounds) == QUICK.search.rounds + 1
    assert list(first.rounds) == sorted(first.rounds, reverse=True)
    assert first.rounds[-1] <= first.atoms + 1


def test_equal_settings_give_equal_prototypes(networks: tuple[Megan, ...], nitro: ConceptSet) -> None:
    (concept,) = nitro
    assert find_prototypes(nitro, concept, networks, None, QUICK) == find_prototypes(
        nitro, concept, networks, None, QUICK
    )


def test_judge_agrees_with_matching_one_molecule_at_a_time(
    networks: tuple[Megan, ...], nitro: ConceptSet, measured: list[str]
) -> None:
    (concept,) = nitro
    said = judge_of(nitro, concept, networks, None)([Chem.MolFromSmiles(text) for text in measured])
    assert said.importance is not None
    alone = judge_of(nitro, concept, networks[:1], None)
    for row, text in enumerate(measured):
        once = alone([Chem.MolFromSmiles(text)])
        assert once.distance[0] == pytest.approx(said.distance[row], abs=1e-3)
        checked = check(nitro, concept, networks[:1], [text])
        assert said.distance[row] * concept.core == pytest.approx(checked.distance[0], abs=1e-4)
        if said.inside[row]:
            assert checked.inside[0]
            assert checked.distance[0] <= concept.core + 1e-4
        assert len(said.importance[row]) == Chem.MolFromSmiles(text).GetNumAtoms()
    assert 0 < said.inside.sum() <= len(concept.members)


def test_check_uses_the_network_that_made_the_concepts(networks: tuple[Megan, ...], measured: list[str]) -> None:
    swapped = made_set(networks[::-1], measured[:8])
    second = dataclasses.replace(swapped, filters=dataclasses.replace(swapped.filters, member=1))
    (concept,) = second
    smiles = [member.smiles for member in concept.members]
    checked = check(second, concept, networks, smiles)
    np.testing.assert_allclose(checked.distance, [member.distance for member in concept.members], atol=1e-5)


def test_a_contribution_under_the_threshold_is_outside(networks: tuple[Megan, ...], measured: list[str]) -> None:
    strict = made_set(networks, measured[:8], threshold=1e6)
    (concept,) = strict
    assert find_prototypes(strict, concept, networks, None, QUICK) == ()
    assert not check(strict, concept, networks, measured).inside.any()


def test_only_known_surroundings_count(networks: tuple[Megan, ...], nitro: ConceptSet, measured: list[str]) -> None:
    (concept,) = nitro
    known = surroundings_of(measured)
    assert surroundings_of(["CCO", "no molecule"]) == surroundings_of(["OCC"])
    for prototype in find_prototypes(nitro, concept, networks, known, QUICK):
        assert surroundings_of([prototype.smiles]) <= known
    assert find_prototypes(nitro, concept, networks, surroundings_of(["CCO"]), QUICK) == ()


def test_a_whole_set_gets_prototypes_with_progress(networks: tuple[Megan, ...], nitro: ConceptSet) -> None:
    seen: list[tuple[int, int]] = []
    found = with_prototypes(nitro, networks, None, QUICK, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 1)]
    assert found.concepts[0].prototypes == find_prototypes(nitro, nitro.concepts[0], networks, None, QUICK)
    assert dataclasses.replace(found, concepts=nitro.concepts) == nitro
    matches = matcher_of(found).match(np.zeros((0, 2, nitro.concepts[0].centroid.shape[0])))
    assert matches.concept.shape == (0, 2)


def test_a_foreign_concept_is_refused(networks: tuple[Megan, ...], nitro: ConceptSet) -> None:
    foreign = dataclasses.replace(nitro.concepts[0], id="mutagenic-07")
    with pytest.raises(ValueError, match="concept is 'mutagenic-07'; expected one of mutagenic-01"):
        find_prototypes(nitro, foreign, networks)


@pytest.mark.parametrize(
    ("field", "value"), [("count", 0), ("start", 0), ("most_similar", 0.0), ("most_similar", 1.1), ("most_larger", 0.9)]
)
def test_bad_settings_are_said(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"PrototypeSettings.{field} is {value}; expected"):
        PrototypeSettings(**{field: value})  # type: ignore[arg-type]
