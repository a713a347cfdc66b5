"""The search with judges whose answer is known: it finds the way, keeps to its budget, and is the same every time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from rdkit import Chem

from concepts.counterfactuals.candidate import Judge, Judged
from concepts.counterfactuals.edit_search import Found, search
from concepts.counterfactuals.kept_part import kept_part
from concepts.counterfactuals.settings import SearchSettings
from datasets.standardize import Policy, parent_smiles

START = "O=[N+]([O-])c1ccc(C(=O)Nc2ccccc2Cl)cc1"


def parsed(smiles: str) -> Chem.Mol:
    return Chem.MolFromSmiles(smiles)


def fewer(smarts: str, allowed: int = 0) -> Judge:
    """At the goal where a pattern occurs at most so often; its atoms are the evidence."""
    pattern = Chem.MolFromSmarts(smarts)

    def judge(mols: Sequence[Chem.Mol]) -> Judged:
        importance = []
        distance = np.empty(len(mols))
        for row, mol in enumerate(mols):
            hits = mol.GetSubstructMatches(pattern)
            atoms = np.zeros(mol.GetNumAtoms())
            atoms[[a for hit in hits for a in hit]] = 1.0
            importance.append(atoms)
            distance[row] = len(hits) - allowed - 0.5
        return Judged(distance, importance)

    return judge


def run(judge: Judge, start: str = START, **settings: object) -> Found:
    given = SearchSettings(**{"budget": 600, **settings})  # type: ignore[arg-type]
    return search(parsed(start), judge, judge, given)


def test_one_edit_is_found_where_one_is_enough() -> None:
    found = run(fewer("[N+](=O)[O-]"))
    assert found.reached
    for candidate in found.reached:
        assert candidate.confirmed
        assert not parsed(candidate.smiles).HasSubstructMatch(Chem.MolFromSmarts("[N+](=O)[O-]"))
    assert len(found.reached[0].steps) == 1
    assert found.reached == sorted(found.reached, key=lambda c: (-c.similarity, len(c.steps), c.smiles))


def test_two_edits_are_found_where_two_are_needed() -> None:
    both = "O=[N+]([O-])c1cccc(CCc2cccc([N+](=O)[O-])c2)c1"
    found = run(fewer("[N+](=O)[O-]"), both, budget=1500)
    assert found.reached
    assert min(len(c.steps) for c in found.reached) == 2


def test_more_edits_than_allowed_are_a_miss_with_the_closest() -> None:
    both = "O=[N+]([O-])c1cccc(CCc2cccc([N+](=O)[O-])c2)c1"
    found = run(fewer("[N+](=O)[O-]"), both, max_edits=1)
    assert not found.reached
    assert found.missed[0].distance == pytest.approx(0.5)


@pytest.mark.parametrize("budget", [1, 5, 40, 300])
def test_the_budget_is_kept(budget: int) -> None:
    asked = 0
    judge = fewer("[#6]")

    def counting(mols: Sequence[Chem.Mol]) -> Judged:
        nonlocal asked
        asked += len(mols)
        return judge(mols)

    found = search(parsed(START), counting, counting, SearchSettings(budget=budget))
    assert found.predictions == asked
    # The start, and the careful judge's last batch, come on top.
    assert found.predictions <= budget + 2 + 48


def test_the_same_every_time_and_another_seed_may_differ() -> None:
    judge = fewer("[#7,#8]", 2)
    first, second = run(judge), run(judge)
    assert [c.smiles for c in first.reached] == [c.smiles for c in second.reached]
    assert first.predictions == second.predictions
    assert [c.smiles for c in run(judge, seed=1).reached]


def test_no_new_round_begins_after_the_time() -> None:
    found = run(fewer("[#6]"), seconds=1e-9)
    assert found.predictions == 2
    assert not found.reached


def test_a_kept_part_is_kept() -> None:
    start, pattern = parsed(START), "C(=O)Nc1ccccc1"
    part = kept_part(start, pattern)
    assert part is not None
    judge = fewer("[N+](=O)[O-]")
    found = search(start, judge, judge, SearchSettings(budget=600), part)
    assert found.reached
    for candidate in found.reached:
        assert candidate.mol.HasSubstructMatch(Chem.MolFromSmarts(pattern))
    assert not search(start, judge, judge, SearchSettings(budget=600), kept_part(start, range(19))).reached


def on_a_plateau(smarts: str, *, telling: bool) -> Judge:
    """The output of a pattern that occurs once or thrice is the same; only the evidence tells one from the other."""
    counted = fewer(smarts)

    def judge(mols: Sequence[Chem.Mol]) -> Judged:
        said = counted(mols)
        assert said.importance is not None
        evidence = np.array([atoms.sum() for atoms in said.importance])
        return Judged(np.sign(said.distance), said.importance, evidence if telling else None)

    return judge


def test_evidence_leads_over_a_plateau_of_the_output() -> None:
    thrice = "O=[N+]([O-])c1cccc(CCc2cccc(CCCc3cccc([N+](=O)[O-])c3)c2[N+](=O)[O-])c1"
    found = run(on_a_plateau("[N+](=O)[O-]", telling=True), thrice, budget=900)
    assert found.reached
    assert all(c.evidence_left == 0.0 for c in found.reached)
    assert not run(on_a_plateau("[N+](=O)[O-]", telling=False), thrice, budget=900).reached


def test_a_flip_that_leaves_the_evidence_is_known_as_such() -> None:
    counted = fewer("[N+](=O)[O-]")

    def fooled(mols: Sequence[Chem.Mol]) -> Judged:
        """A network that falls for any bromine."""
        said = counted(mols)
        assert said.importance is not None
        bromine = np.array([mol.HasSubstructMatch(Chem.MolFromSmarts("Br")) for mol in mols])
        evidence = np.array([atoms.sum() for atoms in said.importance])
        return Judged(np.where(bromine, -0.1, said.distance), said.importance, evidence)

    found = run(fooled)
    kept = [c for c in found.reached if c.mol.HasSubstructMatch(Chem.MolFromSmarts("[N+](=O)[O-]"))]
    gone = [c for c in found.reached if c not in kept]
    assert kept
    assert gone
    assert all(c.evidence_stays for c in kept)
    assert not any(c.evidence_stays for c in gone)
    assert not any(c.evidence_stays for c in run(counted).reached)


def test_products_are_standard_unless_charges_are_wanted_as_drawn() -> None:
    judge = fewer("[CX3](=O)[OX2H]")
    neutral = run(judge, "CCCCc1ccccc1C(=O)O")
    drawn = run(judge, "CCCCc1ccccc1C(=O)O", policy=Policy.AS_DRAWN)
    assert all(parent_smiles(c.smiles) == c.smiles for c in neutral.reached)
    assert any("[O-]" in c.smiles for c in drawn.reached)


def test_a_quick_judge_that_errs_everywhere_alike_is_put_right() -> None:
    careful = fewer("[N+](=O)[O-]")

    def biased(mols: Sequence[Chem.Mol]) -> Judged:
        said = careful(mols)
        return Judged(said.distance + 5.0, said.importance)

    found = search(parsed(START), biased, careful, SearchSettings(budget=600))
    assert found.reached


def test_origins_and_touched_atoms_tell_what_changed() -> None:
    start = parsed(START)
    for candidate in run(fewer("[N+](=O)[O-]")).reached:
        assert len(candidate.origin) == candidate.mol.GetNumAtoms()
        for atom, source in zip(candidate.mol.GetAtoms(), candidate.origin, strict=True):
            if source >= 0 and source not in candidate.touched:
                assert atom.GetAtomicNum() == start.GetAtomWithIdx(source).GetAtomicNum()


@pytest.mark.parametrize("smiles", ["C", "[Na+].[Cl-]", "[Pt]", "[H][H]", "C1CCCCCCCCCCCCC1"])
def test_small_and_odd_starts_end_well(smiles: str) -> None:
    found = run(fewer("[!#1]"), smiles, budget=60)
    assert found.predictions <= 60 + 50


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", 0),
        ("max_edits", 0),
        ("budget", 0),
        ("seconds", 0),
        ("frontier_members", 0),
        ("least_similarity", 2),
        ("fair_share", -1),
    ],
)
def test_settings_that_make_no_sense_are_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"SearchSettings\.{field} is"):
        SearchSettings(**{field: value})  # type: ignore[arg-type]
