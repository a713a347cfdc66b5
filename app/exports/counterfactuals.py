"""Counterfactuals as CSV and SDF, the start as the first row so that every file stands by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from rdkit import Chem
from rdkit.Chem import rdDepictor

from app.counterfactuals.records import as_columns, start_columns
from app.exports.sdf import one_line
from app.exports.tables import without_formula
from concepts.counterfactuals.counterfactual import Counterfactual, Start
from datasets.tasks import Task
from megan.pair_drawing import align

_NAME: Final = "whymol"


def csv_text(start: Start, found: Sequence[Counterfactual], tasks: Sequence[Task]) -> str:
    """A table of the start and these molecules."""
    rows = [start_columns(start, tasks), *(as_columns(molecule, tasks) for molecule in found)]
    return table_text(rows)


def table_text(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows with the same columns as CSV that no spreadsheet runs; empty without rows."""
    if not rows:
        return ""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([without_formula(name) for name in rows[0]])
    for row in rows:
        writer.writerow([without_formula(row[name]) for name in rows[0]])
    return text.getvalue()


def sdf_text(start: Start, found: Sequence[Counterfactual], tasks: Sequence[Task]) -> str:
    """The start and these molecules with 2D coordinates, what they share in the same place."""
    first = Chem.MolFromSmiles(start.molecule.smiles)
    rdDepictor.Compute2DCoords(first)
    records = [_record(first, "start", start_columns(start, tasks))]
    for number, molecule in enumerate(found, start=1):
        mol = Chem.MolFromSmiles(molecule.smiles)
        align(first, mol, molecule.origin, molecule.changed)
        records.append(_record(mol, f"{_NAME}-{number}", as_columns(molecule, tasks)))
    return "".join(records)


def _record(mol: Chem.Mol, name: str, fields: Mapping[str, object]) -> str:
    mol.SetProp("_Name", name)
    structure = Chem.SDWriter.GetText(mol).removesuffix("$$$$\n")
    said = [f">  <{key}>\n{text}\n\n" for key, value in fields.items() if (text := one_line(value))]
    return f"{structure}{''.join(said)}$$$$\n"
