"""Text to structure: reads pasted lines, and parses one SMILES or says where and why it cannot be read.

RDKit reports a bad SMILES to its log and answers None. A row needs a code and a sentence instead, so a text that RDKit
refuses is looked at again: `datasets.smiles_errors` names the place, here the chemistry problems are named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from rdkit import Chem, rdBase

from datasets.molecule import ERROR_CODES, InputRow
from datasets.smiles_errors import foreign_notation, quoted, scan

#: Most heavy atoms of one structure, all fragments together; the models saw nothing near it.
MAX_HEAVY_ATOMS: Final = 400

#: Most atoms written out in one text, explicit hydrogens included.
MAX_WRITTEN_ATOMS: Final = 4 * MAX_HEAVY_ATOMS

_LINE_END = re.compile(r"\r\n|\r|\n")
_CXSMILES = re.compile(r"\|[^|]*\|\s*")


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why a text is no structure that can be predicted."""

    code: str
    """One of `ERROR_CODES`."""
    sentence: str
    """What is wrong, for people; positions in it count from 1."""
    position: int | None = None
    """Character of the text where the error shows, counted from 1; None where no single place is to blame."""

    def __post_init__(self) -> None:
        if self.code not in ERROR_CODES:
            raise ValueError(f"ParseFailure.code is {self.code!r}; expected one of {', '.join(ERROR_CODES)}")


def read_pasted(text: str) -> list[InputRow]:
    """Read pasted text, one molecule a line: `SMILES`, then optionally a tab or space and a name.

    Blank lines are skipped and do not count; nothing is parsed yet. A CXSMILES extension (``|...|``) between SMILES
    and name is dropped.

    Parameters
    ----------
    text
        Any text; a byte order mark at its start is ignored.

    Returns
    -------
    list of InputRow
        One per line that is not blank, in order, rows counted from 0.
    """
    kept = [line for line in _LINE_END.split(text.lstrip("\ufeff")) if line.strip()]
    rows = []
    for row, line in enumerate(kept):
        smiles, _, rest = line.strip().replace("\t", " ").partition(" ")
        rows.append(InputRow(row=row, id=_CXSMILES.sub("", rest.lstrip(), count=1).strip(), text=smiles))
    return rows


def parse(text: str) -> Chem.Mol | ParseFailure:
    """Parse one SMILES; never raises and never prints.

    Parameters
    ----------
    text
        The SMILES. Surrounding white space and a CXSMILES extension after it are ignored; any other text after white
        space is an error, because a second molecule there would be lost silently.

    Returns
    -------
    rdkit.Chem.Mol or ParseFailure
        The sanitised molecule, atoms in the order of the text (explicit hydrogens merged into their neighbours); or
        why there is none.
    """
    smiles = text.strip()
    if "|" in smiles and (head_and_rest := smiles.split(maxsplit=1))[1:] and head_and_rest[1].startswith("|"):
        smiles = head_and_rest[0]
    if not smiles:
        return ParseFailure("empty", "There is no text in this row.")
    # One atom takes at least one character, so only a longer text can be too large.
    if len(smiles) > MAX_HEAVY_ATOMS and (failure := _refuse_long(smiles)) is not None:
        return failure
    # RDKit ends a text at its first white space or NUL and would read only what stands before.
    if " " in smiles or not (smiles.isascii() and smiles.isprintable()):
        return _explain(smiles)
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            return _explain(smiles)
    return _refuse_structure(mol, smiles) or mol


def _refuse_long(smiles: str) -> ParseFailure | None:
    """Look at a long text in one linear pass, so that nothing costly ever starts on it."""
    seen = scan(smiles)
    if seen.error is not None:
        return _explain(smiles)
    if seen.heavy_atoms > MAX_HEAVY_ATOMS:
        return ParseFailure("too_large", f"It has {seen.heavy_atoms} heavy atoms; the limit is {MAX_HEAVY_ATOMS}.")
    if seen.atoms > MAX_WRITTEN_ATOMS:
        return ParseFailure(
            "too_large", f"It writes out {seen.atoms} atoms, hydrogens included; the limit is {MAX_WRITTEN_ATOMS}."
        )
    return None


def _refuse_structure(mol: Chem.Mol, smiles: str) -> ParseFailure | None:
    """Refuse what parses but is no molecule to predict: dummy atoms, unknown bonds, hydrogen alone."""
    if "*" in smiles or "#0" in smiles or "[0" in smiles:
        for atom in mol.GetAtoms():
            if atom.GetAtomicNum() == 0:
                position = smiles.find("*") + 1 or None
                where = f" at position {position}" if position else ""
                return ParseFailure(
                    "unsupported_element",
                    f"The dummy atom '*'{where} stands for any atom; write the element that is meant.",
                    position,
                )
    if "~" in smiles:
        position = smiles.index("~") + 1
        return ParseFailure(
            "unsupported_element",
            f"The bond '~' at position {position} stands for any bond; write the bond that is meant.",
            position,
        )
    if mol.GetNumHeavyAtoms() == 0:
        return ParseFailure("no_heavy_atoms", "It holds hydrogen only; at least one heavier atom is needed.")
    return None


def _explain(smiles: str) -> ParseFailure:
    """Say why a text that RDKit refuses (or must not see) is no SMILES, most telling reason first."""
    arrow = smiles.replace("->", "  ").find(">")
    if "<" not in smiles and smiles.replace("->", "").count(">") == 2:
        return ParseFailure(
            "reaction",
            f"This is a reaction (the '>' at position {arrow + 1}); give its molecules one by one.",
            arrow + 1,
        )
    if (notation := foreign_notation(smiles)) is not None:
        return ParseFailure("parse_error", f"{quoted(smiles)} looks like {notation}, not a SMILES.", 1)
    seen = scan(smiles)
    if seen.error is not None:
        code = "unsupported_element" if seen.placeholder else "parse_error"
        return ParseFailure(code, seen.error, seen.position)
    return _chemistry_failure(smiles, seen.atom_positions)


def _sanitisation_problem(mol: Chem.Mol) -> tuple[Any, ...]:
    """Find what only the later steps of sanitisation stumble over, such as aromatic nitrogen with four bonds."""
    try:
        Chem.SanitizeMol(Chem.Mol(mol))
    except Chem.MolSanitizeException as stumble:
        return (stumble.cause,)  # type: ignore[attr-defined] # missing in RDKit's stubs
    return ()


def _chemistry_failure(smiles: str, atom_positions: tuple[int, ...]) -> ParseFailure:
    """Name the chemistry problem of a text whose grammar is right."""
    mol = Chem.MolFromSmiles(smiles, sanitize=False)
    if mol is None:
        return ParseFailure("parse_error", "RDKit cannot read this SMILES and names no position.")
    problems = Chem.DetectChemistryProblems(mol) or _sanitisation_problem(mol)
    if not problems or mol.GetNumAtoms() != len(atom_positions):
        return ParseFailure("parse_error", "RDKit reads this SMILES but cannot make a molecule of it.")

    def name(index: int) -> str:
        return f"atom {index + 1} ({mol.GetAtomWithIdx(index).GetSymbol()})"

    # A wrong valence is said first: an aromatic ring often fails to get its bonds just because of one.
    problem = min(problems, key=lambda found: found.GetType() != "AtomValenceException")
    kind = problem.GetType()
    if kind == "KekulizeException":
        indices = sorted(problem.GetAtomIndices())
        position = atom_positions[indices[0]]
        return ParseFailure(
            "parse_error",
            f"No alternating bonds fit the aromatic ring with {name(indices[0])} at position {position}; "
            "an [nH] or a charge may be missing.",
            position,
        )
    index = problem.GetAtomIdx()
    position = atom_positions[index]
    if kind == "AtomValenceException":
        sentence = f"At position {position}, {name(index)} has more bonds than valence allows."
    elif kind == "AtomKekulizeException":
        sentence = f"At position {position}, {name(index)} is written aromatic (lower case) but is in no ring."
    else:
        sentence = f"At position {position}, {name(index)} is not possible: {problem.Message()}"
    return ParseFailure("parse_error", sentence, position)
