"""A job keeps its rows aligned, goes on where it stopped, and notices what other batches hold."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Thread

import pytest

from app.components.job import FIRST_BATCH, MOST_ROWS, new_job
from app.components.predict.results import progress_in_words
from datasets.molecule import InputRow, Molecule
from datasets.standardize import Policy, standardize_rows
from megan.prediction import RowResult


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def predict_rows(rows: Sequence[InputRow], predictors: Sequence[object], policy: Policy) -> list[RowResult]:
        return [RowResult(molecule, {}) for molecule in standardize_rows(rows, policy)]

    monkeypatch.setattr("megan.predictor.predict_rows", predict_rows)


def _rows(count: int) -> list[InputRow]:
    return [InputRow(i, f"n{i}", "C" * (i % 40 + 1)) for i in range(count)]


def test_progress_grows_to_one_and_rows_stay_aligned() -> None:
    job = new_job(_rows(700), Policy.PARENT)
    steps = list(job.advance([]))
    assert steps == sorted(steps)
    assert steps[-1] == 1
    assert [result.molecule.row for result in job.results] == list(range(700))
    assert job.done


def test_interrupted_job_goes_on_where_it_was() -> None:
    job = new_job(_rows(100), Policy.PARENT)
    next(job.advance([]))
    assert len(job.results) == FIRST_BATCH
    list(job.advance([]))
    assert [result.molecule.row for result in job.results] == list(range(100))


def test_stopped_job_keeps_what_is_done() -> None:
    job = new_job(_rows(100), Policy.PARENT)
    next(job.advance([]))
    job.stopped = True
    assert list(job.advance([])) == []
    assert len(job.results) == FIRST_BATCH


def test_two_runs_of_the_page_at_once_share_the_work_without_a_row_twice() -> None:
    job = new_job(_rows(2000), Policy.PARENT)
    runs = [Thread(target=lambda: list(job.advance([]))) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert job.settled()
    assert [result.molecule.row for result in job.results] == list(range(2000))


def test_rows_beyond_the_limit_are_cut_and_said() -> None:
    assert new_job(_rows(MOST_ROWS), Policy.PARENT).cut is False
    job = new_job(_rows(MOST_ROWS + 5), Policy.PARENT, ("a",), [("x",)] * (MOST_ROWS + 5))
    assert job.cut
    assert len(job.rows) == len(job.values) == MOST_ROWS


def test_repeated_structure_is_noticed_across_batches() -> None:
    job = new_job(_rows(100), Policy.PARENT)
    list(job.advance([]))
    notes = [result.molecule.notes for result in job.results if isinstance(result.molecule, Molecule)]
    codes = [[note.code for note in found] for found in notes]
    assert codes[:40] == [[]] * 40
    assert codes[40:] == [["duplicate_of_row"]] * 60
    assert "row 0 (n0)" in notes[40][0].sentence


def test_progress_tells_the_time_left() -> None:
    assert progress_in_words(1824, 10_000, 27.4) == "1,824 of 10,000 molecules predicted, about 27 s left"
    assert progress_in_words(32, 10_000, 300) == "32 of 10,000 molecules predicted, about 5 min left"
    assert progress_in_words(10, 10, 0) == "10 of 10 molecules predicted"
