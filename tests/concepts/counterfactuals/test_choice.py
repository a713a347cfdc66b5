"""Of molecules that reach a goal, those come first that none beats, and whose evidence is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rdkit import Chem

from concepts.counterfactuals.candidate import Candidate, Judge, Judged
from concepts.counterfactuals.candidate_scores import SURE, Scores
from concepts.counterfactuals.choice import MOST_SCORED, Panel, Target, _looked_at, choose, domains, outlook, readings
from concepts.counterfactuals.counterfactual import Start
from concepts.counterfactuals.edit_search import search
from concepts.counterfactuals.goals import Flip
from concepts.counterfactuals.settings import SearchSettings
from concepts.counterfactuals.synthetic_accessibility import sa_score
from datasets.molecule import InputRow, Molecule
from datasets.standardize import Policy, standardize
from megan.predictor import Predictor

NITRO = "O=[N+]([O-])c1ccc(OC)cc1"


@pytest.fixture(scope="module")
def panel(tiny_bundle: Path) -> Panel:
    return Panel((Target(Predictor.load(tiny_bundle), Flip()),), ())


@pytest.fixture(scope="module")
def start(panel: Panel) -> Start:
    molecule = standardize(InputRow(0, "", NITRO))
    assert isinstance(molecule, Molecule)
    mol = Chem.MolFromSmiles(molecule.smiles)
    said, far = readings(panel, [mol])
    assert far[0] > 0
    (predictor,) = panel.predictors
    name = predictor.task.name
    outlooks = {name: outlook(predictor, said[name], 0)}
    return Start(molecule, outlooks, sa_score(mol), domains(panel, molecule.smiles))


@pytest.fixture
def flips(panel: Panel, start: Start) -> list[Candidate]:
    judge: Judge = lambda mols: Judged(readings(panel, mols, {n: o.output for n, o in start.outlook.items()})[1])  # noqa: E731
    found = search(Chem.MolFromSmiles(start.molecule.smiles), judge, judge, SearchSettings(budget=250))
    assert len(found.reached) > 6
    return found.reached


def chosen(panel: Panel, start: Start, candidates: list[Candidate], count: int = 3) -> list[str]:
    return [found.smiles for found in choose(panel, start, candidates, count, Policy.PARENT)]


def test_it_is_said_where_the_evidence_stays(panel: Panel, start: Start, flips: list[Candidate]) -> None:
    for candidate in flips:
        candidate.evidence_left = 1.0
    shown = choose(panel, start, flips, 3, Policy.PARENT)
    assert shown
    for found in shown:
        assert found.evidence_left == 1.0
        assert "what spoke for the verdict before is still there" in found.why


def test_half_of_the_places_are_for_those_whose_evidence_is_gone(
    panel: Panel, start: Start, flips: list[Candidate]
) -> None:
    def copies(count: int, left: float) -> list[Candidate]:
        return [replace(flips[0], smiles=f"{left}-{n}", similarity=left, evidence_left=left) for n in range(count)]

    seen = _looked_at([*copies(40, 0.9), *copies(40, 0.1)], start)
    assert len(seen) == MOST_SCORED
    assert sum(c.evidence_stays for c in seen) == MOST_SCORED // 2
    assert sum(c.evidence_stays for c in _looked_at([*copies(40, 0.9), *copies(3, 0.1)], start)) == MOST_SCORED - 3
    assert sum(c.evidence_stays for c in _looked_at([*copies(2, 0.9), *copies(40, 0.1)], start)) == 2


def test_beaten_ones_follow_where_the_front_is_too_small(panel: Panel, start: Start, flips: list[Candidate]) -> None:
    shown = choose(panel, start, flips, len(flips), Policy.PARENT)
    assert len({found.smiles for found in shown}) == len(shown) == len(flips[:MOST_SCORED])
    beaten = ["one of those above beats it in every respect" in found.why for found in shown]
    assert 0 < sum(beaten) < len(beaten)
    assert not beaten[0]
    few = sum(not behind for behind in beaten[: beaten.index(True)])
    assert chosen(panel, start, flips, few) == [found.smiles for found in shown[:few]]


def test_those_whose_evidence_stays_come_behind_after_the_first(
    panel: Panel, start: Start, flips: list[Candidate]
) -> None:
    usual = chosen(panel, start, flips, 3)
    for candidate in flips:
        candidate.evidence_left = 1.0 if candidate.smiles in usual else 0.5
    kept = [candidate for candidate in flips if candidate.smiles in usual]
    others = [candidate for candidate in flips if candidate.smiles not in usual][:3]
    shown = chosen(panel, start, [*kept, *others], 6)
    assert set(shown) == {candidate.smiles for candidate in [*kept, *others]}
    assert set(shown[1:3]) <= {candidate.smiles for candidate in others}
    assert set(shown[-2:]) <= set(usual)


def test_less_evidence_and_more_certainty_are_worth_more() -> None:
    def scores(evidence_left: float, beyond: float) -> Scores:
        return Scores(1, 0.6, 0.0, 0, 0, 0.0, 0.05, 0.0, evidence_left, beyond)

    best = scores(0.0, SURE)
    assert best.worth() == pytest.approx(0.6)
    assert best.worth() > scores(0.5, SURE).worth() > scores(1.0, SURE).worth()
    assert best.worth() > scores(0.0, 1.0).worth() > scores(0.0, 0.0).worth()
    assert all(a <= b for a, b in zip(best.costs(), scores(1.0, 0.0).costs(), strict=True))
