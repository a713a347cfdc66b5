"""What a card says of a test split: trust that ranks errors, and what chance alone would show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from megan.calibration import Conformal
from megan.card import read_card
from megan.domain import MeasuredSet, fingerprint, key_hash, similarities
from megan.evaluation import TrainingNeighbours, conformal_coverage, rejection_record, training_neighbours
from megan.predictor import Outputs

SMILES = ("c1ccccc1O", "CCO", "c1ccccc1N", "CCCCO", "CCO")
SPLITS = (0, 2, 0, 1, 2)


def measured(splits: tuple[int, ...] = SPLITS) -> MeasuredSet:
    return MeasuredSet(
        fingerprints=np.stack([fingerprint(text) for text in SMILES]),
        labels=np.array([1, 0, 1, 0, 1], dtype=np.float32),
        splits=np.array(splits, dtype=np.uint8),
        keys=np.array([key_hash(text) for text in SMILES], dtype=np.uint64),
    )


def outputs(output: list[float], spread: list[float]) -> Outputs:
    return Outputs(np.array(output), np.array(spread), np.zeros((len(output), 2), dtype=np.float32))


def test_neighbours_are_training_compounds_only() -> None:
    found = training_neighbours(measured(), np.array([0.0, 1.0]))
    assert found is not None
    assert found.similarity[0] == found.similarity[1] < 1
    assert found.label.tolist() == [1, 1]
    found = training_neighbours(measured((0, 2, 0, 1, 0)), np.array([0.0]))
    assert found is not None
    assert found.similarity.tolist() == [1.0]


def test_the_nearest_labels_count_by_their_similarity() -> None:
    known = replace(measured((0, 2, 0, 0, 1)), labels=np.array([1, 0, 1, 0, 1], dtype=np.float32))
    found = training_neighbours(known, np.array([0.0]))
    near = [float(similarities(known.fingerprints[[i]], known.fingerprints[1])[0]) for i in (0, 2, 3)]
    assert found is not None
    assert found.label[0] == pytest.approx((near[0] + near[1]) / sum(near), abs=1e-4)


def test_other_molecules_than_the_measured_have_no_neighbours() -> None:
    assert training_neighbours(measured(), np.array([1.0, 0.0])) is None
    assert training_neighbours(measured(), np.array([0.0])) is None
    assert training_neighbours(measured((2, 2, 2, 2, 2)), measured().labels.astype(float)) is None


def test_verdicts_are_ordered_by_agreement_nearness_and_distance_from_the_threshold() -> None:
    near = TrainingNeighbours(np.array([0.2, 0.9, 1, 0]), np.array([0.9, 0.3, 0.6, 0.8]))
    record = rejection_record(
        outputs([0.9, 0.31, 0.2, 0.6], [0.3, 0.02, 0.2, 0.01]),
        np.array([1.0, 0, 1, 1]),
        0.3,
        near,
    )
    # Wrong are the second and the third molecule.
    assert record["error"] == "wrong"
    assert record["kept"] == [0.25, 0.5, 0.75, 1.0]
    error = {name: order["error"] for name, order in record["orders"].items()}
    assert error == {
        "spread": [0.0, 0.5, 0.66667, 0.5],
        "similarity": [1.0, 1.0, 0.66667, 0.5],
        "margin": [0.0, 0.0, 0.33333, 0.5],
        "neighbours": [0.0, 0.0, 0.33333, 0.5],
    }
    for order in record["orders"].values():
        assert order["area"]["value"] == pytest.approx(np.mean(order["error"]), abs=1e-5)
        assert order["area"]["value"] + order["gain"]["value"] == pytest.approx(0.5, abs=2e-5)


def test_values_are_judged_by_their_squared_error_and_have_no_margin() -> None:
    record = rejection_record(outputs([1.0, 5.0], [0.1, 0.2]), np.array([2.0, 2.0]), None, None)
    assert record["error"] == "rmse"
    assert list(record["orders"]) == ["spread"]
    assert record["orders"]["spread"]["error"] == pytest.approx([1.0, np.sqrt(5)], abs=1e-5)
    near = TrainingNeighbours(np.array([0.9, 0.8]), np.array([3.0, 4.5]))
    record = rejection_record(outputs([1.0, 5.0], [0.1, 0.2]), np.array([2.0, 2.0]), None, near)
    # The second molecule's neighbours are nearer to its prediction, which is the worse one.
    assert record["orders"]["neighbours"]["error"][0] == pytest.approx(3.0)


def test_coverage_counts_the_true_class_within_its_own_class() -> None:
    from datasets.tasks import MUTAGENICITY

    conformal = Conformal.from_probabilities(np.r_[np.linspace(0, 1, 19), np.linspace(0, 1, 19)], np.arange(38) // 19)
    found = conformal_coverage(MUTAGENICITY, np.array([0.0, 0, 0, 1]), np.array([0.0, 0.5, 0.99, 0.9]), conformal)
    assert list(found) == ["0.8", "0.9", "0.95"]
    assert found["0.8"]["non-mutagenic"].value == pytest.approx(2 / 3)
    assert found["0.8"]["mutagenic"].value == 1
    assert found["0.8"]["non-mutagenic"].low < 2 / 3 < found["0.8"]["non-mutagenic"].high
    assert list(conformal_coverage(MUTAGENICITY, np.array([1.0]), np.array([0.9]), conformal)["0.9"]) == ["mutagenic"]


def test_a_card_says_what_trust_is_worth_and_what_chance_would_show(tiny_bundle: Path) -> None:
    card = read_card(tiny_bundle)
    rejection = card["curves"]["rejection"]
    assert set(rejection["orders"]) == {"spread", "similarity", "margin", "neighbours"}
    assert len(rejection["kept"]) == card["test"]["n"]
    assert {order["error"][-1] for order in rejection["orders"].values()} == {
        rejection["orders"]["spread"]["error"][-1]
    }
    chance = card["test"]["ece_by_chance"]
    assert 0 < chance["low"] <= chance["value"] <= chance["high"] < 1
    assert list(card["conformal_by_chance"]) == list(card["conformal"]) == ["0.8", "0.9", "0.95"]
    for level, classes in card["conformal_by_chance"].items():
        assert set(classes) == set(card["conformal"][level]) == {"non-mutagenic", "mutagenic"}
        assert all(0 <= span["low"] <= span["high"] <= 1 for span in classes.values())
