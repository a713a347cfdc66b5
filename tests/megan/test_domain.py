"""Fingerprint domain against RDKit's own similarities."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from megan.domain import (
    MeasuredSet,
    describe_domain,
    fingerprint,
    key_hash,
    similarities,
    similarity_limit,
)

SMILES = ["CCO", "CCCO", "c1ccccc1O", "Nc1ccccc1", "CC(=O)Oc1ccccc1C(=O)O", "O=[N+]([O-])c1ccccc1"]


def inchikey(smiles: str) -> str:
    return str(Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)))


@pytest.fixture
def measured() -> MeasuredSet:
    return MeasuredSet(
        fingerprints=np.stack([fingerprint(s) for s in SMILES]),
        labels=np.array([0, 0, 0, 1, 0, 1], dtype=np.float32),
        splits=np.array([0, 0, 0, 0, 1, 2], dtype=np.uint8),
        keys=np.array([key_hash(inchikey(s)) for s in SMILES], dtype=np.uint64),
    )


def test_similarities_are_those_of_rdkit(measured: MeasuredSet) -> None:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(s)) for s in SMILES]
    for row, own in enumerate(prints):
        expected = DataStructs.BulkTanimotoSimilarity(own, prints)
        assert similarities(measured.fingerprints, fingerprint(SMILES[row])).tolist() == pytest.approx(expected)


def test_neighbours_come_nearest_first_and_without_the_compound_itself(measured: MeasuredSet) -> None:
    domain = describe_domain(measured, "CCO", inchikey("CCO"), 0.3)
    assert domain.measured is not None
    assert (domain.measured.index, domain.measured.label, domain.measured.split) == (0, 0.0, "train")
    assert domain.similarity == 1.0
    assert domain.neighbours[0].index == 1
    near = [n.similarity for n in domain.neighbours]
    assert near == sorted(near, reverse=True)
    assert 0 not in [n.index for n in domain.neighbours]


def test_isomers_measured_apart_are_all_records_and_no_neighbours() -> None:
    smiles = ["C[C@H](N)C(=O)O", "CCO", "C[C@@H](N)C(=O)O"]
    isomers = MeasuredSet(
        fingerprints=np.stack([fingerprint(s) for s in smiles]),
        labels=np.array([-0.5, 1.0, -0.3], dtype=np.float32),
        splits=np.zeros(3, dtype=np.uint8),
        keys=np.array([key_hash(inchikey(s)) for s in smiles], dtype=np.uint64),
    )
    domain = describe_domain(isomers, "CC(N)C(=O)O", inchikey("CC(N)C(=O)O"), 0.3)
    assert [record.index for record in domain.records] == [0, 2]
    assert domain.measured == domain.records[0]
    assert [n.index for n in domain.neighbours] == [1]
    assert describe_domain(isomers, "CCN", inchikey("CCN"), 0.3).records == ()


def test_of_one_skeleton_the_record_of_the_same_structure_is_meant() -> None:
    """Oxides share the key of their first fragment, which says nothing of the metal."""
    smiles = ["[O-2].[Mg+2]", "[O-2].[Zn+2]"]
    oxides = MeasuredSet(
        fingerprints=np.stack([fingerprint(s) for s in smiles]),
        labels=np.array([-3.0, -5.0], dtype=np.float32),
        splits=np.zeros(2, dtype=np.uint8),
        keys=np.full(2, key_hash("AHKZTVQIVOEVFO"), dtype=np.uint64),
    )
    domain = describe_domain(oxides, "[O-2].[Zn+2]", "AHKZTVQIVOEVFO-UHFFFAOYSA-N", 0.3)
    assert [(record.index, record.label) for record in domain.records] == [(1, -5.0)]


def test_only_training_compounds_decide_the_domain(measured: MeasuredSet) -> None:
    domain = describe_domain(measured, SMILES[5], inchikey(SMILES[5]), 0.9)
    assert domain.measured is not None
    assert domain.measured.split == "test"
    assert domain.similarity < 0.9
    assert not domain.inside


def test_the_key_names_the_skeleton_not_the_stereo_form() -> None:
    assert key_hash(inchikey("C[C@H](N)C(=O)O")) == key_hash(inchikey("C[C@@H](N)C(=O)O"))
    assert key_hash(inchikey("CCO")) != key_hash(inchikey("CCN"))


def test_the_limit_is_what_most_validation_compounds_reach(measured: MeasuredSet) -> None:
    train = measured.fingerprints[:4]
    assert similarity_limit(measured) == pytest.approx(similarities(train, fingerprint(SMILES[4])).max())


def test_no_validation_compounds_means_nothing_is_outside(measured: MeasuredSet) -> None:
    only_train = MeasuredSet(measured.fingerprints, measured.labels, np.zeros(6, np.uint8), measured.keys)
    assert similarity_limit(only_train) == 0.0


def test_fields_of_unequal_length_are_refused(measured: MeasuredSet) -> None:
    with pytest.raises(ValueError, match=r"MeasuredSet.keys has 2 rows; expected 6"):
        MeasuredSet(measured.fingerprints, measured.labels, measured.splits, measured.keys[:2])


def test_a_bad_smiles_is_named() -> None:
    with pytest.raises(ValueError, match="smiles is 'CC\\('"):
        fingerprint("CC(")
