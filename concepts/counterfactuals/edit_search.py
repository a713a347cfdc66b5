"""Best-first search over edits: whole frontiers judged in one batch, the best of each edited again.

The first round makes every edit of the start. What an edit did there is remembered: in later rounds, where the best
molecules so far are edited again, an edit is expected to do again what it did alone, and one that is new goes where the
masks show the evidence. A fair share of every later round is drawn from all edits, wherever they are, so that the
search does not believe the masks blindly.

The judge is handed in: for counterfactuals it is a committee (`finding`), in tests a rule whose answer
is known.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

from concepts.counterfactuals.candidate import Candidate, Judge, Judged
from concepts.counterfactuals.counterfactual import EditStep
from concepts.counterfactuals.kept_part import KeptPart, is_kept
from concepts.counterfactuals.settings import SearchSettings
from concepts.edits.enumeration import named, plans_of
from concepts.edits.filters import Baseline, baseline, complaint
from concepts.edits.plan import Plan, Product
from concepts.edits.workbench import Workbench, do, workbench
from datasets.standardize import Policy, parent_smiles

FIRST_ROUND: Final = 0.6
"""Share of the budget that the first round may take where the start has more edits than that."""
FOLLOW_UP: Final = 240
"""Molecules of a later round once something reaches the goal."""
BEAM: Final = 16
"""Molecules that a later round edits, fewer where they are large."""
ATOMS_OF_A_BEAM: Final = 640
SIMILARITY_OF_DISTANCE: Final = 0.12
"""How much similarity one unit of distance to the goal is worth while searching."""
SIMILARITY_OF_EVIDENCE: Final = 0.5
"""How much similarity it is worth while searching to take all evidence away. Where two parts each carry a verdict,
taking one away moves the output by next to nothing; that half of the evidence is gone tells that it was a step."""
HOPE_OF_EVIDENCE: Final = 0.1
"""The same, for the order in which the careful judge is asked."""
SLACK: Final = 0.4
"""Estimated distance up to which the careful judge is asked."""
CHECKED_AT_ONCE: Final = 48
MOST_CHECKED: Final = 144
"""Molecules of a round that the careful judge sees at most."""
ENOUGH: Final = 0.6
"""A round is the last one if as many molecules as asked for reach the goal, and the best is this similar."""
_CHARGE = re.compile(r"\[[^\]]*[+-]")
_NITRO: Final = ("[N+](=O)[O-]", "O=[N+]([O-])")


@dataclass(slots=True)
class Found:
    """What a search has come to."""

    start: Candidate
    reached: list[Candidate]
    """Confirmed by the careful judge, best first."""
    missed: list[Candidate]
    """Judged carefully and not there, nearest to the goal first."""
    predictions: int
    edits_possible: bool
    """Whether the start has any edit at all."""


@dataclass(slots=True)
class _Search:
    start_mol: Chem.Mol
    quick: Judge
    careful: Judge
    settings: SearchSettings
    keep: KeptPart | None
    blameless: Baseline
    print: DataStructs.UIntSparseIntVect
    rng: random.Random
    left: int
    stop_at: float | None
    predictions: int = 0
    known: dict[str, Candidate] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    evidence: tuple[float | None, float | None] = (None, None)
    """Of the start: by the quick judge, and by the careful one."""
    gains: dict[tuple[str, tuple[int, ...]], tuple[float, float, float]] = field(default_factory=dict)
    """What edits of the start did there: to the distance, to the similarity, to the evidence."""

    def out_of_time(self) -> bool:
        return self.stop_at is not None and time.perf_counter() >= self.stop_at


_MORGAN: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def search(
    start: Chem.Mol, quick: Judge, careful: Judge, settings: SearchSettings, keep: KeptPart | None = None
) -> Found:
    """Look for molecules near the start that reach a goal.

    Parameters
    ----------
    start
        Parsed from its standardised SMILES.
    quick
        Judges every molecule of a frontier.
    careful
        Judges those that the quick one lets hope for.
    settings
        Without `seconds`, the same settings, start and judges give the same result.
    keep
        What must not change.
    """
    began = time.perf_counter()
    with rdBase.BlockLogs():
        said, careful_said = quick([start]), careful([start])
        # The quick judge errs in one direction near one molecule: where it errs for the start, it is put right.
        bias = float(careful_said.distance[0] - said.distance[0])
        root = Candidate(
            Chem.MolToSmiles(start), start, (), tuple(range(start.GetNumAtoms())), frozenset(), 1.0,
            float(careful_said.distance[0]), None if said.importance is None else said.importance[0],
            None if said.evidence is None else 1.0,
        )  # fmt: skip
        state = _Search(
            start,
            lambda mols: _shifted(quick(mols), bias),
            careful,
            settings,
            keep,
            baseline(start),
            _MORGAN.GetCountFingerprint(start),
            random.Random(settings.seed),
            settings.predictions(start.GetNumHeavyAtoms()),
            None if settings.seconds is None else began + settings.seconds,
            predictions=2,
            evidence=(_evidence(said), _evidence(careful_said)),
        )
        state.known[root.smiles] = root
        return _rounds(state, root)


def _rounds(state: _Search, root: Candidate) -> Found:
    reached: list[Candidate] = []
    missed: list[Candidate] = []
    level = [root]
    possible = False
    for depth in range(1, state.settings.max_edits + 1):
        limit = _limit(state, depth, bool(reached))
        if limit < 1 or state.out_of_time():
            break
        made = _expanded(state, level, limit)
        possible = possible or bool(made)
        if not made:
            break
        _confirm(state, made, reached, missed)
        if len(reached) >= state.settings.count and max(c.similarity for c in reached) >= ENOUGH:
            break
        level = sorted(made, key=lambda c: (-_promise(c.similarity, c.distance, c.evidence_left), c.smiles))
        level = level[: max(min(BEAM, ATOMS_OF_A_BEAM // root.mol.GetNumAtoms()), 2)]
    reached.sort(key=lambda c: (-c.similarity, len(c.steps), c.smiles))
    missed.sort(key=lambda c: (c.distance, c.smiles))
    return Found(root, reached, missed, state.predictions, possible)


def _limit(state: _Search, depth: int, reached: bool) -> int:
    """Molecules that a round may make: few where a goal is reached already and is only to be reached better."""
    if depth == 1:
        return int(state.left * FIRST_ROUND)
    limit = state.left // (state.settings.max_edits - depth + 1)
    return min(limit, FOLLOW_UP) if reached else limit


def _promise(similarity: float, distance: float, left: float | None) -> float:
    evidence = 0.0 if left is None else min(max(left, 0.0), 1.0)
    return similarity - SIMILARITY_OF_DISTANCE * max(distance, 0.0) - SIMILARITY_OF_EVIDENCE * evidence


def _expanded(state: _Search, parents: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Edit some molecules and judge what comes out, at most `limit` of it."""
    benches = [workbench(parent.mol) for parent in parents]
    options: list[tuple[float, int, Plan]] = []
    for number, (parent, bench) in enumerate(zip(parents, benches, strict=True)):
        parent.expanded = True
        options += [(_expected(state, parent, plan), number, plan) for plan in plans_of(bench)]
    first = len(parents) == 1 and not parents[0].steps
    if not (first and len(options) <= limit):
        options.sort(key=lambda option: -option[0])
        guided = limit if first else round(limit * (1 - state.settings.fair_share))
    else:
        guided = limit
    made = _made(state, parents, benches, options, guided)
    if len(made) < limit and len(options) > guided:
        state.rng.shuffle(options)
        made += _made(state, parents, benches, options, limit - len(made))
    return _judged(state, made)


_Draft = tuple[Candidate, Product]


def _made(
    state: _Search,
    parents: Sequence[Candidate],
    benches: Sequence[Workbench],
    options: Sequence[tuple[float, int, Plan]],
    limit: int,
) -> list[_Draft]:
    """Do plans in their order until there are enough molecules."""
    drafts: list[_Draft] = []
    for _, number, plan in options:
        if len(drafts) >= limit:
            break
        product = do(benches[number], plan)
        if product is None or product.smiles in state.known or product.smiles in state.refused:
            continue
        draft = _draft(state, parents[number], product)
        if draft is None:
            state.refused.add(product.smiles)
            continue
        state.known[product.smiles] = draft
        drafts.append((parents[number], product))
    return drafts


def _draft(state: _Search, parent: Candidate, product: Product) -> Candidate | None:
    """The molecule with what is known without a network; None where it is not wanted."""
    if complaint(product, state.blameless) is not None:
        return None
    similarity = float(DataStructs.TanimotoSimilarity(state.print, _MORGAN.GetCountFingerprint(product.mol)))
    if similarity < state.settings.least_similarity:
        return None
    if state.settings.policy is Policy.PARENT and not _is_standard(product.smiles):
        return None
    origin = tuple(parent.origin[i] if i >= 0 else -1 for i in product.origin)
    if state.keep is not None and not is_kept(state.start_mol, state.keep, product.mol, origin):
        return None
    return Candidate(
        smiles=product.smiles,
        mol=product.mol,
        steps=(*parent.steps, _step(product.plan, parent)),
        origin=origin,
        touched=parent.touched | {parent.origin[a] for a in product.plan.atoms if parent.origin[a] >= 0},
        similarity=similarity,
        distance=np.inf,
        importance=None,
        last=_place_of(product.plan, parent),
        new=frozenset(product.touched) | {i for i, o in enumerate(product.origin) if o in parent.new},
    )


def _step(plan: Plan, parent: Candidate) -> EditStep:
    at = tuple(sorted({parent.origin[a] for a in plan.atoms if parent.origin[a] >= 0}))
    return EditStep(plan.kind.value, named(plan, parent.origin), at)


def _is_standard(smiles: str) -> bool:
    """Whether standardisation would leave it alone; asked only of text with charges outside nitro groups."""
    text = smiles
    for nitro in _NITRO:
        text = text.replace(nitro, "")
    return not _CHARGE.search(text) or parent_smiles(smiles) == smiles


def _judged(state: _Search, drafts: Sequence[_Draft]) -> list[Candidate]:
    if not drafts:
        return []
    candidates = [state.known[product.smiles] for _, product in drafts]
    said = state.quick([c.mol for c in candidates])
    state.predictions += len(candidates)
    state.left -= len(candidates)
    for row, ((parent, _), candidate) in enumerate(zip(drafts, candidates, strict=True)):
        candidate.distance = float(said.distance[row])
        candidate.importance = None if said.importance is None else said.importance[row]
        candidate.evidence_left = _evidence_left(said, row, state.evidence[0])
        if candidate.last is not None and not parent.steps:
            gone = 0.0 if candidate.evidence_left is None else 1.0 - candidate.evidence_left
            state.gains[candidate.last] = parent.distance - candidate.distance, 1.0 - candidate.similarity, gone
    return candidates


def _place_of(plan: Plan, parent: Candidate) -> tuple[str, tuple[int, ...]] | None:
    at = tuple(sorted(parent.origin[a] for a in plan.atoms))
    return None if at and at[0] < 0 else (plan.what, at)


def _expected(state: _Search, parent: Candidate, plan: Plan) -> float:
    """What an edit is worth trying: by what it did to the start, else by the evidence where it acts."""
    place = _place_of(plan, parent)
    if parent.steps and place is not None and place in state.gains:
        gain, lost, gone = state.gains[place]
        left = None if parent.evidence_left is None else parent.evidence_left - gone
        return _promise(parent.similarity - lost, parent.distance - gain, left)
    weight = 0.0
    if parent.importance is not None and len(plan.atoms):
        weight = float(max(parent.importance[atom] for atom in plan.atoms))
    # An edit of unknown effect is taken to do a little, more where the evidence is.
    size = (len(plan.remove) + len(plan.new) + 3) / max(len(parent.origin), 1)
    similarity = parent.similarity - min(0.6 * size, 0.6)
    return _promise(similarity, parent.distance - weight, parent.evidence_left) - 0.02 * plan.cost


def _confirm(state: _Search, made: Sequence[Candidate], reached: list[Candidate], missed: list[Candidate]) -> None:
    """Ask the careful judge about the molecules that may be there, the most similar first."""
    hopeful = sorted((c for c in made if c.distance <= SLACK), key=lambda c: (-_hope(c), c.smiles))
    if not hopeful:
        hopeful = sorted(made, key=lambda c: (c.distance, c.smiles))[: CHECKED_AT_ONCE // 2]
    wanted = 6 * state.settings.count
    for first in range(0, min(len(hopeful), MOST_CHECKED), CHECKED_AT_ONCE):
        some = hopeful[first : first + CHECKED_AT_ONCE]
        said = state.careful([c.mol for c in some])
        state.predictions += len(some)
        state.left -= len(some)
        for row, candidate in enumerate(some):
            candidate.distance, candidate.confirmed = float(said.distance[row]), True
            candidate.evidence_left = _evidence_left(said, row, state.evidence[1])
            (reached if candidate.distance <= 0 else missed).append(candidate)
        if len(reached) >= wanted or state.left <= 0 or state.out_of_time():
            return


def _hope(candidate: Candidate) -> float:
    evidence = HOPE_OF_EVIDENCE * min(candidate.evidence_left or 0.0, 1.0)
    return candidate.similarity - 2 * SIMILARITY_OF_DISTANCE * max(candidate.distance, -0.2) - evidence


def _shifted(said: Judged, bias: float) -> Judged:
    return Judged(said.distance + bias, said.importance, said.evidence)


def _evidence(said: Judged, row: int = 0) -> float | None:
    return None if said.evidence is None else float(said.evidence[row])


def _evidence_left(said: Judged, row: int, before: float | None) -> float | None:
    now = _evidence(said, row)
    return None if now is None or not before else now / before
