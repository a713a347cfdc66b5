"""Names for concepts without a language model: what the masked parts of the members share, and others do not.

Three kinds of substructures are counted: groups that chemists have a name for (`concepts.group_names`), the masked
pieces themselves, as cut and with rings completed, and the largest substructure that most masked parts have in common.
Each is then looked for in all molecules, and those that members hold more often name the concept.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from rdkit.Chem import rdFMCS

from concepts.alert_overlap import AlertCounter
from concepts.concept import AlertOverlap, Part
from concepts.enrichment import corrected, fisher_p, odds_ratio
from concepts.fragments import LARGEST, Fragment, fragment, fragments, masked_atoms, pieces, with_rings
from concepts.group_names import group_patterns
from concepts.substructures import Haystack

PARTS: Final = 6
"""Parts that are kept of each concept."""
PIECES: Final = 3
"""Masked pieces of each concept that are tested."""
LEAST_SHARE: Final = 0.25
"""Share of the members whose mask must cover a part for it to be tested."""
NAMING_SHARE: Final = 0.5
"""Share from which it may name the concept."""
NAMING_ODDS: Final = 2.0
"""Least lower end of the odds ratio of what names a concept."""
COMMON_OF: Final = 20
"""Members whose common substructure is looked for, and the share of them that must have it."""
COMMON_SHARE: Final = 0.75
COVERED: Final = 0.4
"""Share of a site's atoms from which a mask covers it; a mask seldom takes all oxygens of a sulphonic acid."""
LEAST_NAMING: Final = 3
"""Atoms of the smallest fragment that can name a concept."""
SECONDS: Final = 5
"""Most time for one common substructure; pieces this small take milliseconds."""
UNNAMED: Final = "mixed masked parts"


@dataclass(frozen=True, slots=True)
class Described:
    """What can be said of a concept's structures."""

    name: str
    parts: tuple[Part, ...]
    alerts: tuple[AlertOverlap, ...]


@dataclass(frozen=True, slots=True)
class Masked:
    """The members of one concept, nearest first, as positions in the haystack, with the channel's mask of each."""

    rows: Sequence[int]
    masks: Sequence[npt.ArrayLike]


def describe(haystack: Haystack, concepts: Sequence[Masked]) -> list[Described]:
    """Name every concept; p values are corrected for the tests of all of them together.

    Parameters
    ----------
    haystack
        All molecules, members and others.
    concepts
        Their members.
    """
    with rdBase.BlockLogs():
        alerts = AlertCounter(haystack)
        tested = [_tested(haystack, concept) for concept in concepts]
        p = iter(corrected([part.p for parts in tested for part in parts]).tolist())
        described = []
        for concept, parts in zip(concepts, tested, strict=True):
            n = len(concept.rows)
            exact = [replace(part, p=next(p)) for part in parts]
            ranked = sorted(exact, key=lambda part: (-_telling(part, n), part.smarts))
            name = name_of(ranked, n, parts.overlap)
            described.append(Described(name, tuple(ranked[:PARTS]), alerts.overlaps(concept.rows, concept.masks)))
    return described


def name_of(parts: Sequence[Part], n_members: int, overlap: Callable[[Part, Part], bool]) -> str:
    """A short name from the most telling parts: up to two groups, else the fragment that most masks cover.

    Parameters
    ----------
    parts
        Most telling first.
    n_members
        Members of the concept.
    overlap
        Whether two parts are, by and large, the same atoms.
    """
    fit = [part for part in parts if part.low >= NAMING_ODDS and part.masked >= NAMING_SHARE * n_members]
    named = [part for part in fit if part.name]
    if named:
        first = named[0]
        others = (part for part in named[1:] if not overlap(part, first))
        second = next(others, None)
        return first.name if second is None else f"{first.name} with {second.name}"
    large = [part for part in fit if Chem.MolFromSmarts(part.smarts).GetNumAtoms() >= LEAST_NAMING]
    return f"fragment {large[0].smiles}" if large else UNNAMED


@dataclass(slots=True)
class _Tested:
    """Substructures that enough masks cover, by their SMARTS, and where; p not corrected yet."""

    found: dict[str, Part] = field(default_factory=dict)
    sites: dict[str, list[frozenset[int]]] = field(default_factory=dict)
    """Per member: atoms of the masked sites; empty where there is none."""

    def __iter__(self) -> Iterator[Part]:
        return iter(self.found.values())

    def overlap(self, one: Part, other: Part) -> bool:
        """Whether the smaller lies more than half inside the larger one in most members that have both."""
        pairs = [(a, b) for a, b in zip(self.sites[one.smarts], self.sites[other.smarts], strict=True) if a and b]
        return not pairs or 2 * sum(2 * len(a & b) > min(len(a), len(b)) for a, b in pairs) > len(pairs)


def _tested(haystack: Haystack, concept: Masked) -> _Tested:
    mols = [haystack.mols[row] for row in concept.rows]
    masked = [masked_atoms(mask) for mask in concept.masks]
    tested = _Tested()

    def test(patterns: Sequence[Chem.Mol], smiles: str, name: str = "") -> None:
        smarts = Chem.MolToSmarts(patterns[0])
        if smarts in tested.found:
            return
        sites = [_masked_site(mol, atoms, patterns) for mol, atoms in zip(mols, masked, strict=True)]
        covered = sum(map(bool, sites))
        if covered < max(2, LEAST_SHARE * len(mols)):
            return
        holding = haystack.holding(*patterns)
        counts = (int(holding[list(concept.rows)].sum()), len(mols), int(holding.sum()), len(haystack))
        if any((part.in_members, part.in_all, part.masked) == (counts[0], counts[2], covered) for part in tested):
            # The same molecules by another text.
            return
        odds = odds_ratio(*counts)
        tested.sites[smarts] = sites
        tested.found[smarts] = Part(
            smarts=smarts,
            smiles=smiles,
            in_members=counts[0],
            in_all=counts[2],
            odds_ratio=round(odds.value, 3),
            low=round(odds.low, 3),
            high=round(odds.high, 3),
            p=fisher_p(*counts),
            masked=covered,
            name=name,
        )

    for name, patterns in group_patterns():
        holding = haystack.holding(*patterns)
        if holding[list(concept.rows)].sum() >= LEAST_SHARE * len(mols):
            test(patterns, "", name)
    for piece in [*_common_pieces(mols, concept.masks), *_common(mols, masked)]:
        test([Chem.MolFromSmarts(piece.smarts)], piece.smiles)
    return tested


def _masked_site(mol: Chem.Mol, masked: frozenset[int], patterns: Sequence[Chem.Mol]) -> frozenset[int]:
    """Atoms of all matches that the mask covers."""
    matches = (m for pattern in patterns for m in mol.GetSubstructMatches(pattern, maxMatches=50))
    return frozenset().union(*(m for m in matches if len(masked & set(m)) >= COVERED * len(m)))


def _common_pieces(mols: Sequence[Chem.Mol], masks: Sequence[npt.ArrayLike]) -> list[Fragment]:
    """The most common masked pieces; of equally common ones the largest first."""
    count: Counter[str] = Counter()
    known: dict[str, Fragment] = {}
    for mol, mask in zip(mols, masks, strict=True):
        for piece in fragments(mol, mask):
            count[piece.smiles] += 1
            known.setdefault(piece.smiles, piece)
    ranked = sorted(known.values(), key=lambda piece: (-count[piece.smiles], -len(piece.atoms), piece.smiles))
    return ranked[:PIECES]


def _common(mols: Sequence[Chem.Mol], masked: Sequence[frozenset[int]]) -> list[Fragment]:
    """The largest substructure that most of the nearest members' largest masked pieces share, if there is one."""
    parts, whole = [], []
    for mol, atoms in itertools.islice(zip(mols, masked, strict=True), COMMON_OF):
        largest = next(iter(pieces(mol, with_rings(mol, atoms))), ())
        if 2 <= len(largest) <= LARGEST:
            parts.append(_cut_out(mol, largest))
            whole.append(mol)
    if len(parts) < 3:
        return []
    found = rdFMCS.FindMCS(
        parts, threshold=COMMON_SHARE, timeout=SECONDS, ringMatchesRingOnly=True, completeRingsOnly=True
    )
    if found.numAtoms < 2:
        return []
    pattern = Chem.MolFromSmarts(found.smartsString)
    matches = ((mol, mol.GetSubstructMatch(pattern)) for mol in whole)
    # Cut from a member, it says which of its atoms are aromatic.
    return next(([fragment(mol, match)] for mol, match in matches if match), [])


def _cut_out(mol: Chem.Mol, atoms: Sequence[int]) -> Chem.Mol:
    """The atoms as a molecule of their own, aromatic as they were."""
    piece = Chem.RWMol(mol)
    piece.BeginBatchEdit()
    for index in set(range(mol.GetNumAtoms())) - set(atoms):
        piece.RemoveAtom(index)
    piece.CommitBatchEdit()
    Chem.FastFindRings(piece)
    return piece.GetMol()


def _telling(part: Part, n_members: int) -> float:
    """How well a part tells members from others: the least the odds rise, weighed by how many masks cover it."""
    return float(part.masked / n_members * np.log(max(part.low, 1e-9)))
