"""The quick form of `datasets.standardize` for many rows: equal results, and the molecule is parsed once.

Most structures of a library hold nothing that standardisation would change. Their text tells so, and then the molecule
that was parsed serves all later stages; every other row goes through `standardize`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi

from datasets.molecule import InputRow, Molecule, RowNote
from datasets.smiles import ParseFailure, parse
from datasets.standardize import Policy, standardize

NO_ROW = -1
#: Bracket atoms that are neither salts, nor charges that could go, nor unusual elements; nitro groups keep theirs.
_HARMLESS = re.compile(r"\[(?:nH|C@{1,2}H?)\]|\[N\+\]\(=O\)\[O-\]|O=\[N\+\]\(\[O-\]\)")


@dataclass(slots=True)
class StandardRows:
    """n rows after standardisation, G of which are molecules."""

    ids: list[str]
    given: list[str]
    smiles: list[str | None]
    """None where there is no molecule; as the three below, one a row."""
    inchikey: list[str | None]
    """None also where it was not asked for."""
    status: list[str]
    """ok, warning or error."""
    code: list[str | None]
    detail: list[str | None]
    mols: list[Chem.Mol] = field(default_factory=list)
    """G molecules, atoms in the order of their SMILES."""
    rows: list[int] = field(default_factory=list)
    """Which row each is, from 0; ascending."""

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """Shape (n,): position of each row among the molecules, -1 where it is none."""
        places = np.full(len(self.ids), -1)
        places[self.rows] = np.arange(len(self.rows))
        return places

    @property
    def molecule_smiles(self) -> list[str]:
        """SMILES of the G molecules."""
        return [text for text in self.smiles if text is not None]


def standardise(
    ids: Sequence[str],
    texts: Sequence[str],
    policy: Policy = Policy.PARENT,
    *,
    with_inchikey: bool = False,
    given_up: Mapping[int, tuple[str, str]] | None = None,
    at_row: Callable[[int], None] = lambda row: None,
) -> StandardRows:
    """Standardise rows as `datasets.standardize.standardize` does; never raises for what a row holds.

    Parameters
    ----------
    ids, texts
        Names and SMILES as given.
    policy
        What becomes of salts, mixtures and charges.
    with_inchikey
        Whether InChIKeys are wanted.
    given_up
        Rows, counted from 0 here, that are not looked at: row -> code and sentence.
    at_row
        Told of every row before it is looked at, and of `NO_ROW` in the end.
    """
    n = len(texts)
    none: list[str | None] = [None] * n
    found = StandardRows(list(ids), list(texts), list(none), list(none), ["ok"] * n, list(none), list(none))
    given_up = given_up or {}
    with rdBase.BlockLogs():
        for row, text in enumerate(texts):
            at_row(row)
            if row in given_up:
                found.status[row] = "error"
                found.code[row], found.detail[row] = given_up[row]
                continue
            quick = _unchanged(text)
            if quick is None:
                _carefully(found, row, policy, with_inchikey)
                continue
            mol, found.smiles[row] = quick
            found.mols.append(mol)
            found.rows.append(row)
            if with_inchikey:
                found.inchikey[row] = rdinchi.MolToInchiKey(mol)
    at_row(NO_ROW)
    return found


def _unchanged(text: str) -> tuple[Chem.Mol, str] | None:
    """Molecule and SMILES of a text in which there is nothing to strip, neutralise or tell; None if in doubt."""
    if ":" in text:
        return None
    mol = parse(text)
    if isinstance(mol, ParseFailure):
        return None
    written = Chem.MolToSmiles(mol)
    if "." in written or ("[" in written and "[" in _HARMLESS.sub("", written)):
        return None
    if written == text:
        return mol, written
    # The atoms of what was written stand in another order than those of the text.
    again = Chem.MolFromSmiles(written)
    if again is None or Chem.MolToSmiles(again) != written:
        return None
    return again, written


def _carefully(found: StandardRows, row: int, policy: Policy, with_inchikey: bool) -> None:
    result = standardize(InputRow(row, found.ids[row], found.given[row]), policy)
    if not isinstance(result, Molecule):
        found.status[row], found.code[row], found.detail[row] = "error", result.code, result.sentence
        return
    found.smiles[row] = result.smiles
    found.mols.append(Chem.MolFromSmiles(result.smiles))
    found.rows.append(row)
    if with_inchikey:
        found.inchikey[row] = result.inchikey
    if result.notes:
        found.status[row], found.code[row], found.detail[row] = "warning", result.notes[0].code, _told(result.notes)


def _told(notes: Sequence[RowNote]) -> str:
    return " ".join(note.sentence for note in notes)
