"""Neighbours get the structure that was measured, also where a skeleton was measured several times."""

from __future__ import annotations

import numpy as np

from megan.domain import key_hash
from megan.prediction import Domain, Neighbour
from megan.structures import with_structures

KEY = key_hash("AGPKZVBTJJNPAG")


def test_of_several_rows_of_a_skeleton_the_one_with_the_label_is_named() -> None:
    rows = {KEY: [(-0.503, "CC[C@H](C)[C@H](N)C(O)=O"), (-0.7875, "CC[C@H](C)[C@@H](N)C(O)=O")]}
    keys = np.array([KEY, KEY, 5], dtype=np.uint64)
    first, second = (Neighbour(i, 1.0, float(np.float32(label)), "test") for i, label in enumerate((-0.503, -0.7875)))
    unknown = Neighbour(2, 0.3, 0.0, "train")
    named = with_structures(Domain(1.0, True, (unknown,), first, (first, second)), keys, rows)
    assert [record.smiles for record in named.records] == [smiles for _, smiles in rows[KEY]]
    assert named.measured == named.records[0]
    assert named.neighbours == (unknown,)


def test_without_the_table_nothing_changes() -> None:
    domain = Domain(0.5, True, (Neighbour(0, 0.5, 1.0, "train"),), None)
    assert with_structures(domain, np.array([KEY], dtype=np.uint64), {}) is domain
