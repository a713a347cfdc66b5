"""Names for concepts without a language model: what the masked parts of the members share, and others do not.

Three kinds of substructures are counted: groups that chemists have a name for (`group_names`), the masked
pieces themselves, as cut and with rings completed, and the largest substructure that most masked parts have in common.
Each is then looked for in all molecules, and those that members hold more often name the concept.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from rdkit.Chem import rdFMCS

from concepts.concept import AlertOverlap, Part
from concepts.naming.alert_overlap import AlertCounter
from concepts.naming.enrichment import corrected, fisher_p, odds_ratio
from concepts.naming.fragments import LARGEST, Fragment, fragment, fragments, masked_atoms, pieces, with_rings
from concepts.naming.group_names import group_patterns
from concepts.naming.name_choice import name_of, told_apart
from concepts.naming.substructures import Haystack

PARTS: Final = 6
"""Parts that are kept of each concept."""
PIECES: Final = 3
"""Masked pieces of each concept that are tested."""
LEAST_SHARE: Final = 0.25
"""Share of the members whose mask must cover a part for it to be tested."""
TOUCHED_SHARE: Final = 0.5
"""The same for a group of which the mask takes too few atoms to cover it."""
COMMON_OF: Final = 20
"""Members whose common substructure is looked for, and the share of them that must have it."""
COMMON_SHARE: Final = 0.75
COVERED: Final = 0.4
"""Share of a site's atoms from which a mask covers it; a mask seldom takes all oxygens of a sulphonic acid."""
SECONDS: Final = 5
"""Most time for one common substructure; pieces this small take milliseconds."""


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
    channel: int = 0
    """Names are made distinct within a channel."""


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
            name = name_of(ranked, n, parts.sites)
            described.append(Described(name, tuple(ranked[:PARTS]), alerts.overlaps(concept.rows, concept.masks)))
        return _distinct(haystack, concepts, described)


def _distinct(haystack: Haystack, concepts: Sequence[Masked], described: Sequence[Described]) -> list[Described]:
    """Names told apart within each channel."""
    names = [found.name for found in described]
    for channel in {concept.channel for concept in concepts}:
        own = [index for index, concept in enumerate(concepts) if concept.channel == channel]
        told = told_apart([names[index] for index in own], [concepts[index].rows for index in own], haystack)
        for index, name in zip(own, told, strict=True):
            names[index] = name
    return [replace(found, name=name) for found, name in zip(described, names, strict=True)]


@dataclass(slots=True)
class _Tested:
    """Substructures that enough masks cover, by their SMARTS, and where; p not corrected yet."""

    found: dict[str, Part] = field(default_factory=dict)
    sites: dict[str, list[frozenset[int]]] = field(default_factory=dict)
    """Per member: atoms of the masked sites; empty where there is none."""

    def __iter__(self) -> Iterator[Part]:
        return iter(self.found.values())


def _tested(haystack: Haystack, concept: Masked) -> _Tested:
    mols = [haystack.mols[row] for row in concept.rows]
    masked = [masked_atoms(mask) for mask in concept.masks]
    tested = _Tested()

    def test(patterns: Sequence[Chem.Mol], smiles: str, name: str = "") -> None:
        smarts = Chem.MolToSmarts(patterns[0])
        if smarts in tested.found:
            return
        both = [_masked_sites(mol, atoms, patterns) for mol, atoms in zip(mols, masked, strict=True)]
        sites = [covered_atoms for covered_atoms, _ in both]
        covered, touched = sum(map(bool, sites)), sum(is_touched for _, is_touched in both)
        if covered < max(2, LEAST_SHARE * len(mols)) and not (name and touched >= max(2, TOUCHED_SHARE * len(mols))):
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
            touched=touched,
            name=name,
        )

    for name, patterns in group_patterns():
        holding = haystack.holding(*patterns)
        if holding[list(concept.rows)].sum() >= LEAST_SHARE * len(mols):
            test(patterns, "", name)
    for piece in [*_common_pieces(mols, concept.masks), *_common(mols, masked)]:
        test([Chem.MolFromSmarts(piece.smarts)], piece.smiles)
    return tested


def _masked_sites(mol: Chem.Mol, masked: frozenset[int], patterns: Sequence[Chem.Mol]) -> tuple[frozenset[int], bool]:
    """Atoms of all matches that the mask covers, and whether it holds an atom of any match."""
    matches = [frozenset(m) for pattern in patterns for m in mol.GetSubstructMatches(pattern, maxMatches=50)]
    covered = frozenset().union(*(m for m in matches if len(masked & m) >= COVERED * len(m)))
    return covered, any(masked & m for m in matches)


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
