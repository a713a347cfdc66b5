"""Which of many SMARTS a molecule holds: a search over feature codes, which leaves little to RDKit.

Every SMARTS is searched as a graph whose atoms and bonds are the tests of `smarts_queries` beside, with "maybe" taken
for yes. What is not found is not there. What is found is there if no test was a "maybe"; if only recursive SMARTS
were, these are searched for too, each from the atom that asks for it, and the pattern once more. The rest is left to
RDKit: tests that codes do not tell, molecules with features that codes do not tell apart, and searches that take long.

Before it is searched, a pattern must find each of its bonds, by what the bond and its two atoms ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from app.screening.alerts.smarts_graphs import Patterns, graphs_of
from app.screening.alerts.smarts_queries import AtomFacts, BondFacts, atom_answer, bond_answer
from app.screening.alerts.smarts_search import search
from app.screening.code_numbers import CodeNumbers
from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, BOND_ORDER_CODES, LARGEST_CHARGE
from datasets.featurize import FlatBatch

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_ATOM: Final = {feature.name: place for place, feature in enumerate(ATOM_FEATURES)}
_BOND: Final = {feature.name: place for place, feature in enumerate(BOND_FEATURES)}
_USED: Final = ("element", "degree", "hydrogens", "charge", "aromatic")
_ORDERS: Final = {code: order for order, code in BOND_ORDER_CODES.items()}
_BOND_KINDS: Final = 2 * BOND_FEATURES[_BOND["order"]].size
"""Orders, each outside and inside of a ring."""
_MOST_ATOM_KINDS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Holding:
    """What was found in G molecules of P patterns."""

    holds: Flags
    """Shape (G, P): surely there."""
    unsure: Flags
    """Shape (G, P): for RDKit to decide."""


@dataclass(slots=True)
class SmartsFilter:
    """P patterns, compiled."""

    patterns: Patterns
    _atoms: CodeNumbers = field(default_factory=CodeNumbers)
    """Feature codes of an atom, packed -> position in the two below."""
    _may: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    """The atom queries that such an atom may answer, as bits."""
    _tests: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    """The tests of steps that it passes, as bits."""
    _pairs: CodeNumbers = field(default_factory=CodeNumbers)
    """Two atoms and a bond, packed -> position in the one below."""
    _pair_bits: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    """The `Graphs.pairs` that such a bond can be, as bits."""
    _bond_bits: npt.NDArray[np.uint64] | None = None

    def find(self, batch: FlatBatch) -> Holding:
        """Which molecules hold which patterns."""
        graphs = self.patterns.graphs
        shape = (len(batch), graphs.n_patterns)
        holds, unsure = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        if len(batch.atoms) and graphs.n_patterns:
            kinds, odd = self._atom_kinds(batch)
            order = batch.bonds[:, _BOND["order"]].astype(np.int64)
            bond_kinds = order * 2 + (batch.bonds[:, _BOND["ring_size"]] > 0)
            ends = batch.ends.astype(np.int64)
            ring_bonds = np.ascontiguousarray(batch.atoms[:, _ATOM["ring_bonds"]])
            pairs = self._pair_kinds(kinds, ends, bond_kinds)
            search(
                kinds, ring_bonds, odd, np.stack(self._may), np.stack(self._tests),
                bond_kinds, order == BOND_FEATURES[_BOND["order"]].size - 1, self._bits_of_bonds(),
                pairs, np.stack([*self._pair_bits, np.zeros(graphs.needed.shape[1], dtype=np.uint64)]),
                ends, batch.atom_offsets, batch.bond_offsets, graphs, holds, unsure,
            )  # fmt: skip
        return Holding(holds, unsure)

    def _atom_kinds(self, batch: FlatBatch) -> tuple[Ints, Flags]:
        """The number of each atom's kind, and which atoms the codes do not tell apart."""
        atoms = batch.atoms
        packed = atoms[:, _ATOM["ring_bonds"]].astype(np.int64)
        odd = atoms[:, _ATOM["element"]] == 1  # a hydrogen of its own counts among another's hydrogens
        for name in _USED:
            column, size = atoms[:, _ATOM[name]], ATOM_FEATURES[_ATOM[name]].size
            packed = packed * size + column
            odd |= column == size - 1
        numbers, first = self._atoms.number(packed)
        for place in first:
            self._meet_atom(atoms[place])
        return numbers, odd

    def _meet_atom(self, atom: npt.NDArray[np.uint8]) -> None:
        facts = AtomFacts(
            element=int(atom[_ATOM["element"]]),
            degree=int(atom[_ATOM["degree"]]),
            hydrogens=int(atom[_ATOM["hydrogens"]]),
            charge=int(atom[_ATOM["charge"]]) - LARGEST_CHARGE,
            aromatic=bool(atom[_ATOM["aromatic"]]),
            ring_bonds=int(atom[_ATOM["ring_bonds"]]),
        )
        self._may.append(as_bits([atom_answer(query, facts) is not False for query in self.patterns.atom_queries]))
        self._tests.append(as_bits([atom_answer(test, facts) is True for test in self.patterns.tests]))

    def _pair_kinds(self, kinds: Ints, ends: Ints, bond_kinds: Ints) -> Ints:
        a, b = kinds[ends[:, 0]], kinds[ends[:, 1]]
        packed = (np.minimum(a, b) * _MOST_ATOM_KINDS + np.maximum(a, b)) * _BOND_KINDS + bond_kinds
        numbers, first = self._pairs.number(packed)
        for place in first:
            self._pair_bits.append(self._pairs_of(int(a[place]), int(b[place]), int(bond_kinds[place])))
        return numbers

    def _pairs_of(self, a: int, b: int, bond_kind: int) -> npt.NDArray[np.uint64]:
        first, second, bond = self.patterns.graphs.pairs.T
        one, other = (np.unpackbits(self._may[kind].view(np.uint8), bitorder="little").astype(bool) for kind in (a, b))
        fits = (self._bits_of_bonds()[bond_kind] >> bond.astype(np.uint64)) & np.uint64(1)
        either = (one[first] & other[second]) | (one[second] & other[first])
        return as_bits(either & (fits == 1), self.patterns.graphs.needed.shape[1])

    def _bits_of_bonds(self) -> npt.NDArray[np.uint64]:
        """Shape (_BOND_KINDS,): the bond queries that each kind of bond answers, as bits."""
        if self._bond_bits is None:
            kinds = [BondFacts(_ORDERS.get(kind // 2, 0), kind % 2 == 1) for kind in range(_BOND_KINDS)]
            rows = [[bond_answer(query, kind) is not False for query in self.patterns.bond_queries] for kind in kinds]
            self._bond_bits = np.concatenate([as_bits(row, 1) for row in rows])
        return self._bond_bits


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
    return SmartsFilter(graphs_of(patterns))


def as_bits(answers: Sequence[bool] | Flags, words: int | None = None) -> npt.NDArray[np.uint64]:
    """Answers as bits of so many 64-bit words, or of as many as they need and at least one."""
    words = len(answers) // 64 + 1 if words is None else words
    padded = np.zeros(words * 64, dtype=np.uint8)
    padded[: len(answers)] = answers
    bits: npt.NDArray[np.uint64] = np.packbits(padded, bitorder="little").view(np.uint64)
    return bits
