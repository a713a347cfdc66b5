"""Ranks and order against RDKit's own."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from datasets.plain_smiles.chemistry import add_hydrogens
from datasets.plain_smiles.order import in_canonical_order
from datasets.plain_smiles.ranks import RANK, new_ranking, rank_atoms
from datasets.plain_smiles.rings import find_ring_bonds
from datasets.plain_smiles.sketch import MOST_ATOMS, MOST_NEIGHBOURS, new_sketch
from datasets.plain_smiles.text import REFUSED, draw
from tests.datasets.plain_smiles.made_molecules import made_molecules

CAGES = ("C1C2CC3CC1CC(C2)C3", "C12C3C4C1C5C4C3C25", "CC12CC3CC(CC(C3)C1)C2")


def ranked(text: str) -> tuple[bool, list[int], bool]:
    """Whether the atoms of a text are ranked, their ranks, and whether the text is in canonical order."""
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    sketch, ranking = new_sketch(), new_ranking()
    n, m = draw(data, 0, len(data), sketch)
    assert n != REFUSED
    find_ring_bonds(sketch, n, m)
    assert add_hydrogens(sketch, n)
    if not rank_atoms(sketch, n, ranking):
        return False, [], False
    seen, waiting = np.empty((MOST_ATOMS, 3), np.int64), np.empty((MOST_ATOMS, MOST_NEIGHBOURS), np.int32)
    return True, ranking.atoms[RANK, :n].tolist(), in_canonical_order(sketch, n, ranking, seen, waiting)


def test_ranks_are_those_of_rdkit() -> None:
    compared = 0
    for text in made_molecules()[::5]:
        mol = Chem.MolFromSmiles(text)
        known, ranks, in_order = ranked(text)
        if known:
            assert ranks == list(Chem.CanonicalRankAtoms(mol)), text
            assert in_order, text
            compared += 1
    assert compared > 400


@pytest.mark.parametrize("text", CAGES)
def test_cages_are_left_to_rdkit(text: str) -> None:
    assert not ranked(Chem.CanonSmiles(text))[0]


@pytest.mark.parametrize("text", ["OCC", "C(O)C", "CC(O)C", "c1ccccc1C", "C1C(C)C1", "N1CCCCC1", "Clc1ccc(C)cc1"])
def test_other_orders_are_noticed(text: str) -> None:
    assert Chem.CanonSmiles(text) != text
    assert not ranked(text)[2]
