"""The report for programs has exactly the keys that programs rely on."""

from __future__ import annotations

import json

import pytest

from concepts.concept import ConceptSet
from concepts.report.record import COLUMNS, report_record, table_rows
from tests.concepts.hand_made import three_concepts
from tests.concepts.report.made_sets import from_strangers, no_card, of_values, one_channel, without_concepts

SETS = [three_concepts(), of_values(), one_channel(), without_concepts(), from_strangers()]


@pytest.mark.parametrize("found", SETS)
def test_the_keys_that_programs_rely_on(found: ConceptSet) -> None:
    record = json.loads(json.dumps(report_record(found, no_card()), allow_nan=False))
    assert record["task"] == found.task
    assert len(record["concepts"]) == len(found)
    for entry, concept in zip(record["concepts"], found, strict=True):
        assert entry["id"] == concept.id
        assert entry["channel"] == found.channels[concept.channel] or entry["channel"] == concept.channel_name
        assert entry["name"] == concept.name
        assert entry["n_members"] == concept.n_members
        assert entry["contribution"] == concept.contribution.value
        assert entry["hit_rate"] == (None if concept.hit_rate is None else concept.hit_rate.value)
        assert [alert["name"] for alert in entry["alerts"]] == [alert.name for alert in concept.known_alerts]
        assert entry["prototypes"] == [prototype.smiles for prototype in concept.prototypes]
        assert [(m["smiles"], m["label"], m["distance"]) for m in entry["members"]] == [
            (m.smiles, m.label, m.distance) for m in concept.members
        ]


def test_more_than_that() -> None:
    entry = report_record(three_concepts(), no_card())["concepts"][0]
    assert entry["intervals"]["contribution"] == [0.4, 0.6]
    assert entry["intervals"]["hit_rate_test"] is None
    assert [alert["name"] for alert in entry["other_alerts"]] == ["aldehyde"]
    assert entry["prototype_searches"][0]["stages"][0] == {"round": 0, "smiles": "CCCO", "fitness": 4.0}
    assert entry["hypothesis"]["claim"] == "c"
    assert entry["counterexamples"][0]["smiles"] == "CCC"
    assert entry["stable"] is True
    assert "These are counts" in entry["paragraph"]


@pytest.mark.parametrize("found", SETS)
def test_a_row_a_concept(found: ConceptSet) -> None:
    rows = table_rows(found, no_card())
    assert [row["id"] for row in rows] == [concept.id for concept in found]
    assert all(tuple(row) == COLUMNS for row in rows)


def test_cells() -> None:
    first, second, _ = table_rows(three_concepts(), no_card())
    assert first["alerts"] == "Kazius epoxide"
    assert (first["contribution"], first["contribution_low"], first["contribution_high"]) == (0.5, 0.4, 0.6)
    assert (first["hit_rate"], second["hit_rate"], second["hit_rate_low"]) == (0.9, None, None)
    assert (first["prototypes"], second["prototypes"], first["nearest_member"]) == ("CO", "", "CCO")
    assert table_rows(of_values(), no_card())[0]["unit_of_contribution"] == "log10 mol/L"
