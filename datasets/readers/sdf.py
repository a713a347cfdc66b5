"""Structure-data files: mol blocks (V2000 and V3000) with data fields, and single mol files.

The SMILES of an entry is RDKit's canonical one. Where the structure breaks a rule of valence, it is the SMILES without
sanitisation, so that parsing it later gives the reason and its position. Where not even that can be read, the text
says in square brackets that the block is unreadable and why; no SMILES looks like that, so the row becomes a parse
error that shows the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from datasets.readers.columns import find_id, place_of, unique_names
from datasets.readers.layout import Layout, RawRow, clean_cell
from datasets.readers.streams import Source

_FIELD = re.compile(r"^>.*?<([^>]*)>")
_MOST_LINES = 200_000
_MOST_SIGNS = 1 << 26


def read_sdf(source: Source, smiles_column: str | None, id_column: str | None) -> Layout:
    """Read the field names of an sdf file in one quick pass; structures come from the mol blocks.

    Parameters
    ----------
    smiles_column
        A data field to read structures from instead.
    id_column
        A data field with names; the title line of the entry if not given, or, where titles are blank, a field that is
        named like an identifier.

    Raises
    ------
    ValueError
        If the file is empty, is no sdf, or lacks a chosen field.
    """
    names: dict[str, None] = {}
    entries = titles = blocks = 0
    with source.open_text() as file:
        for lines in _entries(file, source.name):
            entries += 1
            blocks = blocks or any(line.startswith("M  END") for line in lines)
            titles += bool(lines[0].strip())
            for line in lines:
                if line[:1] == ">" and (field := _FIELD.match(line)):
                    names.setdefault(field.group(1).strip())
    if not entries:
        raise ValueError(f"{source.name} is empty")
    if not blocks:
        raise ValueError(f"{source.name} holds no mol block (V2000 or V3000); it is no sdf file")
    fields = tuple(names)
    columns = unique_names(fields)
    smiles = place_of(columns, smiles_column, "smiles_column", source.name) if smiles_column is not None else None
    name = find_id(columns, -1, id_column, source.name) if id_column is not None or not titles else None

    def stream() -> Iterator[RawRow]:
        with source.open_text() as file:
            for lines in _entries(file, source.name):
                block, values = _cut(lines)
                row = tuple(values.get(field, "") for field in fields)
                title = clean_cell(lines[0]) if name is None else clean_cell(row[name])
                yield title, _smiles(block) if smiles is None else clean_cell(row[smiles]), row

    return Layout(
        columns, columns[smiles] if smiles is not None else None, columns[name] if name is not None else None, stream
    )


def _entries(file: Iterable[str], name: str) -> Iterator[list[str]]:
    """Yield the lines of each entry without line ends; the last entry may lack its $$$$."""
    lines: list[str] = []
    signs = 0
    for line in file:
        line = line.rstrip("\r\n")
        if line.startswith("$$$$"):
            yield lines or [""]
            lines, signs = [], 0
            continue
        lines.append(line)
        signs += len(line)
        if len(lines) > _MOST_LINES:
            raise ValueError(f"{name} has an entry of more than {_MOST_LINES:,} lines without $$$$; it is no sdf file")
        if signs > _MOST_SIGNS:
            raise ValueError(f"{name} has an entry of more than {_MOST_SIGNS:,} characters; it is no sdf file")
    if any(line.strip() for line in lines):
        yield lines


def _cut(lines: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Part an entry into its mol block and its data fields; the first of two fields with one name counts."""
    end = next((i for i, line in enumerate(lines) if i > 2 and line[:1] == ">" and _FIELD.match(line)), len(lines))
    values: dict[str, str] = {}
    i = end
    while i < len(lines):
        field = _FIELD.match(lines[i]) if lines[i][:1] == ">" else None
        i += 1
        if field is None:
            continue
        start = i
        # A blank line ends a value; a value may itself start with ">".
        while i < len(lines) and lines[i].strip():
            i += 1
        values.setdefault(field.group(1).strip(), "\n".join(lines[start:i]))
    return "\n".join(lines[:end]) + "\n", values


def _smiles(block: str) -> str:
    if not block.strip():
        return ""
    with BlockLogs():
        try:
            molecule = Chem.MolFromMolBlock(block)
            if molecule is None:
                molecule = Chem.MolFromMolBlock(block, sanitize=False, removeHs=False)
        except (RuntimeError, ValueError) as error:
            return f"[unreadable mol block: {' '.join(str(error).split())}]"
    return str(Chem.MolToSmiles(molecule)) if molecule is not None else "[unreadable mol block: its syntax is broken]"
