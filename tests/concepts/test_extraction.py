"""From a tiny trained model to its concepts, and what is said where there are none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from concepts.concept import ConceptSet, ExtractionSettings
from concepts.extraction import default_settings, extract, for_shipping
from concepts.matching import NONE, matcher_of
from concepts.storage import load_concepts, save_concepts
from datasets.featurize import featurize
from megan.committee import ask
from megan.domain import key_hash
from megan.predictor import Predictor

EVERYTHING = {"threshold": -100.0, "own_verdict": False, "least_members": 4, "neighbours": 2, "resamples": 4}


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


def asked(predictor: Predictor, **changes: object) -> ExtractionSettings:
    return dataclasses.replace(default_settings(predictor, 32), **(EVERYTHING | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(predictor: Predictor, table: pd.DataFrame) -> ConceptSet:
    return extract(predictor, table, asked(predictor), data="made")


def test_numbers_of_a_concept_are_those_of_its_members(
    found: ConceptSet, predictor: Predictor, table: pd.DataFrame
) -> None:
    assert len(found) >= 1
    label, split = (dict(zip(table["smiles"], table[column], strict=True)) for column in ("label", "split"))
    for concept in found:
        members = concept.members
        assert len(members) == concept.n_members
        assert [m.distance for m in members] == sorted(m.distance for m in members)
        assert concept.contribution.value == pytest.approx(np.mean([m.contribution for m in members]), abs=1e-3)
        assert concept.prediction.value == pytest.approx(np.mean([m.prediction for m in members]), abs=1e-3)
        sizes = [sum(value >= 0.5 for value in m.mask) for m in members]
        assert concept.mask_size.value == pytest.approx(np.mean(sizes), abs=0.2)
        assert all((m.label, m.split) == (label[m.smiles], split[m.smiles]) for m in members)
        on_side = [m.label == concept.channel for m in members]
        assert concept.hit_rate is not None
        assert concept.hit_rate.value == pytest.approx(np.mean(on_side), abs=1e-4)
        assert [m.smiles for m in concept.counterexamples] == [
            m.smiles for m, right in zip(members, on_side, strict=True) if not right
        ]
        tested = [right for m, right in zip(members, on_side, strict=True) if m.split == "test"]
        assert (concept.hit_rate_test is None) == (not tested)
        assert all(sum(h.counts) == concept.n_members for h in concept.histograms.values())


def test_members_are_what_matching_finds(found: ConceptSet, predictor: Predictor, table: pd.DataFrame) -> None:
    smiles = list(table["smiles"])
    answer = ask(predictor.bundle.members, featurize(smiles))
    matches = matcher_of(found).match(answer.embedding, answer.fidelity)
    for position, concept in enumerate(found):
        matched = {smiles[i] for i in np.flatnonzero(matches.concept[:, concept.channel] == position)}
        assert matched == {m.smiles for m in concept.members}
    # Counts add up.
    for k in (0, 1):
        inside = int((matches.concept[:, k] != NONE).sum())
        assert found.passed[k] - found.unclustered[k] == inside == sum(c.n_members for c in found.of_channel(k))


def test_the_map_shows_every_molecule_that_passed(found: ConceptSet, table: pd.DataFrame) -> None:
    shown = found.map
    assert np.bincount(shown.channel, minlength=2).tolist() == list(found.passed)
    keys = {smiles: key_hash(key) for smiles, key in zip(table["smiles"], table["inchikey14"], strict=True)}
    for smiles, key, concept, channel in zip(shown.smiles, shown.keys, shown.concept, shown.channel, strict=True):
        assert keys[smiles] == int(key)
        if concept != NONE:
            assert found.concepts[concept].channel == channel
            assert smiles in {m.smiles for m in found.concepts[concept].members}


def test_the_order_of_the_table_changes_nothing_that_counts(
    found: ConceptSet, predictor: Predictor, table: pd.DataFrame
) -> None:
    shuffled = extract(predictor, table.sample(frac=1, random_state=3), asked(predictor), data="made")
    assert [(c.id, c.name, c.n_members) for c in shuffled] == [(c.id, c.name, c.n_members) for c in found]
    assert all(
        {m.smiles for m in a.members} == {m.smiles for m in b.members} for a, b in zip(shuffled, found, strict=True)
    )


def test_a_shipped_set_keeps_its_numbers_and_few_structures(found: ConceptSet, tmp_path: Path) -> None:
    few = for_shipping(found, members=2, counterexamples=1)
    assert few.map.smiles == ()
    for small, whole in zip(few, found, strict=True):
        assert small.members == whole.members[:2]
        assert len(small.counterexamples) <= 1
        assert (small.n_members, small.hit_rate, small.parts) == (whole.n_members, whole.hit_rate, whole.parts)
    save_concepts(tmp_path, few)
    assert load_concepts(tmp_path) == few


def test_a_shipped_map_is_thinned_evenly_by_channel_and_says_so(found: ConceptSet) -> None:
    thin = for_shipping(found, points=3)
    for k, name in enumerate(found.channels):
        whole, own = (np.flatnonzero(shown.channel == k) for shown in (found.map, thin.map))
        assert len(own) == min(3, len(whole))
        assert any(note.startswith(f"{name}: the map shows a random 3 of") for note in thin.notes) == (len(whole) > 3)
        at = {int(key): row for row, key in zip(whole, found.map.keys[whole], strict=True)}
        for row in own:
            same = at[int(thin.map.keys[row])]
            assert (thin.map.points[row] == found.map.points[same]).all()
            assert thin.map.concept[row] == found.map.concept[same]
    assert for_shipping(found, points=3).map.keys.tolist() == thin.map.keys.tolist()


def test_another_member_has_other_embeddings(found: ConceptSet, predictor: Predictor, table: pd.DataFrame) -> None:
    other = extract(predictor, table, asked(predictor, member=1), data="made")
    assert not np.allclose(other.map.origin, found.map.origin)
    with pytest.raises(ValueError, match="member is 2; expected 0 to 1"):
        extract(predictor, table, asked(predictor, member=2), data="made")


def test_an_empty_filter_is_a_sentence(predictor: Predictor, table: pd.DataFrame) -> None:
    none = extract(predictor, table, asked(predictor, threshold=1e6), data="made")
    assert (len(none), none.passed, none.of_channel(0)) == (0, (0, 0), ())
    assert any(note.startswith("mutagenic: there is no molecule of which") for note in none.notes)
    assert (matcher_of(none).match(np.zeros((1, 2, 16))).concept == NONE).all()


def test_fewer_molecules_than_a_cluster_and_no_density_are_sentences(predictor: Predictor, table: pd.DataFrame) -> None:
    few = extract(predictor, table, asked(predictor, least_members=40), data="made")
    assert any("fewer than the 40 that a concept needs" in note for note in few.notes)
    one = extract(predictor, table.iloc[:1], asked(predictor), data="made")
    assert (len(one), one.n_molecules) == (0, 1)


def test_rows_that_are_no_molecule_and_repeats_are_counted(predictor: Predictor) -> None:
    rows = pd.DataFrame({"smiles": ["C", "[Na+].[Cl-]", "no molecule", "CCO", "OCC", "", "O"]})
    told: list[str] = []
    got = extract(predictor, rows, asked(predictor), data="mine", tell=told.append)
    assert got.n_molecules == 4
    assert got.notes[0] == "2 rows were left out: no molecule can be read from them."
    assert got.notes[1] == "1 row was left out: an earlier row has the same structure."
    assert told
    assert (got.map.keys == 0).all()
    with pytest.raises(ValueError, match="none of 2 structures could be read"):
        extract(predictor, pd.DataFrame({"smiles": ["?", "x"]}), asked(predictor), data="mine")


def test_molecules_that_nobody_measured_have_no_hit_rate(predictor: Predictor, table: pd.DataFrame) -> None:
    got = extract(predictor, table[["smiles"]], asked(predictor), data="mine")
    assert len(got) >= 1
    for concept in got:
        assert concept.hit_rate is None
        assert concept.hit_rate_test is None
        assert concept.counterexamples == ()
        assert concept.members[0].label is None


@pytest.mark.parametrize(
    "changes", [{"least_members": 1}, {"neighbours": 0}, {"threshold": float("nan")}, {"resamples": -1}]
)
def test_wrong_settings_are_named(predictor: Predictor, table: pd.DataFrame, changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(changes))} is .*; expected"):
        extract(predictor, table, asked(predictor, **changes), data="made")


def test_verdicts_and_defaults(predictor: Predictor, table: pd.DataFrame) -> None:
    settings = default_settings(predictor, 50_000)
    assert (settings.least_members, settings.threshold, settings.own_verdict) == (71, 0.2, True)
    assert default_settings(predictor, 100).least_members == 10
    own = extract(predictor, table, asked(predictor, own_verdict=True), data="made")
    both = extract(predictor, table, asked(predictor), data="made")
    # A molecule speaks in the one channel of its verdict at most.
    assert 0 < sum(own.passed) <= own.n_molecules
    assert all(few <= many for few, many in zip(own.passed, both.passed, strict=True))
