"""Every split of a small table can be judged; the scaffold split is kept where it can be."""

from __future__ import annotations

from itertools import product

import numpy as np
from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold

from datasets.measured_splits import split_measured, split_problem

RINGS = (
    "c1ccc({})cc1",
    "C1CCC({})CC1",
    "c1cc({})ccn1",
    "c1ccc2cc({})ccc2c1",
    "C1CC({})CCN1",
    "c1cc({})cs1",
    "C1CC({})C1",
)
GROUPS = ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C#N", "CO", "SC", "CCC")
SMILES = [ring.format(group) for ring, group in product(RINGS, GROUPS)]
LABELS = np.array([i % 2 for i in range(len(SMILES))], dtype=float)


def test_no_scaffold_is_in_two_splits() -> None:
    split, how = split_measured(SMILES, LABELS, "classification")
    assert how == "scaffold"
    seen: dict[str, set[str]] = {}
    for text, name in zip(SMILES, split, strict=True):
        seen.setdefault(MurckoScaffold.MurckoScaffoldSmiles(text), set()).add(name)
    assert all(len(names) == 1 for names in seen.values())
    assert not split_problem(split, LABELS, "classification")


def test_chains_have_one_scaffold_and_are_split_at_random() -> None:
    smiles = ["C" * n + end for n in range(1, 31) for end in ("O", "N")]
    labels = np.array([float(text.endswith("N")) for text in smiles])
    split, how = split_measured(smiles, labels, "classification")
    assert how == "random"
    assert not split_problem(split, labels, "classification")
    assert all(Chem.MolFromSmiles(text) for text in smiles)


def test_a_rare_class_is_in_every_split() -> None:
    labels = np.zeros(len(SMILES))
    labels[:10] = 1  # all on one ring, so no scaffold split holds them everywhere
    split, how = split_measured(SMILES, labels, "classification")
    assert how == "random"
    assert [int(labels[split == name].sum()) for name in ("train", "valid", "test")] == [6, 2, 2]


def test_a_regression_is_split_too() -> None:
    split, how = split_measured(SMILES, np.arange(len(SMILES), dtype=float), "regression")
    assert how == "scaffold"
    assert {*split} == {"train", "valid", "test"}


def test_what_is_wrong_with_a_split_is_said() -> None:
    labels = np.array([0.0, 1.0, 0.0, 1.0])
    split = np.array(["train", "train", "valid", "test"])
    assert "class 0" in split_problem(split, labels, "classification")
    assert "different values" in split_problem(split, labels, "regression")
