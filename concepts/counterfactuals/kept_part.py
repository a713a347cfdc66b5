"""The part of a molecule that a user wants to keep: given as SMARTS or as atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdkit import Chem


@dataclass(frozen=True, slots=True)
class KeptPart:
    """Atoms that stay, with their elements, charges and the bonds among them; new neighbours may be hung on them."""

    atoms: frozenset[int]
    """Of the start, counted from 0."""
    pattern: Chem.Mol | None
    """Which must still match there; None where atoms were given."""
    matches: tuple[tuple[int, ...], ...]
    """Atoms of every match, in the pattern's order."""


def kept_part(mol: Chem.Mol, keep: str | Sequence[int]) -> KeptPart | None:
    """Find what shall stay.

    Parameters
    ----------
    mol
        The start.
    keep
        SMARTS, all of whose matches stay; or atom numbers of the start, counted from 0.

    Returns
    -------
    KeptPart or None
        None where the SMARTS does not match.

    Raises
    ------
    ValueError
        If it is no SMARTS, or an atom number is out of range.
    """
    if isinstance(keep, str):
        pattern = Chem.MolFromSmarts(keep) if keep.strip() else None
        if pattern is None or not pattern.GetNumAtoms():
            raise ValueError(f"keep is {keep[:80]!r}; expected a SMARTS or atom numbers")
        matches = tuple(tuple(match) for match in mol.GetSubstructMatches(pattern))
        return KeptPart(frozenset(a for m in matches for a in m), pattern, matches) if matches else None
    outside = [atom for atom in keep if not 0 <= atom < mol.GetNumAtoms()]
    if outside:
        raise ValueError(f"keep holds atom {outside[0]}; expected 0..{mol.GetNumAtoms() - 1}")
    return KeptPart(frozenset(keep), None, ())


def is_kept(start: Chem.Mol, part: KeptPart, mol: Chem.Mol, origin: Sequence[int]) -> bool:
    """Whether an edited molecule still has the part.

    Parameters
    ----------
    start
        The start.
    part
        Of `kept_part`.
    mol, origin
        The edited molecule, and for every atom of it its number in the start or -1.
    """
    now = {source: atom for atom, source in enumerate(origin) if source in part.atoms}
    if len(now) < len(part.atoms):
        return False
    for source, atom in now.items():
        before, after = start.GetAtomWithIdx(source), mol.GetAtomWithIdx(atom)
        if _traits(before) != _traits(after):
            return False
        for near in before.GetNeighbors():
            if near.GetIdx() in part.atoms and near.GetIdx() > source:
                old = start.GetBondBetweenAtoms(source, near.GetIdx())
                new = mol.GetBondBetweenAtoms(atom, now[near.GetIdx()])
                if new is None or new.GetBondType() != old.GetBondType():
                    return False
    if part.pattern is None:
        return True
    there = {frozenset(match) for match in mol.GetSubstructMatches(part.pattern, maxMatches=10_000)}
    return all(frozenset(now[a] for a in match) in there for match in part.matches)


def _traits(atom: Chem.Atom) -> tuple[int, int, bool]:
    return atom.GetAtomicNum(), atom.GetFormalCharge(), atom.GetIsAromatic()
