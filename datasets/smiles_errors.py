"""Where the grammar of a SMILES breaks: one linear pass over the text, with the place and a sentence for people.

Only a text that is already known to be wrong, or that is too long to hand to RDKit unseen, comes here; the pass judges
grammar (OpenSMILES 1.0 as RDKit extends it) and leaves chemistry to RDKit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rdkit import Chem

_TOKEN = re.compile(
    r"(?P<bracket>\[[^\[\]]*\])"
    r"|(?P<atom>Cl|Br|[BCNOPSFIbcnops*])"
    r"|(?P<bond>->|<-|[-=#$:/\\~])"
    r"|(?P<ring>%\(\d{1,5}\)|%\d\d|\d)"
    r"|(?P<open>\()|(?P<close>\))|(?P<dot>\.)",
    re.ASCII,
)
_BRACKET = re.compile(
    r"\[\d*(?P<element>\*|\#\d{1,3}|[A-Z][a-z]?|[a-z]{1,2}|)"
    r"(?:@(?:@|(?:TH|AL|SP|TB|OH)\d{0,2})?)?(?:H\d*)?(?:\+\d+|-\d+|\+{1,2}|-{1,2})?(?::\d+)?\]",
    re.ASCII,
)
_SYMBOL = re.compile(r"[A-Z][a-z]?")
_PLACEHOLDER = re.compile(r"\[?(?:R\d*|X|A|Q|Z|Y)\]?(?![a-z])")
_AROMATIC = frozenset({"b", "c", "n", "o", "p", "s", "as", "se", "te", "si"})
_ELEMENTS: Final = frozenset(Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119))

_FOREIGN = (
    (re.compile(r"InChI=", re.IGNORECASE), "an InChI"),
    (re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]$"), "an InChIKey"),
    (re.compile(r"\d{2,7}-\d\d-\d$"), "a CAS number"),
    (re.compile(r"(?:C\d+H\d+|CH\d+)(?:[A-Z][a-z]?\d*)*$"), "a molecular formula"),
)
#: Lower-case letters that a SMILES strings together: aromatic atoms, and the second letter of Cl and Br.
_SMILES_LETTERS = frozenset("bcnopslr")
_LOWER_RUN = re.compile(r"[a-z]{4,}")
_NAME = re.compile(r"[\w\s,.'()\[\]+-]+")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a text found."""

    atoms: int
    """Atoms written out, hydrogens included, up to the error."""
    heavy_atoms: int
    """Of those, the ones that are not hydrogen."""
    atom_positions: tuple[int, ...] = ()
    """Character at which each atom starts, counted from 1, in the order of the text."""
    error: str | None = None
    """A sentence about the first break of grammar; None where there is none."""
    position: int | None = None
    """Its character, counted from 1."""
    placeholder: bool = False
    """Whether what breaks is a placeholder such as R1 rather than a slip."""


def quoted(text: str, length: int = 40) -> str:
    """Show a piece of a user's text in a sentence: escaped to printable ASCII, cut to a length in characters."""
    cut = text if len(text) <= length else text[: length - 3] + "..."
    return ascii(cut)


def foreign_notation(text: str) -> str | None:
    """Name the notation that a text is in, where it is recognisably not SMILES.

    Returns
    -------
    str or None
        "a name", "an InChI", "an InChIKey", "a CAS number" or "a molecular formula"; None where none is recognised.
    """
    for pattern, notation in _FOREIGN:
        if pattern.match(text):
            return notation
    # A slip such as l for 1 brings in one strange letter; a word brings in several different ones.
    runs = _LOWER_RUN.findall(text) if len(text) <= 200 and _NAME.fullmatch(text) else []
    return "a name" if any(len(set(run) - _SMILES_LETTERS) + ("r" in run) >= 2 for run in runs) else None


class _GrammarError(Exception):
    """The grammar breaks here; never leaves this module."""

    def __init__(self, index: int, sentence: str, *, placeholder: bool = False) -> None:
        super().__init__(sentence)
        self.position = index + 1
        self.sentence = sentence
        self.placeholder = placeholder


def scan(text: str) -> Scan:
    """Walk over a text once and report its atoms and its first break of grammar.

    Parameters
    ----------
    text
        A text without surrounding white space.

    Returns
    -------
    Scan
        Time and memory grow linearly with the text.
    """
    starts: list[int] = []
    hydrogens = [0]
    try:
        _walk(text, starts, hydrogens)
    except _GrammarError as found:
        return Scan(
            atoms=len(starts),
            heavy_atoms=len(starts) - hydrogens[0],
            atom_positions=tuple(starts),
            error=found.sentence,
            position=found.position,
            placeholder=found.placeholder,
        )
    return Scan(atoms=len(starts), heavy_atoms=len(starts) - hydrogens[0], atom_positions=tuple(starts))


def _walk(text: str, starts: list[int], hydrogens: list[int]) -> None:
    branches: list[tuple[int, int]] = []  # (index of the parenthesis, atom to return to)
    rings: dict[int, tuple[int, int]] = {}  # ring number -> (index in the text, atom)
    bonded: set[tuple[int, int]] = set()
    atom = -1
    bond = -1  # index of a bond that still waits for its atom
    previous = anchor = "start"  # kind of the last token, and of the last that was no bond
    index = 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None:
            raise _unreadable(text, index)
        kind, token = match.lastgroup, match.group()
        here = f"at position {index + 1}"
        if kind in ("atom", "bracket"):
            if kind == "bracket" and _check_bracket(token, index) == "H":
                hydrogens[0] += 1
            starts.append(index + 1)
            if atom >= 0 and previous != "dot":
                bonded.add((atom, len(starts) - 1))
            atom, bond = len(starts) - 1, -1
        elif kind == "bond":
            if bond >= 0:
                raise _GrammarError(
                    index, f"The bond {token!r} {here} follows another bond; an atom is missing between them."
                )
            if previous in ("start", "dot"):
                raise _GrammarError(index, f"The bond {token!r} {here} has no atom before it.")
            bond = index
        elif kind == "ring":
            before = anchor if previous == "bond" else previous
            if before in ("start", "dot", "open"):
                raise _GrammarError(index, f"The ring number {token!r} {here} does not follow an atom.")
            _close_ring(int(token.strip("%()")), token, index, atom, rings, bonded)
            bond = -1
        elif kind == "open":
            if previous in ("start", "dot", "bond", "open"):
                raise _GrammarError(index, f"The parenthesis {here} does not follow an atom.")
            branches.append((index, atom))
        elif kind == "close":
            if not branches:
                raise _GrammarError(index, f"The parenthesis closed {here} was never opened.")
            if previous in ("open", "bond", "dot"):
                raise _GrammarError(index, f"The branch that closes {here} does not end with an atom.")
            atom = branches.pop()[1]
        else:
            if previous in ("start", "dot", "bond", "open"):
                raise _GrammarError(index, f"The dot {here} does not follow an atom.")
        if kind != "bond":
            anchor = str(kind)
        previous = str(kind)
        index = match.end()
    if branches:
        index = branches[-1][0]
        raise _GrammarError(index, f"The parenthesis opened at position {index + 1} is never closed.")
    if previous in ("bond", "dot"):
        raise _GrammarError(len(text) - 1, f"The text ends at position {len(text)} where another atom is expected.")
    if rings:
        number, (index, _) = min(rings.items(), key=lambda item: item[1])
        raise _GrammarError(index, f"Ring {number}, opened at position {index + 1}, is never closed.")


def _close_ring(
    number: int,
    token: str,
    index: int,
    atom: int,
    rings: dict[int, tuple[int, int]],
    bonded: set[tuple[int, int]],
) -> None:
    if number not in rings:
        rings[number] = (index, atom)
        return
    other = rings.pop(number)[1]
    pair = (min(other, atom), max(other, atom))
    if other == atom:
        raise _GrammarError(index, f"Ring number {token!r} at position {index + 1} bonds an atom to itself.")
    if pair in bonded:
        raise _GrammarError(
            index, f"Ring number {token!r} at position {index + 1} bonds two atoms that are bonded already."
        )
    bonded.add(pair)


def _check_bracket(token: str, index: int) -> str:
    """Return the element of a bracket atom, or break at what is wrong in it."""
    match = _BRACKET.fullmatch(token)
    element = match["element"] if match else ""
    if element in _ELEMENTS or element in _AROMATIC or element == "*":
        return element
    if match and element.startswith("#") and 0 <= int(element[1:]) <= 118:
        return element
    if _PLACEHOLDER.fullmatch(token):
        raise _GrammarError(
            index,
            f"{quoted(token)} at position {index + 1} stands for a group, not an atom; write the atoms that are meant.",
            placeholder=True,
        )
    # [Cx] names an unknown element; [CHx] names carbon and goes on unreadably.
    if match and element:
        index += match.start("element")
        raise _GrammarError(index, f"There is no element {element!r} (position {index + 1}).")
    raise _GrammarError(index, f"The bracket atom {quoted(token)} at position {index + 1} cannot be read.")


def _unreadable(text: str, index: int) -> _GrammarError:
    """Say what is wrong with the character that starts no token."""
    character, position = text[index], index + 1
    if character == "[":
        return _GrammarError(index, f"The bracket opened at position {position} is never closed.")
    if character == "]":
        return _GrammarError(index, f"The bracket closed at position {position} was never opened.")
    if character == "%":
        return _GrammarError(index, f"The '%' at position {position} must be followed by two digits.")
    if character.isspace():
        return _GrammarError(
            index, f"There is white space at position {position}; one SMILES without spaces is expected."
        )
    if character == ">":
        return _GrammarError(index, f"The '>' at position {position} belongs to a reaction, not to a molecule.")
    if not (character.isascii() and character.isprintable()):
        return _GrammarError(
            index, f"The character U+{ord(character):04X} at position {position} is not part of SMILES."
        )
    if character in "RX" and (placeholder := _PLACEHOLDER.match(text, index)):
        return _GrammarError(
            index,
            f"{placeholder.group()!r} at position {position} stands for a group, not an atom; "
            "write the atoms that are meant.",
            placeholder=True,
        )
    # In CNa the walk stops at the a, so the letter before it may belong to the symbol.
    for start in (index - 1, index):
        symbol = _SYMBOL.match(text, start) if start >= 0 else None
        if symbol and symbol.end() > index and (name := symbol.group()) in _ELEMENTS:
            return _GrammarError(
                start, f"The element {name} at position {start + 1} must stand in brackets, as in [{name}]."
            )
    return _GrammarError(index, f"The character {character!r} at position {position} is not part of SMILES.")
