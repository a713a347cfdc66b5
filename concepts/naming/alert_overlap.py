"""Which published alerts the members of a concept carry, and whether its mask lies on them.

An alert counts for a concept if at least a quarter of its members carry it. Looking for all of some 600 patterns in all
molecules takes long, so a few members spread over the whole concept say which alerts come into question, and those
are then counted in every molecule: one that a quarter carry is missed once in a hundred times, one of a half never.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem.rdfiltercatalog import FilterCatalog, FilterCatalogEntry, FilterCatalogParams

from concepts.concept import AlertOverlap
from concepts.naming.fragments import masked_atoms
from concepts.naming.substructures import Bools, Haystack
from datasets.alerts import find_alerts
from datasets.kazius import toxicophore_patterns

LEAST_SHARE: Final = 0.25
LOOKED_AT: Final = 16
"""Members that say which alerts come into question."""
_CATALOGS: Final = {"PAINS": "PAINS", "Brenk": "BRENK"}
Site = tuple[int, ...]


class AlertCounter:
    """Counts alerts in the molecules of a haystack, each alert once."""

    def __init__(self, haystack: Haystack) -> None:
        self._haystack = haystack
        self._known: dict[tuple[str, str], Bools] = {}

    def overlaps(self, members: Sequence[int], masks: Sequence[npt.ArrayLike]) -> tuple[AlertOverlap, ...]:
        """Alerts that at least a quarter of the members carry, most common first.

        Parameters
        ----------
        members
            Positions in the haystack, nearest first.
        masks
            Importance of each member's atoms.
        """
        rows = np.asarray(members)
        spread = rows[np.unique(np.linspace(0, len(rows) - 1, min(LOOKED_AT, len(rows))).astype(int))]
        mols = self._haystack.mols
        names = {(alert.catalog, alert.name) for row in spread for alert in find_alerts(Chem.MolToSmiles(mols[row]))}
        found = []
        for catalog, name in sorted(names):
            carrying = self._carrying(catalog, name)
            count = int(carrying[rows].sum())
            if count >= LEAST_SHARE * len(rows):
                under = sum(
                    any(_covered(site, mask) for site in _sites(mols[row], catalog, name))
                    for row, mask in zip(members, masks, strict=True)
                    if carrying[row]
                )
                found.append(AlertOverlap(catalog, name, count, int(carrying.sum()), under))
        return tuple(sorted(found, key=lambda alert: (-alert.in_members, alert.catalog, alert.name)))

    def _carrying(self, catalog: str, name: str) -> Bools:
        if (catalog, name) not in self._known:
            if catalog == "Kazius":
                carrying = self._haystack.holding(*_toxicophores()[name])
            else:
                entries = _entries(catalog)[name]
                carrying = np.array([any(e.HasFilterMatch(m) for e in entries) for m in self._haystack.mols])
            self._known[catalog, name] = carrying
        return self._known[catalog, name]


def _covered(site: Site, mask: npt.ArrayLike) -> bool:
    return 2 * len(masked_atoms(mask) & set(site)) >= len(site)


def _sites(mol: Chem.Mol, catalog: str, name: str) -> list[Site]:
    if catalog == "Kazius":
        return [match for pattern in _toxicophores()[name] for match in mol.GetSubstructMatches(pattern)]
    matches = [match for entry in _entries(catalog)[name] for match in entry.GetFilterMatches(mol)]
    return [tuple({atom for _, atom in match.atomPairs}) for match in matches]


@cache
def _toxicophores() -> dict[str, tuple[Chem.Mol, ...]]:
    return {entry.name: patterns for entry, patterns in toxicophore_patterns()}


@cache
def _entries(catalog: str) -> dict[str, list[FilterCatalogEntry]]:
    """Entries of an RDKit catalog by the names that `datasets.alerts` gives them."""
    params = FilterCatalogParams()
    params.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, _CATALOGS[catalog]))
    whole = FilterCatalog(params)
    found: dict[str, list[FilterCatalogEntry]] = {}
    for index in range(whole.GetNumEntries()):
        entry = whole.GetEntryWithIdx(index)
        found.setdefault(entry.GetDescription().partition("(")[0], []).append(entry)
    return found
