"""SMARTS as arrays for the compiled search, those inside of recursive SMARTS included."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from app.screening.alerts.smarts_queries import (
    AND,
    NOT,
    OR,
    AtomFacts,
    Recursive,
    Step,
    atom_answer,
    atom_description,
    atom_steps,
    bond_description,
    bond_is_exact,
)

Ints = npt.NDArray[np.int64]

EXACT, RECURSIVE, UNSURE = 0, 1, 2
"""What a hit says that takes "maybe" for yes: it is one; it is one if recursive SMARTS hold; RDKit must tell."""
STEP_AND, STEP_OR, STEP_NOT, STEP_RECURSIVE = -1, -2, -3, -4
_MOST_BOND_QUERIES: Final = 64
#: Atoms that most molecules consist of, with their shares: a search starts from the atom that fewest of them can be.
_COMMON: Final = (
    (AtomFacts(6, 2, 1, 0, True, 2), 25), (AtomFacts(6, 3, 0, 0, True, 2), 17), (AtomFacts(6, 3, 0, 0, True, 3), 3),
    (AtomFacts(6, 2, 2, 0, False, 0), 8), (AtomFacts(6, 2, 2, 0, False, 2), 8), (AtomFacts(6, 1, 3, 0, False, 0), 8),
    (AtomFacts(6, 3, 0, 0, False, 0), 7), (AtomFacts(8, 1, 0, 0, False, 0), 7), (AtomFacts(7, 2, 0, 0, True, 2), 4),
    (AtomFacts(7, 2, 1, 0, False, 0), 4), (AtomFacts(8, 2, 0, 0, False, 0), 3), (AtomFacts(7, 3, 0, 0, False, 2), 2),
    (AtomFacts(16, 2, 0, 0, True, 2), 1), (AtomFacts(9, 1, 0, 0, False, 0), 1), (AtomFacts(17, 1, 0, 0, False, 0), 1),
)  # fmt: skip


class Graphs(NamedTuple):
    """P patterns, and after them those inside of recursive SMARTS; Q atoms of all, in the order of the search."""

    n_patterns: int
    starts: Ints
    """Which atoms belong to which pattern; one more than patterns."""
    kinds: Ints
    """EXACT, RECURSIVE or UNSURE, a pattern."""
    query: Ints
    """Shape (Q,): what each asks for, a position in `atom_queries`."""
    parent: Ints
    """Shape (Q,): place in its pattern of the earlier atom that it is bonded to; -1 for the first of a piece."""
    parent_bond: Ints
    """Shape (Q,): what that bond asks for, a position in `bond_queries`."""
    ring_starts: Ints
    """Shape (Q + 1,): which further bonds to earlier atoms belong to which atom."""
    ring_other: Ints
    ring_bond: Ints
    needed: npt.NDArray[np.uint64]
    """Shape (P, V): the `pairs` of each pattern as bits."""
    needed_atoms: npt.NDArray[np.uint64]
    """Shape (P, W): its atom queries as bits."""
    repeats_starts: Ints
    """Shape (P + 1,)"""
    repeats: Ints
    """Shape (., 2): pairs that a pattern needs more than once, and how often."""
    ring_atoms: Ints
    """Shape (P, 2): atoms of the pattern with at least two bonds in its rings, and with three."""
    pairs: Ints
    """Shape (T, 3): the different bonds of the P patterns, each by its atom queries and bond query; rarest first."""
    step_starts: Ints
    """Which steps belong to which atom query; none where codes tell, or RDKit must."""
    steps: Ints
    """A test, by its position in `tests`; STEP_AND, STEP_OR, STEP_NOT; or STEP_RECURSIVE - the pattern's number."""
    first_starts: Ints
    """Shape (P + 1,)"""
    first: Ints
    """Atom queries that have to be worked out before a RECURSIVE pattern is searched, inner ones first."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns as graphs, and what the numbers in these stand for."""

    graphs: Graphs
    atom_queries: tuple[str, ...]
    bond_queries: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(slots=True)
class _Builder:
    starts: list[int] = field(default_factory=lambda: [0])
    query: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    parent_bond: list[int] = field(default_factory=list)
    ring_starts: list[int] = field(default_factory=lambda: [0])
    ring_other: list[int] = field(default_factory=list)
    ring_bond: list[int] = field(default_factory=list)
    bonds: list[Counter[tuple[int, int, int]]] = field(default_factory=list)
    ring_atoms: list[tuple[int, int]] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    atom_queries: dict[tuple[str, tuple[Step, ...] | None], int] = field(default_factory=dict)
    bond_queries: dict[str, int] = field(default_factory=dict)
    tests: dict[str, int] = field(default_factory=dict)
    recursive: dict[str, int] = field(default_factory=dict)
    """SMARTS -> number of its pattern."""

    def add(self, pattern: Chem.Mol, *, from_first: bool) -> None:
        """Lay out a pattern; `from_first` where its first atom is given when it is searched."""
        Chem.FastFindRings(pattern)
        order, parents = _search_order(pattern, from_first)
        asked = [self._atom_query(atom) for atom in pattern.GetAtoms()]
        exact = all(bond_is_exact(bond_description(bond)) for bond in pattern.GetBonds())
        bonds = Counter[tuple[int, int, int]]()
        for bond in pattern.GetBonds():
            number = self.bond_queries.setdefault(bond_description(bond), len(self.bond_queries))
            low, high = sorted((asked[bond.GetBeginAtomIdx()], asked[bond.GetEndAtomIdx()]))
            bonds[low, high, number] += 1
        place = {atom: at for at, atom in enumerate(order)}
        for at, atom in enumerate(order):
            self.query.append(asked[atom])
            self.parent.append(place.get(parents[atom], -1))
            self.parent_bond.append(0)
            for bond in pattern.GetAtomWithIdx(atom).GetBonds():
                other = place[bond.GetOtherAtomIdx(atom)]
                if other >= at:
                    continue
                number = self.bond_queries[bond_description(bond)]
                if other == self.parent[-1]:
                    self.parent_bond[-1] = number
                else:
                    self.ring_other.append(other)
                    self.ring_bond.append(number)
            self.ring_starts.append(len(self.ring_other))
        self.starts.append(len(self.query))
        self.bonds.append(bonds)
        in_rings = [sum(bond.IsInRing() for bond in atom.GetBonds()) for atom in pattern.GetAtoms()]
        self.ring_atoms.append((sum(n > 1 for n in in_rings), sum(n > 2 for n in in_rings)))
        self.kinds.append(EXACT if exact else UNSURE)

    def _atom_query(self, atom: Chem.Atom) -> int:
        steps = atom_steps(atom)
        key = (atom_description(atom), None if steps is None else tuple(steps))
        return self.atom_queries.setdefault(key, len(self.atom_queries))


def graphs_of(patterns: Sequence[Chem.Mol]) -> Patterns:
    """Lay out patterns.

    Parameters
    ----------
    patterns
        Query molecules, as `Chem.MolFromSmarts` gives them.

    Raises
    ------
    ValueError
        If their bonds ask for more than 64 different things.
    """
    built = _Builder()
    for pattern in patterns:
        built.add(pattern, from_first=False)
    _add_recursive(built)
    if len(built.bond_queries) > _MOST_BOND_QUERIES:
        raise ValueError(
            f"patterns hold {len(built.bond_queries)} different bond queries; expected at most {_MOST_BOND_QUERIES}"
        )
    queries = list(built.atom_queries)
    first = _work_out_first(built, queries)
    own_bonds = built.bonds[: len(patterns)]
    pairs = _rarest_first(set[tuple[int, int, int]]().union(*own_bonds), [description for description, _ in queries])
    place_of = {pair: place for place, pair in enumerate(pairs)}
    repeats = [[(place_of[pair], count) for pair, count in bonds.items() if count > 1] for bonds in own_bonds]
    asked = [built.query[first:last] for first, last in itertools.pairwise(built.starts[: len(patterns) + 1])]
    steps = [_step_numbers(built, asked) for _, asked in queries]
    graphs = Graphs(
        n_patterns=len(patterns),
        starts=np.array(built.starts, dtype=np.int64),
        kinds=np.array(built.kinds, dtype=np.int64),
        query=np.array(built.query, dtype=np.int64),
        parent=np.array(built.parent, dtype=np.int64),
        parent_bond=np.array(built.parent_bond, dtype=np.int64),
        ring_starts=np.array(built.ring_starts, dtype=np.int64),
        ring_other=np.array(built.ring_other, dtype=np.int64),
        ring_bond=np.array(built.ring_bond, dtype=np.int64),
        needed=_bit_rows([[place_of[pair] for pair in bonds] for bonds in own_bonds], len(pairs)),
        needed_atoms=_bit_rows(asked, len(queries)),
        repeats_starts=_starts(repeats),
        repeats=np.array([repeat for some in repeats for repeat in some], dtype=np.int64).reshape(-1, 2),
        ring_atoms=np.array(built.ring_atoms[: len(patterns)], dtype=np.int64).reshape(-1, 2),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 3),
        step_starts=_starts(steps),
        steps=np.array([step for some in steps for step in some], dtype=np.int64),
        first_starts=_starts(first[: len(patterns)]),
        first=np.array([query for some in first[: len(patterns)] for query in some], dtype=np.int64),
    )
    descriptions = tuple(description for description, _ in queries)
    return Patterns(graphs, descriptions, tuple(built.bond_queries), tuple(built.tests))


def _add_recursive(built: _Builder) -> None:
    """Lay out the patterns of all recursive SMARTS, those within them too."""
    seen = 0
    while seen < len(built.atom_queries):
        asked = list(built.atom_queries)[seen:]
        seen = len(built.atom_queries)
        for _, steps in asked:
            for step in steps or ():
                if isinstance(step, Recursive) and step.smarts not in built.recursive:
                    built.recursive[step.smarts] = len(built.kinds)
                    built.add(Chem.MolFromSmarts(step.smarts), from_first=True)


def _work_out_first(built: _Builder, queries: Sequence[tuple[str, tuple[Step, ...] | None]]) -> list[list[int]]:
    """For each pattern the queries to work out before it is searched; settles the kinds of patterns."""
    first: dict[int, list[int]] = {}

    def settle(number: int) -> None:
        if number in first:
            return
        before: list[int] = []
        for query in dict.fromkeys(built.query[built.starts[number] : built.starts[number + 1]]):
            steps = queries[query][1]
            if steps is None:
                built.kinds[number] = UNSURE
                continue
            inner = [built.recursive[step.smarts] for step in steps if isinstance(step, Recursive)]
            for pattern in inner:
                settle(pattern)
                before += first[pattern]
            if any(built.kinds[pattern] == UNSURE for pattern in inner):
                built.kinds[number] = UNSURE
            elif inner:
                built.kinds[number] = max(built.kinds[number], RECURSIVE)
                before.append(query)
        first[number] = list(dict.fromkeys(before))

    for number in range(len(built.kinds)):
        settle(number)
    return [first[number] for number in range(len(built.kinds))]


def _step_numbers(built: _Builder, steps: Iterable[Step] | None) -> list[int]:
    """Steps as numbers; none where no recursive SMARTS is among them."""
    listed = list(steps or ())
    if not any(isinstance(step, Recursive) for step in listed):
        return []
    numbers = []
    for step in listed:
        if isinstance(step, Recursive):
            numbers.append(STEP_RECURSIVE - built.recursive[step.smarts])
        elif step in (AND, OR, NOT):
            numbers.append({AND: STEP_AND, OR: STEP_OR, NOT: STEP_NOT}[step])
        else:
            numbers.append(built.tests.setdefault(step, len(built.tests)))
    return numbers


def _bit_rows(lists: Sequence[Sequence[int]], size: int) -> npt.NDArray[np.uint64]:
    """A row of bits for each list of places under `size`."""
    words = size // 64 + 1
    rows = np.zeros((len(lists), words * 64), dtype=np.uint8)
    for row, places in enumerate(lists):
        rows[row, list(places)] = 1
    return np.packbits(rows, axis=1, bitorder="little").view(np.uint64).reshape(len(lists), words)


def _starts(lists: Sequence[Sequence[Any]]) -> Ints:
    starts = np.zeros(len(lists) + 1, dtype=np.int64)
    np.cumsum([len(some) for some in lists], out=starts[1:])
    return starts


def _rarest_first(pairs: Iterable[tuple[int, int, int]], queries: Sequence[str]) -> list[tuple[int, int, int]]:
    share = [_commonness(query) for query in queries]
    return sorted(pairs, key=lambda pair: (share[pair[0]] * share[pair[1]], pair))


def _search_order(pattern: Chem.Mol, from_first: bool) -> tuple[list[int], dict[int, int]]:
    """Atoms piece by piece, each later one of a piece bonded to an earlier, and to which; the rarest first."""
    commonness = [_commonness(atom_description(atom)) for atom in pattern.GetAtoms()]
    order: list[int] = []
    parents: dict[int, int] = {}
    while len(order) < pattern.GetNumAtoms():
        # The rarest of the neighbours next; one that closes a ring rules out most.
        edge = [
            (commonness[b], a, b)
            for bond in pattern.GetBonds()
            for a, b in ((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()), (bond.GetEndAtomIdx(), bond.GetBeginAtomIdx()))
            if a in parents and b not in parents
        ]
        if edge:
            _, a, b = min(edge)
        else:
            left = [atom for atom in range(pattern.GetNumAtoms()) if atom not in parents]
            a, b = -1, 0 if from_first and not order else min(left, key=lambda atom: (commonness[atom], atom))
        order.append(b)
        parents[b] = a
    return order, parents


def _commonness(description: str) -> float:
    return sum(share for atom, share in _COMMON if atom_answer(description, atom) is not False)
