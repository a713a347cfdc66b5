"""The nearest measured compounds of many molecules, exactly, without comparing each with each.

Compounds stand in order of their number of bits, and a query goes outwards from those with as many as its own, until no
number of bits allows for a better one (Swamidass and Baldi 2007, doi 10.1021/ci600358f). A quarter of the bits, each
standing for four, rules out most compounds on the way. `megan.domain.similarities` is the plain form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from app.screening.nearest_search import find_rows, fold, group_rows, nearest_of
from datasets.featurize import FlatBatch
from datasets.morgan import morgan_bits
from megan.domain import N_BITS, RADIUS, MeasuredSet, Words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
_NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of G molecules."""

    words: Words
    """Shape (G, N_BITS / 64), as `megan.domain.fingerprint` gives them."""


def fingerprints_of(batch: FlatBatch, mol_at: Callable[[int], Chem.Mol]) -> Fingerprints:
    """Fingerprints of molecules, as `megan.domain.fingerprint` gives them for their SMILES.

    Parameters
    ----------
    batch
        Their features.
    mol_at
        Gives the molecule at a position, for the few whose features are not enough.
    """
    return Fingerprints(morgan_bits(batch, RADIUS, N_BITS, mol_at))


@dataclass(frozen=True, slots=True)
class Equals:
    """Which measured compounds have the very fingerprints that were asked about."""

    place: Ints
    """Shape (G,): position in the two below, -1 where no compound has the fingerprint."""
    starts: Ints
    compounds: Ints
    """Measured compounds by fingerprint: those of place p stand from starts[p] to starts[p + 1]."""

    def of(self, query: int) -> Ints:
        """The measured compounds of all splits that have the fingerprint of a query, by their positions."""
        place = self.place[query]
        return _NONE if place < 0 else self.compounds[self.starts[place] : self.starts[place + 1]]


@dataclass(frozen=True, slots=True)
class Nearest:
    """What was found for G molecules."""

    training: Floats
    """Shape (G,): similarity of the nearest training compound, 0 to 1; 0 where there is none."""
    same: Equals


@dataclass(frozen=True, slots=True)
class NearestSearch:
    """The measured compounds of a model, ready to be searched."""

    fingerprints: Words
    """Shape (P, N_BITS / 64): of the training split, those with few bits first."""
    counts: npt.NDArray[np.int32]
    """Shape (P,): bits that are set, ascending."""
    folded: Words
    """Shape (N_BITS / 256, P): see `fold`."""
    starts: Ints
    """Shape (N_BITS + 1,): where in `having` the compounds of a bit begin."""
    having: npt.NDArray[np.int32]
    """Compounds that have a bit, bit after bit."""
    different: Words
    """Shape (U, N_BITS / 64): the different fingerprints of all measured compounds."""
    table: npt.NDArray[np.int32]
    """Where to look for one of them."""
    in_training: npt.NDArray[np.bool_]
    """Shape (U,): whether a training compound has it."""
    equal_starts: Ints
    equal_compounds: Ints
    """As in `Equals`."""

    @classmethod
    def of(cls, measured: MeasuredSet) -> NearestSearch:
        """Index the measured compounds of a bundle."""
        training = np.ascontiguousarray(measured.fingerprints[measured.splits == 0])
        bits = np.unpackbits(training.view(np.uint8), axis=1, bitorder="little")
        by_count = np.argsort(bits.sum(axis=1, dtype=np.int32), kind="stable")
        training, bits = training[by_count], bits[by_count]
        bit, compound = np.nonzero(bits.T)
        group, first, table = group_rows(np.ascontiguousarray(measured.fingerprints))
        in_training = np.zeros(len(first), dtype=np.bool_)
        in_training[group[measured.splits == 0]] = True
        return cls(
            fingerprints=training,
            counts=bits.sum(axis=1, dtype=np.int32),
            folded=np.ascontiguousarray(fold(training).T),
            starts=_starts(np.bincount(bit, minlength=N_BITS)),
            having=compound.astype(np.int32),
            different=measured.fingerprints[first],
            table=table,
            in_training=in_training,
            equal_starts=_starts(np.bincount(group, minlength=len(first))),
            equal_compounds=np.argsort(group, kind="stable"),
        )

    def find(self, queries: Fingerprints) -> Nearest:
        """The nearest training compound of each query, and the measured ones with its very fingerprint."""
        words = np.ascontiguousarray(queries.words)
        place = find_rows(words, self.different, self.table)
        # Nothing is nearer than an equal one.
        known = np.zeros(len(words), dtype=np.bool_)
        known[place >= 0] = self.in_training[place[place >= 0]]
        training = nearest_of(
            words, fold(words), known, self.fingerprints, self.counts, self.folded, self.starts, self.having
        )
        return Nearest(training, Equals(place, self.equal_starts, self.equal_compounds))


def _starts(counts: Ints) -> Ints:
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
