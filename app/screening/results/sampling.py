"""Properties of a library, from molecules that are drawn out of it: weight, logP and so on, beside what was predicted.

A property of a million molecules would cost more than their prediction, and a plot of some thousands says the same. A
hash of the row draws them, so that the same library gives the same plot on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors, rdMolDescriptors

from app.screening.results.table import named, quoted

if TYPE_CHECKING:
    from app.screening.results.table import Results
    from datasets.tasks import Task

MOST_DRAWN: Final = 3000
#: Name for people -> function of a molecule.
PROPERTIES: Final[dict[str, Callable[[Chem.Mol], float]]] = {
    "Weight (g/mol)": Descriptors.MolWt,  # type: ignore[attr-defined]  # made when imported
    "logP (Crippen)": Crippen.MolLogP,  # type: ignore[attr-defined]  # made when imported
    "TPSA (Å²)": rdMolDescriptors.CalcTPSA,
    "Aromatic rings": rdMolDescriptors.CalcNumAromaticRings,
    "Rotatable bonds": rdMolDescriptors.CalcNumRotatableBonds,
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """n molecules of a library."""

    of: int
    """Molecules that they were drawn from."""
    columns: dict[str, list[Any]]
    """The columns that were asked for, by name, n values each."""
    properties: dict[str, list[float]]
    """By the names of `PROPERTIES`, n values each."""


def draw(
    results: Results, tasks: list[Task], own: list[str], where: str | None = None, most: int = MOST_DRAWN
) -> Drawn:
    """Draw molecules and compute their properties.

    Parameters
    ----------
    results
        Of a run, finished or not.
    tasks
        Whose outputs and verdicts come along.
    own
        The user's own columns that come along, as numbers.
    where
        A condition in SQL over columns; all rows if None.
    most
        How many molecules.

    Raises
    ------
    ValueError
        If the condition is not understood.
    """
    row, smiles = (quoted(named(results.columns, key)) for key in ("row", "smiles"))
    wanted = [named(results.columns, key) for key in ("id", "smiles")]
    for task in tasks:
        suffixes = ("probability", "verdict") if task.kind == "classification" else ("value",)
        wanted += [named(results.columns, f"{task.name}_{suffix}") for suffix in suffixes]
    rows = f"(SELECT * FROM results{results.where(where)}) WHERE {smiles} IS NOT NULL"  # noqa: S608
    [(total,)] = results.sql(f"SELECT count(*) FROM {rows}")  # noqa: S608
    # Numbers first, then their rows: sorting by a hash must not carry whole molecules along.
    found = results.sql(f"SELECT {row} FROM {rows} ORDER BY hash({row}), {row} LIMIT {int(most)}")  # noqa: S608
    table = results.rows([number for (number,) in found], [*wanted, *own])
    columns = {name: table[name].to_pylist() for name in table.column_names}
    for name in own:
        columns[name] = [float(text) if str(text or "").strip() else None for text in columns[name]]
    mols = [Chem.MolFromSmiles(text) for text in columns[named(results.columns, "smiles")]]
    return Drawn(total, columns, {name: [float(of(mol)) for mol in mols] for name, of in PROPERTIES.items()})
