"""Small edits that make another molecule of one: what a genetic search varies.

An edit drops an atom or a bond and keeps one fragment, cuts a terminal fragment off, takes an atom out of a chain or
ring and closes the gap, or exchanges an atom. It is planned on plain lists and done to RDKit's molecule in one go, so
that a child costs one copy, one sanitisation and one SMILES.

Rules that keep children reasonable, beyond what sanitisation refuses: hydrogens fill the lowest valence of an atom
alone (no `[SH](=O)(=O)` where a sulfone was cut), an exchanged atom has its lowest valence, a charged atom gains no
hydrogen, the net charge does not grow, and no edit puts two heteroatoms side by side. Stereo marks are left off: an
edit beside a centre would make them say something else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

Bonds = list[dict[int, int]]
"""For every atom its neighbours and the order of the bond to each."""
ELEMENTS: Final = (6, 7, 8, 16)
"""Atomic numbers that an atom is exchanged for: C, N, O, S."""
TWO_EDITS: Final = 0.3
"""Share of children that are two edits away, for steps that a single one cannot make."""
BY_IMPORTANCE: Final = 0.7
"""How often the fragment with most importance is kept; else the largest."""
_CARBON: Final = 6
_ORDERS: Final = {Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3}


@dataclass(frozen=True, slots=True)
class Editable:
    """A molecule of n atoms, ready to be edited many times."""

    mol: Chem.Mol
    """Kekulised, without stereo marks; neutral atoms are free to change their hydrogens."""
    bonds: Bonds
    elements: tuple[int, ...]
    charges: tuple[int, ...]
    fixed: frozenset[int]
    """Atoms whose bonds and element stay: metals, radicals, isotopes."""
    chain_bonds: tuple[tuple[int, int], ...]
    """Bonds in no ring."""
    importance: tuple[float, ...]
    """Of every atom, at least 0."""


@dataclass(slots=True)
class _Draft:
    """A child in the making: atom numbers are the parent's."""

    parent: Editable
    bonds: Bonds
    elements: list[int]
    charges: list[int]
    alive: set[int]
    touched: set[int]


def editable(mol: Chem.Mol, importance: Sequence[float] | None = None) -> Editable:
    """Prepare a molecule.

    Parameters
    ----------
    mol
        Sanitised; it is not changed.
    importance
        One value of at least 0 an atom, what a fragment is worth keeping for; all alike without it.

    Raises
    ------
    ValueError
        If `importance` has another length.
    """
    if importance is not None and len(importance) != mol.GetNumAtoms():
        raise ValueError(f"importance has {len(importance)} values; expected {mol.GetNumAtoms()}, one an atom")
    chain = tuple((b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds() if not b.IsInRing())
    plain = Chem.RWMol(mol)
    Chem.RemoveStereochemistry(plain)
    Chem.Kekulize(plain, clearAromaticFlags=True)
    bonds: Bonds = [{} for _ in range(plain.GetNumAtoms())]
    for bond in plain.GetBonds():
        a, b, order = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), _ORDERS.get(bond.GetBondType(), 1)
        bonds[a][b] = bonds[b][a] = order
    fixed = []
    for atom in plain.GetAtoms():
        lowest = _valences(atom.GetAtomicNum())[0]
        if lowest < 0 or atom.GetNumRadicalElectrons() or atom.GetIsotope():
            fixed.append(atom.GetIdx())
        elif atom.GetFormalCharge() == 0 and sum(bonds[atom.GetIdx()].values()) <= lowest:
            _free_hydrogens(atom)
    return Editable(
        mol=plain.GetMol(),
        bonds=bonds,
        elements=tuple(atom.GetAtomicNum() for atom in plain.GetAtoms()),
        charges=tuple(atom.GetFormalCharge() for atom in plain.GetAtoms()),
        fixed=frozenset(fixed),
        chain_bonds=chain,
        importance=tuple(importance) if importance is not None else (1.0,) * plain.GetNumAtoms(),
    )


def mutate(parent: Editable, rng: random.Random) -> str | None:
    """One child.

    Parameters
    ----------
    parent
        From `editable`.
    rng
        Decides which edit, and where.

    Returns
    -------
    str or None
        Canonical SMILES of a sanitised, connected molecule; None where the edit would break a rule.
    """
    draft = _Draft(
        parent,
        [dict(near) for near in parent.bonds],
        list(parent.elements),
        list(parent.charges),
        set(range(len(parent.elements))),
        set(),
    )
    for _ in range(2 if rng.random() < TWO_EDITS else 1):
        (edit,) = rng.choices(_EDITS, _ODDS)
        if not draft.alive or not edit(draft, rng):
            return None
    if not draft.alive:
        return None
    _keep_one_fragment(draft, rng)
    return _finished(draft) if _reasonable(draft) else None


def _drop_atom(draft: _Draft, rng: random.Random) -> bool:
    _remove(draft, _unimportant(draft, rng))
    return True


def _drop_bond(draft: _Draft, rng: random.Random) -> bool:
    at = rng.choice(sorted(draft.alive))
    if not draft.bonds[at]:
        return False
    return _cut(draft, at, rng.choice(list(draft.bonds[at])))


def _drop_terminal_fragment(draft: _Draft, rng: random.Random) -> bool:
    if not draft.parent.chain_bonds:
        return False
    a, b = rng.choice(draft.parent.chain_bonds)
    return b in draft.bonds[a] and _cut(draft, a, b)


def _close_gap(draft: _Draft, rng: random.Random) -> bool:
    """Take an atom with two neighbours out and join them."""
    at = _unimportant(draft, rng)
    if len(draft.bonds[at]) != 2:
        return False
    a, b = draft.bonds[at]
    if b in draft.bonds[a] or (draft.elements[a] != _CARBON and draft.elements[b] != _CARBON):
        return False
    _remove(draft, at)
    draft.bonds[a][b] = draft.bonds[b][a] = 1
    return True


def _exchange_atom(draft: _Draft, rng: random.Random) -> bool:
    at, element = rng.choice(sorted(draft.alive)), rng.choice(ELEMENTS)
    if element == draft.elements[at] or draft.charges[at]:
        return False
    if element != _CARBON and any(draft.elements[near] != _CARBON for near in draft.bonds[at]):
        return False
    draft.elements[at] = element
    draft.touched.add(at)
    return True


_EDITS: Final[tuple[Callable[[_Draft, random.Random], bool], ...]] = (
    _drop_atom,
    _drop_bond,
    _drop_terminal_fragment,
    _close_gap,
    _exchange_atom,
)
_ODDS: Final = (3, 1, 2, 2, 2)


def _unimportant(draft: _Draft, rng: random.Random) -> int:
    """The less important of two atoms drawn at random: shrinking starts where the explanation is not."""
    alive = sorted(draft.alive)
    first, second = rng.choice(alive), rng.choice(alive)
    return first if draft.parent.importance[first] <= draft.parent.importance[second] else second


def _remove(draft: _Draft, atom: int) -> None:
    for near in list(draft.bonds[atom]):
        _cut(draft, near, atom)
    draft.alive.discard(atom)
    draft.touched.discard(atom)


def _cut(draft: _Draft, a: int, b: int) -> bool:
    order = draft.bonds[a].pop(b)
    del draft.bonds[b][a]
    for end in (a, b):
        draft.touched.add(end)
        # The electrons of a lost single bond stay here: ammonium becomes amine, nitro without its O- nitroso.
        if draft.charges[end] > 0 and order == 1:
            draft.charges[end] -= 1
    return True


def _keep_one_fragment(draft: _Draft, rng: random.Random) -> None:
    fragments = []
    left = set(draft.alive)
    while left:
        reached = {min(left)}
        frontier = list(reached)
        while frontier:
            for near in draft.bonds[frontier.pop()]:
                if near not in reached:
                    reached.add(near)
                    frontier.append(near)
        fragments.append(reached)
        left -= reached
    if len(fragments) > 1:
        if rng.random() < BY_IMPORTANCE:
            kept = max(
                fragments, key=lambda atoms: (sum(draft.parent.importance[a] for a in sorted(atoms)), -min(atoms))
            )
        else:
            kept = max(fragments, key=lambda atoms: (len(atoms), -min(atoms)))
        draft.alive = kept
        draft.touched &= kept


def _reasonable(draft: _Draft) -> bool:
    if draft.touched & draft.parent.fixed:
        return False
    if abs(sum(draft.charges[a] for a in draft.alive)) > abs(sum(draft.parent.charges)):
        return False
    for atom in draft.touched:
        used = sum(draft.bonds[atom].values())
        if draft.charges[atom]:
            if used != sum(draft.parent.bonds[atom].values()):
                return False
        else:
            allowed = _valences(draft.elements[atom])
            exchanged = draft.elements[atom] != draft.parent.elements[atom]
            if used > allowed[0] and (exchanged or used not in allowed):
                return False
    return True


def _finished(draft: _Draft) -> str | None:
    child = Chem.RWMol(draft.parent.mol)
    child.BeginBatchEdit()
    for atom in range(len(draft.parent.elements)):
        if atom not in draft.alive:
            child.RemoveAtom(atom)
            continue
        before, now = draft.parent.bonds[atom], draft.bonds[atom]
        for near in before:
            if near > atom and near in draft.alive and near not in now:
                child.RemoveBond(atom, near)
        for near in now:
            if near > atom and near not in before:
                child.AddBond(atom, near, Chem.BondType.SINGLE)
    for atom in draft.touched:
        changed = child.GetAtomWithIdx(atom)
        changed.SetAtomicNum(draft.elements[atom])
        changed.SetFormalCharge(draft.charges[atom])
        if not draft.charges[atom]:
            _free_hydrogens(changed)
    child.CommitBatchEdit()
    if Chem.SanitizeMol(child, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return None
    return Chem.MolToSmiles(child)


def _free_hydrogens(atom: Chem.Atom) -> None:
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)


@cache
def _valences(element: int) -> tuple[int, ...]:
    """Valences that RDKit allows, lowest first; (-1,) where it sets no limit."""
    return tuple(Chem.GetPeriodicTable().GetValenceList(element))
