"""How widely a search for counterfactuals looks, and what it asks of what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from datasets.standardize import Policy

ATOMS_OF_A_BUDGET: Final = 80_000
"""Where no budget is given, predictions times atoms of the start make about this."""
LEAST_BUDGET, MOST_BUDGET = 400, 3000


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """What bounds a search; the same settings without `seconds` give the same result."""

    count: int = 5
    """Molecules to show at most."""
    max_edits: int = 3
    budget: int | None = None
    """Predictions; None takes a number that falls with the size of the molecule."""
    seconds: float | None = None
    """No new round begins after this; None for no limit in time."""
    least_similarity: float = 0.2
    """Tanimoto similarity to the start under which nothing is looked at."""
    fair_share: float = 0.25
    """Share of each later round that is drawn from all edits, wherever the evidence is."""
    frontier_members: int | None = None
    """Networks that judge the frontier; None for the default."""
    policy: Policy = Policy.PARENT
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("count", "max_edits"):
            if getattr(self, name) < 1:
                raise ValueError(f"SearchSettings.{name} is {getattr(self, name)}; expected at least 1")
        if self.budget is not None and self.budget < 1:
            raise ValueError(f"SearchSettings.budget is {self.budget}; expected at least 1")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"SearchSettings.seconds is {self.seconds}; expected a number above 0")
        if self.frontier_members is not None and self.frontier_members < 1:
            raise ValueError(f"SearchSettings.frontier_members is {self.frontier_members}; expected at least 1")
        for name in ("least_similarity", "fair_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"SearchSettings.{name} is {getattr(self, name)}; expected 0 to 1")

    def predictions(self, atoms: int) -> int:
        """The budget for a molecule of so many heavy atoms."""
        if self.budget is not None:
            return self.budget
        return min(max(ATOMS_OF_A_BUDGET // max(atoms, 1), LEAST_BUDGET), MOST_BUDGET)
