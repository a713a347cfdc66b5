"""Results: as many rows as the input, in its order, the user's columns first; queries reach nothing else."""

from __future__ import annotations

import duckdb
import pytest

from app.screening.results.summary import sentences, summarise
from app.screening.results.table import Order, Results
from app.screening.run_folder import Run
from datasets.tasks import Task
from megan.predictor import Predictor
from tests.app.screening.conftest import ROWS


def test_rows_are_those_of_the_input_in_order(results: Results) -> None:
    table = results.page()
    assert table.column_names[:4] == ["Name", "SMILES", "mass", "smiles_2"]
    assert table["row"].to_pylist() == list(range(ROWS))
    assert table["mass"].to_pylist() == ["123.1", "", "46.1", "82", "46.1", "0", "137.1", "93"]
    assert table["smiles_2"].to_pylist()[2] == "two\nlines"
    assert table["status"].to_pylist() == ["ok", "error", "ok", "warning", "ok", "error", "ok", "ok"]
    assert table["code"].to_pylist()[1] == "parse_error"
    assert table["code"].to_pylist()[5] == "empty"
    assert table["whymol_smiles"].to_pylist()[3] == "CC(=O)O"


def test_repeats_are_found_across_parts(results: Results) -> None:
    assert results.page()["duplicate_of"].to_pylist() == [None, None, None, None, 2, None, None, None]


def test_columns_of_numbers_are_compared_as_numbers_and_given_as_they_were(results: Results) -> None:
    page = results.page(["Name", "mass"], "mass > 90", Order("mass", descending=True))
    assert page.to_pylist() == [
        {"Name": "f", "mass": "137.1"},
        {"Name": "a", "mass": "123.1"},
        {"Name": "g", "mass": "93"},
    ]


def test_pages_follow_each_other(results: Results) -> None:
    order = Order("mutagenicity_probability", descending=True)
    whole = results.page(["row"], order=order)["row"].to_pylist()
    parts = [results.page(["row"], order=order, limit=3, offset=o)["row"].to_pylist() for o in (0, 3, 6)]
    assert [row for part in parts for row in part] == whole
    assert set(whole[-2:]) == {1, 5}, "rows without a value come last"


def test_batches_are_the_page(results: Results) -> None:
    rows = [row for batch in results.batches(where="status = 'ok'") for row in batch.to_pylist()]
    assert rows == results.page(where="status = 'ok'").to_pylist()
    assert results.count("status = 'ok'") == len(rows) == 5


def test_rows_come_in_the_order_asked(results: Results) -> None:
    assert results.rows([6, 0, 99, 2], ["row"])["row"].to_pylist() == [6, 0, 2]
    assert results.rows([], ["row"]).num_rows == 0


@pytest.mark.parametrize("condition", ["nothing > 1", "mass > 'heavy'", "error('x')"])
def test_a_condition_that_fails_is_a_sentence(results: Results, condition: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        results.count(condition)


def test_files_outside_the_run_stay_closed(results: Results, finished: Run) -> None:
    for query in ("SELECT * FROM read_text('/etc/hostname')", "SET threads = 1", "ATTACH '/tmp/x.db'"):
        with pytest.raises((duckdb.Error, ValueError)):
            results.sql(query)
    assert sorted(p.name for p in finished.folder.iterdir()) == [
        "duplicates.parquet", "numbers.json", "parts", "progress.json", "run.json", "run.lock",
    ] or not (finished.folder / "run.lock").exists()  # fmt: skip


def _task(run: Run) -> Task:
    return Predictor.load(run.settings.tasks[0]).task


def test_summary_counts(results: Results, finished: Run) -> None:
    task = _task(finished)
    summary = summarise(results, [task])
    assert (summary.rows, summary.molecules, summary.repeats) == (8, 6, 1)
    assert summary.reasons == {"empty": 1, "parse_error": 1}
    assert sum(summary.notes.values()) == 1
    [found] = summary.tasks
    assert sum(found.verdicts.values()) == 6
    assert found.flagged == found.verdicts[task.classes[1]]
    assert summary.alerts["alerts_kazius"] == results.count("alerts_kazius <> ''") == 3
    said = sentences(summary, [task])
    assert said[0] == "8 rows, 6 predicted, 1 of them repeats."
    assert "parse_error 1" in said[1]


def test_summary_of_some_rows(results: Results, finished: Run) -> None:
    summary = summarise(results, [_task(finished)], "status = 'error'")
    assert (summary.rows, summary.molecules) == (2, 0)
    assert summary.tasks[0].flagged == 0


def test_a_column_that_is_not_there_is_named_with_those_called_nearly_so(results: Results) -> None:
    with pytest.raises(ValueError, match="there is no column 'mas'; mass is called nearly so"):
        results.count("mas > 90")
    with pytest.raises(ValueError, match="there is no column 'zzzzzz'$"):
        results.checked("zzzzzz = 1")
