"""Edits of a charge: acids, amines, pyridines; what is charged at any pH and what a proton changes.

A search that standardises its molecules keeps only charges that no proton can take away, such as those of N-oxides and
quaternary nitrogen.
"""

from __future__ import annotations

from collections.abc import Iterator

from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import CARBON, NITROGEN, OXYGEN, SULFUR, Workbench, bond_sum


def charge_edits(bench: Workbench) -> Iterator[Plan]:
    """All edits of a charge."""
    n = len(bench.elements)
    seen: set[int] = set()
    for atom, element in enumerate(bench.elements):
        if bench.place[atom] in seen:
            continue
        seen.add(bench.place[atom])
        charge, used = bench.charges[atom], bond_sum(bench, atom)
        if element == NITROGEN and charge == 0 and _is_basic(bench, atom):
            yield Plan(Kind.ADD_CHARGE, "protonate N", (atom,), charges=((atom, 1),))
            if used == 3:
                bonds = ((atom, n, 1),)
                yield Plan(
                    Kind.ADD_CHARGE,
                    "oxidise N to its N-oxide",
                    (atom,),
                    bonds=bonds,
                    charges=((atom, 1),),
                    new=((8, -1),),
                )
                yield Plan(
                    Kind.ADD_CHARGE,
                    "methylate N to ammonium",
                    (atom,),
                    bonds=bonds,
                    charges=((atom, 1),),
                    new=((6, 0),),
                )
        if element == NITROGEN and charge == 1:
            yield from _neutral_nitrogen(bench, atom)
        if element in (OXYGEN, SULFUR) and charge == 0 and _is_acidic(bench, atom):
            yield Plan(Kind.ADD_CHARGE, "deprotonate the acid", (atom,), charges=((atom, -1),))
        if element in (OXYGEN, SULFUR) and charge == -1 and not any(bench.charges[b] for b in bench.bonds[atom]):
            yield Plan(Kind.REMOVE_CHARGE, "protonate the anion", (atom,), charges=((atom, 0),))


def _neutral_nitrogen(bench: Workbench, atom: int) -> Iterator[Plan]:
    if bench.hydrogens[atom]:
        yield Plan(Kind.REMOVE_CHARGE, "deprotonate N", (atom,), charges=((atom, 0),))
    near = list(bench.bonds[atom])
    oxides = [b for b in near if bench.charges[b] == -1 and bench.elements[b] == OXYGEN]
    if len(oxides) == 1 and not any(bench.elements[b] == OXYGEN and bench.order(atom, b) == 2 for b in near):
        yield _without(atom, oxides[0], "reduce the N-oxide")
    methyls = [b for b in near if bench.elements[b] == CARBON and bench.hydrogens[b] == 3]
    if methyls and not oxides:
        yield _without(atom, methyls[0], "remove CH3 from the charged N")


def _without(atom: int, leaving: int, what: str) -> Plan:
    return Plan(
        Kind.REMOVE_CHARGE,
        what,
        (atom, leaving),
        remove=(leaving,),
        bonds=((atom, leaving, 0),),
        charges=((atom, 0),),
    )


def _is_basic(bench: Workbench, atom: int) -> bool:
    """An amine without an acyl or aryl neighbour, or a pyridine-like nitrogen."""
    if bench.aromatic[atom]:
        return bench.hydrogens[atom] == 0 and len(bench.bonds[atom]) == 2
    return all(
        order == 1
        and bench.elements[near] == CARBON
        and not bench.aromatic[near]
        and all(o == 1 for o in bench.bonds[near].values())
        for near, order in bench.bonds[atom].items()
    ) and bool(bench.bonds[atom])


def _is_acidic(bench: Workbench, atom: int) -> bool:
    """Hydroxy of a carboxylic, sulfonic or phosphonic acid, or of a phenol."""
    if not bench.hydrogens[atom] or len(bench.bonds[atom]) != 1:
        return False
    (near,) = bench.bonds[atom]
    return bench.aromatic[near] or any(
        order == 2 and bench.elements[other] == OXYGEN for other, order in bench.bonds[near].items()
    )
