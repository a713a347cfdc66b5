"""Quizzes are kept as they were taken, go home as CSV without formulas, and are gone when deleted."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from app.quiz.store import Answered, QuizStoreError, TakenQuiz, as_csv, delete, keep, kept, quiz_file

ANSWERS = (
    Answered("CCO", True, "aggregator", "aggregator", 2.5),
    Answered("c1ccccc1", False, "non-aggregator", "aggregator", None),
)
TAKEN = TakenQuiz("Ada", "person", "aggregation", "ab" * 32, "test split", 7, 8, ANSWERS)


@pytest.fixture(autouse=True)
def own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "deep" / "quiz.duckdb"
    monkeypatch.setenv("WHYMOL_QUIZ", str(file))
    return file


def test_nothing_is_there_and_nothing_is_made_by_looking(own_file: Path) -> None:
    assert kept() == []
    delete(["none"])
    assert not own_file.exists()


def test_round_trip_keeps_everything_in_order() -> None:
    number = keep(TAKEN)
    (found,) = kept()
    assert found.id == number
    assert found.taken.endswith("+00:00")
    assert replace(found, id="", taken="") == TAKEN
    assert [answer.correct for answer in found.answers] == [True, False]


def test_deleting_one_leaves_the_others(own_file: Path) -> None:
    first = keep(replace(TAKEN, who="Blaise Pascal the first"))
    second = keep(replace(TAKEN, taker="some-model", who="", answers=ANSWERS[:1]))
    delete([first, "none"])
    (found,) = kept()
    assert (found.id, found.taker, len(found.answers)) == (second, "some-model", 1)
    delete([second])
    assert kept() == []


@pytest.mark.parametrize("who", ["'; DROP TABLE quiz; --", "a\nb\t c", "x" * 500, "日本 <script>", ""])
def test_names_are_text_and_nothing_else(who: str) -> None:
    keep(replace(TAKEN, who=who))
    (found,) = kept()
    assert found.who == " ".join(who.split())[:60]


def test_csv_has_a_line_an_answer_and_no_formula() -> None:
    keep(replace(TAKEN, who="=1+1", answers=(Answered("-C", True, "a", "", 1.234), *ANSWERS)))
    rows = list(csv.DictReader(io.StringIO(as_csv(kept()))))
    assert [row["question"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["name"] == "'=1+1"
    assert (rows[0]["smiles"], rows[0]["seconds"], rows[0]["answer"]) == ("'-C", "1.23", "")
    assert [row["correct"] for row in rows] == ["0", "1", "0"]
    assert rows[2]["seconds"] == ""
    assert as_csv([]) == ""


def test_a_quiz_without_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="no answers"):
        keep(replace(TAKEN, answers=()))


@pytest.mark.parametrize("content", [b"no database", b"\0" * 5000])
def test_a_file_that_is_no_database_is_said_and_left_alone(own_file: Path, content: bytes) -> None:
    own_file.parent.mkdir()
    own_file.write_bytes(content)
    for act in (kept, lambda: keep(TAKEN), lambda: delete(["x"])):
        with pytest.raises(QuizStoreError, match=r"quiz\.duckdb cannot be"):
            act()
    assert own_file.read_bytes() == content


def test_another_table_of_the_same_name_is_said(own_file: Path) -> None:
    import duckdb

    own_file.parent.mkdir()
    with duckdb.connect(own_file) as store:
        store.execute("CREATE TABLE quiz (other INTEGER)")
    with pytest.raises(QuizStoreError, match="cannot be used"):
        kept()


def test_file_is_in_runs_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHYMOL_QUIZ")
    assert quiz_file() == Path("runs") / "quiz.duckdb"
