"""What an edit is: planned on atom numbers, done by `concepts.edits.workbench`.

A plan costs next to nothing, the molecule that it makes costs a sanitisation and a SMILES. So all plans are made, and
only those that a search wants are done.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from rdkit import Chem


class Kind(enum.StrEnum):
    """Kinds of edits, as a chemist would sort them."""

    ADD_ATOM = "add atom"
    REMOVE_ATOM = "remove atom"
    REPLACE_ATOM = "replace atom"
    SWAP_AROMATIC = "swap aromatic C and N"
    CHANGE_BOND = "change bond"
    CLOSE_RING = "close ring"
    OPEN_RING = "open ring"
    SATURATE_RING = "saturate ring"
    AROMATISE_RING = "aromatise ring"
    SHIFT_SUBSTITUENT = "shift substituent"
    ADD_GROUP = "add group"
    REMOVE_GROUP = "remove group"
    SWAP_GROUP = "swap group"
    SWAP_LINKER = "swap linker"
    ADD_CHARGE = "add charge"
    REMOVE_CHARGE = "remove charge"


#: The kind of the edit that leads back. A removed group can have been larger than any that is added, and a swap can
#: have started from a group that no table holds: for those the way back may take more than one edit.
INVERSE: Final = {
    Kind.ADD_ATOM: Kind.REMOVE_ATOM,
    Kind.REMOVE_ATOM: Kind.ADD_ATOM,
    Kind.REPLACE_ATOM: Kind.REPLACE_ATOM,
    Kind.SWAP_AROMATIC: Kind.SWAP_AROMATIC,
    Kind.CHANGE_BOND: Kind.CHANGE_BOND,
    Kind.CLOSE_RING: Kind.OPEN_RING,
    Kind.OPEN_RING: Kind.CLOSE_RING,
    Kind.SATURATE_RING: Kind.AROMATISE_RING,
    Kind.AROMATISE_RING: Kind.SATURATE_RING,
    Kind.SHIFT_SUBSTITUENT: Kind.SHIFT_SUBSTITUENT,
    Kind.ADD_GROUP: Kind.REMOVE_GROUP,
    Kind.REMOVE_GROUP: Kind.ADD_GROUP,
    Kind.SWAP_GROUP: Kind.SWAP_GROUP,
    Kind.SWAP_LINKER: Kind.SWAP_LINKER,
    Kind.ADD_CHARGE: Kind.REMOVE_CHARGE,
    Kind.REMOVE_CHARGE: Kind.ADD_CHARGE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One edit of a molecule of n atoms; new atoms are numbered from n."""

    kind: Kind
    what: str
    """For people, without the place: "replace NO2 by CN"."""
    atoms: tuple[int, ...]
    """Atoms of the molecule that lose, gain or change something, the one that names the place first."""
    remove: tuple[int, ...] = ()
    bonds: tuple[tuple[int, int, int], ...] = ()
    """Two atoms and the new order between them; order 0 takes the bond away."""
    elements: tuple[tuple[int, int], ...] = ()
    """Atom and new atomic number."""
    charges: tuple[tuple[int, int], ...] = ()
    """Atom and new formal charge."""
    new: tuple[tuple[int, int], ...] = ()
    """Atomic number and formal charge of every new atom."""
    cost: float = 1.0
    """Of two edits that make the same molecule, the cheaper one names it."""


@dataclass(frozen=True, slots=True)
class Product:
    """A molecule that an edit made."""

    smiles: str
    """Canonical."""
    mol: Chem.Mol
    """Sanitised; its atom order is not that of `smiles`."""
    plan: Plan
    origin: tuple[int, ...]
    """For every atom of `mol` its number in the molecule that was edited, or -1 for a new atom."""

    @property
    def touched(self) -> tuple[int, ...]:
        """Atoms of `mol` that are new or were touched and are still there."""
        before = set(self.plan.atoms)
        return tuple(atom for atom, source in enumerate(self.origin) if source < 0 or source in before)
