"""A quiz is taken question by question; each is timed from its first sight, and counted once."""

from __future__ import annotations

import pytest

from app.quiz.session import AWAY, outcome_of
from app.quiz.store import Answered
from tests.app.quiz_material_made import Clock, made_session


def test_time_runs_from_the_first_sight_of_a_question() -> None:
    clock = Clock()
    session = made_session(clock=clock)
    session.show()
    clock.now = 2.0
    session.show()
    clock.now = 5.0
    session.answer(0, 1)
    session.show()
    clock.now = 5.5
    session.answer(1, 0)
    assert [answer.seconds for answer in session.answers] == [5.0, 0.5]


def test_second_click_on_a_past_question_counts_nothing() -> None:
    session = made_session()
    session.show()
    session.answer(0, 1)
    session.answer(0, 0)
    session.answer(5, 0)
    assert len(session.answers) == 1


def test_an_answer_after_a_long_absence_has_no_time() -> None:
    clock = Clock()
    session = made_session(clock=clock)
    session.show()
    clock.now = AWAY + 1
    session.answer(0, 0)
    assert session.answers[0].seconds is None


def test_right_answers_throughout_are_all_right_in_both_kinds() -> None:
    session = made_session(8)
    for number in range(8):
        session.show()
        session.answer(number, session.item.verdict)
    assert session.done
    session.answer(8, 0)
    found = session.outcome()
    assert (found.with_explanation.right, found.without.right) == (4, 4)
    taken = session.taken("Ada")
    assert (taken.model, taken.examples, taken.seed, len(taken.answers)) == ("mutagenicity", 4, 3, 8)
    assert {answer.smiles for answer in taken.answers}.isdisjoint(
        session.material.items[place].smiles for place in session.plan.examples
    )


def test_somebody_elses_answers_are_to_the_same_questions() -> None:
    session = made_session(8)
    words = [session.material.names[number % 2] for number in range(7)] + [""]
    others = session.answered_by(words)
    assert [answer.explained for answer in others] == [question.explained for question in session.plan.questions]
    assert not others[-1].correct
    assert all(answer.seconds is None for answer in others)
    assert session.taken("", "some-model", others).taker == "some-model"


def test_outcome_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="without an explanation"):
        outcome_of([Answered("C", True, "a", "a", None)])
