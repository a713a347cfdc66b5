"""Counterfactuals of the tiny model, asked again through the one door; and every odd question gets a clear answer."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

from concepts.counterfactuals.candidate import STILL_THERE
from concepts.counterfactuals.counterfactual import CounterfactualResult
from concepts.counterfactuals.finding import find_counterfactuals, stress_test
from concepts.counterfactuals.goals import Disagree, Flip, LeaveConcept, Move
from concepts.counterfactuals.settings import SearchSettings
from datasets.molecule import RowProblem
from megan.prediction import Prediction
from megan.predictor import Predictor
from tests.concepts.made_concepts import made_set

NITRO = "O=[N+]([O-])c1ccc(OC)cc1"
QUICK = SearchSettings(budget=250, count=3)


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


@pytest.fixture(scope="module")
def solubility() -> Predictor:
    return Predictor.load("solubility")


def result_of(smiles: str, predictor: Predictor, **given: object) -> CounterfactualResult:
    given.setdefault("settings", QUICK)
    result = find_counterfactuals(smiles, predictor, **given)  # type: ignore[arg-type]
    assert isinstance(result, CounterfactualResult)
    assert result.sentence.endswith(".")
    return result


@pytest.fixture(scope="module")
def flipped(predictor: Predictor) -> CounterfactualResult:
    return result_of(NITRO, predictor)


def test_what_is_found_is_what_the_predictor_says_of_it(flipped: CounterfactualResult, predictor: Predictor) -> None:
    assert 1 <= len(flipped.found) <= 3
    assert flipped.closest is None
    name = predictor.task.name
    for found, asked in zip(flipped.found, predictor.predict([f.smiles for f in flipped.found]), strict=True):
        assert isinstance(asked, Prediction)
        assert found.flips
        assert asked.verdict == predictor.task.classes[0] == found.after[name].verdict
        assert found.after[name].output == pytest.approx(asked.output, abs=1e-4)
        assert found.after[name].spread == pytest.approx(asked.spread, abs=1e-4)
        assert found.domain[name].similarity == pytest.approx(asked.domain.similarity)
        assert asked.output <= (predictor.threshold or 0) - Flip().margin + 1e-4
        assert found.before[name].verdict == predictor.task.classes[1]
        assert 0 < found.similarity < 1
        assert 1 <= len(found.edits) <= 3
        assert found.why.endswith(".")


def test_pairs_can_be_drawn_aligned(flipped: CounterfactualResult) -> None:
    start = Chem.MolFromSmiles(flipped.start.molecule.smiles)
    for found in flipped.found:
        mol = Chem.MolFromSmiles(found.smiles)
        assert Chem.MolToSmiles(mol) == found.smiles
        assert len(found.origin) == mol.GetNumAtoms()
        sources = [i for i in found.origin if i >= 0]
        assert len(set(sources)) == len(sources)
        for atom, source in enumerate(found.origin):
            if atom not in found.changed:
                before, after = start.GetAtomWithIdx(source), mol.GetAtomWithIdx(atom)
                assert (before.GetAtomicNum(), before.GetTotalNumHs()) == (after.GetAtomicNum(), after.GetTotalNumHs())
        assert set(range(start.GetNumAtoms())) - set(sources) <= set(found.changed_before)


def test_it_is_the_same_every_time(flipped: CounterfactualResult, predictor: Predictor) -> None:
    again = result_of(NITRO, predictor)
    assert dataclasses.replace(again, seconds=0.0) == dataclasses.replace(flipped, seconds=0.0)


def test_found_molecules_differ_and_are_no_more_than_asked(predictor: Predictor) -> None:
    result = result_of(NITRO, predictor, settings=SearchSettings(budget=250, count=1))
    assert len(result.found) == 1
    assert len({f.smiles for f in result_of(NITRO, predictor).found}) > 1


def test_a_molecule_of_the_wanted_class_has_nothing_to_change(predictor: Predictor) -> None:
    result = result_of("Cc1cccc(OC)c1", predictor)
    assert "already" in result.sentence
    assert result.found == ()
    assert result.closest is None
    back = result_of("Cc1cccc(OC)c1", predictor, goal=Flip(wanted=1), settings=SearchSettings(budget=500))
    assert all(f.after[predictor.task.name].verdict == predictor.task.classes[1] for f in back.found)


def test_a_start_that_is_there_by_less_than_the_margin_is_told(
    predictor: Predictor, flipped: CounterfactualResult
) -> None:
    name = predictor.task.name
    almost = max(flipped.found, key=lambda found: found.after[name].output)
    assert predictor.threshold is not None
    margin = predictor.threshold - almost.after[name].output + 0.03
    result = result_of(almost.smiles, predictor, goal=Flip(margin=margin))
    said = result.start.outlook[name]
    assert said.verdict == predictor.task.classes[0]
    assert result.found
    told = f"The start is predicted {said.verdict} already (probability {said.output:.2f} of "
    assert result.sentence.startswith(told)
    assert f"but by less than the margin of {margin:.2f}. " in result.sentence
    assert "already" not in flipped.sentence


def test_the_evidence_that_is_left_is_that_of_the_masks(predictor: Predictor, flipped: CounterfactualResult) -> None:
    def evidence(smiles: str) -> float:
        (said,) = predictor.predict([smiles])
        assert isinstance(said, Prediction)
        return float(said.explanation.node_importance[:, 1].sum())

    before = evidence(flipped.start.molecule.smiles)
    for found in flipped.found:
        assert found.evidence_left is not None
        assert found.evidence_left == pytest.approx(evidence(found.smiles) / before, abs=1e-3)
        assert ("is still there" in found.why) == (found.evidence_left > STILL_THERE)
    other = result_of("Cc1cccc(OC)c1", predictor, goal=Flip(wanted=1), settings=SearchSettings(budget=300))
    assert all(found.evidence_left is None for found in other.found)


def test_no_flip_is_an_answer_with_the_closest_approach(predictor: Predictor) -> None:
    result = result_of(NITRO, predictor, keep="[N+](=O)[O-]", settings=SearchSettings(budget=60, max_edits=1))
    if not result.found:
        assert result.closest is not None
        assert not result.closest.flips
        assert "closest" in result.sentence
    for found in (*result.found, *([result.closest] if result.closest else [])):
        assert "[N+](=O)[O-]" in found.smiles


def test_a_part_that_does_not_match_is_told(predictor: Predictor) -> None:
    result = result_of(NITRO, predictor, keep="C1CCCCC1")
    assert "is not in this molecule" in result.sentence
    assert result.found == ()


def test_everything_kept_leaves_no_edit(predictor: Predictor) -> None:
    result = result_of("[N+](=O)([O-])c1c(F)c(F)c(F)c(F)c1F", predictor, keep=range(14))
    assert result.found == ()
    assert "keep" in result.sentence or "already" in result.sentence


@pytest.mark.parametrize("keep", ["", "((", "  "])
def test_what_is_no_smarts_is_refused(predictor: Predictor, keep: str) -> None:
    with pytest.raises(ValueError, match="keep is"):
        find_counterfactuals(NITRO, predictor, keep=keep)


def test_an_atom_that_is_not_there_is_refused(predictor: Predictor) -> None:
    with pytest.raises(ValueError, match="keep holds atom 99"):
        find_counterfactuals(NITRO, predictor, keep=[99])


@pytest.mark.parametrize("text", ["", "nonsense", "c1cc", "*C", "[H][H]"])
def test_what_is_no_molecule_is_a_row_problem(predictor: Predictor, text: str) -> None:
    assert isinstance(find_counterfactuals(text, predictor), RowProblem)


@pytest.mark.parametrize(
    "smiles",
    [
        "C",
        "[Na+].[Cl-]",
        "[Pt]",
        "C[Pt](C)(Cl)Cl",
        "[2H]C([2H])O",
        "[CH3]",
        "C1CCCCCCCCCCCCCCCCC1",
        "O=[N+]([O-])c1ccccc1.Cl",
        "C[N+](C)(C)C.[Br-]",
        "O=[N+]([O-])c1ccc(" + "C" * 190 + ")cc1",
        "F[Si](F)(F)F",
        "FS(F)(F)(F)(F)F",
    ],
)
def test_odd_molecules_get_a_clear_result(predictor: Predictor, smiles: str) -> None:
    result = result_of(smiles, predictor, settings=SearchSettings(budget=40, count=2))
    assert result.sentence
    assert len(result.found) <= 2


def test_a_salt_is_searched_as_its_parent(predictor: Predictor) -> None:
    result = result_of(NITRO + ".Cl", predictor)
    assert result.start.molecule.smiles == Chem.CanonSmiles(NITRO)
    assert [note.code for note in result.start.molecule.notes]


def test_a_value_is_moved(solubility: Predictor) -> None:
    result = result_of("CCCCCCc1ccccc1", solubility, goal=Move(0.5))
    start = result.start.outlook["solubility"].output
    assert result.found
    assert all(f.after["solubility"].output >= start + 0.5 - 1e-3 for f in result.found)
    down = result_of("OCCO", solubility, goal=Move(-0.5))
    assert all(f.after["solubility"].output <= down.start.outlook["solubility"].output - 0.5 + 1e-3 for f in down.found)


def test_other_endpoints_are_told_of(predictor: Predictor, solubility: Predictor) -> None:
    result = result_of(NITRO, predictor, others=[solubility])
    for found in result.found:
        assert set(found.after) == set(found.before) == set(found.domain) == {predictor.task.name, "solubility"}


def test_both_endpoints_are_reached_at_once(predictor: Predictor) -> None:
    other = Predictor.load("aggregation")
    result = result_of(NITRO, predictor, others=[other], both=True, settings=SearchSettings(budget=400))
    for found in result.found:
        assert found.after[predictor.task.name].verdict == predictor.task.classes[0]
        assert found.after["aggregation"].verdict == "non-aggregator"


def test_a_concept_is_left(predictor: Predictor, table: pd.DataFrame) -> None:
    concepts = made_set(predictor.bundle.members, table.loc[table["label"] == 1, "smiles"].tolist())
    (concept,) = concepts
    member = concept.members[0].smiles
    result = result_of(member, predictor, goal=LeaveConcept(concepts, concept))
    assert result.found or result.closest is not None
    assert "concept" in result.sentence


def test_a_stress_test_looks_for_disagreement(predictor: Predictor) -> None:
    result = stress_test(NITRO, predictor, at_least=0.02, settings=QUICK)
    assert isinstance(result, CounterfactualResult)
    start = result.start.outlook[predictor.task.name].spread
    assert all(f.after[predictor.task.name].spread >= 0.02 - 1e-4 for f in result.found)
    assert result.found or result.closest is not None or start >= 0.02


def test_goals_that_do_not_fit_are_refused(predictor: Predictor, solubility: Predictor) -> None:
    with pytest.raises(ValueError, match="goal is Move"):
        find_counterfactuals(NITRO, predictor, goal=Move(1.0))
    with pytest.raises(ValueError, match="goal is Flip"):
        find_counterfactuals(NITRO, solubility, goal=Flip())
    with pytest.raises(ValueError, match="each task once"):
        find_counterfactuals(NITRO, predictor, others=[predictor])
    for made, match in (
        (lambda: Flip(2), "wanted"),
        (lambda: Flip(margin=0.7), "margin"),
        (lambda: Move(0.0), "by"),
        (lambda: Disagree(0.0), "at_least"),
    ):
        with pytest.raises(ValueError, match=match):
            made()
