"""The search, with judges whose smallest molecule is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from rdkit import Chem

from concepts.prototypes.genetic_search import OUTSIDE, Judge, Judgement, SearchSettings, search

NITRO = Chem.MolFromSmarts("[#6][N+](=O)[O-]")
ANILINE = Chem.MolFromSmarts("[NX3;H2]c")
LARGE_NITRO = (
    "O=C(N/N=C/c1ccc([N+](=O)[O-])o1)c1ccc(O)cc1",
    "CCOC(=O)C1=C(C)NC(C)=C(C(=O)OC)C1c1cccc([N+](=O)[O-])c1",
    "O=[N+]([O-])c1ccc(-c2ccc3ccccc3c2)cc1",
)
LARGE_ANILINES = ("Nc1ccc2c(c1)Cc1ccccc1-2", "Nc1ccc(S(=O)(=O)Nc2ncccn2)cc1")
QUICK = SearchSettings(population=100, rounds=20, parents=40)


def holds(pattern: Chem.Mol, calls: list[list[str]] | None = None) -> Judge:
    """Accepts what holds a pattern; every atom of it is important."""

    def judge(mols: Sequence[Chem.Mol]) -> Judgement:
        if calls is not None:
            calls.append([Chem.MolToSmiles(mol) for mol in mols])
        sites = [mol.GetSubstructMatch(pattern) for mol in mols]
        inside = np.array([bool(site) for site in sites])
        importance = []
        for mol, site in zip(mols, sites, strict=True):
            mask = np.zeros(mol.GetNumAtoms(), np.float32)
            mask[list(site)] = 1
            importance.append(mask)
        return Judgement(np.where(inside, 0.0, 2.0), inside, importance)

    return judge


def without_importance(judge: Judge) -> Judge:
    def blind(mols: Sequence[Chem.Mol]) -> Judgement:
        said = judge(mols)
        return Judgement(said.distance, said.inside)

    return blind


@pytest.mark.parametrize("wrap", [lambda judge: judge, without_importance])
def test_the_smallest_nitro_compound_is_nitromethane(wrap: Callable[[Judge], Judge]) -> None:
    found = search(wrap(holds(NITRO)), LARGE_NITRO, QUICK)
    assert found.candidates[0].smiles == "C[N+](=O)[O-]"
    assert found.candidates[0].fitness == 4.0
    assert found.rounds[-1] == 4.0


def test_the_smallest_anilines_are_rings_of_five() -> None:
    found = search(holds(ANILINE), LARGE_ANILINES, QUICK)
    best = found.candidates[0]
    assert best.mol.GetNumHeavyAtoms() == 6
    assert best.mol.HasSubstructMatch(ANILINE)


def test_the_best_never_gets_worse_and_starts_with_the_best_given() -> None:
    found = search(holds(NITRO), LARGE_NITRO, QUICK)
    assert len(found.rounds) == QUICK.rounds + 1
    assert found.rounds[0] == min(Chem.MolFromSmiles(text).GetNumHeavyAtoms() for text in LARGE_NITRO)
    assert list(found.rounds) == sorted(found.rounds, reverse=True)


def test_every_candidate_is_inside_valid_and_judged_once_in_one_batch_a_round() -> None:
    calls: list[list[str]] = []
    found = search(holds(NITRO, calls), LARGE_NITRO, QUICK)
    judged = [smiles for batch in calls for smiles in batch]
    assert len(judged) == len(set(judged)) == found.judged
    assert len(calls) <= QUICK.rounds + 1
    assert {candidate.smiles for candidate in found.candidates} < set(judged)
    for candidate in found.candidates:
        mol = Chem.MolFromSmiles(candidate.smiles)
        assert mol.HasSubstructMatch(NITRO)
        assert Chem.MolToSmiles(mol) == candidate.smiles
    ranks = [(candidate.fitness, candidate.smiles) for candidate in found.candidates]
    assert ranks == sorted(ranks)


def test_among_equals_the_nearest_is_best() -> None:
    def judge(mols: Sequence[Chem.Mol]) -> Judgement:
        far = np.array([0.2 if mol.HasSubstructMatch(Chem.MolFromSmarts("S")) else 0.9 for mol in mols])
        return Judgement(far, np.array([mol.GetNumAtoms() >= 3 for mol in mols]))

    found = search(judge, ["CCCCCC"], QUICK)
    assert found.candidates[0].mol.GetNumAtoms() == 3
    assert "S" in found.candidates[0].smiles
    assert found.candidates[0].fitness == pytest.approx(3.2, abs=0.01)


def test_from_outside_the_search_follows_the_distance() -> None:
    def judge(mols: Sequence[Chem.Mol]) -> Judgement:
        off = np.array([abs(sum(a.GetAtomicNum() == 7 for a in mol.GetAtoms()) - 2) for mol in mols], float)
        return Judgement(off, off == 0)

    found = search(judge, ["CCCCCCCCCC"], QUICK)
    assert found.rounds[0] > OUTSIDE
    assert found.candidates[0].smiles == "NCN"


def test_nothing_inside_is_an_empty_answer() -> None:
    def never(mols: Sequence[Chem.Mol]) -> Judgement:
        return Judgement(np.full(len(mols), 5.0), np.zeros(len(mols), bool))

    found = search(never, ["CCO"], SearchSettings(population=20, rounds=3))
    assert found.candidates == ()
    assert min(found.rounds) > OUTSIDE


def test_a_seed_decides() -> None:
    def run(seed: int) -> list[str]:
        settings = SearchSettings(population=60, rounds=5, seed=seed)
        return [candidate.smiles for candidate in search(holds(NITRO), LARGE_NITRO, settings).candidates]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_repeats_and_other_spellings_count_once() -> None:
    calls: list[list[str]] = []
    search(holds(NITRO, calls), ["OCC", "CCO", "C(C)O", "CCC"], SearchSettings(population=1, rounds=1))
    assert calls[0] == ["CCO", "CCC"]


def test_huge_molecules_are_not_begun_with_where_others_are_there() -> None:
    giant = "CC(=O)N" * 30 + "c1ccc([N+](=O)[O-])cc1"
    few = SearchSettings(population=40, rounds=4, fresh=1.0)
    both = search(holds(NITRO), [giant, LARGE_NITRO[2]], few)
    assert [c.mol.GetNumHeavyAtoms() for c in both.candidates if "C(=O)N" in c.smiles] == [129]
    assert len(both.candidates) > 5
    alone = search(holds(NITRO), [giant], SearchSettings(population=20, rounds=2))
    assert alone.rounds[-1] < alone.rounds[0]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ([], "start is empty; expected at least one SMILES"),
        (["CCO", "C1CC"], "start\\[1\\] is 'C1CC'; expected a SMILES that RDKit can parse"),
        ([""], "start\\[0\\] is ''; expected a SMILES"),
    ],
)
def test_a_bad_start_is_said(start: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        search(holds(NITRO), start)


@pytest.mark.parametrize(
    ("field", "value"), [("population", 0), ("rounds", 0), ("parents", 0), ("largest", 0), ("fresh", 1.5)]
)
def test_bad_settings_are_said(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"SearchSettings.{field} is {value}; expected"):
        SearchSettings(**{field: value})  # type: ignore[arg-type]


def test_a_lineage_leads_from_a_founder_round_by_round_to_the_molecule() -> None:
    found = search(holds(NITRO), LARGE_NITRO, QUICK)
    founders = {Chem.CanonSmiles(smiles) for smiles in LARGE_NITRO}
    for candidate in found.candidates[:50]:
        line = candidate.lineage
        assert line[-1] is candidate
        assert line[0].smiles in founders
        assert line[0].round == 0
        assert all(parent.round < child.round for parent, child in itertools.pairwise(line))
    assert len(found.candidates[0].lineage) > 1
