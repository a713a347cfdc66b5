"""A molecule that a search has made, and what a judge says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from concepts.counterfactuals.counterfactual import EditStep

Floats = npt.NDArray[np.float64]
STILL_THERE: Final = 0.8
"""Share of the evidence against a goal above which it counts as not taken away."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge says of n molecules."""

    distance: Floats
    """Shape (n,): to the goal; at most 0 where it is reached."""
    importance: Sequence[Floats] | None = None
    """Of every atom of every molecule: how much it speaks against the goal, at least 0. None: all alike."""
    evidence: Floats | None = None
    """Shape (n,): how much speaks against the goal in all, in atoms. None: where that tells nothing of the goal."""


Judge = Callable[[Sequence[Chem.Mol]], Judged]


@dataclass(slots=True)
class Candidate:
    """A molecule that the search has made."""

    smiles: str
    mol: Chem.Mol = field(repr=False)
    steps: tuple[EditStep, ...]
    origin: tuple[int, ...]
    """For every atom of `mol` its number in the start, or -1."""
    touched: frozenset[int]
    """Atoms of the start that are gone or were touched."""
    similarity: float
    distance: float
    """By the quick judge; by the careful one once `confirmed`."""
    importance: Floats | None = field(repr=False)
    evidence_left: float | None = None
    """Share of the start's evidence against the goal that is still there, 0 or more; None where that tells nothing."""
    last: tuple[str, tuple[int, ...]] | None = None
    """What the last edit was and where, if all its atoms are of the start."""
    new: frozenset[int] = frozenset()
    """Atoms of `mol` that are new or were touched."""
    confirmed: bool = False

    @property
    def evidence_stays(self) -> bool:
        """Whether what speaks against the goal was not taken away."""
        return self.evidence_left is not None and self.evidence_left > STILL_THERE

    expanded: bool = False
