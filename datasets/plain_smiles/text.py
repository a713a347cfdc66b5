"""Draws what a SMILES writes: atoms, bonds, branches and ring digits, nothing concluded from them.

Refused is whatever RDKit would not write of a plain molecule; no text that is taken means something else to RDKit.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from datasets.compiled import compiled
from datasets.plain_smiles.sketch import (
    AROMATIC,
    AROMATIC_BOND,
    BEGIN,
    CHARGE,
    CLOSURES,
    DEGREE,
    DIGIT,
    DOUBLE_BOND,
    ELEMENT,
    END,
    HYDROGENS,
    IN_BRANCH,
    MOST_ATOMS,
    MOST_NEIGHBOURS,
    N_CLOSURES,
    NEIGHBOUR,
    ORDER,
    PARENT,
    SINGLE_BOND,
    THROUGH,
    TRIPLE_BOND,
    Bytes,
    Sketch,
)

REFUSED: Final = -1
_STACK: Final = 64
_DASH, _EQUALS, _HASH = 45, 61, 35
_OPEN, _CLOSE, _BRACKET = 40, 41, 91
_NOTHING, _AFTER_ATOM, _AFTER_OPEN, _AFTER_CLOSE = 0, 1, 2, 3


def _letters(symbols: dict[str, int]) -> Bytes:
    table = np.zeros(256, dtype=np.uint8)
    for letter, number in symbols.items():
        table[ord(letter)] = number
    return table


_ELEMENT = _letters({"B": 5, "C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "I": 53})
_AROMATIC = _letters({"c": 6, "n": 7, "o": 8, "s": 16})


@compiled
def draw(data: Bytes, first: int, last: int, sketch: Sketch) -> tuple[int, int]:
    """Numbers of atoms and bonds of the text data[first:last], or (REFUSED, 0); fills the sketch.

    Ring bonds come after all others, by their digits, and bonds of one digit in the order in which they are closed.
    """
    n, n_rings = 0, 0
    previous, mark, state = -1, 0, _NOTHING
    stack = np.empty(_STACK, dtype=np.int16)
    depth = 0
    opened_at = np.full(10, -1, dtype=np.int16)
    closed_at = np.full(10, -1, dtype=np.int16)
    slot = np.zeros(10, dtype=np.int16)
    at = first
    while at < last:
        sign = data[at]
        number, aromatic, charge, hydrogens = _ELEMENT[sign], 0, 0, 0
        if number:
            at += 1
            if at < last:
                if number == 6 and data[at] == 108:
                    number = np.uint8(17)
                    at += 1
                elif number == 5 and data[at] == 114:
                    number = np.uint8(35)
                    at += 1
        elif _AROMATIC[sign]:
            number, aromatic = _AROMATIC[sign], 1
            at += 1
        elif sign == _BRACKET:
            if at + 4 > last or data[at + 3] != 93:
                return REFUSED, 0
            inner, outer = data[at + 1], data[at + 2]
            if inner == 110 and outer == 72:
                number, aromatic, hydrogens = np.uint8(7), 1, 1
            elif inner == 78 and outer == 43:
                number, charge = np.uint8(7), 1
            elif inner == 79 and outer == 45:
                number, charge = np.uint8(8), -1
            else:
                return REFUSED, 0
            at += 4
        if number:
            if n == MOST_ATOMS:
                return REFUSED, 0
            sketch.atoms[ELEMENT, n] = number
            sketch.atoms[AROMATIC, n] = aromatic
            sketch.atoms[CHARGE, n] = charge
            sketch.atoms[HYDROGENS, n] = hydrogens
            sketch.atoms[DEGREE, n] = 0
            sketch.atoms[N_CLOSURES, n] = 0
            sketch.atoms[PARENT, n] = previous
            sketch.atoms[IN_BRANCH, n] = 1 if state == _AFTER_OPEN else 0
            if previous >= 0:
                if not _bond(sketch, previous, n, n - 1, mark):
                    return REFUSED, 0
            elif mark or n:
                return REFUSED, 0
            previous, mark, state = n, 0, _AFTER_ATOM
            n += 1
            continue
        at += 1
        if sign == _OPEN:
            if mark or depth == _STACK or state == _AFTER_OPEN or previous < 0:
                return REFUSED, 0
            stack[depth] = previous
            depth += 1
            state = _AFTER_OPEN
        elif sign == _CLOSE:
            if mark or depth == 0 or state == _AFTER_OPEN:
                return REFUSED, 0
            depth -= 1
            previous, state = int(stack[depth]), _AFTER_CLOSE
        elif sign in (_DASH, _EQUALS, _HASH):
            if mark or previous < 0:
                return REFUSED, 0
            mark = int(sign)
        elif 49 <= sign <= 57:
            if state != _AFTER_ATOM or sketch.atoms[N_CLOSURES, previous] == MOST_NEIGHBOURS:
                return REFUSED, 0
            digit = sign - 48
            if opened_at[digit] < 0:
                # The mark of a ring bond stands where the ring is closed, and the lowest free digit is taken; one that
                # was closed at this very atom is not free yet.
                if mark:
                    return REFUSED, 0
                for lower in range(1, digit):
                    if opened_at[lower] < 0 and closed_at[lower] != previous:
                        return REFUSED, 0
                if closed_at[digit] == previous:
                    return REFUSED, 0
                opened_at[digit] = previous
                slot[digit] = sketch.atoms[N_CLOSURES, previous]
                sketch.atoms[N_CLOSURES, previous] += 1
            else:
                other = int(opened_at[digit])
                bond = MOST_ATOMS + n_rings
                if n_rings == MOST_ATOMS or not _bond(sketch, previous, other, bond, mark):
                    return REFUSED, 0
                sketch.links[CLOSURES, other, slot[digit]] = bond
                sketch.links[CLOSURES, previous, sketch.atoms[N_CLOSURES, previous]] = bond
                sketch.atoms[N_CLOSURES, previous] += 1
                sketch.atoms[DIGIT, n_rings] = digit
                n_rings += 1
                mark = 0
                opened_at[digit] = -1
                closed_at[digit] = previous
        else:
            return REFUSED, 0
    if n == 0 or mark or depth or state != _AFTER_ATOM:
        return REFUSED, 0
    for digit in range(1, 10):
        if opened_at[digit] >= 0:
            return REFUSED, 0
    _number_ring_bonds(sketch, n, n_rings)
    return n, n - 1 + n_rings


@compiled
def _bond(sketch: Sketch, begin: int, end: int, bond: int, mark: int) -> bool:
    """Add a bond; False where RDKit would not write it with this mark, or not have it."""
    a, b = sketch.atoms[DEGREE, begin], sketch.atoms[DEGREE, end]
    if begin == end or a == MOST_NEIGHBOURS or b == MOST_NEIGHBOURS:
        return False
    for place in range(b):
        if sketch.links[NEIGHBOUR, end, place] == begin:
            return False
    both = sketch.atoms[AROMATIC, begin] and sketch.atoms[AROMATIC, end]
    if mark == 0:
        order = AROMATIC_BOND if both else SINGLE_BOND
    elif mark == _DASH:
        if not both:
            return False
        order = SINGLE_BOND
    else:
        order = DOUBLE_BOND if mark == _EQUALS else TRIPLE_BOND
    sketch.links[NEIGHBOUR, begin, a], sketch.links[THROUGH, begin, a] = end, bond
    sketch.links[NEIGHBOUR, end, b], sketch.links[THROUGH, end, b] = begin, bond
    sketch.atoms[DEGREE, begin] += 1
    sketch.atoms[DEGREE, end] += 1
    sketch.bonds[BEGIN, bond], sketch.bonds[END, bond] = begin, end
    sketch.bonds[ORDER, bond] = order
    return True


@compiled
def _number_ring_bonds(sketch: Sketch, n: int, n_rings: int) -> None:
    """Let ring bonds follow the n - 1 others without a gap."""
    number = n - 1
    for digit in range(1, 10):
        for ring in range(n_rings):
            if sketch.atoms[DIGIT, ring] != digit:
                continue
            old = MOST_ATOMS + ring
            a, b = sketch.bonds[BEGIN, old], sketch.bonds[END, old]
            sketch.bonds[BEGIN, number], sketch.bonds[END, number] = a, b
            sketch.bonds[ORDER, number] = sketch.bonds[ORDER, old]
            for atom in (a, b):
                for place in range(sketch.atoms[DEGREE, atom]):
                    if sketch.links[THROUGH, atom, place] == old:
                        sketch.links[THROUGH, atom, place] = number
                for place in range(sketch.atoms[N_CLOSURES, atom]):
                    if sketch.links[CLOSURES, atom, place] == old:
                        sketch.links[CLOSURES, atom, place] = number
            number += 1
