"""Quizzes that are being taken, in the same file as those that were saved: a page that is lost finds its quiz again.

Each has a token that nobody can guess, which stands in the address of its page. What is kept here is removed when the
quiz is saved or left; of one that was simply closed, everybody at this machine sees that it exists, and may delete it,
but not its answers.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.quiz.session import QuizSession
from app.quiz.store import Answered, opened, quiz_file

_TOKEN: Final = re.compile(r"[\w-]{20,40}", re.ASCII)
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS begun (token VARCHAR, since VARCHAR, model VARCHAR, questions INTEGER, "
    "examples INTEGER, seed BIGINT, fingerprint VARCHAR, learning BOOLEAN)",
    "CREATE TABLE IF NOT EXISTS begun_answer (token VARCHAR, place INTEGER, smiles VARCHAR, explained BOOLEAN, "
    "verdict VARCHAR, given VARCHAR, seconds DOUBLE)",
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A quiz that is being taken, or was closed on the way."""

    token: str
    since: str
    """Date and time of its start, UTC."""
    model: str
    questions: int
    examples: int
    seed: int
    fingerprint: str
    """As in `QuizSession.fingerprint`."""
    learning: bool
    """Whether its examples are still shown."""
    answers: tuple[Answered, ...]


def new_token() -> str:
    """A token for a quiz that begins."""
    return secrets.token_urlsafe(16)


def keep_begun(session: QuizSession) -> None:
    """Keep where a quiz stands, in place of what was kept of it before; nothing happens to one without a token.

    Raises
    ------
    QuizStoreError
        If the file cannot be written.
    """
    if not session.token:
        return
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with opened(_TABLES) as store:
        since = store.execute("SELECT since FROM begun WHERE token = ?", [session.token]).fetchone()
        head = [
            session.token, since[0] if since else now, session.material.task.name, len(session.plan.questions),
            len(session.plan.examples), session.seed, session.fingerprint, session.learning,
        ]  # fmt: skip
        rows = [
            [session.token, place, a.smiles, a.explained, a.verdict, a.given, a.seconds]
            for place, a in enumerate(session.answers)
        ]
        store.begin()
        _remove(store, session.token)
        store.execute("INSERT INTO begun VALUES (?, ?, ?, ?, ?, ?, ?, ?)", head)
        if rows:
            store.executemany("INSERT INTO begun_answer VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        store.commit()


def find_begun(token: str) -> Begun | None:
    """The quiz of a token; None if there is none. The token comes from an address, so from anybody.

    Raises
    ------
    QuizStoreError
        If the file cannot be read.
    """
    if not _TOKEN.fullmatch(token):
        return None
    return next((quiz for quiz in all_begun() if secrets.compare_digest(quiz.token, token)), None)


def all_begun() -> list[Begun]:
    """Every quiz that was begun and neither saved nor left, latest first; none where there is no file.

    Raises
    ------
    QuizStoreError
        If the file cannot be read.
    """
    if not quiz_file().exists():
        return []
    with opened(_TABLES) as store:
        heads = store.execute(
            "SELECT token, since, model, questions, examples, seed, fingerprint, learning FROM begun "
            "ORDER BY since DESC, token"
        ).fetchall()
        rows = store.execute(
            "SELECT token, smiles, explained, verdict, given, seconds FROM begun_answer ORDER BY token, place"
        ).fetchall()
    answers: dict[str, list[Answered]] = {}
    for token, *fields in rows:
        answers.setdefault(token, []).append(Answered(*fields))
    return [
        Begun(token, since, model, questions, examples, seed, fingerprint, learning, tuple(answers.get(token, ())))
        for token, since, model, questions, examples, seed, fingerprint, learning in heads
    ]


def forget_begun(tokens: Sequence[str]) -> None:
    """Remove what is kept of quizzes in progress; tokens that are not there are passed over.

    Raises
    ------
    QuizStoreError
        If the file cannot be written.
    """
    if not tokens or not quiz_file().exists():
        return
    with opened(_TABLES) as store:
        store.begin()
        for token in tokens:
            _remove(store, token)
        store.commit()
        # What was deleted must not stay readable in the file.
        store.execute("CHECKPOINT")


def _remove(store: Any, token: str) -> None:
    store.execute("DELETE FROM begun_answer WHERE token = ?", [token])
    store.execute("DELETE FROM begun WHERE token = ?", [token])
