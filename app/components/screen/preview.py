"""The first rows of a library before it is screened: what each is read as, or why it is no molecule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.components.table import thumbnail
from datasets.library import StructureFile, StructureRow
from datasets.molecule import Molecule
from datasets.standardize import Policy, standardize

ROWS: Final = 20
#: Cells are cut to this length.
_MOST_CELL: Final = 120
#: Longer texts are not read here: one of them may take minutes, for which a screening has a limit.
_MOST_READ: Final = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """The head of a library."""

    table: pd.DataFrame
    """structure (a data address), read as, then the user's own columns as text."""
    rows: int
    molecules: int
    """Rows that are molecules, or too long to tell here."""


def preview(file: StructureFile, policy: Policy) -> Preview:
    """Read the first rows.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    head = list(islice(file, ROWS))
    told = [_read_as(row, policy) for row in head]
    names = [f"own {place}" for place in range(len(file.columns))]
    table = pd.DataFrame(
        [
            {"structure": picture, "read as": said} | dict(zip(names, map(_cell, row.values), strict=True))
            for row, (picture, said, _) in zip(head, told, strict=True)
        ],
        columns=["structure", "read as", *names],
    )
    return Preview(table, len(head), sum(good for _, _, good in told))


def show(file: StructureFile, found: Preview) -> None:
    """The preview as a table, bad rows in their place with their reason."""
    own = {
        f"own {place}": st.column_config.TextColumn(name or " ", width=190) for place, name in enumerate(file.columns)
    }
    config: dict[str, Any] = {
        "structure": st.column_config.ImageColumn("Structure", width=128),
        "read as": st.column_config.TextColumn("Read as", width=230),
    }
    st.dataframe(
        found.table,
        hide_index=True,
        row_height=62,
        height=min(42 + 62 * found.rows, 320),
        column_config=config | own,
        placeholder="",
        alt="The first rows of the library",
    )


def sentence(found: Preview) -> str:
    """How many of the first rows are molecules."""
    if found.rows == 1:
        return "The first row can be read."
    if found.molecules == found.rows:
        return f"All of the first {found.rows} rows can be read."
    return f"{found.molecules} of the first {found.rows} rows can be read; the others keep their place and say why not."


def _read_as(row: StructureRow, policy: Policy) -> tuple[str | None, str, bool]:
    """Picture, words, and whether it is, or may be, a molecule."""
    if len(row.structure.text) > _MOST_READ:
        return None, "long; read when it is screened", True
    found = standardize(row.structure, policy)
    if not isinstance(found, Molecule):
        return None, found.sentence, False
    return thumbnail(found.smiles), "; ".join(note.sentence for note in found.notes) or "molecule", True


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _MOST_CELL else f"{text[: _MOST_CELL - 1]}…"
