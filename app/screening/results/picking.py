"""Picks a set to buy or to test: diverse by fingerprints, or the first rows, clean of what is unwanted.

Diverse picks are RDKit's MaxMin (Ashton et al. 2002, doi 10.1002/qsar.200290002): each next molecule is the one that is
least like those picked before. A library of any length is drawn down to a bounded number of candidates first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.SimDivFilters.rdSimDivPickers import MaxMinPicker

from app.screening.results.table import Results, named, quoted, text
from megan.domain import N_BITS, RADIUS

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CANDIDATES: Final = 100_000
"""Molecules among which diverse ones are picked; of more, so many are drawn."""


@dataclass(frozen=True, slots=True)
class PickSettings:
    """Which molecules are picked."""

    n: int
    diverse: bool = False
    """Else the first ones in the order of the input."""
    where: str | None = None
    """A condition in SQL over columns."""
    without_concepts: tuple[str, ...] = ()
    """Molecules that belong to one of these concepts are left out."""
    seed: int = 0
    """Decides the first pick, and the draw where there are too many candidates."""

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"n is {self.n}; expected 1 or more")


@dataclass(frozen=True, slots=True)
class Picks:
    """What was picked, in the order of picking."""

    rows: list[int]
    """Rows of the input, from 0."""
    candidates: int
    """Molecules that met the conditions, repeats aside."""


def pick(results: Results, settings: PickSettings) -> Picks:
    """Pick molecules; repeats of an earlier row and rows without a prediction are never picked.

    Parameters
    ----------
    results
        Of a run.
    settings
        Which ones.

    Raises
    ------
    ValueError
        If the condition or a concept is not understood, or no molecule meets the conditions.
    """
    row, smiles, status, repeated = (
        quoted(named(results.columns, key)) for key in ("row", "smiles", "status", "duplicate_of")
    )
    conditions = [f"{status} <> 'error'", f"{repeated} IS NULL", *_without(results, settings.without_concepts)]
    chosen = f"(SELECT * FROM results{results.where(settings.where)}) WHERE {' AND '.join(conditions)}"  # noqa: S608
    [(candidates,)] = results.sql(f"SELECT count(*) FROM {chosen}")  # noqa: S608
    if not candidates:
        raise ValueError("no molecule meets the conditions; expected at least one to pick from")
    if not settings.diverse:
        found = results.sql(f"SELECT {row} FROM {chosen} ORDER BY {row} LIMIT {settings.n}")  # noqa: S608
        return Picks([number for (number,) in found], candidates)
    # A hash of row and seed draws the same rows on any machine and in any order of the parts.
    found = results.sql(
        f"SELECT {row}, {smiles} FROM (SELECT {row}, {smiles} FROM {chosen} "  # noqa: S608
        f"ORDER BY hash({row}, {settings.seed}), {row} LIMIT {MOST_CANDIDATES}) ORDER BY {row}"
    )
    places = _max_min([text for _, text in found], settings.n, settings.seed)
    return Picks([found[place][0] for place in places], candidates)


def picked_table(results: Results, picks: Picks, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of picks in the order of picking.

    Parameters
    ----------
    results
        That they were picked from.
    picks
        The picks.
    columns
        Names of columns; all if None.
    """
    return results.rows(picks.rows, columns)


def _without(results: Results, concepts: Sequence[str]) -> list[str]:
    columns = [c.name for c in results.columns if not c.own and c.key.endswith("_concept")]
    if concepts and not columns:
        raise ValueError(f"concepts are {', '.join(concepts)}; expected none, as this run matched no concepts")
    said = []
    for concept in concepts:
        inside = [f"list_contains(string_split({quoted(name)}, '; '), {text(concept)})" for name in columns]
        [(known,)] = results.sql(f"SELECT count(*) FROM results WHERE {' OR '.join(inside)}")  # noqa: S608
        if not known:
            raise ValueError(f"no molecule of the run belongs to a concept {concept!r}; expected the id of one")
        said.append(f"NOT coalesce({' OR '.join(inside)}, false)")
    return said


def _max_min(smiles: Sequence[str], n: int, seed: int) -> list[int]:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    fingerprints = [generator.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    if n >= len(fingerprints):
        return list(range(len(fingerprints)))
    return list(MaxMinPicker().LazyBitVectorPick(fingerprints, len(fingerprints), n, seed=seed + 1))
