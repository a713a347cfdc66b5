"""Which column holds the structures, and which one their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdkit import Chem
from rdkit.rdBase import BlockLogs

_SMILES_NAMES = ("smiles", "canonicalsmiles", "isomericsmiles", "smi", "smile")
_MAYBE_SMILES = ("structure", "molecule", "mol", "compound", "drug", "ligand", "input", "text")
_ID_NAMES = (
    "id", "compoundid", "moleculeid", "molid", "identifier", "chemblid", "zincid", "molregno", "cid",
    "name", "compoundname", "moleculename", "title", "compound", "molecule", "drug", "ligand",
    "cas", "casno", "casrn", "inchikey",
)  # fmt: skip


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Name every column once: blank names become column_N (N from 1), repeated ones get _2, _3 and so on.

    Names that differ in case only are different names.
    """
    taken: set[str] = {name.strip() for name in names}
    used: set[str] = set()
    result = []
    for place, name in enumerate(names, start=1):
        stem = name.strip() or f"column_{place}"
        fresh, count = stem, 1
        while fresh in used or (count > 1 and fresh in taken):
            count += 1
            fresh = f"{stem}_{count}"
        used.add(fresh)
        result.append(fresh)
    return tuple(result)


def is_smiles_name(name: str) -> bool:
    """Tell whether a column of that name surely holds SMILES."""
    plain = _plain(name)
    return plain in _SMILES_NAMES or "smiles" in plain


def find_smiles(columns: Sequence[str], rows: Sequence[Sequence[str]], chosen: str | None, file: str) -> int:
    """Find the column with SMILES: the chosen one, else by name, else by content.

    Among several columns named for SMILES the best readable one is taken, the first if they are equal. A column without
    such a name is taken if at least half of its filled cells parse and they look like structures, not like codes.

    Parameters
    ----------
    columns
        Unique names.
    rows
        The first rows, as text.
    chosen
        The user's choice.
    file
        File name, for sentences.

    Raises
    ------
    ValueError
        If the chosen column does not exist, or no column holds SMILES.
    """
    if chosen is not None:
        return place_of(columns, chosen, "smiles_column", file)
    share = [_share_parsed([row[i] for row in rows]) for i in range(len(columns))]
    named = [i for i, name in enumerate(columns) if is_smiles_name(name)]
    if named:
        # Exact names go before longer ones such as "smiles_of_metabolite".
        return max(named, key=lambda i: (share[i] >= 0.5, _plain(columns[i]) in _SMILES_NAMES, share[i], -i))
    hinted = [i for i, name in enumerate(columns) if _plain(name) in _MAYBE_SMILES and share[i] >= 0.5]
    by_content = [
        i
        for i in range(len(columns))
        if share[i] >= 0.5 and (len(columns) == 1 or _look_like_structures([row[i] for row in rows]))
    ]
    for candidates in (hinted, by_content):
        if candidates:
            return max(candidates, key=lambda i: (share[i], -i))
    raise ValueError(f"no column of {file} holds SMILES; its columns are {_listed(columns)}")


def find_id(columns: Sequence[str], smiles: int, chosen: str | None, file: str) -> int | None:
    """Find the column with the user's names of the structures: the chosen one, else by its name; None if there is none.

    Raises
    ------
    ValueError
        If the chosen column does not exist.
    """
    if chosen is not None:
        return place_of(columns, chosen, "id_column", file)
    plain = [_plain(name) for name in columns]
    for name in _ID_NAMES:
        if name in plain and plain.index(name) != smiles:
            return plain.index(name)
    ending = (i for i, name in enumerate(columns) if re.search(r"(^|[_\s.-])id$", name.strip(), re.I) and i != smiles)
    return next(ending, None)


def place_of(columns: Sequence[str], chosen: str, field: str, file: str) -> int:
    """Return the place of a chosen column; upper and lower case count only where both exist.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    if chosen in columns:
        return list(columns).index(chosen)
    alike = [i for i, name in enumerate(columns) if name.lower() == chosen.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    raise ValueError(f"{field} is {chosen!r}; expected one of the columns of {file}: {_listed(columns)}")


def parses(text: str) -> bool:
    """Tell whether a cell holds a SMILES that RDKit reads."""
    text = text.strip()
    # Longer texts are sequences or descriptions; parsing them takes long and decides nothing.
    if not text or len(text) > 2000 or any(sign.isspace() for sign in text):
        return False
    with BlockLogs():
        return Chem.MolFromSmiles(text) is not None


def _share_parsed(cells: Sequence[str]) -> float:
    filled = [cell for cell in cells if cell.strip()][:50]
    return sum(map(parses, filled)) / len(filled) if filled else 0.0


def _look_like_structures(cells: Sequence[str]) -> bool:
    """Codes such as C, N or CO parse as SMILES too; structures are longer and differ from each other."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return sum(map(len, filled)) / len(filled) >= 4 or (len(set(filled)) == len(filled) and max(map(len, filled)) >= 3)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _listed(columns: Sequence[str]) -> str:
    """List column names in one short line, whatever they hold."""
    shown = ["".join(sign if sign.isprintable() else " " for sign in name)[:40] for name in columns[:12]]
    return ", ".join(shown) + (f" and {len(columns) - 12} more" if len(columns) > 12 else "")
