"""What became of the rows of a user's own table: counts, and the sentences that tell them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableReport:
    """What became of a table's rows. All fields but `kept` and `conflicting_molecules` count rows."""

    rows: int
    no_label: int = 0
    """Label empty, NaN or the like."""
    odd_label: int = 0
    """Label of a regression that is no finite number."""
    no_split: int = 0
    """Text in the split column that names no split."""
    no_structure: int = 0
    """SMILES that cannot be read."""
    merged: int = 0
    """Further rows of a molecule that agree with its first."""
    conflicting: int = 0
    """Rows of molecules whose labels (or splits) contradict each other; all of them are left out."""
    conflicting_molecules: int = 0
    kept: int = 0
    """Molecules that are left."""
    split: str = "scaffold"
    """scaffold, random, or the name of the user's column."""

    @property
    def dropped(self) -> int:
        """Rows that do not count: all but the kept and the merged ones."""
        return self.rows - self.kept - self.merged

    def sentences(self) -> list[str]:
        """What a reader should know, most important first; empty counts are not mentioned."""
        said = [f"{counted(self.rows, 'row')} in the table, {counted(self.kept, 'molecule')} kept."]
        for count, what in (
            (self.no_label, "left out: no label"),
            (self.odd_label, "left out: the label is no number"),
            (self.no_split, "left out: the split is not train, valid or test"),
            (self.no_structure, "left out: the SMILES cannot be read"),
        ):
            if count:
                said.append(f"{counted(count, 'row')} {what}.")
        if self.conflicting:
            said.append(
                f"{counted(self.conflicting, 'row')} left out: {counted(self.conflicting_molecules, 'molecule')} with "
                "contradicting labels."
            )
        if self.merged:
            said.append(f"{counted(self.merged, 'row')} merged: the same molecule again, with an agreeing label.")
        if self.split == "random":
            said.append(
                "Split at random: its scaffolds cannot fill train, valid and test. The scores will flatter the model."
            )
        elif self.split == "scaffold":
            said.append("Split by scaffold: no ring system is both learned and judged.")
        else:
            said.append(f"Split by the column {self.split!r}.")
        return said

    def record(self) -> dict[str, int | str | list[str]]:
        """As plain values for a card."""
        return {**dataclasses.asdict(self), "sentences": self.sentences()}

    def left_out(self) -> str:
        """In brackets, why rows are missing; empty if none is."""
        parts = [
            f"{count} {what}"
            for count, what in (
                (self.no_label, "without a label"),
                (self.odd_label, "with a label that is no number"),
                (self.no_split, "without a split"),
                (self.no_structure, "with a SMILES that cannot be read"),
                (self.conflicting, "with contradicting labels"),
                (self.merged, "repeated"),
            )
            if count
        ]
        return f" (of {counted(self.rows, 'row')}; {', '.join(parts)})" if parts else ""


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 row", "2 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
