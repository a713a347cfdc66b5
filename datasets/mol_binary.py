"""Atom and bond codes straight from RDKit's binary molecules, a whole batch in one compiled loop.

Asking RDKit for one property of one atom costs a Python call; `Mol.ToBinary` hands over all of them in one. The form
is RDKit's own and may change with its version, so the version is asserted for every molecule, anything unexpected is
reported back (the caller falls back to RDKit's interface), and tests hold both ways equal on real molecules.

Layout, little endian, for fewer than 256 atoms: 4 bytes mark, 4 bytes 0, three int32 version numbers, int32 atoms,
int32 bonds, 1 byte flags, then a tag and the atoms, a tag and the bonds, a tag and the rings. An atom is its number,
a byte of flags, an int32 that says which values follow, and these values in the order of its bits. A bond is begin,
end, a byte of flags, and the values that the flags announce.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from datasets.atom_codes import (
    ATOM_FEATURES,
    BOND_FEATURES,
    LARGEST_CHARGE,
    LARGEST_DEGREE,
    LARGEST_HYDROGENS,
    LARGEST_RING,
    LARGEST_RING_BONDS,
    N_ELEMENTS,
    N_HYBRIDISATIONS,
    Codes,
)

SUPPORTED_VERSION = (16, 4)
"""Major and minor version of the binary form that this reader was checked against."""

_N_ATOM = len(ATOM_FEATURES)
_N_BOND = len(BOND_FEATURES)
_HEADER = 29
_BEGIN_ATOMS, _BEGIN_BONDS = 0x01, 0x0B
_AROMATIC, _NO_IMPLICIT, _CONJUGATED = 0x40, 0x20, 0x20
_KNOWN_ATOM_VALUES = 0x1FE
_RING_TAG = 0x42
_SP3 = 4  # the hybridisation that is left out of the form


@njit(cache=True, nogil=True)
def _int32(data: npt.NDArray[np.uint8], at: int) -> int:
    value = np.int64(data[at]) | (np.int64(data[at + 1]) << 8)
    value |= (np.int64(data[at + 2]) << 16) | (np.int64(data[at + 3]) << 24)
    signed = int(value)
    if signed >= 1 << 31:
        signed -= 1 << 32
    return signed


@njit(cache=True, nogil=True)
def count_atoms_and_bonds(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number of atoms and of bonds of each binary molecule; -1 where the header is not the supported one.

    Parameters
    ----------
    data : (n_bytes,)
        Binary molecules behind each other.
    starts : (n_molecules + 1,)
        Where each begins; the last entry is the total length.
    """
    n = len(starts) - 1
    atoms = np.full(n, -1, dtype=np.int64)
    bonds = np.full(n, -1, dtype=np.int64)
    for m in range(n):
        at = starts[m]
        if starts[m + 1] - at <= _HEADER:
            continue
        if _int32(data, at + 8) != SUPPORTED_VERSION[0] or _int32(data, at + 12) != SUPPORTED_VERSION[1]:
            continue
        n_atoms = _int32(data, at + 20)
        if n_atoms < 256:
            atoms[m] = n_atoms
            bonds[m] = _int32(data, at + 24)
    return atoms, bonds


@njit(cache=True, nogil=True)
def read_batch(
    data: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    n_atoms: npt.NDArray[np.int64],
    n_bonds: npt.NDArray[np.int64],
    first_atom: npt.NDArray[np.int64],
    first_bond: npt.NDArray[np.int64],
    atoms: Codes,
    bonds: Codes,
    ends: npt.NDArray[np.int32],
    understood: npt.NDArray[np.bool_],
) -> None:
    """Fill the codes of every molecule whose `understood` is true; set it to false where the form surprises.

    Parameters
    ----------
    data, starts
        As for `count_atoms_and_bonds`.
    n_atoms, n_bonds, first_atom, first_bond : (n_molecules,)
        Sizes of the molecules and where their rows begin in the outputs.
    atoms : (all atoms, len(ATOM_FEATURES)), written
    bonds : (all bonds, len(BOND_FEATURES)), written
    ends : (all bonds, 2), written
        Begin and end of every bond, counted within its molecule.
    understood : (n_molecules,), read and written
    """
    values = np.zeros(9, dtype=np.int64)
    bond_at = np.zeros((256, 16), dtype=np.int32)
    neighbour_at = np.zeros((256, 16), dtype=np.int32)
    degree = np.zeros(256, dtype=np.int32)
    for m in range(len(n_atoms)):
        if not understood[m]:
            continue
        at, stop = starts[m] + _HEADER, starts[m + 1]
        a0, b0 = first_atom[m], first_bond[m]
        if data[at] != _BEGIN_ATOMS:
            understood[m] = False
            continue
        at += 1
        ok = True
        for i in range(n_atoms[m]):
            number, flags, present = data[at], data[at + 1], _int32(data, at + 2)
            at += 6
            if flags & ~(_AROMATIC | _NO_IMPLICIT) or present & ~_KNOWN_ATOM_VALUES:
                ok = False
                break
            for bit in range(1, 9):
                values[bit] = _SP3 if bit == 3 else 0
                if present >> bit & 1:
                    values[bit] = _int32(data, at) if bit == 8 else data[at]
                    at += 4 if bit == 8 else 1
            charge = values[1] - 256 if values[1] > 127 else values[1]
            hydrogens = values[4] + values[6]
            charge += LARGEST_CHARGE
            row = atoms[a0 + i]
            row[0] = number if number < N_ELEMENTS else N_ELEMENTS
            row[2] = hydrogens if hydrogens <= LARGEST_HYDROGENS else LARGEST_HYDROGENS + 1
            row[3] = charge if 0 <= charge <= 2 * LARGEST_CHARGE else 2 * LARGEST_CHARGE + 1
            row[4] = values[3] if values[3] < N_HYBRIDISATIONS else N_HYBRIDISATIONS
            row[5] = 1 if flags & _AROMATIC else 0
            row[6] = 0
            row[7] = 0
            row[8] = 1 if values[2] else 0
            row[9] = values[7] if values[7] < 3 else 3
            row[10] = 1 if values[8] else 0
            degree[i] = 0
        if not ok or data[at] != _BEGIN_BONDS:
            understood[m] = False
            continue
        at += 1
        for j in range(n_bonds[m]):
            begin, end, flags = data[at], data[at + 1], data[at + 2]
            at += 3
            if flags & 0x10 or degree[begin] >= 16 or degree[end] >= 16:
                ok = False
                break
            order, stereo = 1, 0
            if flags & 0x08:
                order = data[at]
                at += 1
            if flags & 0x04:
                at += 1
            if flags & 0x02:
                stereo = data[at]
                at += 2 + data[at + 1]
            bond = bonds[b0 + j]
            if order <= 3:
                bond[0] = order - 1 if order else 5
            else:
                bond[0] = 3 if order == 12 else (4 if order == 17 else 5)
            bond[1] = 1 if flags & _CONJUGATED else 0
            bond[2] = 0
            bond[3] = 0 if stereo == 0 else (1 if stereo in (2, 4) else (2 if stereo in (3, 5) else 3))
            ends[b0 + j, 0] = begin
            ends[b0 + j, 1] = end
            bond_at[begin, degree[begin]] = j
            neighbour_at[begin, degree[begin]] = end
            bond_at[end, degree[end]] = j
            neighbour_at[end, degree[end]] = begin
            degree[begin] += 1
            degree[end] += 1
        if not ok or at + 5 > stop or data[at] != _RING_TAG:
            understood[m] = False
            continue
        for i in range(n_atoms[m]):
            atoms[a0 + i, 1] = degree[i] if degree[i] <= LARGEST_DEGREE else LARGEST_DEGREE + 1
        n_rings = _int32(data, at + 1)
        at += 5
        for _ in range(n_rings):
            size = np.int64(data[at])
            at += 1
            code = size if size <= LARGEST_RING else LARGEST_RING + 1
            for p in range(size):
                here = data[at + p]
                there = data[at + (p + 1) % size]
                if atoms[a0 + here, 6] == 0 or atoms[a0 + here, 6] > code:
                    atoms[a0 + here, 6] = code
                for q in range(degree[here]):
                    if neighbour_at[here, q] == there:
                        bond = bonds[b0 + bond_at[here, q]]
                        if bond[2] == 0:
                            atoms[a0 + here, 7] += 1
                            atoms[a0 + there, 7] += 1
                        if bond[2] == 0 or bond[2] > code:
                            bond[2] = code
            at += size
        for i in range(n_atoms[m]):
            if atoms[a0 + i, 7] > LARGEST_RING_BONDS:
                atoms[a0 + i, 7] = LARGEST_RING_BONDS + 1
