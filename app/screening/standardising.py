"""The quick form of `datasets.standardize` for many rows: equal results, and nothing is parsed twice.

Most structures of a library are plain molecules as RDKit writes them: `datasets.plain_smiles` reads these without it.
Of the others most hold nothing that standardisation would change. Their text tells so, and then the molecule that was
parsed serves all later stages; every other row goes through `standard_form`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi

from datasets.featurize import FlatBatch, featurize_mols, joined
from datasets.molecule import RowNote
from datasets.plain_smiles.reader import PlainReader
from datasets.smiles import ParseFailure, parse
from datasets.standardize import Policy, standard_form

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
    rows: npt.NDArray[np.int64]
    """Shape (G,): which row each molecule is, from 0; sorted by SMILES, so that those that are alike stand together."""
    batch: FlatBatch
    """Features of the G molecules, atoms in the order of their SMILES."""
    _mols: dict[int, Chem.Mol]
    """Row -> molecule, of those that RDKit was needed for."""

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """Shape (n,): position of each row among the molecules, -1 where it is none."""
        places = np.full(len(self.ids), -1)
        places[self.rows] = np.arange(len(self.rows))
        return places

    @property
    def molecule_smiles(self) -> list[str]:
        """SMILES of the G molecules."""
        return [str(self.smiles[row]) for row in self.rows.tolist()]

    def mol_at(self, place: int) -> Chem.Mol:
        """The molecule at a position among the G, for what features do not tell."""
        row = int(self.rows[place])
        if row not in self._mols:
            self._mols[row] = Chem.MolFromSmiles(self.smiles[row])
        return self._mols[row]


@dataclass(slots=True)
class _Found:
    """Molecules in the order in which they are found."""

    rows: list[npt.NDArray[np.int64]] = field(default_factory=list)
    batches: list[FlatBatch] = field(default_factory=list)

    def add(self, rows: Sequence[int] | npt.NDArray[np.int64], batch: FlatBatch) -> None:
        if len(batch):
            self.rows.append(np.asarray(rows, dtype=np.int64))
            self.batches.append(batch)

    def sorted_by(self, smiles: Sequence[str | None]) -> tuple[npt.NDArray[np.int64], FlatBatch]:
        if not self.batches:
            return np.zeros(0, dtype=np.int64), featurize_mols([])
        rows = np.concatenate(self.rows)
        texts = [smiles[row] or "" for row in rows.tolist()]
        order = np.array(sorted(range(len(texts)), key=lambda at: (texts[at], rows[at])), dtype=np.int64)
        return rows[order], joined(self.batches).select(order)


def standardise(
    ids: Sequence[str],
    texts: Sequence[str],
    policy: Policy = Policy.PARENT,
    *,
    with_inchikey: bool = False,
    given_up: Mapping[int, tuple[str, str]] | None = None,
    at_row: Callable[[int], None] = lambda row: None,
    reader: PlainReader | None = None,
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
        Told of every row that RDKit is about to look at, and of `NO_ROW` in the end.
    reader
        What reads plain molecules; one that was used before knows more.
    """
    n = len(texts)
    reader = PlainReader() if reader is None else reader
    none: list[str | None] = [None] * n
    rows = StandardRows(
        list(ids), list(texts), list(none), list(none), ["ok"] * n, list(none), list(none),
        np.zeros(0, dtype=np.int64), featurize_mols([]), {},
    )  # fmt: skip
    for row, (code, sentence) in (given_up or {}).items():
        rows.status[row], rows.code[row], rows.detail[row] = "error", code, sentence
    left = [row for row in range(n) if row not in (given_up or {})]
    found = _Found()
    with rdBase.BlockLogs():
        left = _read_plain(rows, left, [texts[row] for row in left], reader, at_row, found)
        _read_others(rows, left, policy, reader, at_row, found)
        rows.rows, rows.batch = found.sorted_by(rows.smiles)
        if with_inchikey:
            _write_inchikeys(rows, at_row)
    at_row(NO_ROW)
    return rows


def _read_plain(
    rows: StandardRows,
    asked: Sequence[int],
    texts: Sequence[str],
    reader: PlainReader,
    at_row: Callable[[int], None],
    found: _Found,
) -> list[int]:
    """Take those rows whose texts are plain molecules, canonical; the other rows."""
    places, batch = reader.read(texts, lambda at: at_row(asked[at]))
    taken = [asked[place] for place in places.tolist()]
    for row, place in zip(taken, places.tolist(), strict=True):
        rows.smiles[row] = texts[place]
    found.add(taken, batch)
    gone = set(taken)
    return [row for row in asked if row not in gone]


def _read_others(
    rows: StandardRows,
    asked: Sequence[int],
    policy: Policy,
    reader: PlainReader,
    at_row: Callable[[int], None],
    found: _Found,
) -> None:
    rewritten: dict[int, str] = {}
    careful: list[int] = []
    mols = rows._mols
    for row in asked:
        at_row(row)
        text = rows.given[row]
        mol = parse(text) if ":" not in text else None
        if mol is None or isinstance(mol, ParseFailure):
            careful.append(row)
            continue
        written = Chem.MolToSmiles(mol)
        if "." in written or ("[" in written and "[" in _HARMLESS.sub("", written)):
            careful.append(row)
        elif written == text:
            mols[row], rows.smiles[row] = mol, written
        else:
            # The atoms of what was written stand in another order than those of the text.
            rewritten[row] = written
    again = _read_plain(rows, list(rewritten), list(rewritten.values()), reader, at_row, found)
    for row in again:
        at_row(row)
        written = rewritten[row]
        mol = Chem.MolFromSmiles(written)
        if mol is None or Chem.MolToSmiles(mol) != written:
            careful.append(row)
        else:
            mols[row], rows.smiles[row] = mol, written
    for row in careful:
        at_row(row)
        _carefully(rows, row, policy)
    found.add(list(mols), featurize_mols(list(mols.values())))


def _carefully(rows: StandardRows, row: int, policy: Policy) -> None:
    result = standard_form(rows.given[row], policy)
    if isinstance(result, ParseFailure):
        rows.status[row], rows.code[row], rows.detail[row] = "error", result.code, result.sentence
        return
    rows._mols[row], rows.smiles[row] = Chem.MolFromSmiles(result.smiles), result.smiles
    if result.notes:
        rows.status[row], rows.code[row], rows.detail[row] = "warning", result.notes[0].code, _told(result.notes)


def _write_inchikeys(rows: StandardRows, at_row: Callable[[int], None]) -> None:
    for place, row in enumerate(rows.rows.tolist()):
        at_row(row)
        rows.inchikey[row] = rdinchi.MolToInchiKey(rows.mol_at(place))


def _told(notes: Sequence[RowNote]) -> str:
    return " ".join(note.sentence for note in notes)
