"""Tables about concepts, from numbers made up here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.concept_tables import idea_table, judgement_table, motif_table, shipped_table, toxicophore_table
from concepts import storage
from tests.concepts.hand_made import three_concepts

MUTAGENICITY: dict[str, Any] = {
    "molecules": 7000,
    "seconds": 41.6,
    "peak_megabytes": 1028,
    "toxicophores_of_30": 2,
    "rediscovered_of_30": 1,
    "toxicophores": {
        "azide": {"molecules": 59, "precise_concepts": ["mutagenic-41"], "coverage": 0.237},
        "epoxide": {"molecules": 318, "precise_concepts": [], "coverage": 0.0},
        "too few": {"molecules": 29, "precise_concepts": ["mutagenic-01"], "coverage": 1.0},
    },
    "unexplained": [
        {"id": "a", "name": "quinoline", "members": 14, "hit_rate": 0.75, "hit_rate_test": 1.0, "tested": 2,
         "stability": 0.6},
        {"id": "b", "name": "indane", "members": 12, "hit_rate": 0.5, "hit_rate_test": None, "tested": 0,
         "stability": 1.0},
    ],
    "membership_explains": {
        "commoner_verdict": 0.55, "nearest_by_nearness": 0.9, "test_in_some_concept": 0.44, "inside_of_those": 0.93,
    },
    "members": {"non-mutagenic": {"adjusted_rand": 0.61}, "mutagenic": {"adjusted_rand": 0.91}},
}  # fmt: skip
PROTOTYPES = {
    "mutagenicity": {
        "population": 500, "rounds": 25, "concepts": 30, "cpu_s_median": 8.04, "cpu_s_slowest": 12.0,
        "atoms_of_smallest_median": 5.0, "atoms_of_members_median": 15.0, "valid_share": 1.0, "inside_share": 1.0,
        "own_verdict_share": 0.99,
    }
}  # fmt: skip


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_toxicophores_with_enough_molecules_the_most_common_first() -> None:
    assert cells(toxicophore_table({"mutagenicity": MUTAGENICITY})) == [
        ["epoxide", "318", "none", "–"],
        ["azide", "59", "1", "24 %"],
    ]


def test_ideas_say_how_many_were_tested() -> None:
    assert cells(idea_table({"mutagenicity": MUTAGENICITY})) == [
        ["quinoline", "14", "75 %", "100 % of 2", "60 %"],
        ["indane", "12", "50 %", "none there", "100 %"],
    ]


def test_motifs() -> None:
    row = {"motifs_found": {"star": True, "ring": False}, "concepts": [{}, {}], "spurious": 1, "in_a_concept": 0.5}
    table = motif_table({"rb_dual_motifs": {"lowers": row}, "ba2motifs": {}})
    assert cells(table) == [["rb_dual_motifs", "lowers", "star (1 of 2)", "2", "1", "50 %"]]


def test_the_judgement_quotes_both_results() -> None:
    values = [row[1] for row in cells(judgement_table({"mutagenicity": MUTAGENICITY}, PROTOTYPES))]
    assert values[0] == "1 of 2"
    assert values[1] == "90 % (commoner verdict: 55 %)"
    assert values[3] == "0.61 non-mutagenic, 0.91 mutagenic"
    assert values[5] == "8.0 CPU seconds, slowest 12.0 (30 concepts)"
    assert values[-1] == "100 %, 100 %, 99 %"


def test_shipped_sets_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "SHIPPED", tmp_path)
    found = three_concepts()
    storage.save_concepts(tmp_path / "mutagenicity", found)
    rows = cells(shipped_table())
    assert [row[:2] for row in rows] == [["mutagenicity", channel] for channel in found.channels]
    assert [row[3] for row in rows] == [str(len(found.of_channel(k))) for k in range(len(found.channels))]
