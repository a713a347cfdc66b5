"""Which of the counted substructures names a concept, and how concepts of one name are told apart.

Rules in this order, the first that applies: one or two groups that the masks cover ("epoxide with ester"); a fragment
of at least five atoms that they cover; a group that they only touch ("part of xanthone"); two groups that cover half of
the members between them ("morpholine or piperazine"); a smaller fragment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from rdkit import Chem

from concepts.concept import Part
from concepts.naming.group_names import group_patterns
from concepts.naming.substructures import Haystack

Sites = Mapping[str, Sequence[frozenset[int]]]
"""By SMARTS, for each member: atoms of the sites that its mask covers, empty where there is none."""
SHARE: Final = 0.5
"""Share of the members whose masks must cover, or touch, what names a concept."""
ODDS: Final = 2.0
"""Least lower end of the odds ratio of what names a concept."""
LARGE, SMALL = 5, 3
"""Atoms of a fragment that is worth more than a group which is only touched, and of the smallest that can be a name."""
BESIDE_SHARE: Final = 0.5
"""Share of a concept's members that must hold what tells it from its namesakes."""
BESIDE_MORE: Final = 0.2
"""By how much that share must be over the share in every namesake."""
UNNAMED: Final = "mixed masked parts"


def name_of(parts: Sequence[Part], n_members: int, sites: Sites) -> str:
    """A short name.

    Parameters
    ----------
    parts
        Most telling first.
    n_members
        Members of the concept.
    sites
        Where each part lies under the masks.
    """
    telling = [part for part in parts if part.low >= ODDS]
    covered = [part for part in telling if part.masked >= SHARE * n_members]
    groups = [part for part in covered if part.name]
    if groups:
        first = groups[0]
        second = next((part for part in groups[1:] if not same_atoms(sites[part.smarts], sites[first.smarts])), None)
        return first.name if second is None else f"{first.name} with {second.name}"
    pieces = [(part, Chem.MolFromSmarts(part.smarts).GetNumAtoms()) for part in covered]
    large = [part for part, atoms in pieces if atoms >= LARGE]
    if large:
        return f"fragment {large[0].smiles}"
    touched = [part for part in telling if part.name and part.touched >= SHARE * n_members]
    if touched:
        return f"part of {max(touched, key=lambda part: (part.touched * np.log(part.low), part.smarts)).name}"
    for one, other in combinations([part for part in telling if part.name], 2):
        if sum(bool(a or b) for a, b in zip(sites[one.smarts], sites[other.smarts], strict=True)) >= SHARE * n_members:
            return f"{one.name} or {other.name}"
    small = [part for part, atoms in pieces if atoms >= SMALL]
    return f"fragment {small[0].smiles}" if small else UNNAMED


def same_atoms(one: Sequence[frozenset[int]], other: Sequence[frozenset[int]]) -> bool:
    """Whether the smaller of two parts lies more than half inside the larger in most members that have both."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return not pairs or 2 * sum(2 * len(a & b) > min(len(a), len(b)) for a, b in pairs) > len(pairs)


def told_apart(names: Sequence[str], rows: Sequence[Sequence[int]], haystack: Haystack) -> list[str]:
    """The same names, each of them once: by a group that its molecules hold and its namesakes' do not, else numbered.

    Parameters
    ----------
    names
        Of the concepts of one channel, largest first.
    rows
        Their members, as positions in the haystack.
    haystack
        All molecules.
    """
    shares = {
        name: np.array([haystack.holding(*patterns)[list(own)].mean() for own in rows])
        for name, patterns in group_patterns()
    }
    told = list(names)
    for name, count in Counter(names).items():
        own = [index for index, other in enumerate(names) if other == name]
        for index in own if count > 1 else ():
            others = [other for other in own if other != index]
            more = {group: float(share[index] - share[others].max()) for group, share in shares.items()}
            fit = [
                group
                for group in more
                if shares[group][index] >= BESIDE_SHARE and more[group] >= BESIDE_MORE and group not in name
            ]
            if fit:
                told[index] = f"{name} beside {max(fit, key=lambda group: (more[group], group))}"
    seen: Counter[str] = Counter()
    for index, name in enumerate(told):
        seen[name] += 1
        if seen[name] > 1:
            told[index] = f"{name} ({seen[name]})"
    return told
