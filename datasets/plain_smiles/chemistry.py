"""Hydrogens, nitro groups, conjugation and hybridisation of a plain molecule, by the rules that RDKit goes by."""

from __future__ import annotations

from datasets.atom_codes import LARGEST_CHARGE
from datasets.compiled import compiled
from datasets.plain_smiles.sketch import (
    AROMATIC,
    AROMATIC_BOND,
    BEGIN,
    BOND_RING_SIZE,
    CHARGE,
    CONJUGATED,
    CONJUGATED_ATOM,
    DEGREE,
    DOUBLE_BOND,
    ELEMENT,
    END,
    HYDROGENS,
    IN_RING,
    NEIGHBOUR,
    ORDER,
    RING_BONDS,
    RING_SIZE,
    SINGLE_BOND,
    THROUGH,
    Bytes,
    Longs,
    Sketch,
)

_SP2, _SP3 = 3, 4  # RDKit's numbers of hybridisations


@compiled
def add_hydrogens(sketch: Sketch, n: int) -> bool:
    """Fill in the hydrogens that are not written; False where an atom is none of those that are taken here."""
    for atom in range(n):
        valence, aromatic, doubles = 0, 0, 0
        for slot in range(sketch.atoms[DEGREE, atom]):
            order = sketch.bonds[ORDER, sketch.links[THROUGH, atom, slot]]
            if order == AROMATIC_BOND:
                aromatic += 1
                if not sketch.bonds[IN_RING, sketch.links[THROUGH, atom, slot]]:
                    return False
            else:
                valence += order + 1
                doubles += order == DOUBLE_BOND
        element = sketch.atoms[ELEMENT, atom]
        if sketch.atoms[AROMATIC, atom]:
            missing = _missing_on_aromatic(element, aromatic, valence, sketch.atoms[HYDROGENS, atom])
        elif sketch.atoms[CHARGE, atom]:
            missing = 0 if _in_nitro_group(sketch, atom) else -1
        else:
            missing = _missing(element, valence, doubles, sketch.atoms[DEGREE, atom])
        if missing < 0:
            return False
        sketch.atoms[HYDROGENS, atom] = missing
    return True


@compiled
def _missing(element: int, valence: int, doubles: int, degree: int) -> int:
    """Hydrogens of an atom without charge; -1 for valences that RDKit changes, refuses or writes in brackets."""
    if element == 6 and valence <= 4:
        return 4 - valence
    if element == 7 and valence <= 3:
        return 3 - valence
    if element == 8 and valence <= 2:
        return 2 - valence
    if element == 16:
        if valence <= 2:
            return 2 - valence
        return 0 if valence == 4 or valence == 6 else -1
    if element == 15:
        return 0 if valence == 3 or (valence == 5 and doubles == 1 and degree == 4) else -1
    if element == 5:
        return 0 if valence == 3 and degree == 3 else -1
    if element == 9 or element == 17 or element == 35 or element == 53:
        return 0 if valence == 1 else -1
    return -1


@compiled
def _missing_on_aromatic(element: int, aromatic: int, valence: int, written: int) -> int:
    if element == 6:
        if aromatic == 2 and valence <= 2:
            return 1 if valence == 0 else 0
        return 0 if aromatic == 3 and valence == 0 else -1
    if element == 7:
        if written:
            return 1 if aromatic == 2 and valence == 0 else -1
        return 0 if (aromatic == 2 and valence <= 1) or (aromatic == 3 and valence == 0) else -1
    return 0 if aromatic == 2 and valence == 0 else -1


@compiled
def _in_nitro_group(sketch: Sketch, atom: int) -> bool:
    """Whether a charged atom is the nitrogen or the charged oxygen of C-NO2 or the like; no charge then needs to go."""
    if sketch.atoms[CHARGE, atom] < 0:
        if sketch.atoms[DEGREE, atom] != 1:
            return False
        atom = int(sketch.links[NEIGHBOUR, atom, 0])
        if sketch.atoms[CHARGE, atom] != 1:
            return False
    if sketch.atoms[DEGREE, atom] != 3:
        return False
    found = 0
    for slot in range(3):
        other, order = sketch.links[NEIGHBOUR, atom, slot], sketch.bonds[ORDER, sketch.links[THROUGH, atom, slot]]
        if sketch.atoms[ELEMENT, other] == 8 and sketch.atoms[DEGREE, other] == 1:
            if sketch.atoms[CHARGE, other] < 0 and order == SINGLE_BOND:
                found += 1
            elif sketch.atoms[CHARGE, other] == 0 and order == DOUBLE_BOND:
                found += 10
        elif sketch.atoms[CHARGE, other] == 0 and order == SINGLE_BOND:
            found += 100
    return found == 111


@compiled
def conjugate(sketch: Sketch, n: int, m: int) -> None:
    """Mark conjugated bonds, and atoms that have one.

    Beside aromatic bonds these are a multiple bond and another bond of the same atom, if all three atoms can take part:
    those with room for a p orbital.
    """
    for bond in range(m):
        sketch.bonds[CONJUGATED, bond] = sketch.bonds[ORDER, bond] == AROMATIC_BOND
    for atom in range(n):
        degree = sketch.atoms[DEGREE, atom]
        total = degree + sketch.atoms[HYDROGENS, atom]
        if total < 2 or not _takes_part(sketch, atom):
            continue
        for slot in range(degree):
            multiple, other = sketch.links[THROUGH, atom, slot], sketch.links[NEIGHBOUR, atom, slot]
            if sketch.bonds[ORDER, multiple] == SINGLE_BOND or not _takes_part(sketch, other):
                continue
            for other_slot in range(degree):
                if other_slot != slot and _takes_part(sketch, sketch.links[NEIGHBOUR, atom, other_slot]):
                    sketch.bonds[CONJUGATED, multiple] = 1
                    sketch.bonds[CONJUGATED, sketch.links[THROUGH, atom, other_slot]] = 1
    for atom in range(n):
        sketch.atoms[CONJUGATED_ATOM, atom] = 0
    for bond in range(m):
        if sketch.bonds[CONJUGATED, bond]:
            sketch.atoms[CONJUGATED_ATOM, sketch.bonds[BEGIN, bond]] = 1
            sketch.atoms[CONJUGATED_ATOM, sketch.bonds[END, bond]] = 1


@compiled
def _takes_part(sketch: Sketch, atom: int) -> bool:
    element = sketch.atoms[ELEMENT, atom]
    total = sketch.atoms[DEGREE, atom] + sketch.atoms[HYDROGENS, atom]
    if element == 6 or element == 7 or element == 8:
        return bool(total <= 3)
    return bool(element == 16 and total < 2)


@compiled
def write_codes(
    sketch: Sketch, n: int, m: int, first_atom: int, first_bond: int, atoms: Bytes, bonds: Bytes, ends: Longs
) -> None:
    """Write the codes of `datasets.atom_codes`."""
    for atom in range(n):
        row = atoms[first_atom + atom]
        row[0] = sketch.atoms[ELEMENT, atom]
        row[1] = sketch.atoms[DEGREE, atom]
        row[2] = sketch.atoms[HYDROGENS, atom]
        row[3] = sketch.atoms[CHARGE, atom] + LARGEST_CHARGE
        row[4] = _hybridisation(sketch, atom)
        row[5] = sketch.atoms[AROMATIC, atom]
        row[6] = sketch.atoms[RING_SIZE, atom]
        row[7] = sketch.atoms[RING_BONDS, atom]
        row[8] = 0
        row[9] = 0
        row[10] = 0
    for bond in range(m):
        line = bonds[first_bond + bond]
        line[0] = sketch.bonds[ORDER, bond]
        line[1] = sketch.bonds[CONJUGATED, bond]
        line[2] = sketch.bonds[BOND_RING_SIZE, bond]
        line[3] = 0
        ends[first_bond + bond, 0] = first_atom + sketch.bonds[BEGIN, bond]
        ends[first_bond + bond, 1] = first_atom + sketch.bonds[END, bond]


@compiled
def _hybridisation(sketch: Sketch, atom: int) -> int:
    """By bonds and lone pairs; three of them where a lone pair is conjugated."""
    element = sketch.atoms[ELEMENT, atom]
    total = int(sketch.atoms[DEGREE, atom]) + int(sketch.atoms[HYDROGENS, atom])
    if sketch.atoms[AROMATIC, atom]:
        return _SP2
    if element == 6:
        return total
    if element == 5:
        return _SP2
    valence = int(sketch.atoms[HYDROGENS, atom])
    for slot in range(sketch.atoms[DEGREE, atom]):
        valence += sketch.bonds[ORDER, sketch.links[THROUGH, atom, slot]] + 1
    if element == 7 or element == 15:
        outer = 5
    elif element == 8 or element == 16:
        outer = 6
    else:
        outer = 7
    around = total + (outer - valence - int(sketch.atoms[CHARGE, atom])) // 2
    if around == 4:
        return _SP2 if total <= 3 and sketch.atoms[CONJUGATED_ATOM, atom] else _SP3
    # RDKit's numbers have sp2d between sp3 and sp3d.
    return around if around < 4 else around + 1
