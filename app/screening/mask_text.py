"""The importance of every atom of a molecule as one short text: whole percents with spaces between, "0 3 97"."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

_WORDS: Final = tuple(str(percent) for percent in range(101))


def mask_texts(importance: npt.NDArray[np.float32], offsets: npt.NDArray[np.int64]) -> list[str]:
    """One text a molecule.

    Parameters
    ----------
    importance : (N,)
        Of the atoms of all molecules, 0 to 1.
    offsets : (G + 1,)
        Molecule g owns the atoms offsets[g] .. offsets[g + 1].
    """
    percents = np.rint(np.asarray(importance, dtype=np.float64) * 100).astype(np.int64).tolist()
    words = [_WORDS[percent] for percent in percents]
    ends = offsets.tolist()
    return [" ".join(words[first:last]) for first, last in itertools.pairwise(ends)]


def mask_values(text: str) -> npt.NDArray[np.float32]:
    """The importances of such a text, (n_atoms,), 0 to 1, to two digits."""
    return np.array([int(word) / 100 for word in text.split()], dtype=np.float32)
