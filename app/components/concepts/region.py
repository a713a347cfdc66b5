"""Which atoms of a molecule make it one of a concept: those under its mask, and which named parts they are.

Pure functions. Structures and SMARTS may come from a stranger's file, so what does not parse yields no region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy.typing as npt
from rdkit import Chem, rdBase

from concepts.concept import Concept, Part
from concepts.naming.fragments import masked_atoms
from concepts.naming.group_names import group_patterns
from concepts.naming.naming import COVERED

MOST_NAMES: Final = 3
_MOST_MATCHES: Final = 50


@dataclass(frozen=True, slots=True)
class Region:
    """Atoms to draw a line around."""

    atoms: tuple[int, ...]
    """Ascending, counted in the order of the SMILES; empty where the mask marks none."""
    names: tuple[str, ...]
    """The parts of the concept that they are, largest first; empty where they are none, and are all marked atoms."""


def region_of(smiles: str, importance: npt.ArrayLike, concept: Concept) -> Region:
    """The region of a molecule that belongs to a concept.

    Parameters
    ----------
    smiles
        The structure; its atom order is that of the mask.
    importance : (n_atoms,)
        The mask of the concept's channel.
    concept
        What the molecule belongs to.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        masked = masked_atoms(importance)
        if mol is None or not masked or max(masked) >= mol.GetNumAtoms():
            return Region((), ())
        sites = [(part, _site(mol, masked, part)) for part in concept.parts]
    # What is named says more than a fragment; of nested groups the largest does.
    covered = sorted((entry for entry in sites if entry[1]), key=lambda entry: (not entry[0].name, -len(entry[1])))
    if not covered:
        return Region(tuple(sorted(masked)), ())
    kept: list[tuple[Part, frozenset[int]]] = []
    for part, site in covered:
        if not any(site <= other for _, other in kept) and (part.name or not kept):
            kept.append((part, site))
    kept = kept[:MOST_NAMES]
    names = dict.fromkeys(part.name or f"fragment {part.smiles or part.smarts}" for part, _ in kept)
    return Region(tuple(sorted(frozenset().union(*(site for _, site in kept)))), tuple(names))


def _site(mol: Chem.Mol, masked: frozenset[int], part: Part) -> frozenset[int]:
    """Atoms of all matches of a part that the mask covers, by the rule that named the concept."""
    matches = (
        frozenset(match)
        for pattern in _patterns(part.name, part.smarts)
        for match in mol.GetSubstructMatches(pattern, maxMatches=_MOST_MATCHES)
    )
    return frozenset().union(*(match for match in matches if len(masked & match) >= COVERED * len(match)))


@lru_cache(maxsize=4096)
def _patterns(name: str, smarts: str) -> Sequence[Chem.Mol]:
    """A group by its name with all its alternatives, anything else by its SMARTS."""
    named = dict(group_patterns()).get(name) if name else None
    if named:
        return named
    pattern = Chem.MolFromSmarts(smarts)
    return () if pattern is None else (pattern,)
