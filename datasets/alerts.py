"""Known alerts in a molecule, with the atoms that raise them: PAINS, Brenk and the Kazius toxicophores.

Alerts stand beside a model's verdict, never inside it: they say what a chemist would have flagged by rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem.rdfiltercatalog import FilterCatalog, FilterCatalogParams

from datasets import kazius
from datasets.smiles import ParseFailure, parse

#: The catalogs, in the order in which alerts are listed, each with its source.
CITATIONS: Final = {
    "PAINS": "Baell and Holloway 2010, doi 10.1021/jm901137j",
    "Brenk": "Brenk et al. 2008, doi 10.1002/cmdc.200700139",
    "Kazius": kazius.CITATION,
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One site of a molecule that a published rule flags."""

    catalog: str
    """A key of `CITATIONS`."""
    name: str
    """The rule's name in its catalog."""
    atoms: tuple[int, ...]
    """Atoms of the site, ascending, counted from 0 in the order of the SMILES."""
    citation: str
    """Where the rule was published, with DOI."""

    def __post_init__(self) -> None:
        if self.catalog not in CITATIONS:
            raise ValueError(f"Alert.catalog is {self.catalog!r}; expected one of {', '.join(CITATIONS)}")


def find_alerts(smiles: str, catalogs: Sequence[str] = ("PAINS", "Brenk", "Kazius")) -> list[Alert]:
    """Find every alert in a molecule.

    Parameters
    ----------
    smiles
        A SMILES without explicit hydrogens, as in `Molecule.smiles`; its atom order is the order of `Alert.atoms`.
    catalogs
        Which catalogs to look in.

    Returns
    -------
    list of Alert
        Sorted by catalog, name and atoms, without repeats. Overlapping matches of one Kazius toxicophore are one site.

    Raises
    ------
    ValueError
        If the SMILES does not parse or a catalog is unknown.
    """
    for catalog in catalogs:
        if catalog not in CITATIONS:
            raise ValueError(f"catalogs holds {catalog!r}; expected {', '.join(CITATIONS)}")
    mol = parse(smiles)
    if isinstance(mol, ParseFailure):
        raise ValueError(f"smiles is {smiles[:60]!r}; expected a SMILES that parses: {mol.sentence}")
    alerts: list[Alert] = []
    with rdBase.BlockLogs():
        for catalog, citation in CITATIONS.items():
            if catalog in catalogs:
                hits = _FINDERS[catalog](mol)
                alerts += [Alert(catalog, name, atoms, citation) for name, atoms in sorted(hits)]
    return alerts


def _pains(mol: Chem.Mol) -> set[tuple[str, tuple[int, ...]]]:
    return _catalog_hits(mol, _catalog("PAINS"))


def _brenk(mol: Chem.Mol) -> set[tuple[str, tuple[int, ...]]]:
    return _catalog_hits(mol, _catalog("BRENK"))


def _kazius(mol: Chem.Mol) -> set[tuple[str, tuple[int, ...]]]:
    return {
        (toxicophore.name, atoms)
        for toxicophore, patterns in kazius.toxicophore_patterns()
        for atoms in _sites(match for pattern in patterns for match in mol.GetSubstructMatches(pattern))
    }


_FINDERS: Final[dict[str, Callable[[Chem.Mol], set[tuple[str, tuple[int, ...]]]]]] = {
    "PAINS": _pains,
    "Brenk": _brenk,
    "Kazius": _kazius,
}


@cache
def _catalog(name: str) -> FilterCatalog:
    params = FilterCatalogParams()
    params.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, name))
    return FilterCatalog(params)


def _catalog_hits(mol: Chem.Mol, catalog: FilterCatalog) -> set[tuple[str, tuple[int, ...]]]:
    """Collect names and atoms; RDKit appends to a PAINS name how often its authors saw it, as in ``azo_A(324)``."""
    return {
        (entry.GetDescription().partition("(")[0], tuple(sorted({atom for _, atom in match.atomPairs})))
        for entry in catalog.GetMatches(mol)
        for match in entry.GetFilterMatches(mol)
    }


def _sites(matches: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Join matches that share an atom, since two views of one group are one site."""
    sites: list[set[int]] = []
    for match in matches:
        joined = set(match)
        apart = []
        for site in sites:
            if site & joined:
                joined |= site
            else:
                apart.append(site)
        sites = [*apart, joined]
    return [tuple(sorted(site)) for site in sites]
