"""The smallest changes of a molecule that change its verdict, as a chemist would draw them.

    result = find_counterfactuals("O=[N+]([O-])c1ccc(C)cc1", Predictor.load("mutagenicity"))
    for found in result.found:
        found.smiles, found.edits[0].name, found.after["mutagenicity"].output

Edits are made by `concepts.edits`, searched by `edit_search`, chosen by `choice`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
from rdkit import Chem

from concepts.counterfactuals.candidate import Judge, Judged
from concepts.counterfactuals.choice import Panel, Target, choose, domains, members_for, outlook, readings
from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult, Start
from concepts.counterfactuals.edit_search import Found, search
from concepts.counterfactuals.goals import (
    Disagree,
    Flip,
    Goal,
    LeaveConcept,
    Move,
    check_goal,
    distance,
    evidence_channels,
)
from concepts.counterfactuals.kept_part import KeptPart, kept_part
from concepts.counterfactuals.settings import SearchSettings
from concepts.counterfactuals.synthetic_accessibility import sa_score
from datasets.featurize import featurize_mols
from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import standardize
from megan.committee import ask
from megan.predictor import Predictor

MOVE: Final = 1.0
"""By how much a value moves unless asked otherwise, in the task's unit."""
FRONTIER_MEMBERS: Final = 1
"""Networks that judge the frontier unless asked otherwise."""


def find_counterfactuals(
    smiles: str,
    predictor: Predictor,
    *,
    goal: Goal | None = None,
    others: Sequence[Predictor] = (),
    both: bool = False,
    keep: str | Sequence[int] | None = None,
    settings: SearchSettings | None = None,
) -> CounterfactualResult | RowProblem:
    """Molecules near a given one that reach a goal.

    Parameters
    ----------
    smiles
        Any text.
    predictor
        Of the task that the goal is about.
    goal
        By default `Flip` to class 0, and for a regression `Move` up by `MOVE`. Where no molecule passes the threshold
        by the margin, those that pass it by less are shown, and the sentence says so.
    others
        Predictors of further tasks, which are reported, and should not get worse.
    both
        Whether the classifications among `others` must come out as class 0 too; with it, a start that is there for
        one task already is searched for the other.
    keep
        What must stay: SMARTS, or atoms of the standardised SMILES, counted from 0. New neighbours may be hung on it.
    settings
        How widely to search.

    Returns
    -------
    CounterfactualResult or RowProblem
        A RowProblem for text that is no molecule. No molecule found is a result, with the closest approach.

    Raises
    ------
    ValueError
        If the goal does not fit the predictor, a task is given twice, or `keep` is no SMARTS or out of range.
    """
    began = time.perf_counter()
    settings = settings or SearchSettings()
    panel = _panel(predictor, goal, others, both)
    molecule = standardize(InputRow(0, "", smiles), settings.policy)
    if isinstance(molecule, RowProblem):
        return molecule
    mol = Chem.MolFromSmiles(molecule.smiles)
    part = None if keep is None else kept_part(mol, keep)
    start, far = _start(panel, molecule, mol)
    if keep is not None and part is None:
        shown = keep if isinstance(keep, str) else "no atom"
        return _nothing(start, f"The part to keep, {shown}, is not in this molecule; nothing was searched.", began)
    if far <= 0:
        return _nothing(start, _already(panel, start), began)
    found = search(mol, _judge(panel, start, settings, quick=True), _judge(panel, start, settings), settings, part)
    return _result(panel, start, found, settings, part, began)


def stress_test(
    smiles: str, predictor: Predictor, *, at_least: float = 0.15, settings: SearchSettings | None = None
) -> CounterfactualResult | RowProblem:
    """The nearest molecules on which the committee disagrees: where the model knows least.

    Parameters
    ----------
    smiles, predictor, settings
        As in `find_counterfactuals`.
    at_least
        Standard deviation of the members' outputs from which they count as disagreeing.
    """
    return find_counterfactuals(smiles, predictor, goal=Disagree(at_least), settings=settings)


def _panel(predictor: Predictor, goal: Goal | None, others: Sequence[Predictor], both: bool) -> Panel:
    names = [p.task.name for p in (predictor, *others)]
    if len(set(names)) < len(names):
        raise ValueError(f"others are {', '.join(names[1:])}; expected each task once, and not {names[0]}")
    if goal is None:
        goal = Flip() if predictor.task.kind == "classification" else Move(MOVE)
    check_goal(goal, predictor)
    targets = [Target(predictor, goal)]
    watched = list(others)
    if both:
        margin = goal.margin if isinstance(goal, Flip) else Flip().margin
        targets += [Target(p, Flip(0, margin)) for p in others if p.task.kind == "classification"]
        watched = [p for p in others if p.task.kind != "classification"]
    return Panel(tuple(targets), tuple(watched))


def _start(panel: Panel, molecule: Molecule, mol: Chem.Mol) -> tuple[Start, float]:
    said, far = readings(panel, [mol])
    outlooks = {p.task.name: outlook(p, said[p.task.name], 0) for p in panel.predictors}
    return Start(molecule, outlooks, sa_score(mol), domains(panel, molecule.smiles)), float(far[0])


def _judge(panel: Panel, start: Start, settings: SearchSettings, *, quick: bool = False) -> Judge:
    """All targets at once: distances that are not reached add up; where all are, the least sure one counts."""
    telling = all(isinstance(target.goal, Flip) and target.goal.wanted == 0 for target in panel.targets)

    def judge(mols: Sequence[Chem.Mol]) -> Judged:
        batch = featurize_mols(mols)
        distances, importance = [], np.zeros(int(batch.atom_offsets[-1]))
        for target in panel.targets:
            members = members_for(target.predictor, target.goal)
            if quick and not isinstance(target.goal, Disagree):
                members = members[: settings.frontier_members or FRONTIER_MEMBERS]
            answer = ask(members, batch)
            before = start.outlook[target.predictor.task.name].output
            distances.append(distance(target.goal, target.predictor, answer, before))
            channels = evidence_channels(target.goal, answer.node_importance.shape[1])
            importance += answer.node_importance[:, list(channels)].max(axis=1)
        stacked = np.stack(distances)
        far = np.where((stacked > 0).any(axis=0), np.maximum(stacked, 0).sum(axis=0), stacked.max(axis=0))
        of_each = np.split(importance, batch.atom_offsets[1:-1])
        return Judged(far, of_each, np.array([one.sum() for one in of_each]) if telling else None)

    return judge


def _result(
    panel: Panel, start: Start, found: Found, settings: SearchSettings, part: KeptPart | None, began: float
) -> CounterfactualResult:
    chosen = choose(panel, start, found.reached, settings.count, settings.policy)
    by_less = ""
    if not chosen and (margins := _margins(panel)):
        # A verdict that flips by less than the margin is worth more than none.
        chosen = choose(_without_margins(panel), start, found.missed, settings.count, settings.policy)
        by_less = f", but by less than the margin of {max(margins):.2f}" if chosen else ""
    closest: Counterfactual | None = None
    if not chosen:
        nearest = choose(panel, start, [*found.missed, *found.reached], 1, settings.policy, reaching=False)
        closest = nearest[0] if nearest else None
    if chosen:
        steps = min(len(c.edits) for c in chosen)
        near = _there_by_less(panel, start)
        many = f"{len(chosen)} molecule{'s' if len(chosen) > 1 else ''} within {settings.max_edits} edits"
        sentence = f"{near}{many} {_reach(panel, len(chosen))}{by_less}; the smallest change takes {_edits(steps)}."
    elif closest is not None:
        name = panel.targets[0].predictor.task.name
        sentence = (
            f"No molecule within {_edits(settings.max_edits)} and {found.predictions} predictions "
            f"{_reach(panel, 1)}; the closest comes to {_said(panel.targets[0].predictor, closest.after[name].output)}."
        )
    elif part is not None and found.edits_possible is False:
        sentence = "No edit leaves the part to keep as it is; nothing was found."
    else:
        sentence = "No edit of this molecule gives a molecule that could be searched; nothing was found."
    return CounterfactualResult(start, chosen, closest, sentence, found.predictions, time.perf_counter() - began)


def _there_by_less(panel: Panel, start: Start) -> str:
    """Where the start has the wanted verdict already, only not by the margin: a sentence before the other one."""
    goal, predictor = panel.targets[0].goal, panel.targets[0].predictor
    said = start.outlook[predictor.task.name]
    if len(panel.targets) > 1 or not isinstance(goal, Flip) or said.verdict != predictor.task.classes[goal.wanted]:
        return ""
    return (
        f"The start is predicted {said.verdict} already ({_said(predictor, said.output)}), but by less than the "
        f"margin of {goal.margin:.2f}. "
    )


def _margins(panel: Panel) -> list[float]:
    return [target.goal.margin for target in panel.targets if isinstance(target.goal, Flip) and target.goal.margin]


def _without_margins(panel: Panel) -> Panel:
    targets = [
        Target(t.predictor, dataclasses.replace(t.goal, margin=0.0)) if isinstance(t.goal, Flip) else t
        for t in panel.targets
    ]
    return Panel(tuple(targets), panel.watched)


def _nothing(start: Start, sentence: str, began: float) -> CounterfactualResult:
    return CounterfactualResult(start, (), None, sentence, 1, time.perf_counter() - began)


def _already(panel: Panel, start: Start) -> str:
    target = panel.targets[0]
    said = start.outlook[target.predictor.task.name]
    if isinstance(target.goal, Flip):
        return (
            f"It is predicted {said.verdict} already ({_said(target.predictor, said.output)}), with the margin that "
            "was asked for; there is nothing to change."
        )
    if isinstance(target.goal, LeaveConcept):
        return f"It is not in the concept {target.goal.concept.id}; there is nothing to leave."
    return f"The committee disagrees on this very molecule already (spread {said.spread:.2f})."


def _reach(panel: Panel, count: int) -> str:
    """The goal as the end of a sentence about molecules."""
    one = count == 1
    goal, task = panel.targets[0].goal, panel.targets[0].predictor.task
    if isinstance(goal, Flip):
        classes = [target.predictor.task.classes[getattr(target.goal, "wanted", 0)] for target in panel.targets]
        return f"{'is' if one else 'are'} predicted {' and '.join(classes)}"
    if isinstance(goal, Move):
        return f"{'moves' if one else 'move'} {task.name} by {goal.by:+.2f} {task.unit}".rstrip()
    if isinstance(goal, LeaveConcept):
        return f"{'leaves' if one else 'leave'} the concept {goal.concept.id}"
    return f"{'divides' if one else 'divide'} the committee (spread of at least {goal.at_least:.2f})"


def _said(predictor: Predictor, output: float) -> str:
    if predictor.task.kind == "regression":
        return f"{output:.2f} {predictor.task.unit}".rstrip()
    return f"probability {output:.2f} of {predictor.task.positive}"


def _edits(count: int) -> str:
    return "one edit" if count == 1 else f"{count} edits"
