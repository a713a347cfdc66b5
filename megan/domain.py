"""How near a molecule is to what was measured, by fingerprints: the domain, the neighbours, the record itself.

A bundle carries only fingerprints, labels and hashes of the measured compounds, never their structures; these are
shown where the data happen to be on the machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from megan.prediction import Domain, Neighbour

RADIUS = 2
N_BITS = 1024
SPLITS = ("train", "valid", "test")
N_NEIGHBOURS = 3
INSIDE_QUANTILE = 0.05
"""Validation compounds under this quantile of nearest similarity count as outside."""

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """The measured compounds of a task, P of them."""

    fingerprints: Words
    """Shape (P, N_BITS / 64): Morgan bits of radius 2 as 64-bit words."""
    labels: npt.NDArray[np.float32]
    """Shape (P,)."""
    splits: npt.NDArray[np.uint8]
    """Shape (P,): positions in `SPLITS`."""
    keys: Words
    """Shape (P,): hashes of the InChIKeys' first blocks, see `key_hash`."""

    def __post_init__(self) -> None:
        n = len(self.labels)
        for field in ("fingerprints", "splits", "keys"):
            if len(getattr(self, field)) != n:
                raise ValueError(f"MeasuredSet.{field} has {len(getattr(self, field))} rows; expected {n}")


def fingerprint(smiles: str) -> Words:
    """Morgan fingerprint (radius 2, 1024 bits) as 16 words; chirality is ignored.

    Raises
    ------
    ValueError
        If the SMILES cannot be parsed.
    """
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"smiles is {smiles[:80]!r}; expected a SMILES that RDKit can parse")
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    bits: npt.NDArray[np.uint8] = generator.GetFingerprintAsNumPy(mol)
    return np.packbits(bits, bitorder="little").view(np.uint64)


def key_hash(inchikey: str) -> int:
    """64 bits that name a skeleton: the start of the SHA-256 of the InChIKey's first block."""
    return int.from_bytes(hashlib.sha256(inchikey[:14].encode()).digest()[:8], "little")


def similarity_limit(measured: MeasuredSet) -> float:
    """The similarity to the nearest training compound that 95 % of the validation compounds reach.

    With few validation compounds the quantile is rough; without any it is 0, and nothing counts as outside.
    """
    train = measured.fingerprints[measured.splits == 0]
    valid = measured.fingerprints[measured.splits == 1]
    if not len(valid) or not len(train):
        return 0.0
    nearest = np.array([similarities(train, query).max() for query in valid])
    return float(np.quantile(nearest, INSIDE_QUANTILE))


def similarities(fingerprints: Words, query: Words) -> npt.NDArray[np.float32]:
    """Tanimoto similarity of one fingerprint to many, (P,); two empty ones count as 1."""
    return _tanimoto(np.ascontiguousarray(fingerprints), query)


def describe_domain(measured: MeasuredSet, smiles: str, inchikey: str, limit: float) -> Domain:
    """Domain, nearest measured compounds and the record of this very compound.

    Parameters
    ----------
    measured
        From the bundle; the training split decides the domain, all splits are shown as neighbours.
    smiles, inchikey
        The query.
    limit
        From `similarity_limit`.
    """
    near = similarities(measured.fingerprints, fingerprint(smiles))
    own = np.flatnonzero(measured.keys == np.uint64(key_hash(inchikey)))
    # Of records that share a skeleton only, those of the same structure are this compound's.
    same = own[near[own] >= near[own].max() - 1e-6] if len(own) else own
    records = tuple(_neighbour(measured, near, int(index)) for index in same)
    others = near.copy()
    others[own] = -1
    count = min(N_NEIGHBOURS, len(near) - len(own))
    top = _largest(others, count)
    in_training = near[measured.splits == 0]
    nearest = float(in_training.max()) if len(in_training) else 0.0
    return Domain(
        similarity=nearest,
        inside=nearest >= limit,
        neighbours=tuple(_neighbour(measured, near, int(index)) for index in top),
        measured=records[0] if records else None,
        records=records,
    )


def _largest(values: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    """Positions of the `count` largest values, largest first, ties in order; without sorting all of them."""
    if count <= 0:
        return np.zeros(0, dtype=np.int64)
    least = np.partition(values, len(values) - count)[len(values) - count]
    candidates = np.flatnonzero(values >= least)
    return candidates[np.argsort(-values[candidates], kind="stable")][:count]


def _neighbour(measured: MeasuredSet, near: npt.NDArray[np.float32], index: int) -> Neighbour:
    return Neighbour(
        index=index,
        similarity=float(near[index]),
        label=float(measured.labels[index]),
        split=SPLITS[int(measured.splits[index])],
    )


@njit(cache=True, nogil=True)
def _tanimoto(fingerprints: Words, query: Words) -> npt.NDArray[np.float32]:
    result = np.empty(len(fingerprints), dtype=np.float32)
    for row in range(len(fingerprints)):
        common = np.uint64(0)
        either = np.uint64(0)
        for word in range(len(query)):
            common += _count_bits(fingerprints[row, word] & query[word])
            either += _count_bits(fingerprints[row, word] | query[word])
        result[row] = common / either if either else 1.0
    return result


@njit(cache=True, nogil=True, inline="always")
def _count_bits(word: np.uint64) -> np.uint64:
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
