"""The importance of every atom of a molecule as one short text: whole percents with spaces between, "0 3 97"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

Bytes = npt.NDArray[np.uint8]
_MOST_SIGNS = 4
"""Of one atom: three digits and a space."""


def mask_texts(importance: npt.NDArray[np.float32], offsets: npt.NDArray[np.int64]) -> pa.StringArray:
    """One text a molecule.

    Parameters
    ----------
    importance : (N,)
        Of the atoms of all molecules, 0 to 1.
    offsets : (G + 1,)
        Molecule g owns the atoms offsets[g] .. offsets[g + 1].
    """
    signs = np.empty(_MOST_SIGNS * len(importance), dtype=np.uint8)
    ends = np.zeros(len(offsets), dtype=np.int32)
    _write(np.ascontiguousarray(importance), offsets, signs, ends)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(signs[: ends[-1]]))


@njit(cache=True, nogil=True)
def _write(
    importance: npt.NDArray[np.float32], offsets: npt.NDArray[np.int64], signs: Bytes, ends: npt.NDArray[np.int32]
) -> None:
    """Write all texts behind each other, and where each ends."""
    at = 0
    for molecule in range(len(offsets) - 1):
        for atom in range(offsets[molecule], offsets[molecule + 1]):
            if atom > offsets[molecule]:
                signs[at] = 32
                at += 1
            percent = int(np.rint(np.float64(importance[atom]) * 100))
            if percent == 100:
                signs[at] = 49
                at += 1
                percent = 0
                signs[at] = 48
                at += 1
            elif percent >= 10:
                signs[at] = 48 + percent // 10
                at += 1
            signs[at] = 48 + percent % 10
            at += 1
        ends[molecule + 1] = at


def mask_values(text: str) -> npt.NDArray[np.float32]:
    """The importances of such a text, (n_atoms,), 0 to 1, to two digits."""
    return np.array([int(word) / 100 for word in text.split()], dtype=np.float32)
