"""Edits of one atom: add, insert, replace, remove; aromatic C and N for each other.

No edit here puts two heteroatoms side by side: such bonds come with whole groups (`concepts.edits.groups`), where a
chemist would draw them. Of atoms that are equivalent by symmetry only the first is edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import CARBON, HALOGENS, NITROGEN, OXYGEN, SULFUR, Workbench, bond_sum, lowest

ADDED: Final = (CARBON, NITROGEN, OXYGEN, 9, SULFUR, 17, 35)
"""Elements of new atoms with one bond."""
INSERTED: Final = (CARBON, NITROGEN, OXYGEN, SULFUR)
"""Elements of new atoms with two."""
REPLACING: Final = (CARBON, NITROGEN, OXYGEN, 9, SULFUR, 17, 35)
SYMBOLS: Final = {
    5: "B",
    6: "C",
    7: "N",
    8: "O",
    9: "F",
    14: "Si",
    15: "P",
    16: "S",
    17: "Cl",
    34: "Se",
    35: "Br",
    53: "I",
}
_UNUSUAL: Final = 0.3
"""Extra cost of what is rarely wanted: a thiol, a bromide."""
_TERMINAL: Final = {CARBON: "CH3", NITROGEN: "NH2", OXYGEN: "OH", SULFUR: "SH"}
_MIDDLE: Final = {CARBON: "CH2", NITROGEN: "NH", OXYGEN: "O", SULFUR: "S"}


def atom_edits(bench: Workbench) -> Iterator[Plan]:
    """All edits of one atom."""
    seen: set[int] = set()
    for atom in range(len(bench.elements)):
        if bench.place[atom] in seen or atom in bench.fixed or bench.elements[atom] not in SYMBOLS:
            continue
        seen.add(bench.place[atom])
        yield from _add(bench, atom)
        yield from _replace(bench, atom)
        yield from _remove(bench, atom)
    yield from _insert(bench)


def can_join(bench: Workbench, a: int, b: int) -> bool:
    """Whether a new bond between two atoms would join no two heteroatoms."""
    return bench.elements[a] == CARBON or bench.elements[b] == CARBON


def _add(bench: Workbench, atom: int) -> Iterator[Plan]:
    if not bench.hydrogens[atom] or bench.charges[atom]:
        return
    n = len(bench.elements)
    if bench.elements[atom] == CARBON and bench.hydrogens[atom] >= 2:
        bonds = ((atom, n, 2),)
        yield Plan(Kind.ADD_ATOM, "add =O", (atom,), bonds=bonds, new=((OXYGEN, 0),))
        yield Plan(Kind.ADD_ATOM, "add =CH2", (atom,), bonds=bonds, new=((CARBON, 0),), cost=1 + _UNUSUAL)
    for element in ADDED:
        if element == CARBON or bench.elements[atom] == CARBON:
            what = f"add {_TERMINAL.get(element, SYMBOLS[element])}"
            cost = 1 + _UNUSUAL * (element in (SULFUR, 35))
            yield Plan(Kind.ADD_ATOM, what, (atom,), bonds=((atom, n, 1),), new=((element, 0),), cost=cost)


def _replace(bench: Workbench, atom: int) -> Iterator[Plan]:
    # An atom beside a charge is part of a group such as nitro, which is replaced as a whole.
    if bench.charges[atom] or any(bench.charges[near] for near in bench.bonds[atom]):
        return
    before, used = bench.elements[atom], bond_sum(bench, atom)
    near = [bench.elements[other] for other in bench.bonds[atom]]
    for element in REPLACING:
        if element == before or used > lowest(element) or (element in HALOGENS and len(near) != 1):
            continue
        if element != CARBON and before == CARBON and any(other != CARBON for other in near):
            continue
        if element in (OXYGEN, SULFUR, *HALOGENS) and any(other in HALOGENS for other in near):
            continue
        aromatic = bench.aromatic[atom] and {before, element} == {CARBON, NITROGEN}
        what = f"replace {_drawn(bench, atom, before)} by {_drawn(bench, atom, element)}"
        cost = 1 + _UNUSUAL * (element in (SULFUR, 35) and before not in (OXYGEN, 17))
        yield Plan(
            Kind.SWAP_AROMATIC if aromatic else Kind.REPLACE_ATOM, what, (atom,), elements=((atom, element),), cost=cost
        )


def _drawn(bench: Workbench, atom: int, element: int) -> str:
    """An atom with the hydrogens that it would carry here."""
    hydrogens = max(lowest(element) - bond_sum(bench, atom), 0)
    symbol = SYMBOLS[element]
    if bench.aromatic[atom]:
        return f"aromatic {symbol}" + ("H" if element == NITROGEN and hydrogens else "")
    return symbol + ("" if not hydrogens else "H" if hydrogens == 1 else f"H{hydrogens}")


def _remove(bench: Workbench, atom: int) -> Iterator[Plan]:
    near = list(bench.bonds[atom])
    if not near or bench.charges[atom]:
        return
    symbol = _drawn(bench, atom, bench.elements[atom])
    if len(near) == 1:
        (anchor,) = near
        yield Plan(
            Kind.REMOVE_ATOM, f"remove {symbol}", (anchor, atom), remove=(atom,), bonds=((anchor, atom, 0),), cost=0.9
        )
    elif len(near) == 2 and all(order == 1 for order in bench.bonds[atom].values()) and not bench.aromatic[atom]:
        a, b = near
        if not bench.order(a, b) and can_join(bench, a, b):
            yield Plan(
                Kind.REMOVE_ATOM,
                f"remove {symbol} and join its neighbours",
                (atom, a, b),
                remove=(atom,),
                bonds=((a, atom, 0), (b, atom, 0), (a, b, 1)),
            )


def _insert(bench: Workbench) -> Iterator[Plan]:
    n = len(bench.elements)
    seen: set[tuple[int, int]] = set()
    for a in range(n):
        for b, order in bench.bonds[a].items():
            both = bench.place[a], bench.place[b]
            if (
                b < a
                or order != 1
                or both in seen
                or (bench.aromatic[a] and bench.aromatic[b] and bench.is_ring_bond(a, b))
            ):
                continue
            if bench.charges[a] and bench.charges[b]:
                continue
            seen |= {both, both[::-1]}
            for element in INSERTED:
                if element != CARBON and not bench.elements[a] == bench.elements[b] == CARBON:
                    continue
                yield Plan(
                    Kind.ADD_ATOM,
                    f"insert {_MIDDLE[element]} into a bond",
                    (a, b),
                    bonds=((a, b, 0), (a, n, 1), (b, n, 1)),
                    new=((element, 0),),
                    cost=1.1 + _UNUSUAL * (element == SULFUR),
                )
