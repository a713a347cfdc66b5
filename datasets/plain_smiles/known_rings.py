"""What RDKit made of cores of rings that it was asked about: whether they stay as they are written."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.compiled import compiled
from datasets.featurize import FlatBatch
from datasets.plain_smiles.chemistry import add_hydrogens
from datasets.plain_smiles.ring_cores import LONGEST, describe, find_cores, hash_of
from datasets.plain_smiles.rings import find_ring_bonds
from datasets.plain_smiles.sketch import (
    AROMATIC,
    BEGIN,
    CORE,
    DEGREE,
    ELEMENT,
    END,
    HYDROGENS,
    IN_CORE,
    MOST_ATOMS,
    NEIGHBOUR,
    ORDER,
    THROUGH,
    Bytes,
    Longs,
    Sketch,
    new_sketch,
)
from datasets.plain_smiles.text import draw

Ids = npt.NDArray[np.int32]

UNKNOWN: Final = -1
CHANGE: Final = 0
STAY: Final = 1
MOST_ENTRIES: Final = 4_000_000
"""Entries of contents that are kept, 8 bytes each; then all is forgotten and learned anew."""
_ATOM: Final = {feature.name: place for place, feature in enumerate(ATOM_FEATURES)}
_BOND: Final = {feature.name: place for place, feature in enumerate(BOND_FEATURES)}
_ELEMENT, _AROMATIC, _HYDROGENS = _ATOM["element"], _ATOM["aromatic"], _ATOM["hydrogens"]
_ORDER, _BOND_RING_SIZE = _BOND["order"], _BOND["ring_size"]


class Memory(NamedTuple):
    """A hash table of contents."""

    table: Ids
    """A power of two of places, each a core or `UNKNOWN`."""
    hashes: Longs
    starts: Longs
    """Where the contents of each core begin; one more than cores."""
    stays: Bytes
    """Whether a core stays as it is written."""
    contents: Longs
    known: Longs
    """Shape (1,): number of cores."""


class KnownRings:
    """Cores of rings that RDKit was asked about."""

    def __init__(self) -> None:
        self.memory = _empty(1 << 10, 1 << 14)
        self._sketch = new_sketch()

    def __len__(self) -> int:
        return int(self.memory.known[0])

    def learn(self, data: Bytes, starts: Longs, read: FlatBatch) -> None:
        """Remember the cores of molecules.

        Parameters
        ----------
        data : (bytes,)
            Texts behind each other.
        starts : (G + 1,)
            Where each begins, and the length of all.
        read
            What RDKit made of the same texts.
        """
        self._make_room(len(read.atoms) + len(read.bonds))
        _learn(
            data,
            starts,
            read.atoms,
            read.bonds,
            read.ends,
            read.atom_offsets,
            read.bond_offsets,
            self._sketch,
            self.memory,
        )

    def _make_room(self, entries: int) -> None:
        known, old = len(self), self.memory
        used = int(old.starts[known])
        if used + entries > MOST_ENTRIES:
            self.memory = _empty(1 << 10, max(1 << 14, 2 * entries))
            return
        # A core has at least six entries: three atoms and three bonds.
        cores = known + entries // 6 + 1
        if cores <= len(old.hashes) and used + entries <= len(old.contents):
            return
        self.memory = _empty(2 * cores, 2 * (used + entries))
        _copy(old, self.memory)


def _empty(cores: int, entries: int) -> Memory:
    return Memory(
        table=np.full(1 << int(2 * cores - 1).bit_length(), UNKNOWN, dtype=np.int32),
        hashes=np.zeros(cores, dtype=np.int64),
        starts=np.zeros(cores + 1, dtype=np.int64),
        stays=np.zeros(cores, dtype=np.uint8),
        contents=np.zeros(entries, dtype=np.int64),
        known=np.zeros(1, dtype=np.int64),
    )


def _copy(old: Memory, new: Memory) -> None:
    known = int(old.known[0])
    used = int(old.starts[known])
    new.hashes[:known] = old.hashes[:known]
    new.starts[: known + 1] = old.starts[: known + 1]
    new.stays[:known] = old.stays[:known]
    new.contents[:used] = old.contents[:used]
    new.known[0] = known
    _file(new)


@compiled
def _file(memory: Memory) -> None:
    mask = len(memory.table) - 1
    for core in range(memory.known[0]):
        place = memory.hashes[core] & mask
        while memory.table[place] >= 0:
            place = (place + 1) & mask
        memory.table[place] = core


@compiled
def find(memory: Memory, contents: Longs, length: int) -> int:
    """The core with these contents, or `UNKNOWN`."""
    mask = len(memory.table) - 1
    hashed = hash_of(contents, length)
    place = hashed & mask
    while memory.table[place] >= 0:
        core = int(memory.table[place])
        start = memory.starts[core]
        if memory.hashes[core] == hashed and memory.starts[core + 1] - start == length:
            same = True
            for at in range(length):
                if memory.contents[start + at] != contents[at]:
                    same = False
                    break
            if same:
                return core
        place = (place + 1) & mask
    return UNKNOWN


@compiled
def _learn(
    data: Bytes, starts: Longs, atoms: Bytes, bonds: Bytes, ends: Longs, atom_offsets: Longs, bond_offsets: Longs,
    sketch: Sketch, memory: Memory,
) -> None:  # fmt: skip
    place, contents = np.empty(MOST_ATOMS, dtype=np.int64), np.empty(LONGEST, dtype=np.int64)
    for molecule in range(len(starts) - 1):
        n, m = draw(data, starts[molecule], starts[molecule + 1], sketch)
        first, first_bond = atom_offsets[molecule], bond_offsets[molecule]
        if n < 0 or atom_offsets[molecule + 1] - first != n or bond_offsets[molecule + 1] - first_bond != m:
            continue
        find_ring_bonds(sketch, n, m)
        if not add_hydrogens(sketch, n) or not find_cores(sketch, n, m):
            continue
        same = True
        for bond in range(m):
            row = first_bond + bond
            if ends[row, 0] - first != sketch.bonds[BEGIN, bond] or ends[row, 1] - first != sketch.bonds[END, bond]:
                same = False
        if not same:
            continue
        for core in range(n):
            if sketch.atoms[CORE, core] != core:
                continue
            length = describe(sketch, n, core, place, contents)
            if length > 0 and find(memory, contents, length) == UNKNOWN:
                _keep(sketch, n, core, contents, length, atoms[first:], bonds[first_bond:], memory)


@compiled
def _keep(
    sketch: Sketch, n: int, core: int, contents: Longs, length: int, atoms: Bytes, bonds: Bytes, memory: Memory
) -> None:
    new = memory.known[0]
    start = memory.starts[new]
    stays = True
    at = start
    for atom in range(core, n):
        if sketch.atoms[CORE, atom] != core:
            continue
        row = atoms[atom]
        stays &= row[_ELEMENT] == sketch.atoms[ELEMENT, atom] and row[_AROMATIC] == sketch.atoms[AROMATIC, atom]
        stays &= row[_HYDROGENS] == sketch.atoms[HYDROGENS, atom]
        at += 1
        for slot in range(sketch.atoms[DEGREE, atom]):
            bond = sketch.links[THROUGH, atom, slot]
            if sketch.links[NEIGHBOUR, atom, slot] < atom and sketch.bonds[IN_CORE, bond]:
                stays &= bonds[bond, _ORDER] == sketch.bonds[ORDER, bond] and bonds[bond, _BOND_RING_SIZE] > 0
                at += 1
    for entry in range(length):
        memory.contents[start + entry] = contents[entry]
    memory.hashes[new] = hash_of(contents, length)
    memory.stays[new] = stays
    memory.starts[new + 1] = at
    memory.known[0] = new + 1
    mask = len(memory.table) - 1
    slot_of = memory.hashes[new] & mask
    while memory.table[slot_of] >= 0:
        slot_of = (slot_of + 1) & mask
    memory.table[slot_of] = new


@compiled
def recall(sketch: Sketch, n: int, memory: Memory, place: Longs, contents: Longs) -> int:
    """`STAY` if all cores stay as they are written, `CHANGE` if one does not, else a number for one not known yet."""
    found = STAY
    for core in range(n):
        if sketch.atoms[CORE, core] != core:
            continue
        length = describe(sketch, n, core, place, contents)
        if length == 0:
            return CHANGE
        known = find(memory, contents, length)
        if known == UNKNOWN:
            # Any number will do that most other cores do not have.
            found = max(hash_of(contents, length), STAY + 1)
        elif not memory.stays[known]:
            return CHANGE
    return found
