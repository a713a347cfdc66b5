"""What is asked of a search for counterfactuals, by the page and by the command: checked, then searched.

Atoms are counted from 1 here, as the pictures and the names of the edits count them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import standardize
from datasets.tasks import TASKS, Task

if TYPE_CHECKING:
    from app.concepts.known import KnownConcepts
    from concepts.concept import Concept
    from concepts.counterfactuals.counterfactual import CounterfactualResult
    from concepts.counterfactuals.goals import Goal
    from megan.predictor import Predictor

MOST_COUNT, MOST_EDITS, MOST_BUDGET = 50, 5, 20_000
_ATOMS = re.compile(r"[\d\s,;-]+")
_RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
MOST_ATOMS: Final = 1000


class Aim(StrEnum):
    """What a search is after."""

    FLIP = "flip"
    """Another class."""
    MOVE = "move"
    """A value that is higher or lower by an amount."""
    LEAVE = "leave-concept"
    """A molecule that is in a named concept no more."""
    DISAGREE = "disagree"
    """Molecules on which the networks disagree: where the model knows least."""


@dataclass(frozen=True, slots=True)
class Request:
    """One search. Two requests that are equal have the same answer, unless `seconds` cuts them."""

    smiles: str
    task: str
    aim: Aim = Aim.FLIP
    to: str = ""
    """Class to reach; the first class of the task if empty."""
    by: float = 1.0
    """Amount of a move, in the task's unit; under 0 to lower the value."""
    concept: str = ""
    """Id of the concept to leave; the one that the molecule fits best if empty."""
    both: bool = False
    """Whether the other verdicts must come out as their first class too."""
    keep: str = ""
    """SMARTS, or atom numbers such as "1-4, 7"; empty to keep nothing."""
    count: int = 5
    max_edits: int = 3
    budget: int | None = None
    seconds: float | None = None


def aims_of(task: Task) -> tuple[Aim, ...]:
    """What can be asked of a task, the usual one first."""
    return (Aim.FLIP if task.kind == "classification" else Aim.MOVE, Aim.LEAVE, Aim.DISAGREE)


def check_request(request: Request, task: Task) -> None:
    """Refuse what cannot be searched.

    Raises
    ------
    ValueError
        Naming what is wrong and what was expected.
    """
    if request.aim not in aims_of(task):
        raise ValueError(f"goal is {request.aim}; expected {aims_of(task)[0]}, because {task.name} is a {task.kind}")
    if request.to and request.to not in task.classes:
        raise ValueError(f"to is {request.to!r}; expected {' or '.join(task.classes) or f'nothing for {task.name}'}")
    if request.aim is Aim.MOVE and not (request.by and math.isfinite(request.by)):
        raise ValueError(f"by is {request.by}; expected a number other than 0")
    if request.both and request.aim is not Aim.FLIP:
        raise ValueError(f"both is for verdicts, and the goal is {request.aim}; expected the goal flip")
    if request.both and request.to and request.to != task.classes[0]:
        raise ValueError(f"both asks for {task.classes[0]}, and to is {request.to!r}; expected one of them")
    if request.concept and request.aim is not Aim.LEAVE:
        raise ValueError(f"concept is {request.concept!r}, and the goal is {request.aim}; expected leave-concept")
    for name, value, most in (
        ("count", request.count, MOST_COUNT),
        ("max_edits", request.max_edits, MOST_EDITS),
        ("budget", request.budget, MOST_BUDGET),
    ):
        if value is not None and not 1 <= value <= most:
            raise ValueError(f"{name} is {value}; expected 1 to {most:,}")
    kept(request.keep)


def kept(text: str) -> str | tuple[int, ...] | None:
    """What "keep" means: atoms counted from 0, a SMARTS, or None for nothing.

    Raises
    ------
    ValueError
        If it is neither atom numbers nor SMARTS.
    """
    text = text.strip()
    if not text:
        return None
    if not _ATOMS.fullmatch(text):
        from rdkit import Chem, rdBase

        with rdBase.BlockLogs():
            pattern = Chem.MolFromSmarts(text)
        if pattern is None or not pattern.GetNumAtoms():
            raise ValueError(f"keep is {text[:80]!r}; expected a SMARTS, or atom numbers such as 1-4, 7")
        return text
    atoms: set[int] = set()
    for part in re.split(r"[\s,;]+", text.strip(" ,;")):
        found = _RANGE.fullmatch(part)
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= low <= high <= MOST_ATOMS:
            raise ValueError(f"keep holds {part[:20]!r}; expected atom numbers from 1, such as 1-4, 7")
        atoms.update(range(low - 1, high))
    return tuple(sorted(atoms))


def others_of(task: str, models: Mapping[str, Predictor]) -> list[Predictor]:
    """The models whose verdicts stand beside: those of the tasks that come with the package."""
    return [model for name, model in models.items() if name != task and model.task.name in TASKS]


def search(
    request: Request, models: Mapping[str, Predictor], concepts: KnownConcepts | None
) -> CounterfactualResult | RowProblem:
    """Look for molecules.

    Parameters
    ----------
    request
        What is asked.
    models
        By the name of the task, that of the request among them.
    concepts
        What is known of the concepts of its model; only needed to leave one.

    Raises
    ------
    ValueError
        If the request does not fit the task or the molecule; the sentence says how.
    """
    from concepts.counterfactuals.finding import find_counterfactuals
    from concepts.counterfactuals.settings import SearchSettings

    model = models[request.task]
    check_request(request, model.task)
    molecule = standardize(InputRow(0, "", request.smiles))
    if isinstance(molecule, RowProblem):
        return molecule
    return find_counterfactuals(
        request.smiles,
        model,
        goal=goal_of(request, model, molecule, concepts),
        others=others_of(request.task, models),
        both=request.both,
        keep=kept(request.keep),
        settings=SearchSettings(
            count=request.count, max_edits=request.max_edits, budget=request.budget, seconds=request.seconds
        ),
    )


def goal_of(request: Request, model: Predictor, molecule: Molecule, concepts: KnownConcepts | None) -> Goal:
    """The goal of a request that was checked.

    Raises
    ------
    ValueError
        If there is no such concept, or the molecule is in none.
    """
    from concepts.counterfactuals.goals import Disagree, Flip, LeaveConcept, Move

    if request.aim is Aim.FLIP:
        return Flip(model.task.classes.index(request.to) if request.to else 0)
    if request.aim is Aim.MOVE:
        return Move(request.by)
    if request.aim is Aim.DISAGREE:
        return Disagree()
    if concepts is None:
        raise ValueError(f"no concepts of the model of {model.task.name} are here; expected another goal")
    inside = concepts_inside(molecule, model, concepts)
    if request.concept:
        known = {concept.id: concept for concept in concepts.found}
        if request.concept not in known:
            raise ValueError(f"concept is {request.concept[:60]!r}; expected one of {', '.join(known)}")
        return LeaveConcept(concepts.found, known[request.concept])
    if not inside:
        raise ValueError("the molecule is in no concept of this model; expected another goal")
    return LeaveConcept(concepts.found, inside[0])


def concepts_inside(molecule: Molecule, model: Predictor, concepts: KnownConcepts) -> list[Concept]:
    """The concepts that a molecule is in, the one that it fits best first."""
    from datasets.featurize import featurize

    [prediction] = model.explain([molecule], featurize([molecule.smiles]))
    matches = sorted(concepts.of(prediction), key=lambda match: -match.score)
    return [match.concept for match in matches if match.concept is not None]
