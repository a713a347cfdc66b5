"""From what a search reached to the few molecules that are shown: judged anew from their SMILES, scored, chosen.

Shown are molecules that no other one beats in every respect: few edits, similarity, a committee that agrees, the
domain, synthetic accessibility, alerts, the other endpoints, the evidence that is left. Among those, the ones that
differ in kind and place. Where they are fewer than asked, those follow that only they beat. After the first one, those
whose evidence stays come behind the others, however different they are: a change where nothing spoke for the verdict is
more often an error of the networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi

from concepts.counterfactuals.candidate import Candidate
from concepts.counterfactuals.candidate_scores import (
    EDIT,
    EVIDENCE,
    SURE,
    Scores,
    harder,
    making_cost,
    nearest_similarity,
    new_alerts,
    worse,
)
from concepts.counterfactuals.counterfactual import Counterfactual, Outlook, Start
from concepts.counterfactuals.goals import Disagree, Goal, LeaveConcept, Reading, distance, read
from concepts.counterfactuals.pareto import choose_different, pareto_front
from concepts.counterfactuals.synthetic_accessibility import sa_score
from datasets.alerts import Alert, find_alerts
from datasets.featurize import featurize_mols
from datasets.standardize import Policy, parent_smiles
from megan.committee import ask
from megan.domain import describe_domain
from megan.model import Megan
from megan.prediction import Domain
from megan.predictor import Predictor

MOST_SCORED: Final = 32
"""Molecules that are scored in full."""
ALIKE: Final = 0.25
"""What a molecule loses in the choice that shares all its kinds and places with one already chosen."""


@dataclass(frozen=True, slots=True)
class Target:
    """A predictor, and what shall become of its output."""

    predictor: Predictor
    goal: Goal


@dataclass(frozen=True, slots=True)
class Panel:
    """Everybody who is asked about a molecule."""

    targets: tuple[Target, ...]
    """The first one is what the search is about; all must be reached."""
    watched: tuple[Predictor, ...]
    """Endpoints that shall not get worse."""

    @property
    def predictors(self) -> tuple[Predictor, ...]:
        """All of them, the targets first."""
        return (*(target.predictor for target in self.targets), *self.watched)


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    smiles: str
    mol: Chem.Mol
    order: tuple[int, ...]
    """For every atom of `mol` its number in `candidate.mol`."""
    after: dict[str, Outlook]
    distance: float
    sa_score: float | None
    alerts: tuple[Alert, ...]
    scores: Scores


def readings(
    panel: Panel, mols: Sequence[Chem.Mol], starts: Mapping[str, float] | None = None
) -> tuple[dict[str, Reading], np.ndarray]:
    """What all say of molecules, by task, and the largest distance to any of the goals, (n,).

    Parameters
    ----------
    panel
        Whom to ask.
    mols
        Parsed from standardised SMILES.
    starts
        Outputs for the start by task; None where these are the start.
    """
    batch = featurize_mols(mols)
    found: dict[str, Reading] = {}
    far = np.full(len(mols), -np.inf)
    goals = {target.predictor.task.name: target.goal for target in panel.targets}
    for predictor in panel.predictors:
        name = predictor.task.name
        answer = ask(members_for(predictor, goals.get(name)), batch)
        found[name] = read(predictor, answer)
        if name in goals:
            start = float(found[name].output[0]) if starts is None else starts[name]
            far = np.maximum(far, distance(goals[name], predictor, answer, start))
    return found, far


def members_for(predictor: Predictor, goal: Goal | None) -> tuple[Megan, ...]:
    """The committee; for a concept the network first whose embeddings the concepts are made of."""
    members = predictor.bundle.members
    if not isinstance(goal, LeaveConcept):
        return members
    own = goal.found.filters.member
    return (members[own], *members[:own], *members[own + 1 :])


def outlook(predictor: Predictor, reading: Reading, row: int) -> Outlook:
    """One molecule's reading, for people."""
    output, members = float(reading.output[row]), reading.members[:, row]
    threshold = predictor.threshold
    if threshold is None:
        return Outlook(output, float(members.std()), 1.0, f"{output:.2f} {predictor.task.unit}".rstrip())
    side = (members >= threshold) == (output >= threshold)
    return Outlook(output, float(members.std()), float(side.mean()), predictor.task.classes[int(output >= threshold)])


def domains(panel: Panel, smiles: str) -> dict[str, Domain]:
    """How near a molecule is to what was measured, by task."""
    with rdBase.BlockLogs():
        inchikey = rdinchi.MolToInchiKey(Chem.MolFromSmiles(smiles))
    return {
        p.task.name: describe_domain(p.bundle.measured, smiles, inchikey, float(p.card["domain"]["similarity_limit"]))
        for p in panel.predictors
    }


def choose(
    panel: Panel, start: Start, candidates: Sequence[Candidate], count: int, policy: Policy, *, reaching: bool = True
) -> tuple[Counterfactual, ...]:
    """The molecules to show, most recommended first.

    Parameters
    ----------
    panel
        Whom to ask.
    start
        What the search began with.
    candidates
        The most promising ones are looked at; if none reaches the goal, the first ones.
    count
        How many to return at most.
    policy
        How SMILES are standardised.
    reaching
        Whether only molecules that reach the goal are wanted; otherwise those that come nearest to it.
    """
    with rdBase.BlockLogs():
        scored = _scored(panel, start, _looked_at(candidates, start) if reaching else candidates[:MOST_SCORED], policy)
    if reaching:
        scored = [s for s in scored if s.distance <= 0]
    if not scored:
        return ()
    if reaching:
        picked = _picked(panel, scored, count)
    else:
        picked = sorted(scored, key=lambda s: (s.distance, -s.scores.worth()))[:count]
    return tuple(_shown(panel, start, picked, place, reaching) for place in range(len(picked)))


def _picked(panel: Panel, scored: Sequence[_Scored], count: int) -> list[_Scored]:
    """The choice in its order: the most worthy, then others whose evidence is gone, then those whose evidence stays."""
    picked = _front_by_front(panel, scored, 1, [])
    rest = [s for s in scored if s is not picked[0]]
    for stays in (False, True):
        picked = _front_by_front(panel, [s for s in rest if s.candidate.evidence_stays is stays], count, picked)
    return picked


def _front_by_front(panel: Panel, scored: Sequence[_Scored], count: int, picked: list[_Scored]) -> list[_Scored]:
    """So many, from the front of those that none beats, then from the next one; after those picked already."""
    rest = list(scored)
    while rest and len(picked) < count:
        on_front = pareto_front([_costs(panel, s) for s in rest])
        front = [s for s, kept in zip(rest, on_front, strict=True) if kept]
        rest = [s for s, kept in zip(rest, on_front, strict=True) if not kept]
        chosen = choose_different(
            [_worth(panel, s) for s in front],
            [_traits(s) for s in front],
            count - len(picked),
            ALIKE,
            [_traits(s) for s in picked],
        )
        picked = [*picked, *(front[i] for i in chosen)]
    return picked


def _costs(panel: Panel, scored: _Scored) -> tuple[float, ...]:
    return scored.scores.costs(disagreement_wanted=isinstance(panel.targets[0].goal, Disagree))


def _traits(scored: _Scored) -> frozenset[str]:
    return frozenset(t for step in scored.candidate.steps for t in (step.kind, *map(str, step.atoms)))


def _looked_at(candidates: Sequence[Candidate], start: Start) -> list[Candidate]:
    """The most promising ones; half of the places are for those whose evidence is gone, if there are so many."""
    ordered = sorted(candidates, key=lambda c: (-_first_look(c, start), c.smiles))
    gone = [c for c in ordered if not c.evidence_stays]
    stays = [c for c in ordered if c.evidence_stays]
    places = max(MOST_SCORED // 2, MOST_SCORED - len(gone))
    chosen = {c.smiles for c in (*stays[:places], *gone)}
    return [c for c in ordered if c.smiles in chosen][:MOST_SCORED]


def _first_look(candidate: Candidate, start: Start) -> float:
    """What is known of a molecule's worth before it is scored in full."""
    harder_by = harder(sa_score(candidate.mol), start.sa_score)
    evidence = EVIDENCE * min(candidate.evidence_left or 0.0, 1.0)
    return candidate.similarity - EDIT * (len(candidate.steps) - 1) - making_cost(harder_by) - evidence


def _worth(panel: Panel, scored: _Scored) -> float:
    """In a stress test disagreement is wanted, so that it costs nothing and more of it is better."""
    if isinstance(panel.targets[0].goal, Disagree):
        return scored.scores.similarity + scored.scores.spread
    return scored.scores.worth()


def _scored(panel: Panel, start: Start, candidates: Sequence[Candidate], policy: Policy) -> list[_Scored]:
    read_again = [(c, *again) for c in candidates if (again := _read_again(c, policy)) is not None]
    if not read_again:
        return []
    mols = [mol for _, _, mol, _ in read_again]
    before = {name: o.output for name, o in start.outlook.items()}
    said, far = readings(panel, mols, before)
    main = panel.targets[0].predictor.task.name
    alerts = find_alerts(start.molecule.smiles)
    nearest = {p.task.name: nearest_similarity(p, [s for _, s, _, _ in read_again]) for p in panel.predictors}
    found = []
    for row, (candidate, smiles, mol, order) in enumerate(read_again):
        after = {p.task.name: outlook(p, said[p.task.name], row) for p in panel.predictors}
        score, fresh = sa_score(mol), new_alerts(alerts, smiles)
        found.append(
            _Scored(
                candidate, smiles, mol, order, after, float(far[row]), score, fresh,
                Scores(
                    edits=len(candidate.steps),
                    similarity=candidate.similarity,
                    harder=harder(score, start.sa_score),
                    outside=sum(
                        nearest[p.task.name][row] < float(p.card["domain"]["similarity_limit"])
                        for p in panel.predictors
                    ),
                    alerts=len(fresh),
                    dissent=1 - min(after[t.predictor.task.name].agreement for t in panel.targets),
                    spread=after[main].spread,
                    other_worse=sum(
                        worse(p, before[p.task.name], after[p.task.name].output) for p in panel.watched
                    ),
                    evidence_left=min(candidate.evidence_left or 0.0, 1.0),
                    beyond=min(max(-float(far[row]), 0.0), SURE),
                ),
            )
        )  # fmt: skip
    return found


def _read_again(candidate: Candidate, policy: Policy) -> tuple[str, Chem.Mol, tuple[int, ...]] | None:
    """Standardise and parse what the search made, as if a user had typed it; None where that is another molecule."""
    smiles = parent_smiles(candidate.smiles, policy)
    mol = None if smiles is None else Chem.MolFromSmiles(smiles)
    if smiles is None or mol is None or mol.GetNumAtoms() != candidate.mol.GetNumAtoms():
        return None
    if smiles == candidate.smiles:
        # Written again, because the order is noted on the molecule that is written.
        Chem.MolToSmiles(candidate.mol)
        order = candidate.mol.GetPropsAsDict(True, True)["_smilesAtomOutputOrder"]
        return smiles, mol, tuple(order)
    match = mol.GetSubstructMatch(candidate.mol)
    if len(match) != mol.GetNumAtoms():
        return None
    return smiles, mol, tuple(sorted(range(len(match)), key=lambda i: match[i]))


def _shown(panel: Panel, start: Start, picked: Sequence[_Scored], place: int, reaching: bool) -> Counterfactual:
    scored = picked[place]
    candidate = scored.candidate
    origin = tuple(candidate.origin[i] for i in scored.order)
    there = set(origin)
    atoms = Chem.MolFromSmiles(start.molecule.smiles).GetNumAtoms()
    return Counterfactual(
        smiles=scored.smiles,
        edits=candidate.steps,
        before=start.outlook,
        after=scored.after,
        flips=scored.distance <= 0,
        similarity=candidate.similarity,
        sa_score=scored.sa_score,
        sa_before=start.sa_score,
        domain=domains(panel, scored.smiles),
        new_alerts=scored.alerts,
        why=_why(panel, picked, place, reaching),
        origin=origin,
        changed=tuple(atom for atom, i in enumerate(scored.order) if i in candidate.new),
        changed_before=tuple(a for a in range(atoms) if a in candidate.touched or a not in there),
        evidence_left=candidate.evidence_left,
    )


def _why(panel: Panel, picked: Sequence[_Scored], place: int, reaching: bool) -> str:
    """What speaks for it, then what speaks against it."""
    scored = picked[place]
    scores = scored.scores
    good, bad = [], []
    stress = isinstance(panel.targets[0].goal, Disagree)
    if not reaching:
        good.append("it comes nearest to the goal")
    elif place == 0:
        good.append("it has the best balance of all")
    if len(picked) > 1:
        if scores.similarity >= max(s.scores.similarity for s in picked):
            good.append("it is the most similar to the start")
        if not stress and scores.spread <= min(s.scores.spread for s in picked):
            good.append("the networks agree on it most")
        if scored.distance <= min(s.distance for s in picked):
            good.append("the networks disagree on it most" if stress else "it passes the goal by most")
    if reaching and not good:
        good.append(_difference(scored, picked[:place]))
    if scores.dissent and not stress:
        bad.append("not all networks agree")
    if scored.candidate.evidence_stays and reaching:
        bad.append("what spoke for the verdict before is still there")
    if scores.harder:
        bad.append("it looks harder to make")
    if scores.outside:
        bad.append("it is unlike the training compounds")
    if scores.alerts:
        bad.append(f"it raises {scores.alerts} new alert{'s' if scores.alerts > 1 else ''}")
    for p in panel.watched:
        if scores.other_worse > 0.05:
            bad.append(f"{p.task.name} may get worse")
            break
    if reaching and any(_beats(_costs(panel, above), _costs(panel, scored)) for above in picked[:place]):
        bad.append("one of those above beats it in every respect")
    text = _listed(good) + (f"; but {_listed(bad)}" if bad else "")
    return text[:1].upper() + text[1:] + "."


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _difference(scored: _Scored, before: Sequence[_Scored]) -> str:
    """How a molecule differs from those that are shown before it."""
    kinds = {step.kind for s in before for step in s.candidate.steps}
    atoms = {atom for s in before for step in s.candidate.steps for atom in step.atoms}
    new = [step.kind for step in scored.candidate.steps if step.kind not in kinds]
    if new:
        return f"it takes another way ({new[0]})"
    if any(atom not in atoms for step in scored.candidate.steps for atom in step.atoms):
        return "it is edited at another place"
    return "it puts something else in the same place"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
