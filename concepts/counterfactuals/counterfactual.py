"""The values that a search for counterfactuals hands out. All are frozen."""

from __future__ import annotations

from dataclasses import dataclass

from datasets.alerts import Alert
from datasets.molecule import Molecule
from megan.prediction import Domain


@dataclass(frozen=True, slots=True)
class EditStep:
    """One edit on the way."""

    kind: str
    """A value of `concepts.edits.plan.Kind`."""
    name: str
    """For people; atoms are those of the start, counted from 1."""
    atoms: tuple[int, ...]
    """Atoms of the start that it touches, counted from 0; those that an earlier edit brought in are left out."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a committee says of a molecule for one task."""

    output: float
    """Calibrated probability of the positive class, 0 to 1; or the value in the task's unit."""
    spread: float
    """Standard deviation of the members' outputs."""
    agreement: float
    """Share of the members on the committee's side of the threshold, 0 to 1; 1 for a regression."""
    verdict: str
    """Class name, or the value with its unit."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A molecule near the start, and what came of the edits."""

    smiles: str
    """Standardised."""
    edits: tuple[EditStep, ...]
    """In the order in which they were made."""
    before: dict[str, Outlook]
    """Of the start, by task."""
    after: dict[str, Outlook]
    flips: bool
    """Whether the goal is reached."""
    similarity: float
    """Tanimoto similarity to the start, 0 to 1: Morgan, radius 2, counted, since bits do not see half a molecule go."""
    sa_score: float | None
    """Synthetic accessibility, 1 easy to 10 hard; None where RDKit comes without it."""
    sa_before: float | None
    """The same of the start."""
    domain: dict[str, Domain]
    """By task: how near it is to what was measured, and its record if it was measured itself."""
    new_alerts: tuple[Alert, ...]
    """Published alerts that the start has fewer of."""
    why: str
    """Why it was chosen, in a sentence."""
    origin: tuple[int, ...]
    """For every atom of `smiles` its number in the start's SMILES, or -1 for a new one: what aligns the pair."""
    changed: tuple[int, ...]
    """Atoms of `smiles` that are new or were touched."""
    changed_before: tuple[int, ...]
    """Atoms of the start that are gone or were touched."""
    evidence_left: float | None = None
    """What the masks show for the verdict that was to go, as a share of what they showed in the start, 0 or more; None
    where another goal was searched for. Near 1, the reason of the verdict before is still there."""

    @property
    def in_domain(self) -> bool:
        """Whether every task has seen something near it."""
        return all(domain.inside for domain in self.domain.values())

    @property
    def sa_not_worse(self) -> bool:
        """Whether it looks no harder to make than the start; True where nothing can be said."""
        if self.sa_score is None or self.sa_before is None:
            return True
        return self.sa_score <= self.sa_before + SA_ROUNDING


@dataclass(frozen=True, slots=True)
class Start:
    """What the search began with."""

    molecule: Molecule
    """Standardised, with a note on every change."""
    outlook: dict[str, Outlook]
    """By task."""
    sa_score: float | None
    domain: dict[str, Domain]
    """By task."""


@dataclass(frozen=True, slots=True)
class CounterfactualResult:
    """How a search ended."""

    start: Start
    found: tuple[Counterfactual, ...]
    """Molecules that reach the goal, the most recommended first; never more than asked."""
    closest: Counterfactual | None
    """Where none reaches it: the molecule that comes nearest to it, if there is any."""
    sentence: str
    """What came out, for people."""
    predictions: int
    """Molecules that networks were asked about; one that was asked about twice counts twice."""
    seconds: float


SA_ROUNDING = 0.05
"""A difference of synthetic accessibility that says nothing."""
