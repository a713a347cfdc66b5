"""Results as SDF: 2D structures that carry the importance of every atom and bond, for other tools to colour.

Importances are RDKit's property lists: `atom.dprop.mutagenicity_mutagenic` becomes an atom property when RDKit reads
the file. A row that could not be predicted keeps its place as an empty structure with its reason.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdDepictor

from app.concepts.known import NO_CONCEPTS, Known
from app.exports.tables import our_names
from app.predicting.records import rounded, table_columns
from datasets.molecule import Molecule
from datasets.tasks import Task
from megan.prediction import RowResult

#: Characters that would end a field name, which stands between angle brackets.
_NO_NAME: Final = re.compile(r"[<>\r\n\t]+")
#: Most characters of a line of a property list, which the format bounds.
_LINE: Final = 190
_BREAKS: Final = re.compile(r"[\r\n]+")


def sdf_text(results: Iterable[RowResult], tasks: Sequence[Task]) -> str:
    """All results as one SDF text."""
    return "".join(sdf_record(result, tasks) for result in results)


def sdf_record(
    result: RowResult,
    tasks: Sequence[Task],
    own: Mapping[str, object] | None = None,
    concepts: Known = NO_CONCEPTS,
) -> str:
    """One result as an SDF record, its "$$$$" line included.

    Parameters
    ----------
    result
        The row.
    tasks
        Tasks whose columns and importances are written.
    own
        Values of the user's own columns by name; written before ours.
    concepts
        Concepts of the tasks' models, where they have some.
    """
    mol = _structure(result, tasks)
    mol.SetProp("_Name", one_line(result.molecule.id or f"row {result.molecule.row}"))
    own = own or {}
    columns = table_columns(tasks, concepts)
    fields = dict(own)
    fields |= {n: c.read(result) for n, c in zip(our_names(columns, tuple(own)), columns, strict=True)}
    ours = Chem.SDWriter.GetText(mol).removesuffix("$$$$\n")
    said = [
        f">  <{_NO_NAME.sub(' ', name)}>\n{text}\n\n" for name, value in fields.items() if (text := one_line(value))
    ]
    return f"{ours}{''.join(said)}$$$$\n"


class SdfFile:
    """An SDF file in the making.

    Parameters
    ----------
    target
        Where it goes.
    tasks
        Tasks whose columns and importances are written.
    own
        Names of the user's own columns.
    concepts
        Concepts of the tasks' models, where they have some.
    """

    def __init__(
        self, target: Path, tasks: Sequence[Task], own: Sequence[str] = (), concepts: Known = NO_CONCEPTS
    ) -> None:
        self._file = target.open("w", encoding="utf-8", newline="\n")
        self._tasks, self._own, self._concepts = tasks, own, concepts

    def write(self, results: Iterable[RowResult], own: Iterable[Sequence[object]] | None = None) -> None:
        """Append results, each with the values of the user's own columns."""
        if own is None:
            self._file.writelines(sdf_record(result, self._tasks, concepts=self._concepts) for result in results)
            return
        for result, values in zip(results, own, strict=True):
            named = dict(zip(self._own, values, strict=True))
            self._file.write(sdf_record(result, self._tasks, named, self._concepts))

    def __enter__(self) -> SdfFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def _structure(result: RowResult, tasks: Sequence[Task]) -> Chem.Mol:
    """The structure with coordinates and property lists; without atoms where there is none."""
    if not isinstance(result.molecule, Molecule):
        return Chem.Mol()
    mol = Chem.MolFromSmiles(result.molecule.smiles)
    rdDepictor.Compute2DCoords(mol)
    for task in tasks:
        prediction = result.predictions.get(task.name)
        if prediction is None:
            continue
        for k, channel in enumerate(prediction.explanation.channels):
            name = f"{task.name}_{channel}"
            for list_name, values, count in (
                (f"atom.dprop.{name}", prediction.explanation.node_importance[:, k], mol.GetNumAtoms()),
                (f"bond.dprop.{name}", prediction.explanation.edge_importance[:, k], mol.GetNumBonds()),
            ):
                if len(values) != count:
                    raise ValueError(f"{list_name} has {len(values)} values; expected {count}")
                if count:
                    mol.SetProp(list_name, _number_lines(values))
    return mol


def _number_lines(values: npt.NDArray[np.float32]) -> str:
    """Numbers with spaces between; RDKit's own writer prints 17 digits of each."""
    return textwrap.fill(" ".join(f"{value:g}" for value in rounded(values)), width=_LINE)


def one_line(value: object) -> str:
    """A value that ends neither its field nor its record: no line breaks, and no "$$$$" or ">" at its start."""
    text = "" if value is None else _BREAKS.sub(" ", str(value)).strip()
    return f" {text}" if text.startswith(("$$$$", ">")) else text
