"""Reads the plain molecules among many texts; whatever is not certain to be one is left to RDKit.

A reader learns: it asks RDKit once for each new system of rings, and remembers the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.compiled import compiled
from datasets.featurize import FlatBatch, featurize_mols, joined
from datasets.plain_smiles.chemistry import add_hydrogens, conjugate, write_codes
from datasets.plain_smiles.known_rings import CHANGE, STAY, KnownRings, Memory, recall
from datasets.plain_smiles.order import in_canonical_order
from datasets.plain_smiles.ranks import Ranking, new_ranking, rank_atoms
from datasets.plain_smiles.ring_cores import LONGEST, find_cores
from datasets.plain_smiles.rings import find_ring_bonds, measure_rings
from datasets.plain_smiles.sketch import MOST_ATOMS, MOST_NEIGHBOURS, Bytes, Longs, Sketch, new_sketch
from datasets.plain_smiles.text import draw

Ints = npt.NDArray[np.int64]

LONGEST_TEXT: Final = 400


@dataclass(slots=True)
class PlainReader:
    """Reads plain molecules, and remembers what it learned of rings."""

    _known: KnownRings = field(default_factory=KnownRings)
    _sketch: Sketch = field(default_factory=new_sketch)
    _ranking: Ranking = field(default_factory=new_ranking)

    def read(self, texts: Sequence[str], at_text: Callable[[int], None] = lambda at: None) -> tuple[Ints, FlatBatch]:
        """The texts that are canonical SMILES of plain molecules, and their features.

        Parameters
        ----------
        texts
            Any texts.
        at_text
            Told of each text that RDKit is about to be asked about, by its position.

        Returns
        -------
        positions : (G,)
            Ascending.
        batch
            As `datasets.featurize.featurize` gives it for these texts.
        """
        left = np.array(
            [at for at, text in enumerate(texts) if 0 < len(text) <= LONGEST_TEXT and text.isascii()], dtype=np.int64
        )
        places, batches = [], []
        while len(left):
            status, batch = self._read(*_encoded([texts[at] for at in left]))
            places.append(left[status == STAY])
            batches.append(batch)
            unknown = status > STAY
            # One molecule for each core that is not known.
            _, first = np.unique(status[unknown], return_index=True)
            left = left[unknown]
            # What RDKit refuses, or reads in another way than it is written, stays out.
            useless = self._ask([texts[at] for at in left[first]], left[first], at_text)
            left = left[~np.isin(left, useless)]
        if not batches:
            return left, featurize_mols([])
        read = np.concatenate(places)
        order = np.argsort(read, kind="stable")
        return read[order], batches[0] if len(batches) == 1 else joined(batches).select(order)

    def _ask(self, texts: Sequence[str], places: Ints, at_text: Callable[[int], None]) -> Ints:
        """Learn from RDKit's reading of texts; the places of those of which nothing was to be learned."""
        mols, read = [], []
        with rdBase.BlockLogs():
            for number, (text, place) in enumerate(zip(texts, places.tolist(), strict=True)):
                at_text(place)
                mol = Chem.MolFromSmiles(text)
                if mol is not None:
                    mols.append(mol)
                    read.append(number)
        data, starts = _encoded([texts[number] for number in read])
        self._known.learn(data, starts, featurize_mols(mols))
        status, _ = self._read(data, starts)
        learned = np.array(read, dtype=np.int64)[status <= STAY]
        return np.delete(places, learned)

    def _read(self, data: Bytes, starts: Longs) -> tuple[Ints, FlatBatch]:
        # Each atom, and each bond but those of the text's tree, takes at least one sign.
        size = len(data)
        atoms = np.empty((size, len(ATOM_FEATURES)), dtype=np.uint8)
        bonds = np.empty((size, len(BOND_FEATURES)), dtype=np.uint8)
        ends = np.empty((size, 2), dtype=np.int64)
        status, atom_offsets, bond_offsets = _read_all(
            data, starts, self._known.memory, self._sketch, self._ranking, atoms, bonds, ends
        )
        n, m = atom_offsets[-1], bond_offsets[-1]
        return status, FlatBatch(atoms[:n].copy(), bonds[:m].copy(), ends[:m].copy(), atom_offsets, bond_offsets)


def _encoded(texts: Sequence[str]) -> tuple[Bytes, Longs]:
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), out=starts[1:])
    return np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8), starts


@compiled
def _read_all(
    data: Bytes, starts: Longs, memory: Memory, sketch: Sketch, ranking: Ranking,
    atoms: Bytes, bonds: Bytes, ends: Longs,
) -> tuple[Longs, Longs, Longs]:  # fmt: skip
    """As `recall`, and `STAY` for what is read; codes of that, behind each other, and their offsets."""
    place, contents = np.empty(MOST_ATOMS, dtype=np.int64), np.empty(LONGEST, dtype=np.int64)
    seen, waiting = np.empty((MOST_ATOMS, 3), dtype=np.int64), np.empty((MOST_ATOMS, MOST_NEIGHBOURS), dtype=np.int32)
    status = np.full(len(starts) - 1, CHANGE, dtype=np.int64)
    atom_offsets, bond_offsets = np.zeros(len(starts), dtype=np.int64), np.zeros(len(starts), dtype=np.int64)
    read, first, first_bond = 0, 0, 0
    for text in range(len(starts) - 1):
        n, m = draw(data, starts[text], starts[text + 1], sketch)
        if n < 0:
            continue
        find_ring_bonds(sketch, n, m)
        if not add_hydrogens(sketch, n) or not find_cores(sketch, n, m):
            continue
        found = recall(sketch, n, memory, place, contents)
        if found != STAY:
            status[text] = found
            continue
        if not rank_atoms(sketch, n, ranking) or not in_canonical_order(sketch, n, ranking, seen, waiting):
            continue
        measure_rings(sketch, n, m)
        conjugate(sketch, n, m)
        write_codes(sketch, n, m, first, first_bond, atoms, bonds, ends)
        status[text] = STAY
        read += 1
        first += n
        first_bond += m
        atom_offsets[read], bond_offsets[read] = first, first_bond
    return status, atom_offsets[: read + 1].copy(), bond_offsets[: read + 1].copy()
