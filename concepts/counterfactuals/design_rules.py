"""What edits do to a prediction over many molecules: one rule a transformation, with its interval and its exceptions.

A rule says that "replace NO2 by CN" moves the output by so much on average, how sure that is, in which surroundings it
goes the other way, and, where both molecules of a pair were measured, what the measurement says of the same pairs.

The judge is handed in: `design_rule_judge` makes one of a predictor, tests use a rule whose answer is known.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from scipy.special import stdtrit

from concepts.edits.enumeration import named, plans_of, products
from concepts.edits.filters import baseline
from concepts.edits.plan import Plan, Product
from concepts.edits.workbench import Workbench, workbench
from concepts.naming.fragments import MASKED
from megan.metrics import Interval

Floats = npt.NDArray[np.float64]
AROMATIC, ALIPHATIC = "on an aromatic atom", "on an aliphatic atom"
IN_MASK, OUT_OF_MASK = "in the marked evidence", "outside the marked evidence"
CONTEXTS: Final = (AROMATIC, ALIPHATIC, IN_MASK, OUT_OF_MASK)
LEAST_MOLECULES: Final = 3
"""Molecules that a rule needs unless asked otherwise."""
UNMOVED: Final = 0.05
"""A change that is smaller reverses nothing; log-odds, or the task's unit."""
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of n molecules."""

    output: Floats
    """Shape (n,): log-odds of class 1, or the value in the task's unit."""
    shown: Floats
    """Shape (n,): the same as it is measured: probability of class 1, or the value."""
    importance: Sequence[Floats]
    """For each molecule (n_atoms,), 0 to 1: how much an atom is evidence for class 1, or raises the value."""


Judge = Callable[[Sequence[Chem.Mol]], Judgement]


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """How much is looked at; the same settings give the same rules."""

    budget: int = 3000
    """Edited molecules that are judged, beside the molecules themselves and measured pairs; spread evenly."""
    least_molecules: int = LEAST_MOLECULES
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("budget", "least_molecules"):
            if getattr(self, name) < 1:
                raise ValueError(f"RuleSettings.{name} is {getattr(self, name)}; expected at least 1")


@dataclass(frozen=True, slots=True)
class Effect:
    """One edit of one molecule."""

    before: str
    after: str
    """SMILES."""
    name: str
    """The edit with its place; atoms are counted from 1 in `before`."""
    change: float
    """Of the output: log-odds of class 1, or the task's unit."""
    contexts: tuple[str, ...]
    """Of `CONTEXTS`."""
    origin: tuple[int, ...]
    """For every atom of `after` its number in `before`, or -1."""
    changed_before: tuple[int, ...]
    """Atoms of `before` that are gone or were touched."""
    changed: tuple[int, ...]
    """Atoms of `after` that are new or were touched."""


@dataclass(frozen=True, slots=True)
class ContextEffect:
    """What a rule does in one kind of surroundings."""

    context: str
    count: int
    """Edits."""
    mean: float
    reversed_share: float
    """Share of these edits that go against the rule."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a rule's pairs, as far as both molecules were."""

    pairs: int
    change: float
    """Mean change of what was measured: of the share of class 1, or in the task's unit."""
    predicted: float
    """Mean change that is predicted for the same pairs, in the same unit."""
    same_direction: float | None
    """Share of the pairs with a measured change whose prediction goes the same way; None without such pairs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one transformation does."""

    name: str
    """Such as "replace NO2 by CN"."""
    kind: str
    effect: Interval
    """Mean change of the output with its 95 % interval (Student's t over molecules)."""
    edits: int
    molecules: int
    """Different molecules; each counts once in the mean, however many places it has."""
    reversed_share: float
    """Share of the edits that move the output the other way."""
    contexts: tuple[ContextEffect, ...]
    """Surroundings that occur, in the order of `CONTEXTS`."""
    measured: Measured | None
    examples: tuple[Effect, ...]
    """Nearest to the mean first."""

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.effect.low > 0 or self.effect.high < 0

    @property
    def reversing(self) -> tuple[str, ...]:
        """Surroundings in which the rule goes the other way on average."""
        sign = np.sign(self.effect.value)
        return tuple(c.context for c in self.contexts if abs(c.mean) > UNMOVED and np.sign(c.mean) == -sign)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a set of molecules."""

    rules: tuple[Rule, ...]
    """The surest and largest effects first."""
    molecules: int
    """Different ones."""
    judged: int
    """Edited molecules that the mean effects rest on."""
    possible: int
    """Edits that the molecules have before any is tried; some make no valid molecule."""
    pairs: int
    """Measured pairs among all edits of measured molecules."""


def design_rules(
    smiles: Sequence[str],
    judge: Judge,
    settings: RuleSettings | None = None,
    measured: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> RuleSet:
    """What every kind of single edit does to a set of molecules.

    Parameters
    ----------
    smiles
        Standardised; order and repeats make no difference.
    judge
        Judges molecules.
    settings
        How much is looked at.
    measured
        Canonical SMILES -> measured class (0 or 1) or value. Every edit of a measured molecule is then tried, to find
        those that lead to another measured one.
    progress
        Called with the number of molecules that are edited, and of all.

    Raises
    ------
    ValueError
        If there is no molecule.
    """
    settings = settings or RuleSettings()
    with rdBase.BlockLogs():
        texts = sorted({Chem.CanonSmiles(text) for text in smiles})
        if not texts:
            raise ValueError("smiles is empty; expected at least one molecule")
        mols = [Chem.MolFromSmiles(text) for text in texts]
        before = judge(mols)
        benches = [workbench(mol) for mol in mols]
        plans = [plans_of(bench) for bench in benches]
        quotas = even_shares([len(some) for some in plans], settings.budget)
        effects: dict[str, list[_Change]] = defaultdict(list)
        pairs: dict[str, list[_Pair]] = defaultdict(list)
        for row, text in enumerate(texts):
            label = None if measured is None else measured.get(text)
            sample = _sample(benches[row], plans[row], quotas[row], f"{settings.seed} {text}")
            partners = [] if label is None or measured is None else _partners(benches[row], plans[row], measured)
            after = judge([product.mol for product in (*sample, *partners)])
            for place, product in enumerate(sample):
                change = float(after.output[place] - before.output[row])
                effects[product.plan.what].append(_Change(row, product, change, before.importance[row]))
            for place, product in enumerate(partners, start=len(sample)):
                assert label is not None
                assert measured is not None
                pairs[product.plan.what].append(
                    _Pair(measured[product.smiles] - label, float(after.shown[place] - before.shown[row]))
                )
            progress(row + 1, len(texts))
        rules = [_rule(name, found, pairs.get(name, []), texts, benches) for name, found in effects.items()]
    kept = [rule for rule in rules if rule.molecules >= settings.least_molecules]
    kept.sort(key=lambda rule: (-_strength(rule), -abs(rule.effect.value), rule.name))
    judged, possible = sum(map(len, effects.values())), sum(map(len, plans))
    return RuleSet(tuple(kept), len(texts), judged, possible, sum(map(len, pairs.values())))


def even_shares(wishes: Sequence[int], total: int) -> list[int]:
    """Share a budget evenly among those who can each use at most so much; what one leaves goes to the others."""
    shares = [0] * len(wishes)
    left = min(total, sum(wishes))
    open_to = [i for i, wish in enumerate(wishes) if wish]
    while left:
        each = max(left // len(open_to), 1)
        for i in open_to:
            given = min(each, wishes[i] - shares[i], left)
            shares[i] += given
            left -= given
        open_to = [i for i in open_to if shares[i] < wishes[i]]
    return shares


def mean_with_interval(values: Sequence[float]) -> Interval:
    """Mean of (n,) values with its 95 % interval by Student's t; infinite ends for a single value."""
    given = np.asarray(values, dtype=np.float64)
    mean = float(given.mean())
    if len(given) < 2:
        return Interval(mean, -np.inf, np.inf)
    half = float(stdtrit(len(given) - 1, 0.975) * given.std(ddof=1) / np.sqrt(len(given)))
    return Interval(mean, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class _Change:
    row: int
    product: Product
    change: float
    importance: Floats


@dataclass(frozen=True, slots=True)
class _Pair:
    measured: float
    predicted: float


def _sample(bench: Workbench, plans: Sequence[Plan], quota: int, seed: str) -> list[Product]:
    """So many products of a molecule, drawn evenly from all its edits, each under the name of its cheapest edit."""
    order = list(range(len(plans)))
    if quota < len(plans):
        # The seed holds the molecule, so that it is sampled alike in whatever company it comes.
        random.Random(hashlib.sha256(seed.encode()).digest()).shuffle(order)
    blameless = baseline(bench.mol)
    found: dict[str, Product] = {}
    for first in range(0, len(order), max(quota, 1)):
        if len(found) >= quota:
            break
        some = [plans[i] for i in sorted(order[first : first + quota])]
        for product in products(bench, some, blameless, found):
            if len(found) < quota:
                found[product.smiles] = product
    return list(found.values())


def _partners(bench: Workbench, plans: Sequence[Plan], measured: Mapping[str, float]) -> list[Product]:
    """Every single edit that leads to a measured molecule; even those that a search would find too reactive."""
    return [product for product in products(bench, plans, None) if product.smiles in measured]


def _rule(
    name: str, found: Sequence[_Change], pairs: Sequence[_Pair], texts: Sequence[str], benches: Sequence[Workbench]
) -> Rule:
    by_molecule: dict[int, list[float]] = defaultdict(list)
    for change in found:
        by_molecule[change.row].append(change.change)
    effect = mean_with_interval([float(np.mean(changes)) for changes in by_molecule.values()])
    sign = float(np.sign(effect.value))
    contexts = [_contexts(change, benches[change.row]) for change in found]
    ordered = sorted(range(len(found)), key=lambda i: (abs(found[i].change - effect.value), texts[found[i].row], i))
    examples: dict[int, Effect] = {}
    for i in ordered:
        if len(examples) < EXAMPLES and found[i].row not in examples:
            examples[found[i].row] = _effect(found[i], texts[found[i].row], contexts[i])
    return Rule(
        name=name,
        kind=found[0].product.plan.kind.value,
        effect=effect,
        edits=len(found),
        molecules=len(by_molecule),
        reversed_share=_against([c.change for c in found], sign),
        contexts=tuple(
            ContextEffect(context, len(inside), float(np.mean(inside)), _against(inside, sign))
            for context in CONTEXTS
            if (inside := [c.change for c, there in zip(found, contexts, strict=True) if context in there])
        ),
        measured=_measured(pairs),
        examples=tuple(examples.values()),
    )


def _against(changes: Sequence[float], sign: float) -> float:
    return float(np.mean([change * sign < -UNMOVED for change in changes]))


def _measured(pairs: Sequence[_Pair]) -> Measured | None:
    if not pairs:
        return None
    moved = [pair for pair in pairs if pair.measured]
    return Measured(
        pairs=len(pairs),
        change=float(np.mean([pair.measured for pair in pairs])),
        predicted=float(np.mean([pair.predicted for pair in pairs])),
        same_direction=float(np.mean([pair.measured * pair.predicted > 0 for pair in moved])) if moved else None,
    )


def _contexts(change: _Change, bench: Workbench) -> tuple[str, ...]:
    plan = change.product.plan
    gone = set(plan.remove)
    stays = [atom for atom in plan.atoms if atom not in gone] or list(plan.atoms)
    aromatic = any(bench.aromatic[atom] for atom in stays)
    marked = any(change.importance[atom] >= MASKED for atom in plan.atoms)
    return AROMATIC if aromatic else ALIPHATIC, IN_MASK if marked else OUT_OF_MASK


def _effect(change: _Change, before: str, contexts: tuple[str, ...]) -> Effect:
    product = change.product
    Chem.MolToSmiles(product.mol)
    order = product.mol.GetPropsAsDict(True, True)["_smilesAtomOutputOrder"]
    origin = tuple(product.origin[i] for i in order)
    touched, there = set(product.touched), set(origin)
    atoms = range(Chem.MolFromSmiles(before).GetNumAtoms())
    return Effect(
        before=before,
        after=product.smiles,
        name=named(product.plan),
        change=change.change,
        contexts=contexts,
        origin=origin,
        changed_before=tuple(a for a in atoms if a in product.plan.atoms or a not in there),
        changed=tuple(place for place, i in enumerate(order) if i in touched),
    )


def _strength(rule: Rule) -> float:
    """The end of the interval that is nearer to 0, without its sign; 0 where the interval holds 0."""
    return min(abs(rule.effect.low), abs(rule.effect.high)) if rule.sure else 0.0
