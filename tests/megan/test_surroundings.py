"""Classes of surroundings against their definition, and what they must not depend on."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from datasets.featurize import FlatBatch, featurize, featurize_mols
from megan import class_numbers
from megan.class_numbers import N_BOND_KINDS
from megan.surroundings import ATOM_SIZES, Surroundings, bond_kinds, codes_of_bond_kinds, find_surroundings


def by_definition(batch: FlatBatch, layers: int) -> list[list[Any]]:
    """The contents H(l) of every atom as nested tuples, one list a layer."""
    edges: list[list[tuple[int, bytes]]] = [[] for _ in batch.atoms]
    for (begin, end), bond in zip(batch.ends.tolist(), batch.bonds, strict=True):
        edges[end].append((begin, bond.tobytes()))
        edges[begin].append((end, bond.tobytes()))
    states: list[Any] = [row.tobytes() for row in batch.atoms]
    names: list[Any] = []
    for _ in range(layers):
        around = [(states[j], tuple(sorted(states[k] for k, _ in edges[j]))) for j in range(len(states))]
        contents = [(states[i], tuple(sorted((around[j], bond) for j, bond in edges[i]))) for i in range(len(states))]
        # Short names for long contents, ordered as the contents are.
        short = {content: number for number, content in enumerate(sorted(set(contents)))}
        states = [short[content] for content in contents]
        names.append(states)
    return names


def partition(ids: Any) -> list[int]:
    """Each id replaced by the position at which it is first seen."""
    first: dict[Any, int] = {}
    return [first.setdefault(value, place) for place, value in enumerate(ids)]


@pytest.fixture(scope="module")
def batch(odd_smiles: tuple[str, ...]) -> FlatBatch:
    return featurize([*odd_smiles, "CCOC(=O)c1ccccc1N", "CCOC(=O)c1ccccc1O", "O=C(OCC)c1ccccc1", "CCOC(=O)c1ccccc1N"])


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_classes_are_those_of_the_definition(batch: FlatBatch, layers: int) -> None:
    found = find_surroundings(batch, layers)
    assert len(found.levels) == layers
    assert partition(found.of_atom.tolist()) == partition(by_definition(batch, layers)[-1])


def test_one_layer_reaches_two_bonds_and_no_further() -> None:
    batch = featurize(["CCCCCCCC", "CCCCCCCN", "CCCCCCCO"])
    of_atom = find_surroundings(batch, 1).of_atom.reshape(3, 8)
    assert (of_atom[0, :5] == of_atom[1, :5]).all()
    assert (of_atom[1, :6] == of_atom[2, :6]).tolist() == [True] * 5 + [False]
    of_atom = find_surroundings(batch, 2).of_atom.reshape(3, 8)
    assert (of_atom[1] == of_atom[2]).tolist() == [True] * 3 + [False] * 5


def test_equal_molecules_and_equivalent_atoms_share_classes() -> None:
    found = find_surroundings(featurize(["c1ccccc1", "c1ccccc1", "CC(C)(C)C"]), 3)
    assert partition(found.of_atom.tolist()) == [0] * 12 + [12, 13, 12, 12, 12]


def test_edges_of_an_atom_bring_what_its_class_says(batch: FlatBatch) -> None:
    found = find_surroundings(batch, 3)
    last = found.levels[-1]
    kinds = bond_kinds(batch.bonds)
    for b, (begin, end) in enumerate(batch.ends.tolist()):
        there = found.of_bond[b]
        back = found.reverse[there]
        assert (found.start[there], found.start[back]) == (begin, end)
        assert found.reverse[back] == there
        for at, atom in ((there, end), (back, begin)):
            slot = last.offsets[found.of_atom[atom]] + at - found.offsets[atom]
            assert found.offsets[atom] <= at < found.offsets[atom + 1]
            assert last.bond[slot] == kinds[b]


def test_the_order_of_edges_refines_that_of_the_level_below(batch: FlatBatch) -> None:
    levels = find_surroundings(batch, 3).levels
    for below, level in itertools.pairwise(levels):
        for c in range(len(level)):
            edges = slice(level.offsets[c], level.offsets[c + 1])
            edges_below = slice(below.offsets[level.before[c]], below.offsets[level.before[c] + 1])
            assert level.bond[edges].tolist() == below.bond[edges_below].tolist()
            states = level.around_state[level.source[edges]]
            senders = below.around_state[below.source[edges_below]]
            assert below.before[states].tolist() == senders.tolist()


def listed(found: Surroundings, atom: int) -> list[Any]:
    """What the levels list for an atom, down to codes, in their order and without any number of a class."""

    def state(level: int, c: int) -> Any:
        if level == 0:
            return found.codes[c].tolist()
        at = found.levels[level - 1]
        edges = range(at.offsets[c], at.offsets[c + 1])
        return [state(level - 1, at.before[c]), [(around(level, at.source[e]), int(at.bond[e])) for e in edges]]

    def around(level: int, a: int) -> Any:
        at = found.levels[level - 1]
        others = at.around_neighbours[at.around_offsets[a] : at.around_offsets[a + 1]]
        return [state(level - 1, at.around_state[a]), [state(level - 1, c) for c in others]]

    result: list[Any] = state(len(found.levels), int(found.of_atom[atom]))
    return result


def test_the_order_of_sums_depends_neither_on_atom_order_nor_on_company(odd_smiles: tuple[str, ...]) -> None:
    rng = np.random.default_rng(2)
    for text in ("CC(=O)Nc1ccc(O)cc1Cl", "C[Pt](C)<-N", "F[C@H](Cl)Br", "C1CC1C2CCCC2"):
        mol = Chem.MolFromSmiles(text)
        order = [int(i) for i in rng.permutation(mol.GetNumAtoms())]
        alone = find_surroundings(featurize_mols([mol]), 2)
        company = featurize_mols([*map(Chem.MolFromSmiles, odd_smiles), Chem.RenumberAtoms(mol, order)])
        together = find_surroundings(company, 2)
        first = int(company.atom_offsets[-2])
        for place, atom in enumerate(order):
            assert listed(alone, atom) == listed(together, first + place)


def test_a_collision_of_hashes_joins_nothing(batch: FlatBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all hashes equal only the comparison of contents is left; classes may split then, but never join."""
    codes, offsets, start = (
        batch.atoms,
        *class_numbers.incoming_edges(batch.ends, bond_kinds(batch.bonds), len(batch.atoms))[:2],
    )
    _first, of_atom, hashes = class_numbers.number_atoms(class_numbers.content_keys(codes, ATOM_SIZES))
    table = np.full(1024, -1, np.int32)
    around = class_numbers.number_around(offsets, start, of_atom, np.zeros_like(hashes), table)[0]
    contents: dict[int, Any] = {}
    for atom in range(len(codes)):
        near = sorted(of_atom[start[offsets[atom] : offsets[atom + 1]]].tolist())
        assert contents.setdefault(int(around[atom]), (of_atom[atom], near)) == (of_atom[atom], near)


def test_more_different_atoms_than_the_first_table_holds() -> None:
    rng = np.random.default_rng(0)
    keys = rng.integers(0, 3000, 20_000)
    first, of_atom, hashes = class_numbers.number_atoms(keys)
    assert (keys[first][of_atom] == keys).all()
    assert len(first) == len(set(keys.tolist())) == len(set(hashes.tolist()))


def test_kinds_of_bonds_and_their_codes_agree(batch: FlatBatch) -> None:
    every = np.arange(N_BOND_KINDS, dtype=np.int32)
    assert (bond_kinds(codes_of_bond_kinds(every)) == every).all()
    kinds = bond_kinds(batch.bonds)
    assert (codes_of_bond_kinds(kinds) == batch.bonds).all()
    assert find_surroundings(batch, 1).bonds.tolist() == sorted(set(kinds.tolist()))


def test_no_molecules_and_no_bonds_are_no_error() -> None:
    assert len(find_surroundings(featurize([]), 2).of_atom) == 0
    assert find_surroundings(featurize(["C", "O", "C"]), 2).of_atom.tolist() == [0, 1, 0]


def test_a_network_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="layers is 0"):
        find_surroundings(featurize(["C"]), 0)
