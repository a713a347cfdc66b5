"""Which concept a prediction belongs to: only of the same weights, and by the rules that chose the members."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from app.concepts.known import KnownConcepts, Outside, concepts_of_bundles, concepts_of_model
from app.exports.sdf import sdf_record
from app.exports.tables import CsvTable
from app.predicting.records import as_record, table_columns
from datasets.molecule import InputRow
from datasets.tasks import AGGREGATION, MUTAGENICITY
from megan.prediction import RowResult
from megan.shipped import PRETRAINED
from tests.app.fake_predictor import FakePredictor, fake_predict_rows
from tests.app.made_sets import WEIGHTS, PlacedPredictor, of_shipped_model, placed, write_own, write_shipped
from tests.concepts.hand_made import SETTINGS, three_concepts

NITRO = "O=[N+]([O-])c1ccccc1"


def _known() -> KnownConcepts:
    write_shipped()
    known = concepts_of_model(MUTAGENICITY, WEIGHTS)
    assert known is not None
    return known


def test_a_set_counts_for_its_own_weights_only() -> None:
    assert concepts_of_model(MUTAGENICITY, WEIGHTS) is None
    write_shipped(three_concepts())
    assert concepts_of_model(MUTAGENICITY, WEIGHTS) is None
    write_own("concepts-fitting")
    known = concepts_of_model(MUTAGENICITY, WEIGHTS)
    assert known is not None
    assert known.name == "concepts-fitting"
    write_shipped()
    known = concepts_of_model(MUTAGENICITY, WEIGHTS)
    assert known is not None
    assert known.name == "mutagenicity"
    assert concepts_of_model(AGGREGATION, WEIGHTS) is None


@pytest.mark.parametrize("broken", ["", "[]", '{"format": 0}'])
def test_a_broken_set_is_passed_over(broken: str) -> None:
    folder = write_shipped()
    (folder / "concepts.json").write_text(broken)
    assert concepts_of_model(MUTAGENICITY, WEIGHTS) is None


def test_a_set_of_another_network_of_the_committee_is_passed_over() -> None:
    write_shipped(of_shipped_model(filters=replace(SETTINGS, member=1)))
    assert concepts_of_model(MUTAGENICITY, WEIGHTS) is None


def test_models_without_a_set_are_left_out() -> None:
    write_shipped()
    folders = [PRETRAINED / "aggregation", PRETRAINED / "mutagenicity"]
    assert list(concepts_of_bundles([AGGREGATION, MUTAGENICITY], folders)) == ["mutagenicity"]


def test_a_molecule_is_in_the_concept_of_its_verdict_and_told_why_it_is_in_no_other() -> None:
    known, fake = _known(), FakePredictor(MUTAGENICITY)
    plain, speaking = known.of(placed(fake.predict(NITRO), 0, 2))
    assert (plain.concept, plain.outside) == (None, Outside.QUIET)
    assert speaking.concept is not None
    assert speaking.concept.id == "mutagenic-01"
    assert speaking.score > 0.9
    loud = placed(fake.predict(NITRO), 0, 2, fidelity=(0.5, 0.5))
    marked = np.ones_like(loud.explanation.node_importance)
    loud = replace(loud, explanation=replace(loud.explanation, node_importance=marked))
    assert known.of(loud)[0].outside is Outside.OTHER_VERDICT
    assert known.of(replace(loud, output=0.1))[0].concept is not None
    assert known.of(replace(loud, output=0.1))[1].outside is Outside.OTHER_VERDICT
    assert known.of(placed(fake.predict(NITRO), 0, 5))[1].outside is Outside.FAR
    assert known.of(placed(fake.predict(NITRO), 0, 2, fidelity=(0.1, 0.19)))[1].outside is Outside.QUIET


def test_a_channel_that_marks_no_atom_is_in_no_concept() -> None:
    known = _known()
    prediction = placed(FakePredictor(MUTAGENICITY).predict(NITRO), 0, 2)
    nodes = np.full_like(prediction.explanation.node_importance, 0.49)
    pale = replace(prediction, explanation=replace(prediction.explanation, node_importance=nodes))
    assert known.of(pale)[1].outside is Outside.UNMARKED
    nodes = nodes.copy()
    nodes[0, 1] = 0.5
    marked = replace(prediction, explanation=replace(prediction.explanation, node_importance=nodes))
    assert known.of(marked)[1].concept is not None


def test_a_channel_without_concepts_says_so() -> None:
    found = of_shipped_model()
    write_shipped(replace(found, concepts=found.of_channel(0)))
    known = concepts_of_model(MUTAGENICITY, WEIGHTS)
    assert known is not None
    answer = known.of(placed(FakePredictor(MUTAGENICITY).predict(NITRO), 0, 2))[1]
    assert (answer.nearest, answer.outside) == (None, Outside.NO_CONCEPTS)


def test_matching_agrees_with_the_matcher() -> None:
    known = _known()
    rng = np.random.default_rng(0)
    fake = placed(FakePredictor(MUTAGENICITY).predict(NITRO), 0, 2, fidelity=(9, 9))
    for _ in range(20):
        embedding = rng.normal(size=(2, 8)).astype(np.float32)
        prediction = replace(fake, explanation=replace(fake.explanation, embedding=embedding))
        matched = known.matcher.match(embedding[None])
        for k, answer in enumerate(known.of(prediction)):
            assert answer.score == matched.score[0, k]
            if k == 1:
                position = int(matched.concept[0, k])
                assert answer.concept == (None if position < 0 else known.found.concepts[position])


def test_embeddings_of_another_shape_match_nothing() -> None:
    assert _known().of(FakePredictor(MUTAGENICITY).predict(NITRO)) == ()


def _results() -> list[RowResult]:
    rows = [InputRow(0, "nitro", NITRO), InputRow(1, "", "CC("), InputRow(2, "", "CCO")]
    return fake_predict_rows(rows, [FakePredictor(AGGREGATION), PlacedPredictor()])


def test_record_names_the_concept_of_each_channel_and_adds_nothing_else() -> None:
    known = {"mutagenicity": _known()}
    nitro, bad, _ = (as_record(result, known) for result in _results())
    channels = nitro["tasks"]["mutagenicity"]["channels"]
    assert channels["non-mutagenic"].pop("concept") is None
    concept = channels["mutagenic"].pop("concept")
    assert concept | {"score": 0} == {"id": "mutagenic-01", "name": "alcohol <b>", "score": 0, "hit_rate": None}
    assert 0.9 < concept["score"] <= 1
    assert [nitro, bad] == [as_record(result) for result in _results()[:2]]


def test_columns_are_id_and_name_where_the_concepts_are_known() -> None:
    known = {"mutagenicity": _known()}
    tasks = [AGGREGATION, MUTAGENICITY]
    plain = [column.name for column in table_columns(tasks)]
    added = [column.name for column in table_columns(tasks, known)]
    assert [name for name in added if name not in plain] == ["mutagenicity_concept", "mutagenicity_concept_name"]
    text = io.StringIO(newline="")
    CsvTable(text, tasks, concepts=known).write(_results())
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert [row["mutagenicity_concept"] for row in rows] == ["mutagenic-01", "", ""]
    assert rows[0]["mutagenicity_concept_name"] == "alcohol <b>"
    record = sdf_record(_results()[0], tasks, concepts=known)
    assert ">  <mutagenicity_concept>\nmutagenic-01\n" in record
