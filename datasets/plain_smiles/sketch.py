"""The memory in which one molecule after the other is drawn, and what its rows mean.

Everything is a small whole number, and the memory is three arrays: the fewer arrays compiled functions hand on, the
sooner they are compiled.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

MOST_ATOMS: Final = 200
MOST_NEIGHBOURS: Final = 4

ELEMENT: Final = 0
AROMATIC: Final = 1
CHARGE: Final = 2
HYDROGENS: Final = 3
"""After `chemistry`; before that, those that a bracket states."""
DEGREE: Final = 4
PARENT: Final = 5
"""Atom to which each is bonded when it is written; -1 for the first."""
IN_BRANCH: Final = 6
"""Whether it opens a pair of parentheses."""
N_CLOSURES: Final = 7
"""How many ring digits it bears."""
DIGIT: Final = 8
"""Not of atoms: the digit of each ring bond, in the order in which they are closed."""
RING_BONDS: Final = 9
"""How many bonds of the atom lie in rings."""
SYSTEM: Final = 10
"""The first atom of the ring system; only of atoms in rings."""
CONJUGATED_ATOM: Final = 11
"""Whether it has a conjugated bond."""
RING_SIZE: Final = 12
"""Code of the smallest ring through it."""
CORE: Final = 13
"""The first atom of its core, see `ring_cores`; -1 for atoms outside of cores."""
SEEN: Final = 14
"""Scratch of whoever goes through the atoms."""
QUEUE: Final = 15
"""Scratch: atoms in line."""
_ATOM_ROWS: Final = 16

NEIGHBOUR: Final = 0
"""In the order of the text."""
THROUGH: Final = 1
"""The bond to each neighbour."""
CLOSURES: Final = 2
"""Bonds that are written as ring digits here, in their order."""
_LINK_ROWS: Final = 3

BEGIN: Final = 0
END: Final = 1
ORDER: Final = 2
IN_RING: Final = 3
CONJUGATED: Final = 4
BOND_RING_SIZE: Final = 5
"""Code of the smallest ring through it."""
IN_CORE: Final = 6
"""Whether it lies in a core."""
_BOND_ROWS: Final = 7

#: Values of `ORDER`: the codes of `datasets.atom_codes.BOND_ORDER_CODES`, which RDKit ranks alike.
SINGLE_BOND, DOUBLE_BOND, AROMATIC_BOND = 0, 1, 3
TRIPLE_BOND: Final = 2

Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]
Longs = npt.NDArray[np.int64]


class Sketch(NamedTuple):
    """One molecule, atoms and bonds in the order of its text; bond i - 1 leads from atom i back to its parent."""

    atoms: Shorts
    """Shape (rows, MOST_ATOMS)"""
    links: Shorts
    """Shape (rows, MOST_ATOMS, MOST_NEIGHBOURS)"""
    bonds: Shorts
    """Shape (rows, 2 MOST_ATOMS)"""


def new_sketch() -> Sketch:
    """Fresh memory."""
    return Sketch(
        np.zeros((_ATOM_ROWS, MOST_ATOMS), dtype=np.int16),
        np.zeros((_LINK_ROWS, MOST_ATOMS, MOST_NEIGHBOURS), dtype=np.int16),
        np.zeros((_BOND_ROWS, 2 * MOST_ATOMS), dtype=np.int16),
    )
