"""A quiz in progress is kept with each answer, found by its token alone, and gone when it is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.quiz.in_progress import all_begun, find_begun, forget_begun, keep_begun, new_token
from app.quiz.session import QuizSession
from app.quiz.store import QuizStoreError, keep, kept
from tests.app.quiz_material_made import Clock, made_session


@pytest.fixture(autouse=True)
def own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "quiz.duckdb"
    monkeypatch.setenv("WHYMOL_QUIZ", str(file))
    return file


def _begun(answers: int = 0) -> QuizSession:
    session = made_session()
    session.token = new_token()
    session.learning = not answers
    for number in range(answers):
        session.show()
        session.answer(number, number % 2)
    keep_begun(session)
    return session


def test_what_was_answered_comes_back_in_order() -> None:
    session = _begun(3)
    found = find_begun(session.token)
    assert found is not None
    assert found.answers == tuple(session.answers)
    assert (found.model, found.questions, found.examples, found.seed) == ("mutagenicity", 8, 4, 3)
    assert (found.fingerprint, found.learning) == (session.fingerprint, False)
    assert found.since.endswith("+00:00")
    session.answer(3, 1)
    keep_begun(session)
    again = find_begun(session.token)
    assert again == replace(found, answers=tuple(session.answers))
    assert len(all_begun()) == 1


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {22}, "16 random bytes"


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --" * 2, "a" * 22, "../../../../etc/passwd", "\n" * 22])
def test_other_tokens_find_nothing(token: str) -> None:
    assert find_begun(token) is None, "no file yet"
    _begun(1)
    assert find_begun(token) is None


def test_a_quiz_without_a_token_is_not_kept(own_file: Path) -> None:
    keep_begun(made_session())
    assert not own_file.exists()
    assert all_begun() == []
    forget_begun(["none"])
    assert not own_file.exists()


def test_forgetting_one_leaves_the_others_and_what_was_saved() -> None:
    first, second = _begun(2), _begun(1)
    keep(first.taken("Ada"))
    forget_begun([first.token, "none"])
    assert [quiz.token for quiz in all_begun()] == [second.token]
    assert [quiz.who for quiz in kept()] == ["Ada"]


def test_a_file_of_another_kind_is_a_sentence(own_file: Path) -> None:
    own_file.write_text("no database")
    session = made_session()
    session.token = new_token()
    for call in (lambda: keep_begun(session), all_begun, lambda: forget_begun(["a"])):
        with pytest.raises(QuizStoreError, match=r"quiz\.duckdb cannot be opened"):
            call()
    assert own_file.read_text() == "no database"


def test_the_question_on_the_lost_page_has_no_time_and_the_next_ones_do() -> None:
    clock = Clock()
    session = made_session(clock=clock)
    session.go_on(_begun(2).answers, learning=False)
    for number in (2, 3):
        session.show()
        clock.now += 4.0
        session.answer(number, 0)
    assert [answer.seconds for answer in session.answers[2:]] == [None, 4.0]


def test_time_is_whole_where_only_the_examples_were_lost() -> None:
    clock = Clock()
    session = made_session(clock=clock)
    session.go_on((), learning=True)
    session.show()
    clock.now = 3.0
    session.answer(0, 0)
    assert session.answers[0].seconds == 3.0


def test_another_model_or_other_molecules_are_another_quiz() -> None:
    session = made_session()
    assert session.fingerprint == made_session().fingerprint
    other = made_session()
    other.weights = "cd" * 32
    assert other.fingerprint != session.fingerprint
    assert made_session(12).fingerprint != session.fingerprint
    items = list(session.material.items)
    place = session.plan.questions[0].place
    items[place] = replace(items[place], smiles="CCO")
    changed = made_session()
    changed.material = replace(session.material, items=tuple(items))
    assert changed.fingerprint != session.fingerprint
