"""A genetic search for the smallest molecules that a judge still accepts.

Every round, children of the best molecules so far and of the molecules that the search began with are judged together
in one batch. What was judged once is remembered by its canonical SMILES and never judged again, so that the best are
never lost and rounds become cheaper as the search converges.

The judge is handed in: for concepts it is a network (`finding`), in tests a rule whose answer is known.
Source of the idea: Teufel and Friederich 2024, "Global Concept Explanations for Graphs by Self-Explaining Graph Neural
Networks", which judges one graph at a time.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase

from concepts.prototypes.mutations import Editable, editable, mutate

OUTSIDE: Final = 1000.0
"""Fitness of a molecule outside starts here: over any number of atoms."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of n molecules."""

    distance: npt.NDArray[np.float64]
    """Shape (n,): relative to what is allowed, at least 0; a molecule outside may be nearer than 1, for another
    reason."""
    inside: npt.NDArray[np.bool_]
    """Shape (n,): whether it is accepted."""
    importance: Sequence[npt.NDArray[np.float32]] | None = None
    """Of every atom of every molecule, in its order, at least 0; edits start where it is least. None: all alike."""


Judge = Callable[[Sequence[Chem.Mol]], Judgement]
"""From molecules that were parsed from their canonical SMILES."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How long and how widely to search."""

    population: int = 500
    """Children that are made in a round."""
    rounds: int = 25
    parents: int = 100
    """Best molecules so far that have children."""
    fresh: float = 0.2
    """Share of the children whose parent is one of the molecules that the search began with."""
    largest: int = 60
    """Heavy atoms beyond which a molecule to begin with is not taken, unless all are larger."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("population", "rounds", "parents", "largest"):
            if getattr(self, name) < 1:
                raise ValueError(f"SearchSettings.{name} is {getattr(self, name)}; expected at least 1")
        if not 0 <= self.fresh <= 1:
            raise ValueError(f"SearchSettings.fresh is {self.fresh}; expected 0 to 1")


@dataclass(slots=True)
class Candidate:
    """A judged molecule."""

    smiles: str
    """Canonical."""
    mol: Chem.Mol = field(repr=False)
    """Parsed from `smiles`."""
    fitness: float
    """Lower is better: heavy atoms plus a fraction that grows with the distance, or over `OUTSIDE`."""
    inside: bool
    importance: npt.NDArray[np.float32] | None = field(repr=False)
    round: int = 0
    """In which it was judged; 0 for those that the search began with."""
    parent: Candidate | None = field(default=None, repr=False, compare=False)
    """What it is a child of; None for those that the search began with."""
    prepared: Editable | None = field(default=None, repr=False)

    @property
    def lineage(self) -> tuple[Candidate, ...]:
        """From one that the search began with, by way of its children, to this one."""
        line = [self]
        while line[-1].parent is not None:
            line.append(line[-1].parent)
        return tuple(reversed(line))


@dataclass(frozen=True, slots=True)
class Search:
    """How a search ended."""

    candidates: tuple[Candidate, ...]
    """All molecules that are inside, best first."""
    rounds: tuple[float, ...]
    """Best fitness before the first round and after each."""
    judged: int
    """Different molecules that were judged."""


def search(judge: Judge, start: Sequence[str], settings: SearchSettings | None = None) -> Search:
    """Look for small molecules inside.

    Parameters
    ----------
    judge
        Called once a round.
    start
        Valid SMILES to begin with, best first.
    settings
        The same settings, start and judge give the same result.

    Raises
    ------
    ValueError
        If `start` is empty or holds what RDKit cannot parse.
    """
    settings = settings or SearchSettings()
    rng = random.Random(settings.seed)
    with rdBase.BlockLogs():
        founders = _judged(judge, _canonical(start))
        known = {candidate.smiles: candidate for candidate in founders}
        small = [c for c in founders if c.mol.GetNumHeavyAtoms() <= settings.largest] or founders
        parents = _best(known.values(), settings.parents)
        best = [parents[0].fitness]
        refused: set[str] = set()
        for turn in range(1, settings.rounds + 1):
            children: dict[str, Candidate] = {}
            for _ in range(settings.population):
                parent = _drawn(parents, small, settings.fresh, rng)
                child = mutate(_prepared(parent), rng)
                if child is not None and child not in known and child not in refused:
                    children.setdefault(child, parent)
            parsed = {smiles: Chem.MolFromSmiles(smiles) for smiles in children}
            refused |= {smiles for smiles, mol in parsed.items() if mol is None}
            born = _judged(judge, {smiles: mol for smiles, mol in parsed.items() if mol is not None})
            for candidate in born:
                candidate.round, candidate.parent = turn, children[candidate.smiles]
            known |= {candidate.smiles: candidate for candidate in born}
            parents = _best([*parents, *born], settings.parents)
            best.append(parents[0].fitness)
    return Search(_best([c for c in known.values() if c.inside], len(known)), tuple(best), len(known))


def _canonical(start: Sequence[str]) -> dict[str, Chem.Mol]:
    if not start:
        raise ValueError("start is empty; expected at least one SMILES")
    found: dict[str, Chem.Mol] = {}
    for row, text in enumerate(start):
        mol = Chem.MolFromSmiles(text)
        if mol is None or not mol.GetNumAtoms():
            raise ValueError(f"start[{row}] is {text[:80]!r}; expected a SMILES that RDKit can parse")
        smiles = Chem.MolToSmiles(mol)
        found.setdefault(smiles, Chem.MolFromSmiles(smiles))
    return found


def _judged(judge: Judge, mols: dict[str, Chem.Mol]) -> list[Candidate]:
    if not mols:
        return []
    said = judge(list(mols.values()))
    return [
        Candidate(
            smiles=smiles,
            mol=mol,
            fitness=_fitness(mol.GetNumHeavyAtoms(), float(said.distance[row]), bool(said.inside[row])),
            inside=bool(said.inside[row]),
            importance=None if said.importance is None else said.importance[row],
        )
        for row, (smiles, mol) in enumerate(mols.items())
    ]


def _fitness(atoms: int, distance: float, inside: bool) -> float:
    """Atoms decide among those inside, and the distance among those of one size; outside the distance decides."""
    return atoms + min(distance, 1.0) * 0.999 if inside else OUTSIDE * (1 + distance) + atoms


def _best(candidates: Iterable[Candidate], count: int) -> tuple[Candidate, ...]:
    return tuple(heapq.nsmallest(count, candidates, key=lambda candidate: (candidate.fitness, candidate.smiles)))


def _drawn(parents: Sequence[Candidate], founders: Sequence[Candidate], fresh: float, rng: random.Random) -> Candidate:
    if rng.random() < fresh:
        return rng.choice(founders)
    # The square draws the best of the parents more often.
    return parents[int(len(parents) * rng.random() ** 2)]


def _prepared(candidate: Candidate) -> Editable:
    if candidate.prepared is None:
        importance = None if candidate.importance is None else candidate.importance.tolist()
        candidate.prepared = editable(candidate.mol, importance)
    return candidate.prepared
