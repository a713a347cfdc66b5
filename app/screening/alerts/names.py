"""Names of the alerts of many molecules, as `datasets.alerts.find_alerts` names them, catalog by catalog.

A search over feature codes says which of the rules a molecule breaks; the few that it cannot tell are left to RDKit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem.rdfiltercatalog import FilterCatalog, FilterCatalogEntry, FilterCatalogParams

from app.screening.alerts.smarts_filter import SmartsFilter, compile_filter
from datasets.alerts import CITATIONS
from datasets.featurize import FlatBatch
from datasets.kazius import toxicophore_patterns

CATALOGS: Final = tuple(CITATIONS)
_PICKLE: Final = b"\xef\xbe\xad\xde"
"""How a molecule begins in RDKit's binary form."""


@dataclass(frozen=True, slots=True)
class _Rule:
    catalog: int
    """Position in `CATALOGS`."""
    name: str
    pattern: Chem.Mol
    holds: Callable[[Chem.Mol], bool]


def alert_names(mol_at: Callable[[int], Chem.Mol], batch: FlatBatch) -> dict[str, list[str]]:
    """For each catalog the names in each molecule, sorted, "; " between; empty texts where there are none.

    Parameters
    ----------
    mol_at
        Gives the molecule at a position.
    batch
        Features of the molecules.
    """
    rules, quick = _rules()
    found: dict[str, list[str]] = {catalog: [""] * len(batch) for catalog in CATALOGS}
    names: dict[tuple[int, int], set[str]] = {}
    with rdBase.BlockLogs():
        holding = quick.find(batch)
        for molecule, number in np.argwhere(holding.holds).tolist():
            rule = rules[number]
            names.setdefault((rule.catalog, molecule), set()).add(rule.name)
        for molecule, number in np.argwhere(holding.unsure).tolist():
            rule = rules[number]
            if rule.holds(mol_at(molecule)):
                names.setdefault((rule.catalog, molecule), set()).add(rule.name)
    for (catalog, molecule), told in names.items():
        found[CATALOGS[catalog]][molecule] = "; ".join(sorted(told))
    return found


@cache
def _rules() -> tuple[list[_Rule], SmartsFilter]:
    rules = []
    for number, catalog in enumerate(CATALOGS):
        if catalog == "Kazius":
            rules += [
                _Rule(number, toxicophore.name, pattern, _matches(pattern))
                for toxicophore, patterns in toxicophore_patterns()
                for pattern in patterns
            ]
        else:
            params = FilterCatalogParams()
            params.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, catalog.upper()))
            entries = FilterCatalog(params)
            rules += [_rule(number, entries.GetEntry(index)) for index in range(entries.GetNumEntries())]
    return rules, compile_filter([rule.pattern for rule in rules])


def _rule(catalog: int, entry: FilterCatalogEntry) -> _Rule:
    # RDKit appends to a PAINS name how often its authors saw it, as in azo_A(324).
    return _Rule(catalog, entry.GetDescription().partition("(")[0], _pattern(entry), entry.HasFilterMatch)


def _matches(pattern: Chem.Mol) -> Callable[[Chem.Mol], bool]:
    return lambda mol: bool(mol.HasSubstructMatch(pattern))


def _pattern(entry: FilterCatalogEntry) -> Chem.Mol:
    """The SMARTS of an entry, which RDKit gives out only inside the entry's own binary form.

    An entry of another form is read as a pattern that every molecule may hold, so that RDKit decides.
    """
    written = entry.Serialize()
    start = written.find(_PICKLE)
    length = written[:start].split()[-1] if start > 0 else b""
    if not length.isdigit():
        return Chem.MolFromSmarts("*")
    pattern = Chem.Mol(written[start : start + int(length)])
    once = written[start + int(length) :].startswith(b" 1 4294967295")
    return pattern if once else Chem.MolFromSmarts("*")
