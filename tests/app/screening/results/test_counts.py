"""Counts for bars and plots, beside a slow count of the same rows in Python."""

from __future__ import annotations

from collections import Counter

import pytest

from app.screening.results.counts import alert_counts, concept_counts, output_bins
from app.screening.results.sampling import PROPERTIES, draw
from app.screening.results.table import Results
from app.screening.run_folder import Run
from datasets.tasks import MUTAGENICITY, SOLUBILITY

TASKS = [MUTAGENICITY]


def test_alerts_are_counted_by_name_with_those_flagged_among_them(results: Results) -> None:
    rows = results.page().to_pylist()
    expected: Counter[tuple[str, str]] = Counter()
    flagged: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for catalog in ("alerts_pains", "alerts_brenk", "alerts_kazius"):
            for name in filter(None, (row[catalog] or "").split("; ")):
                expected[catalog, name] += 1
                flagged[catalog, name] += row["mutagenicity_verdict"] == "mutagenic"
    found = alert_counts(results, TASKS)
    assert {(alert.catalog, alert.name): alert.count for alert in found} == expected
    assert {(alert.catalog, alert.name): alert.flagged["mutagenicity"] for alert in found} == dict(flagged)
    assert [alert.count for alert in found] == sorted((alert.count for alert in found), reverse=True)
    assert expected["alerts_kazius", "specific aromatic nitro"] == 2
    assert alert_counts(results, TASKS, most=1) == found[:1]
    assert alert_counts(results, TASKS, "status = 'error'") == []


def test_without_concepts_none_are_counted(results: Results) -> None:
    assert concept_counts(results, MUTAGENICITY) == []


class _Answers:
    """Stands in for results of a run whose model has concepts."""

    def __init__(self, rows: list[tuple[str, str, int, int]]) -> None:
        from app.screening.columns import StoredColumn

        self._rows = rows
        self.columns = [
            StoredColumn(name, name, "text", False)
            for name in ("mutagenicity_concept", "mutagenicity_concept_name", "mutagenicity_verdict")
        ]

    def where(self, condition: str | None) -> str:
        return ""

    def sql(self, query: str) -> list[tuple[str, str, int, int]]:
        return self._rows


def test_a_molecule_counts_in_each_of_its_concepts() -> None:
    answers = _Answers([("a; b", "nitro; ring", 3, 2), ("b", "ring", 4, 0), ("c; b", "x; y; z", 1, 1)])
    found = concept_counts(answers, MUTAGENICITY)  # type: ignore[arg-type]
    assert [(c.id, c.name, c.count, c.flagged) for c in found] == [
        ("b", "ring", 8, 3),
        ("a", "nitro", 3, 2),
        ("c", "c", 1, 1),
    ]


def test_outputs_fall_into_bins(results: Results) -> None:
    values = [v for v in results.page(["mutagenicity_probability"])["mutagenicity_probability"].to_pylist() if v]
    found = output_bins(results, MUTAGENICITY, bins=10)
    assert found is not None
    expected = [0] * 10
    for value in values:
        expected[min(int(value * 10), 9)] += 1
    assert list(found.counts) == expected
    assert (found.edges[0], len(found.edges)) == (0.0, 11)
    assert output_bins(results, MUTAGENICITY, "status = 'error'") is None


def test_a_task_that_was_not_screened_has_no_bins(results: Results) -> None:
    with pytest.raises(StopIteration):
        output_bins(results, SOLUBILITY)


def test_drawn_molecules_have_their_properties(results: Results, finished: Run) -> None:
    drawn = draw(results, TASKS, ["mass"])
    assert drawn.of == 6
    ids = drawn.columns["id"]
    assert sorted(ids) == ["a", "b", "c", "d", "f", "g"]
    at = ids.index("a")
    assert drawn.properties["Weight (g/mol)"][at] == pytest.approx(123.11, abs=0.01)
    assert drawn.properties["Aromatic rings"][at] == 1
    assert drawn.columns["mass"][at] == 123.1
    assert set(drawn.properties) == set(PROPERTIES)
    some = draw(results, TASKS, [], most=2)
    assert some.of == 6
    assert some.columns["id"] == draw(results, TASKS, []).columns["id"][:2]
    assert draw(results, TASKS, [], "status = 'error'").columns["id"] == []
