"""Edits of whole groups: add, remove and swap terminal groups, swap linkers.

Which group stands in for which is read from two tables: the bioisosteres of the literature (`bioisosteres`)
and the exchanges seen in the training data (`matched_groups`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

from concepts.edits.bioisosteres import bioisosteres
from concepts.edits.cuts import HYDROGEN, linkers, terminal_groups
from concepts.edits.group_formulas import formula
from concepts.edits.matched_groups import matched_groups
from concepts.edits.plan import Kind, Plan
from concepts.edits.workbench import CARBON, HALOGENS, NITROGEN, OXYGEN, Workbench

MOST_PARTNERS: Final = 24
"""Groups that a group is swapped for, those of the literature first, then the most often seen."""
MOST_LINKERS: Final = 16
"""The same of a linker, of which a molecule has more."""
ADDED: Final = (
    "*C#N", "*C(F)(F)F", "*OC", "*C(=O)O", "*C(N)=O", "*S(C)(=O)=O", "*S(N)(=O)=O", "*NC(C)=O", "*N(C)C", "*C(C)C",
    "*CO", "*C(=O)OC", "*S(=O)(=O)O", "*C(C)=O", "*CC", "*C(C)(C)C", "*[N+](=O)[O-]", "*N1CCOCC1", "*c1ccccc1",
)  # fmt: skip
"""Groups that are put in the place of a hydrogen."""
ADDED_TO_HETEROATOMS: Final = ("*C(C)=O", "*CC", "*C(C)C", "*S(C)(=O)=O")
ANYWHERE: Final = ("*C", "*O", "*N", "*F", "*Cl", "*OC", "*C#N", "*C(F)(F)F", "*C(=O)O", "*C(N)=O", "*C1CC1", "*C(C)C")
"""Groups that stand in for any terminal group of at least two atoms that no table knows."""
_MISDRAWN: Final = "[NH+]([O-])"
"""Nitro groups stand in some sources with hydrogens; nobody wants to make one."""
_SEEN_ONLY: Final = 0.1
"""Extra cost of an exchange without a citation."""
_STAND_IN: Final = 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """A group or linker, ready to be set in."""

    name: str
    atoms: tuple[tuple[int, int], ...]
    """Atomic number and formal charge."""
    bonds: tuple[tuple[int, int, int], ...]
    """Two atoms of the piece and the order between them."""
    ends: tuple[int, ...]
    """The atom at the open end, or those at `[1*]` and `[2*]`."""


@dataclass(frozen=True, slots=True)
class Partner:
    """What a group is swapped for."""

    piece: Piece
    extra: float
    """Cost beyond that of a plain edit."""


@cache
def piece(name: str) -> Piece:
    """A piece from its name.

    Raises
    ------
    ValueError
        If the name is no SMILES with one or two open ends.
    """
    mol = None if name == HYDROGEN else Chem.MolFromSmiles(name)
    if name == HYDROGEN:
        return Piece(name, (), (), ())
    if mol is None:
        raise ValueError(f"name is {name!r}; expected a SMILES with open ends")
    Chem.Kekulize(mol, clearAromaticFlags=True)
    opens = sorted((a for a in mol.GetAtoms() if not a.GetAtomicNum()), key=lambda a: a.GetIsotope())
    if len(opens) not in (1, 2) or any(a.GetDegree() != 1 for a in opens):
        raise ValueError(f"name is {name!r}; expected one or two open ends")
    number = {a.GetIdx(): i for i, a in enumerate(a for a in mol.GetAtoms() if a.GetAtomicNum())}
    orders = {Chem.BondType.SINGLE: 1, Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3}
    return Piece(
        name,
        tuple((a.GetAtomicNum(), a.GetFormalCharge()) for a in mol.GetAtoms() if a.GetAtomicNum()),
        tuple(
            (number[b.GetBeginAtomIdx()], number[b.GetEndAtomIdx()], orders[b.GetBondType()])
            for b in mol.GetBonds()
            if b.GetBeginAtom().GetAtomicNum() and b.GetEndAtom().GetAtomicNum()
        ),
        tuple(number[a.GetNeighbors()[0].GetIdx()] for a in opens),
    )


@cache
def partners() -> dict[str, tuple[Partner, ...]]:
    """For every group and linker of the tables what it is swapped for, cheapest first."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for entry in bioisosteres():
        group, other = _canonical(entry.group), _canonical(entry.other)
        for one, two in (
            (group, other),
            (other, group),
            (_turned(group), _turned(other)),
            (_turned(other), _turned(group)),
        ):
            found[one].setdefault(two, 0.0)
    for seen in matched_groups():
        for one, two in ((seen.group, seen.other), (seen.other, seen.group)):
            if one != two and len(found[one]) < MOST_PARTNERS and _MISDRAWN not in two:
                found[one].setdefault(two, _SEEN_ONLY)
    return {
        name: tuple(Partner(piece(other), extra) for other, extra in others.items() if other not in (name, HYDROGEN))
        for name, others in found.items()
    }


def group_edits(bench: Workbench) -> Iterator[Plan]:
    """All edits of whole groups."""
    yield from _additions(bench)
    if "." not in bench.smiles:
        yield from _terminal(bench)
        yield from _linkers(bench)


def _additions(bench: Workbench) -> Iterator[Plan]:
    seen: set[int] = set()
    for atom, hydrogens in enumerate(bench.hydrogens):
        if not hydrogens or bench.charges[atom] or bench.place[atom] in seen or bench.elements[atom] in HALOGENS:
            continue
        seen.add(bench.place[atom])
        for name in ADDED:
            added = piece(name)
            if bench.elements[atom] != CARBON and (name not in ADDED_TO_HETEROATOMS or bench.elements[atom] == 16):
                continue
            if not _fits(bench, atom, added.atoms[added.ends[0]][0]):
                continue
            yield _joined(
                bench,
                Kind.ADD_GROUP,
                f"add {formula(name)}",
                (atom,),
                (atom,),
                (),
                added,
                1.0 + 0.02 * len(added.atoms),
            )


def _terminal(bench: Workbench) -> Iterator[Plan]:
    known = partners()
    for group in terminal_groups(bench.mol):
        if bench.charges[group.anchor]:
            continue
        drawn, touched = formula(group.name), (group.anchor, *group.atoms)
        if len(group.atoms) > 1:
            yield Plan(
                Kind.REMOVE_GROUP,
                f"remove {drawn}",
                touched,
                remove=group.atoms,
                bonds=((group.anchor, group.root, 0),),
                cost=1.0,
            )
        others = known.get(group.name, ())
        if not others and len(group.atoms) > 1:
            others = tuple(Partner(piece(name), _STAND_IN) for name in ANYWHERE)
        for other in others:
            if _fits(bench, group.anchor, other.piece.atoms[other.piece.ends[0]][0]):
                what = f"replace {drawn} by {formula(other.piece.name)}"
                cut = ((group.anchor, group.root),)
                cost = 1.0 + other.extra + 0.01 * abs(len(other.piece.atoms) - len(group.atoms))
                yield _joined(
                    bench, Kind.SWAP_GROUP, what, touched, (group.anchor,), cut, other.piece, cost, group.atoms
                )


def _linkers(bench: Workbench) -> Iterator[Plan]:
    known = partners()
    for linker in linkers(bench.mol):
        for name, anchors, roots in (
            (linker.name, linker.anchors, linker.roots),
            (linker.reverse, linker.anchors[::-1], linker.roots[::-1]),
        ):
            for other in known.get(name, ())[:MOST_LINKERS]:
                ends = [other.piece.atoms[end][0] for end in other.piece.ends]
                if len(ends) != 2 or not all(_fits(bench, a, e) for a, e in zip(anchors, ends, strict=True)):
                    continue
                what = f"replace {formula(name)} by {formula(other.piece.name)}"
                cuts = tuple(zip(anchors, roots, strict=True))
                touched = (*anchors, *linker.atoms)
                yield _joined(
                    bench, Kind.SWAP_LINKER, what, touched, anchors, cuts, other.piece, 1.1 + other.extra, linker.atoms
                )
            if linker.name == linker.reverse:
                break


def _joined(
    bench: Workbench,
    kind: Kind,
    what: str,
    touched: tuple[int, ...],
    anchors: tuple[int, ...],
    cuts: tuple[tuple[int, int], ...],
    added: Piece,
    cost: float,
    removed: tuple[int, ...] = (),
) -> Plan:
    n = len(bench.elements)
    return Plan(
        kind,
        what,
        touched,
        remove=removed,
        bonds=(
            *((a, b, 0) for a, b in cuts),
            *((n + a, n + b, order) for a, b, order in added.bonds),
            *((anchor, n + end, 1) for anchor, end in zip(anchors, added.ends, strict=True)),
        ),
        new=added.atoms,
        cost=cost,
    )


def _fits(bench: Workbench, anchor: int, root: int) -> bool:
    """Whether a group's first atom may hang there: on carbon anything, on nitrogen C and S, on oxygen carbon alone."""
    element = bench.elements[anchor]
    if element == CARBON or root == CARBON:
        return True
    return element in (NITROGEN, OXYGEN) and root == 16 and element == NITROGEN


def _canonical(name: str) -> str:
    return HYDROGEN if name == HYDROGEN else str(Chem.CanonSmiles(name))


def _turned(name: str) -> str:
    """A linker's name with its open ends the other way round; other names as they are."""
    return _canonical(name.replace("[1*]", "[3*]").replace("[2*]", "[1*]").replace("[3*]", "[2*]"))
