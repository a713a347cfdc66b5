"""Lists of SMILES: smi and txt, one structure a line, `SMILES[ tab or space name]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datasets.readers.columns import is_smiles_name, place_of
from datasets.readers.layout import Layout, RawRow, clean_cell
from datasets.readers.streams import Source

_COLUMNS = ("smiles", "name")
_EXTENSION = re.compile(r"^\|[^|]*\|\s*")  # CXSMILES writes coordinates and labels between structure and name


def read_list(source: Source, smiles_column: str | None, id_column: str | None) -> Layout:
    """Read a list of SMILES; a first line whose first word is a name for SMILES is a header, blank lines are left out.

    Raises
    ------
    ValueError
        If the file is empty, or a chosen column is not the one that such a file has.
    """
    for field, chosen, place in (("smiles_column", smiles_column, 0), ("id_column", id_column, 1)):
        if chosen is not None and place_of(_COLUMNS, chosen, field, source.name) != place:
            expected = f"expected {_COLUMNS[place]!r}, as {source.name} is a list of SMILES"
            raise ValueError(f"{field} is {chosen!r}; {expected}")
    with source.open_text() as file:
        first = next((line for line in file if line.strip()), None)
    if first is None:
        raise ValueError(f"{source.name} is empty")
    words = first.split()
    header = is_smiles_name(words[0].strip("#<>")) and len(words) <= 4

    def stream() -> Iterator[RawRow]:
        skip = header
        with source.open_text() as file:
            for line in file:
                line = line.rstrip()
                if not line:
                    continue
                if skip:
                    skip = False
                    continue
                # A line that starts with a tab has a name and no structure.
                smiles, _, name = line.partition("\t") if line[0] == "\t" else _parted(line)
                text, name = clean_cell(smiles), clean_cell(name)
                yield _EXTENSION.sub("", name, count=1), text, (text, name)

    return Layout(_COLUMNS, _COLUMNS[0], _COLUMNS[1], stream)


def _parted(line: str) -> tuple[str, str, str]:
    words = line.split(None, 1)
    return words[0], "", words[1] if len(words) > 1 else ""
