"""The nearest measured compounds of many molecules, exactly, without comparing each with each.

A query goes through its fingerprint's bits from the rarest to the most common, and compares itself with the compounds
that have the bit. A compound of b bits that shares none of the bits so far shares at most the rest, r of a bits, so it
cannot be more similar than r / (a + b - r); with compounds in order of b, those that could still be the nearest lie in
a window that narrows and closes (prefix filtering, Chaudhuri et al. 2006, doi 10.1109/ICDE.2006.9).
`megan.domain.similarities` is the plain form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from megan.domain import N_BITS, RADIUS, MeasuredSet, Words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of G molecules."""

    words: Words
    """Shape (G, N_BITS / 64), as `megan.domain.fingerprint` gives them."""


def fingerprints_of(mols: Sequence[Chem.Mol]) -> Fingerprints:
    """Fingerprints of molecules, as `megan.domain.fingerprint` gives them for their SMILES."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    bits = np.zeros((len(mols), N_BITS), dtype=np.uint8)
    for row, mol in enumerate(mols):
        bits[row] = generator.GetFingerprintAsNumPy(mol)
    return Fingerprints(np.packbits(bits, axis=1, bitorder="little").view(np.uint64))


@dataclass(frozen=True, slots=True)
class Nearest:
    """What was found for G molecules."""

    training: Floats
    """Shape (G,): similarity of the nearest training compound, 0 to 1; 0 where there is none."""
    same: list[Ints]
    """For each, the measured compounds of all splits with the very same fingerprint, by their positions."""


@dataclass(frozen=True, slots=True)
class NearestSearch:
    """The measured compounds of a model, ready to be searched."""

    fingerprints: Words
    """Shape (P, N_BITS / 64): of the training split, those with few bits first."""
    counts: npt.NDArray[np.int32]
    """Shape (P,): bits that are set, ascending."""
    starts: Ints
    """Shape (N_BITS + 1,): where in `having` the compounds of a bit begin."""
    having: npt.NDArray[np.int32]
    """Compounds that have a bit, bit after bit."""
    order: npt.NDArray[np.int32]
    """Shape (N_BITS,): rank of a bit, the rarest first."""
    everything: dict[bytes, Ints]
    """Fingerprint -> positions among all measured compounds."""
    in_training: npt.NDArray[np.bool_]
    """Of all measured compounds."""

    @classmethod
    def of(cls, measured: MeasuredSet) -> NearestSearch:
        """Index the measured compounds of a bundle."""
        training = np.ascontiguousarray(measured.fingerprints[measured.splits == 0])
        bits = np.unpackbits(training.view(np.uint8), axis=1, bitorder="little")
        by_count = np.argsort(bits.sum(axis=1, dtype=np.int32), kind="stable")
        training, bits = training[by_count], bits[by_count]
        bit, compound = np.nonzero(bits.T)
        in_bit = np.bincount(bit, minlength=N_BITS)
        starts = np.zeros(N_BITS + 1, dtype=np.int64)
        np.cumsum(in_bit, out=starts[1:])
        order = np.empty(N_BITS, dtype=np.int32)
        order[np.argsort(in_bit, kind="stable")] = np.arange(N_BITS, dtype=np.int32)
        everything: dict[bytes, list[int]] = {}
        for position, words in enumerate(measured.fingerprints):
            everything.setdefault(words.tobytes(), []).append(position)
        return cls(
            training,
            bits.sum(axis=1, dtype=np.int32),
            starts,
            compound.astype(np.int32),
            order,
            {words: np.array(positions) for words, positions in everything.items()},
            measured.splits == 0,
        )

    def find(self, queries: Fingerprints) -> Nearest:
        """The nearest training compound of each query, and the measured ones with its very fingerprint."""
        words = np.ascontiguousarray(queries.words)
        none = np.zeros(0, dtype=np.int64)
        same = [self.everything.get(row.tobytes(), none) for row in words]
        # Nothing is nearer than an equal one.
        least = np.array([float(self.in_training[positions].any()) for positions in same])
        training = _nearest(words, least, self.fingerprints, self.counts, self.starts, self.having, self.order)
        return Nearest(training, same)


@njit(cache=True, nogil=True)
def _nearest(
    queries: Words,
    least: npt.NDArray[np.float64],
    fingerprints: Words,
    counts: npt.NDArray[np.int32],
    starts: Ints,
    having: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
) -> Floats:
    n_words = queries.shape[1]
    result = np.zeros(len(queries), dtype=np.float32)
    seen = np.full(len(fingerprints), -1, dtype=np.int64)
    ranks = np.empty(n_words * 64, dtype=np.int32)
    of_rank = np.empty(n_words * 64, dtype=np.int32)
    for bit in range(len(order)):
        of_rank[order[bit]] = bit
    for query in range(len(queries)):
        own = 0
        for word in range(n_words):
            bits = queries[query, word]
            for place in range(64):
                if (bits >> np.uint64(place)) & np.uint64(1):
                    ranks[own] = order[word * 64 + place]
                    own += 1
        if own == 0:
            # Two empty fingerprints count as equal.
            for compound in range(len(fingerprints)):
                if counts[compound] == 0:
                    result[query] = 1.0
            continue
        sorted_ranks = np.sort(ranks[:own])
        best = least[query]
        for done in range(own):
            rest = own - done
            if rest <= best * own:
                break
            bit = of_rank[sorted_ranks[done]]
            first, last = starts[bit], starts[bit + 1]
            if best > 0:
                first += np.searchsorted(having[first:last], np.searchsorted(counts, np.int32(best * own)))
            for at in range(first, last):
                compound = having[at]
                count = counts[compound]
                most = min(rest, count)
                if most <= best * (own + count - most):
                    if count > rest:
                        break  # the next ones have more bits still
                    continue
                if seen[compound] == query:
                    continue
                seen[compound] = query
                # Without a way out in between, the compiler counts many words at once.
                common = np.uint64(0)
                for word in range(n_words):
                    common += _count_bits(queries[query, word] & fingerprints[compound, word])
                shared = np.int64(common)
                best = max(best, shared / (own + count - shared))
        result[query] = best
    return result


@njit(cache=True, nogil=True, inline="always")
def _count_bits(word: np.uint64) -> np.uint64:
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
