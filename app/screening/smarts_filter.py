"""Which of many SMARTS a molecule may hold: a quick search over feature codes that never misses one.

Every SMARTS is searched as a graph whose atoms and bonds are the tests of `app.screening.smarts_queries`, with "maybe"
taken for yes. What is found must be confirmed by RDKit; what is not found is not there. Of a SMARTS of several pieces
one is searched. Molecules with features that the codes do not tell apart, and searches that take long, are left to
RDKit as a whole.

Before it is searched, a pattern must find each of its bonds, by what the bond and its two atoms ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from app.screening.smarts_queries import (
    AtomFacts,
    BondFacts,
    atom_answer,
    atom_description,
    bond_answer,
    bond_description,
)
from app.screening.smarts_search import search
from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, BOND_ORDER_CODES, LARGEST_CHARGE
from datasets.featurize import FlatBatch

Ints = npt.NDArray[np.int64]
_ATOM: Final = {feature.name: place for place, feature in enumerate(ATOM_FEATURES)}
_BOND: Final = {feature.name: place for place, feature in enumerate(BOND_FEATURES)}
_USED: Final = ("element", "degree", "hydrogens", "charge", "aromatic")
_ORDERS: Final = {code: order for order, code in BOND_ORDER_CODES.items()}
_MOST_BOND_QUERIES: Final = 64
_BOND_KINDS: Final = 2 * BOND_FEATURES[_BOND["order"]].size
"""Orders, each outside and inside of a ring."""
#: Atoms that most molecules consist of, with their shares: a search starts from the atom that fewest of them can be.
_COMMON: Final = (
    (AtomFacts(6, 2, 1, 0, True, 2), 25), (AtomFacts(6, 3, 0, 0, True, 2), 17), (AtomFacts(6, 3, 0, 0, True, 3), 3),
    (AtomFacts(6, 2, 2, 0, False, 0), 8), (AtomFacts(6, 2, 2, 0, False, 2), 8), (AtomFacts(6, 1, 3, 0, False, 0), 8),
    (AtomFacts(6, 3, 0, 0, False, 0), 7), (AtomFacts(8, 1, 0, 0, False, 0), 7), (AtomFacts(7, 2, 0, 0, True, 2), 4),
    (AtomFacts(7, 2, 1, 0, False, 0), 4), (AtomFacts(8, 2, 0, 0, False, 0), 3), (AtomFacts(7, 3, 0, 0, False, 2), 2),
    (AtomFacts(16, 2, 0, 0, True, 2), 1), (AtomFacts(9, 1, 0, 0, False, 0), 1), (AtomFacts(17, 1, 0, 0, False, 0), 1),
)  # fmt: skip


@dataclass(slots=True)
class SmartsFilter:
    """P patterns, compiled."""

    starts: Ints
    """Shape (P + 1,): which atoms, in search order, belong to which pattern."""
    query: Ints
    """Shape (Q,): what each asks for, a position in `atom_queries`."""
    parent: Ints
    """Shape (Q,): place in its pattern of the earlier atom that it is bonded to; -1 for the first."""
    parent_bond: Ints
    """Shape (Q,): what that bond asks for, a position in `bond_queries`."""
    ring_starts: Ints
    """Shape (Q + 1,): which further bonds to earlier atoms belong to which atom."""
    ring_other: Ints
    ring_bond: Ints
    needed: npt.NDArray[np.uint64]
    """Shape (P, V): the `pairs` of each pattern as bits."""
    pairs: Ints
    """Shape (T, 3): the different bonds of all patterns, each by its atom queries and its bond query; rarest first."""
    atom_queries: list[str]
    bond_queries: list[str]
    _codes: dict[int, int] = field(default_factory=dict)
    """Feature codes of an atom, packed -> position in `_bits`."""
    _answers: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    """Of each such atom to all atom queries."""
    _kinds: dict[int, int] = field(default_factory=dict)
    """Two atoms and a bond, packed -> position in `_pair_bits`."""
    _pair_bits: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    _bond_answers: npt.NDArray[np.uint64] | None = None

    def may_hold(self, batch: FlatBatch) -> npt.NDArray[np.bool_]:
        """Shape (G, P): whether molecule g may hold pattern p."""
        kinds, odd = self._atom_kinds(batch)
        order = batch.bonds[:, _BOND["order"]].astype(np.int64)
        bond_kinds = order * 2 + (batch.bonds[:, _BOND["ring_size"]] > 0)
        if not self._answers:
            return np.zeros((len(batch), len(self.needed)), dtype=np.bool_)
        atom_bits = np.stack([_as_bits(answers, self._words) for answers in self._answers])
        ends = batch.ends.astype(np.int64)
        return search(
            atom_bits[kinds], odd, self._bond_bits()[bond_kinds], order == BOND_FEATURES[_BOND["order"]].size - 1,
            self._bits_of_pairs(kinds[ends], bond_kinds),
            ends, batch.atom_offsets, batch.bond_offsets,
            self.starts, self.query, self.parent, self.parent_bond,
            self.ring_starts, self.ring_other, self.ring_bond, self.needed,
        )  # fmt: skip

    @property
    def _words(self) -> int:
        return len(self.atom_queries) // 64 + 1

    def _atom_kinds(self, batch: FlatBatch) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The position of each atom in `_answers`, and which ones the codes do not tell apart."""
        atoms = batch.atoms
        packed = atoms[:, _ATOM["ring_bonds"]].astype(np.int64)
        odd = atoms[:, _ATOM["element"]] == 1  # a hydrogen of its own counts among another's hydrogens
        for name in _USED:
            column, size = atoms[:, _ATOM[name]].astype(np.int64), ATOM_FEATURES[_ATOM[name]].size
            packed = packed * size + column
            odd = odd | (column == size - 1)
        distinct, first, place = np.unique(packed, return_index=True, return_inverse=True)
        known = [self._kind(int(code), atoms[at]) for code, at in zip(distinct, first, strict=True)]
        return np.array(known, dtype=np.int64)[place], odd

    def _kind(self, code: int, atom: npt.NDArray[np.uint8]) -> int:
        if code not in self._codes:
            facts = AtomFacts(
                element=int(atom[_ATOM["element"]]),
                degree=int(atom[_ATOM["degree"]]),
                hydrogens=int(atom[_ATOM["hydrogens"]]),
                charge=int(atom[_ATOM["charge"]]) - LARGEST_CHARGE,
                aromatic=bool(atom[_ATOM["aromatic"]]),
                ring_bonds=int(atom[_ATOM["ring_bonds"]]),
            )
            self._codes[code] = len(self._answers)
            self._answers.append(np.array([atom_answer(query, facts) is not False for query in self.atom_queries]))
        return self._codes[code]

    def _bits_of_pairs(self, ends: Ints, bond_kinds: Ints) -> npt.NDArray[np.uint64]:
        """Shape (M, V): the `pairs` that each bond can be, as bits."""
        packed = (np.sort(ends, axis=1) @ np.array([1 << 20, 1])) * _BOND_KINDS + bond_kinds
        distinct, first, place = np.unique(packed, return_index=True, return_inverse=True)
        known = []
        for code, at in zip(distinct.tolist(), first, strict=True):
            if code not in self._kinds:
                self._kinds[code] = len(self._pair_bits)
                self._pair_bits.append(self._pairs_of(int(ends[at, 0]), int(ends[at, 1]), int(bond_kinds[at])))
            known.append(self._kinds[code])
        if not known:
            return np.zeros((0, self.needed.shape[1]), dtype=np.uint64)
        return np.stack([self._pair_bits[kind] for kind in known])[place]

    def _pairs_of(self, a: int, b: int, bond_kind: int) -> npt.NDArray[np.uint64]:
        first, second, bond = self.pairs.T
        forth = self._answers[a][first] & self._answers[b][second]
        back = self._answers[a][second] & self._answers[b][first]
        fits = (self._bond_bits()[bond_kind] >> bond.astype(np.uint64)) & np.uint64(1)
        return _as_bits((forth | back) & (fits == 1), self.needed.shape[1])

    def _bond_bits(self) -> npt.NDArray[np.uint64]:
        """Shape (_BOND_KINDS,): the bond queries that each kind of bond answers, as bits."""
        if self._bond_answers is None:
            kinds = [BondFacts(_ORDERS.get(kind // 2, 0), kind % 2 == 1) for kind in range(_BOND_KINDS)]
            rows = [[bond_answer(query, kind) is not False for query in self.bond_queries] for kind in kinds]
            self._bond_answers = np.concatenate([_as_bits(row, 1) for row in rows])
        return self._bond_answers


def compile_filter(patterns: Sequence[Chem.Mol]) -> SmartsFilter:
    """Make SMARTS ready to be searched.

    Parameters
    ----------
    patterns
        Query molecules, as `Chem.MolFromSmarts` gives them.

    Raises
    ------
    ValueError
        If their bonds ask for more than 64 different things.
    """
    atom_queries: dict[str, int] = {}
    bond_queries: dict[str, int] = {}
    starts, query, parent, parent_bond = [0], [], [], []
    ring_starts, ring_other, ring_bond = [0], [], []
    bonds_of: list[set[tuple[int, int, int]]] = []
    for pattern in patterns:
        Chem.FastFindRings(pattern)
        order, parents = _search_order(pattern)
        asked = [atom_queries.setdefault(atom_description(atom), len(atom_queries)) for atom in pattern.GetAtoms()]
        bonds_of.append(set())
        for bond in pattern.GetBonds():
            number = bond_queries.setdefault(bond_description(bond), len(bond_queries))
            low, high = sorted((asked[bond.GetBeginAtomIdx()], asked[bond.GetEndAtomIdx()]))
            bonds_of[-1].add((low, high, number))
        place = {atom: at for at, atom in enumerate(order)}
        for at, atom in enumerate(order):
            query.append(asked[atom])
            parent.append(place[parents[atom]] if at else -1)
            parent_bond.append(0)
            for bond in pattern.GetAtomWithIdx(atom).GetBonds():
                other = place.get(bond.GetOtherAtomIdx(atom), len(order))
                if other >= at:
                    continue
                number = bond_queries[bond_description(bond)]
                if other == parent[-1]:
                    parent_bond[-1] = number
                else:
                    ring_other.append(other)
                    ring_bond.append(number)
            ring_starts.append(len(ring_other))
        starts.append(len(query))
    if len(bond_queries) > _MOST_BOND_QUERIES:
        raise ValueError(f"patterns hold {len(bond_queries)} different bond queries; expected {_MOST_BOND_QUERIES}")
    pairs = _rarest_first(set().union(*bonds_of), list(atom_queries))
    place_of = {pair: place for place, pair in enumerate(pairs)}
    needed = np.zeros((len(bonds_of), len(pairs)), dtype=np.bool_)
    for number, bonds in enumerate(bonds_of):
        needed[number, [place_of[pair] for pair in bonds]] = True
    words = len(pairs) // 64 + 1
    return SmartsFilter(
        starts=np.array(starts, dtype=np.int64),
        query=np.array(query, dtype=np.int64),
        parent=np.array(parent, dtype=np.int64),
        parent_bond=np.array(parent_bond, dtype=np.int64),
        ring_starts=np.array(ring_starts, dtype=np.int64),
        ring_other=np.array(ring_other, dtype=np.int64),
        ring_bond=np.array(ring_bond, dtype=np.int64),
        needed=np.array([_as_bits(row, words) for row in needed], dtype=np.uint64).reshape(len(bonds_of), words),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 3),
        atom_queries=list(atom_queries),
        bond_queries=list(bond_queries),
    )


def _rarest_first(pairs: Iterable[tuple[int, int, int]], queries: Sequence[str]) -> list[tuple[int, int, int]]:
    share = [_commonness(query) for query in queries]
    return sorted(pairs, key=lambda pair: (share[pair[0]] * share[pair[1]], pair))


def _search_order(pattern: Chem.Mol) -> tuple[list[int], dict[int, int]]:
    """Atoms of the piece with the rarest atom, that one first, each later one bonded to an earlier; and to which."""
    commonness = [_commonness(atom_description(atom)) for atom in pattern.GetAtoms()]
    first = int(np.argmin(commonness))
    order, parents = [first], {first: -1}
    while True:
        # The rarest of the neighbours next; one that closes a ring rules out most.
        edge = [
            (commonness[b], a, b)
            for bond in pattern.GetBonds()
            for a, b in ((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()), (bond.GetEndAtomIdx(), bond.GetBeginAtomIdx()))
            if a in parents and b not in parents
        ]
        if not edge:
            return order, parents
        _, a, b = min(edge)
        order.append(b)
        parents[b] = a


def _commonness(description: str) -> float:
    return sum(share for atom, share in _COMMON if atom_answer(description, atom) is not False)


def _as_bits(answers: Sequence[bool] | npt.NDArray[np.bool_], words: int) -> npt.NDArray[np.uint64]:
    padded = np.zeros(words * 64, dtype=np.uint8)
    padded[: len(answers)] = answers
    bits: npt.NDArray[np.uint64] = np.packbits(padded, bitorder="little").view(np.uint64)
    return bits
