"""The order of a quiz is balanced and seeded, and says nothing of what comes next."""

from __future__ import annotations

from collections import Counter

import pytest

from app.quiz.order import most_questions, plan

VERDICTS = [0, 1, 1, 0, 0] * 20


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("examples", "questions"), [(2, 4), (8, 20), (12, 40)])
def test_of_either_verdict_half_is_explained(seed: int, examples: int, questions: int) -> None:
    drawn = plan(VERDICTS, examples, questions, seed)
    kinds = Counter((VERDICTS[question.place], question.explained) for question in drawn.questions)
    assert set(kinds.values()) == {questions // 4}
    assert len(kinds) == 4
    assert Counter(VERDICTS[place] for place in drawn.examples) == {0: examples // 2, 1: examples // 2}
    places = [*drawn.examples, *(question.place for question in drawn.questions)]
    assert len(set(places)) == len(places)


def test_a_seed_draws_the_same_quiz_and_another_seed_another() -> None:
    assert plan(VERDICTS, 8, 20, 5) == plan(VERDICTS, 8, 20, 5)
    assert plan(VERDICTS, 8, 20, 5) != plan(VERDICTS, 8, 20, 6)


def test_no_place_in_the_order_tells_verdict_or_explanation() -> None:
    runs = [plan(VERDICTS, 2, 8, seed).questions for seed in range(400)]
    for place in range(8):
        asked = [questions[place] for questions in runs]
        assert 0.4 < sum(question.explained for question in asked) / len(runs) < 0.6
        assert 0.4 < sum(VERDICTS[question.place] for question in asked) / len(runs) < 0.6


@pytest.mark.parametrize(
    ("verdicts", "examples", "questions", "said"),
    [
        (VERDICTS, 3, 8, "examples is 3"),
        (VERDICTS, 0, 8, "examples is 0"),
        (VERDICTS, 4, 6, "questions is 6"),
        (VERDICTS, 4, 0, "questions is 0"),
        ([0, 1, 2] * 9, 2, 4, "expected 0 and 1"),
        ([1] * 50 + [0] * 3, 4, 4, "3 molecules have verdict 0; expected at least 4"),
    ],
)
def test_what_cannot_be_drawn_is_said(verdicts: list[int], examples: int, questions: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan(verdicts, examples, questions, 0)


def test_most_questions_can_just_be_drawn() -> None:
    verdicts = [0] * 11 + [1] * 30
    most = most_questions(verdicts, 4)
    assert most == 16
    assert len(plan(verdicts, 4, most, 0).questions) == most
    with pytest.raises(ValueError, match="expected at least"):
        plan(verdicts, 4, most + 4, 0)
    assert most_questions([0], 8) == 0
