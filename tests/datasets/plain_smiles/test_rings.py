"""Cores and ring sizes against RDKit's rings."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from datasets.featurize import featurize
from datasets.plain_smiles.chemistry import add_hydrogens
from datasets.plain_smiles.ring_cores import find_cores
from datasets.plain_smiles.rings import find_ring_bonds, measure_rings
from datasets.plain_smiles.sketch import (
    BOND_RING_SIZE,
    CORE,
    IN_CORE,
    IN_RING,
    RING_BONDS,
    RING_SIZE,
    Sketch,
    new_sketch,
)
from datasets.plain_smiles.text import REFUSED, draw
from tests.datasets.plain_smiles.made_molecules import made_molecules


def drawn(text: str) -> tuple[Sketch, int, int]:
    data, sketch = np.frombuffer(text.encode(), dtype=np.uint8), new_sketch()
    n, m = draw(data, 0, len(data), sketch)
    assert n != REFUSED
    find_ring_bonds(sketch, n, m)
    assert add_hydrogens(sketch, n)
    assert find_cores(sketch, n, m)
    return sketch, n, m


def cores(text: str) -> list[list[int]]:
    """Atoms of each core."""
    sketch, n, _ = drawn(text)
    of_atom = sketch.atoms[CORE, :n].tolist()
    return [[i for i, c in enumerate(of_atom) if c == core] for core in sorted(set(of_atom) - {-1})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C1CCCCC1", []),
        ("CCC", []),
        ("C1=CCCCC1", []),
        ("c1ccccc1", [[0, 1, 2, 3, 4, 5]]),
        ("c1ccc(-c2ccccc2)cc1", [[0, 1, 2, 3, 10, 11], [4, 5, 6, 7, 8, 9]]),
        ("C1=Cc2ccccc2C1", [[2, 3, 4, 5, 6, 7]]),  # indene: the double bond ends in a saturated carbon
        ("c1ccc2c(c1)CCCC2", [[0, 1, 2, 3, 4, 5]]),  # tetralin
        ("c1ccc2c(c1)Cc1ccccc1-2", [list(range(13))]),  # fluorene: the carbon joins atoms that are no neighbours
        ("C1=CC2=CC=CC=CC(=C1)C2", [list(range(11))]),  # a bridged annulene, whose large ring is none of the smallest
        ("c1cc2cc(c1)CCC2", [list(range(9))]),  # a cyclophane
        ("C1NNC2NNC12", []),
        ("C1OC2=C(O1)C=CC=C2", [[2, 3, 5, 6, 7, 8]]),
    ],
)
def test_cores_by_hand(text: str, expected: list[list[int]]) -> None:
    assert cores(text) == expected


def test_ring_sizes_are_those_of_rdkit() -> None:
    texts = [
        *made_molecules()[::3],
        "C1CCCCCCCCCCC1",
        "C1CC2CCC1CC2",
        "C1CC2(C1)CCCC2",
        "C12CC1C2",
        "C1CC2CC3CC1CC(C2)C3",
    ]
    for text in texts:
        sketch, n, m = drawn(Chem.CanonSmiles(text))
        measure_rings(sketch, n, m)
        codes = featurize([Chem.CanonSmiles(text)])
        assert sketch.atoms[RING_SIZE, :n].tolist() == codes.atoms[:, 6].tolist(), text
        assert sketch.atoms[RING_BONDS, :n].tolist() == codes.atoms[:, 7].tolist(), text
        assert sketch.bonds[BOND_RING_SIZE, :m].tolist() == codes.bonds[:, 2].tolist(), text
        assert (sketch.bonds[IN_CORE, :m] <= sketch.bonds[IN_RING, :m]).all()
