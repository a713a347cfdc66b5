"""Design rules against a judge whose answer is known: what a rule says must be what the judge does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from rdkit import Chem

from concepts.counterfactuals.design_rules import (
    ALIPHATIC,
    AROMATIC,
    CONTEXTS,
    IN_MASK,
    OUT_OF_MASK,
    Judgement,
    Rule,
    RuleSet,
    RuleSettings,
    design_rules,
    even_shares,
    mean_with_interval,
)
from concepts.edits.enumeration import edits_of

NITRO = Chem.MolFromSmarts("[N+](=O)[O-]")
CHLORINE = Chem.MolFromSmarts("c-Cl")
SET = ("O=[N+]([O-])c1ccccc1", "O=[N+]([O-])c1ccc(C)cc1", "CC[N+](=O)[O-]", "O=[N+]([O-])c1ccncc1")


def rule_based(mols: Sequence[Chem.Mol]) -> Judgement:
    """Each nitro group counts 2; a chlorine on an aromatic atom counts 1 and one on an aliphatic atom -1."""
    outputs, importance = [], []
    for mol in mols:
        nitro = mol.GetSubstructMatches(NITRO)
        on_ring = len(mol.GetSubstructMatches(CHLORINE))
        chlorines = sum(atom.GetAtomicNum() == 17 for atom in mol.GetAtoms())
        outputs.append(2.0 * len(nitro) + on_ring - (chlorines - on_ring))
        mask = np.zeros(mol.GetNumAtoms())
        mask[[atom for match in nitro for atom in match]] = 1
        importance.append(mask)
    output = np.array(outputs)
    return Judgement(output, 1 / (1 + np.exp(-output)), importance)


def _by_name(found: RuleSet) -> dict[str, Rule]:
    return {rule.name: rule for rule in found.rules}


@pytest.fixture(scope="module")
def everything() -> RuleSet:
    return design_rules(SET, rule_based, RuleSettings(budget=100_000, least_molecules=2))


def test_effects_are_those_of_the_judge(everything: RuleSet) -> None:
    rules = _by_name(everything)
    assert rules["remove NO2"].effect.value == pytest.approx(-2)
    assert rules["add NO2"].effect.value == pytest.approx(2)
    assert rules["remove NO2"].sure
    assert rules["remove NO2"].reversed_share == 0
    assert rules["add F"].effect.value == 0
    assert not rules["add F"].sure
    assert rules["add F"].reversed_share == 0


def test_every_edit_is_counted_once(everything: RuleSet) -> None:
    assert everything.judged == sum(len(edits_of(Chem.MolFromSmiles(smiles))) for smiles in SET)
    for rule in everything.rules:
        near = [c.count for c in rule.contexts if c.context in (AROMATIC, ALIPHATIC)]
        marked = [c.count for c in rule.contexts if c.context in (IN_MASK, OUT_OF_MASK)]
        assert sum(near) == sum(marked) == rule.edits
        assert 2 <= rule.molecules <= min(rule.edits, everything.molecules)
        assert [c.context for c in rule.contexts] == [c for c in CONTEXTS if c in {x.context for x in rule.contexts}]


def test_the_surroundings_that_reverse_a_rule_are_named(everything: RuleSet) -> None:
    rule = _by_name(everything)["add Cl"]
    contexts = {c.context: c for c in rule.contexts}
    assert rule.effect.value > 0
    assert contexts[AROMATIC].mean == pytest.approx(1)
    assert contexts[AROMATIC].reversed_share == 0
    assert contexts[ALIPHATIC].mean == pytest.approx(-1)
    assert contexts[ALIPHATIC].reversed_share == 1
    assert ALIPHATIC in rule.reversing
    assert AROMATIC not in rule.reversing
    assert rule.reversed_share == pytest.approx(contexts[ALIPHATIC].count / rule.edits)


def test_edits_of_the_evidence_are_told_from_others(everything: RuleSet) -> None:
    assert {c.context for c in _by_name(everything)["remove NO2"].contexts} >= {IN_MASK}
    assert IN_MASK not in {c.context for c in _by_name(everything)["add CF3"].contexts}


def test_order_repeats_and_spelling_make_no_difference(everything: RuleSet) -> None:
    again = ["c1ccccc1[N+](=O)[O-]", *reversed(SET), SET[0]]
    settings = RuleSettings(budget=100_000, least_molecules=2)
    assert design_rules(again, rule_based, settings) == everything


def test_the_budget_is_kept_and_spread_evenly() -> None:
    found = design_rules(SET, rule_based, RuleSettings(budget=40, least_molecules=1))
    assert found.judged <= 40
    assert found.judged > 30
    assert found == design_rules(SET, rule_based, RuleSettings(budget=40, least_molecules=1))
    other = design_rules(SET, rule_based, RuleSettings(budget=40, least_molecules=1, seed=1))
    assert {rule.name for rule in other.rules} != {rule.name for rule in found.rules}


def test_measured_pairs_stand_beside_the_prediction() -> None:
    measured = {
        Chem.CanonSmiles(smiles): label
        for smiles, label in ((SET[0], 1.0), ("c1ccccc1", 0.0), (SET[1], 1.0), ("Cc1ccccc1", 1.0), ("CCC", 0.0))
    }
    settings = RuleSettings(budget=100_000, least_molecules=2)
    found = design_rules(SET, rule_based, settings, measured)
    rule = _by_name(found)["remove NO2"]
    assert rule.measured is not None
    assert rule.measured.pairs == 2
    assert rule.measured.change == pytest.approx(-0.5)
    assert rule.measured.predicted == pytest.approx(0.5 - 1 / (1 + np.exp(-2)))
    assert rule.measured.same_direction == 1
    assert found.pairs >= 2
    unmeasured = _by_name(design_rules(SET, rule_based, settings))["remove NO2"]
    assert unmeasured.measured is None
    assert unmeasured.effect == rule.effect


def test_examples_lead_from_the_first_molecule_to_the_second(everything: RuleSet) -> None:
    for rule in everything.rules:
        assert len({example.before for example in rule.examples}) == len(rule.examples) >= 1
        for example in rule.examples:
            first, second = (Chem.MolFromSmiles(smiles) for smiles in (example.before, example.after))
            assert len(example.origin) == second.GetNumAtoms()
            for atom, source in enumerate(example.origin):
                if source >= 0 and atom not in example.changed:
                    same = second.GetAtomWithIdx(atom).GetAtomicNum() == first.GetAtomWithIdx(source).GetAtomicNum()
                    assert same, example
            assert set(range(first.GetNumAtoms())) - set(example.origin) <= set(example.changed_before)
            assert example.name.startswith(rule.name)


def test_surest_and_largest_effects_come_first(everything: RuleSet) -> None:
    sure = [rule.sure for rule in everything.rules]
    assert sure == sorted(sure, reverse=True)
    # A nitro group of 2 goes, and a chlorine that counts -1 comes on an aliphatic atom.
    assert everything.rules[0].name == "replace NO2 by CH2Cl"
    assert everything.rules[0].effect.value == pytest.approx(-3)


@pytest.mark.parametrize(
    ("wishes", "total", "shares"),
    [([5, 5], 4, [2, 2]), ([1, 9], 8, [1, 7]), ([3, 0, 3], 99, [3, 0, 3]), ([4, 4, 4], 1, [1, 0, 0]), ([], 5, [])],
)
def test_shares_are_even_and_nothing_is_left_over(wishes: list[int], total: int, shares: list[int]) -> None:
    assert even_shares(wishes, total) == shares


def test_interval_is_students() -> None:
    found = mean_with_interval([1.0, 2.0, 3.0])
    assert found.value == pytest.approx(2)
    assert found.high - found.value == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert mean_with_interval([1.0]).high == np.inf


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="smiles is empty"):
        design_rules([], rule_based)
    with pytest.raises(ValueError, match="RuleSettings.budget is 0"):
        RuleSettings(budget=0)


@pytest.mark.parametrize("smiles", ["C", "[Na+].[Cl-]", "C[Pt](C)<-N", "C12C3C4C1C5C4C3C25"])
def test_odd_molecules_do_no_harm(smiles: str) -> None:
    found = design_rules([smiles], rule_based, RuleSettings(least_molecules=1))
    assert found.molecules == 1
    assert found.judged == sum(rule.edits for rule in found.rules)
