"""The one door: as many answers as inputs, the same whoever asks and in whatever company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets.featurize import featurize
from datasets.molecule import InputRow, Molecule, RowProblem
from datasets.standardize import Policy
from megan import Predictor, predict_rows
from megan.prediction import Explanation, Prediction

MESSY = [
    "Cc1ccccc1[N+](=O)[O-]",
    "CC(",
    "",
    "aspirin",
    "[Xx]",
    "CCN.Cl",
    "C",
    "*",
    "CC>>CO",
    "\U0001f9ea",
    "CCO",
    "CCO",
]


@pytest.fixture(scope="module")
def predictor(tiny_bundle: Path) -> Predictor:
    return Predictor.load(tiny_bundle)


def test_as_many_answers_as_inputs_in_their_order(predictor: Predictor) -> None:
    answers = predictor.predict(MESSY)
    assert [isinstance(a, Prediction) for a in answers] == [
        True, False, False, False, False, True, True, False, False, False, True, True,
    ]  # fmt: skip
    problems = [a for a in answers if isinstance(a, RowProblem)]
    assert [p.row for p in problems] == [1, 2, 3, 4, 7, 8, 9]


def test_an_empty_list_is_answered_by_one(predictor: Predictor) -> None:
    assert predictor.predict([]) == []
    assert [type(a) for a in predictor.predict(["CC("])] == [RowProblem]


def test_everything_is_within_its_range(predictor: Predictor) -> None:
    (answer,) = predictor.predict(["O=[N+]([O-])c1ccc(CC)cc1"])
    assert isinstance(answer, Prediction)
    assert 0 <= answer.output <= 1
    assert answer.verdict == ("mutagenic" if answer.output >= (answer.threshold or 0) else "non-mutagenic")
    assert 0 <= answer.spread <= 0.5
    assert set(answer.conformal) <= {"non-mutagenic", "mutagenic"}
    assert answer.explanation.node_importance.shape == (11, 2)
    assert answer.explanation.edge_importance.shape == (11, 2)
    assert len(answer.domain.neighbours) == 3
    assert answer.domain.measured is not None


def test_row_order_and_company_change_nothing(predictor: Predictor, odd_smiles: tuple[str, ...]) -> None:
    smiles = [s for s in odd_smiles if "*" not in s]
    together = predictor.predict(smiles)
    backwards = predictor.predict(smiles[::-1])[::-1]
    for text, a, b in zip(smiles, together, backwards, strict=True):
        (alone,) = predictor.predict([text])
        for other in (b, alone):
            assert isinstance(a, Prediction)
            assert isinstance(other, Prediction)
            assert a.output == pytest.approx(other.output, abs=1e-5)
            np.testing.assert_allclose(a.explanation.node_importance, other.explanation.node_importance, atol=1e-4)


def test_another_way_to_write_the_molecule_changes_nothing(predictor: Predictor) -> None:
    a, b = predictor.predict(["OC(=O)c1ccccc1OC(C)=O", "CC(=O)Oc1c(C(=O)O)cccc1"])
    assert isinstance(a, Prediction)
    assert isinstance(b, Prediction)
    assert a.output == pytest.approx(b.output, abs=1e-6)


def test_numbers_alone_equal_the_full_predictions(predictor: Predictor) -> None:
    smiles = ["CCO", "c1ccccc1", "O=[N+]([O-])c1ccccc1"]
    numbers = predictor.outputs(featurize(smiles))
    for g, answer in enumerate(predictor.predict(smiles)):
        assert isinstance(answer, Prediction)
        assert answer.output == pytest.approx(float(numbers.output[g]), abs=1e-6)
        assert answer.spread == pytest.approx(float(numbers.spread[g]), abs=1e-6)


def test_rows_keep_their_names_and_statuses(predictor: Predictor) -> None:
    rows = [InputRow(0, "a", "CCO"), InputRow(1, "b", "CC("), InputRow(2, "c", "CCN.Cl")]
    results = predict_rows(rows, [predictor])
    assert [r.molecule.id for r in results] == ["a", "b", "c"]
    assert [r.status for r in results] == ["ok", "error", "warning"]
    assert [list(r.predictions) for r in results] == [["mutagenicity"], [], ["mutagenicity"]]


def test_as_drawn_keeps_the_salt(predictor: Predictor) -> None:
    rows = [InputRow(0, "", "CCN.Cl")]
    (parent,) = predict_rows(rows, [predictor], Policy.PARENT)
    (drawn,) = predict_rows(rows, [predictor], Policy.AS_DRAWN)
    assert isinstance(parent.molecule, Molecule)
    assert isinstance(drawn.molecule, Molecule)
    assert "." not in parent.molecule.smiles
    assert "." in drawn.molecule.smiles


def test_a_bad_confidence_is_named(tiny_bundle: Path) -> None:
    with pytest.raises(ValueError, match="confidence is 90"):
        Predictor.load(tiny_bundle, confidence=90)


def test_an_explanation_checks_its_own_masks() -> None:
    good = np.zeros((3, 2), np.float32)
    embedding = np.zeros((2, 4), np.float32)
    with pytest.raises(ValueError, match=r"Explanation.node_importance spans 0.0..2.0"):
        Explanation(
            ("a", "b"), good + np.array([0, 2], np.float32), good, np.zeros(2, np.float32), np.zeros((2, 4), np.float32)
        )
    with pytest.raises(ValueError, match=r"Explanation.fidelity has shape \(3,\)"):
        Explanation(("a", "b"), good, good, np.zeros(3, np.float32), embedding)


def test_shipped_mutagenicity_points_at_the_nitro_group() -> None:
    (answer,) = Predictor.load("mutagenicity").predict(["O=[N+]([O-])c1ccccc1"])
    assert isinstance(answer, Prediction)
    assert answer.verdict == "mutagenic"
    mask = answer.explanation.node_importance[:, 1]
    assert mask[:3].sum() > 0.5 * mask.sum()
