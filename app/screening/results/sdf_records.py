"""Rows of results as SDF records: 2D structures with the importance of every atom, for other tools to colour.

Importances are RDKit's property lists, named as in `app.exports.sdf`. A row that could not be predicted keeps its place
as an empty structure with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rdkit import Chem
from rdkit.Chem import rdDepictor

from app.screening.columns import StoredColumn
from app.screening.mask_text import mask_values

_NO_NAME: Final = re.compile(r"[<>\r\n\t]+")
_BREAKS: Final = re.compile(r"[\r\n]+")
_MASK: Final = "_mask"
_LINE: Final = 190


def sdf_records(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[StoredColumn], every: Sequence[StoredColumn]
) -> Iterator[str]:
    """SDF records, each with its "$$$$" line.

    Parameters
    ----------
    rows
        Values by the columns' names.
    columns
        The columns that are written as fields, in order; masks become property lists of the atoms.
    every
        All columns of the results.
    """
    ours = {column.key: column.name for column in every if not column.own}
    masks = [column for column in columns if not column.own and column.key.endswith(_MASK)]
    fields = [column for column in columns if column not in masks]
    for row in rows:
        mol = _structure(row[ours["smiles"]])
        mol.SetProp("_Name", _one_line(row[ours["id"]] or f"row {row[ours['row']]}"))
        for mask in masks:
            if row[mask.name]:
                values = [f"{value:g}" for value in mask_values(row[mask.name])]
                mol.SetProp(f"atom.dprop.{mask.key.removesuffix(_MASK)}", _lines(values))
        written = Chem.SDWriter.GetText(mol).removesuffix("$$$$\n")
        said = [
            f">  <{_NO_NAME.sub(' ', column.name)}>\n{text}\n\n"
            for column in fields
            if (text := _one_line(row[column.name]))
        ]
        yield f"{written}{''.join(said)}$$$$\n"


def _structure(smiles: str | None) -> Chem.Mol:
    if smiles is None:
        return Chem.Mol()
    mol = Chem.MolFromSmiles(smiles)
    rdDepictor.Compute2DCoords(mol)
    return mol


def _lines(words: Sequence[str]) -> str:
    lines: list[str] = [""]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _one_line(value: object) -> str:
    """A value that ends neither its field nor its record: no line breaks, and no "$$$$" or ">" at its start."""
    text = "" if value is None else _BREAKS.sub(" ", str(value)).strip()
    return f" {text}" if text.startswith(("$$$$", ">")) else text
