"""What one input row becomes: a standardised molecule, or the reason why it could not be one.

Row problems are data, never exceptions: the number and the order of rows out equal those of the rows in.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Codes of a row that could not be predicted.
ERROR_CODES = (
    "empty",
    "parse_error",
    "reaction",
    "no_heavy_atoms",
    "unsupported_element",
    "too_large",
    # Only where many rows are screened, which one must not hold up:
    "timeout",
    "crashed",
)

#: Codes of a row that was predicted, after something was changed or with something to know about it.
WARNING_CODES = (
    "mixture_kept_largest",
    "salt_stripped",
    "charge_neutralised",
    "unusual_element",
    "duplicate_of_row",
)


@dataclass(frozen=True, slots=True)
class InputRow:
    """One structure as it was handed over, before any chemistry."""

    row: int
    """Position in the input, counted from 0."""
    id: str
    """The user's name for it; an empty string where none was given."""
    text: str
    """The SMILES as given, without surrounding white space."""


@dataclass(frozen=True, slots=True)
class RowNote:
    """Something that standardisation changed or noticed; one of `WARNING_CODES` and a sentence for people."""

    code: str
    sentence: str

    def __post_init__(self) -> None:
        if self.code not in WARNING_CODES:
            raise ValueError(f"RowNote.code is {self.code!r}; expected one of {', '.join(WARNING_CODES)}")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not become a molecule; one of `ERROR_CODES` and a sentence for people."""

    row: int
    id: str
    given: str
    code: str
    sentence: str

    def __post_init__(self) -> None:
        if self.code not in ERROR_CODES:
            raise ValueError(f"RowProblem.code is {self.code!r}; expected one of {', '.join(ERROR_CODES)}")


@dataclass(frozen=True, slots=True)
class Molecule:
    """A standardised structure, ready for the featuriser."""

    row: int
    """Position in the input, counted from 0."""
    id: str
    """The user's name for it; an empty string where none was given."""
    given: str
    """The SMILES as given."""
    smiles: str
    """Canonical SMILES of the structure that is predicted; its atom order is the order of every mask."""
    inchikey: str
    """InChIKey of that structure (27 characters); its first 14 name the skeleton."""
    notes: tuple[RowNote, ...] = ()
    """What standardisation changed, in the order in which it happened."""
