"""Quizzes that were taken, in one embedded DuckDB file on this machine: kept, listed, taken home, deleted.

The file is the one that WHYMOL_QUIZ names, or `runs/quiz.duckdb`. It is opened for the moment of each call only, since
DuckDB lets one process at a time write.
"""

from __future__ import annotations

import datetime
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from app.exports.counterfactuals import table_text

LONGEST_NAME: Final = 60
PERSON: Final = "person"
_LOCK: Final = threading.Lock()
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS quiz (id VARCHAR PRIMARY KEY, taken VARCHAR, taker VARCHAR, who VARCHAR, "
    "model VARCHAR, weights VARCHAR, molecules VARCHAR, seed BIGINT, examples INTEGER)",
    "CREATE TABLE IF NOT EXISTS answer (quiz VARCHAR, place INTEGER, smiles VARCHAR, explained BOOLEAN, "
    "verdict VARCHAR, given VARCHAR, correct BOOLEAN, seconds DOUBLE)",
)


class QuizStoreError(ValueError):
    """The file cannot be opened or is another's; the sentence says so."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with its answer."""

    smiles: str
    explained: bool
    verdict: str
    """What the model says."""
    given: str
    """What was answered; empty for a language model that skipped it."""
    seconds: float | None
    """None where no person answered."""

    @property
    def correct(self) -> bool:
        """Whether the answer is the model's verdict."""
        return self.given == self.verdict


@dataclass(frozen=True, slots=True)
class TakenQuiz:
    """A quiz from beginning to end."""

    who: str
    """A name, if one was given."""
    taker: str
    """person, or the name of a language model."""
    model: str
    """Whose verdicts were to be predicted."""
    weights: str
    """sha256 of its weights; empty where unknown."""
    molecules: str
    """Where they came from."""
    seed: int
    examples: int
    """How many were shown first."""
    answers: tuple[Answered, ...]
    """In the order in which they were asked."""
    taken: str = ""
    """Date and time, UTC; set when kept."""
    id: str = ""
    """Set when kept."""


def quiz_file() -> Path:
    """The file of this machine; it may not exist yet."""
    named = os.environ.get("WHYMOL_QUIZ", "").strip()
    return Path(named).expanduser() if named else Path("runs") / "quiz.duckdb"


def keep(taken: TakenQuiz) -> str:
    """Keep a quiz; gives its id.

    Raises
    ------
    QuizStoreError
        If the file cannot be written.
    ValueError
        If it has no answers.
    """
    if not taken.answers:
        raise ValueError("the quiz has no answers; expected at least one")
    number = uuid.uuid4().hex
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    head = [
        number, now, taken.taker, " ".join(taken.who.split())[:LONGEST_NAME], taken.model, taken.weights,
        taken.molecules, taken.seed, taken.examples,
    ]  # fmt: skip
    rows = [
        [number, place, a.smiles, a.explained, a.verdict, a.given, a.correct, a.seconds]
        for place, a in enumerate(taken.answers)
    ]
    with opened(_TABLES) as store:
        store.begin()
        store.execute("INSERT INTO quiz VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", head)
        store.executemany("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        store.commit()
    return number


def kept() -> list[TakenQuiz]:
    """Every quiz that was kept, latest first; none where there is no file.

    Raises
    ------
    QuizStoreError
        If the file cannot be read.
    """
    if not quiz_file().exists():
        return []
    with opened(_TABLES) as store:
        heads = store.execute(
            "SELECT id, taken, taker, who, model, weights, molecules, seed, examples FROM quiz ORDER BY taken DESC, id"
        ).fetchall()
        rows = store.execute(
            "SELECT quiz, smiles, explained, verdict, given, seconds FROM answer ORDER BY quiz, place"
        ).fetchall()
    answers: dict[str, list[Answered]] = {}
    for number, *fields in rows:
        answers.setdefault(number, []).append(Answered(*fields))
    return [
        TakenQuiz(who, taker, model, weights, molecules, seed, examples, tuple(answers.get(number, ())), taken, number)
        for number, taken, taker, who, model, weights, molecules, seed, examples in heads
    ]


def delete(numbers: Sequence[str]) -> None:
    """Remove quizzes with all their answers; ids that are not there are passed over.

    Raises
    ------
    QuizStoreError
        If the file cannot be written.
    """
    if not numbers or not quiz_file().exists():
        return
    with opened(_TABLES) as store:
        store.begin()
        for number in numbers:
            store.execute("DELETE FROM answer WHERE quiz = ?", [number])
            store.execute("DELETE FROM quiz WHERE id = ?", [number])
        store.commit()
        # What was deleted must not stay readable in the file.
        store.execute("CHECKPOINT")


def as_csv(quizzes: Sequence[TakenQuiz]) -> str:
    """One line an answer, safe to open in a spreadsheet."""
    return table_text([
        {
            "quiz": quiz.id, "taken": quiz.taken, "taker": quiz.taker, "name": quiz.who, "model": quiz.model,
            "weights_sha256": quiz.weights, "molecules": quiz.molecules, "seed": quiz.seed,
            "examples": quiz.examples, "question": place, "smiles": answer.smiles,
            "with_explanation": int(answer.explained), "verdict": answer.verdict, "answer": answer.given,
            "correct": int(answer.correct),
            "seconds": "" if answer.seconds is None else round(answer.seconds, 2),
        }
        for quiz in quizzes
        for place, answer in enumerate(quiz.answers, start=1)
    ])  # fmt: skip


@contextmanager
def opened(tables: Sequence[str]) -> Iterator[Any]:
    """The file as a DuckDB connection, for one process at a time.

    Parameters
    ----------
    tables
        Statements that make what is needed where it is not there.

    Raises
    ------
    QuizStoreError
        If it cannot be opened, or a statement fails.
    """
    file = quiz_file()
    with _LOCK:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            store = duckdb.connect(file)
        except (OSError, duckdb.Error) as error:
            raise QuizStoreError(f"{file.name} cannot be opened: {_first_line(error)}") from error
        try:
            for table in tables:
                store.execute(table)
            yield store
        except duckdb.Error as error:
            raise QuizStoreError(f"{file.name} cannot be used: {_first_line(error)}") from error
        finally:
            store.close()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
