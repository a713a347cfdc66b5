"""The quiz as a text for a language model, how it is sent, and every kind of answer."""

from __future__ import annotations

import pytest

from app.quiz.language_model import answer_schema, answers_in, quiz_prompt
from concepts.hypotheses.client import LanguageModel, NoHypothesis, send
from tests.app.quiz_material_made import made_session
from tests.concepts.hypotheses.answering_server import answering_server

NAMES = ("non-mutagenic", "mutagenic")


def test_prompt_holds_the_examples_with_verdict_and_the_questions_without() -> None:
    session = made_session(8)
    prompt = quiz_prompt(session.material, session.plan)
    examples, questions = prompt.user.split("Questions\n")
    assert examples.count("Verdict: ") == 4
    assert "Verdict: " not in questions
    lines = questions.splitlines()
    assert len(lines) == 9
    for line, question in zip(lines, session.plan.questions, strict=False):
        assert session.material.items[question.place].smiles in line
        assert ("marked for" in line) == question.explained
    assert questions.count("marked for mutagenic:") == 4
    assert quiz_prompt(session.material, session.plan).sha256 == prompt.sha256


def test_text_is_sent_as_it_was_shown_and_the_verdicts_as_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    session = made_session(8)
    prompt = quiz_prompt(session.material, session.plan)
    with answering_server(monkeypatch) as server:
        server.says('{"answers": []}')
        found = send(prompt, LanguageModel(server.url, "test-model", "none"), answer_schema(NAMES))
    assert found == '{"answers": []}'
    (asked,) = server.asked
    assert [message["content"] for message in asked["messages"]] == [prompt.system, prompt.user]
    form = asked["response_format"]["json_schema"]["schema"]
    assert form["properties"]["answers"]["items"]["enum"] == list(NAMES)
    assert form["required"] == list(form["properties"])


@pytest.mark.parametrize(
    "text",
    [
        '{"answers": ["mutagenic", "non-mutagenic"]}',
        'Surely.\n```json\n{"answers": ["Mutagenic ", "NON-mutagenic"]}\n```\nThere.',
        '<think>{"answers": ["non-mutagenic", "mutagenic"]}</think>{"answers": ["mutagenic", "non-mutagenic"]}',
        'For example {"answers": ["x"} is wrong: {"answers": ["mutagenic", "non-mutagenic"], "sure": false}',
    ],
)
def test_answers_are_found_bare_fenced_and_among_words(text: str) -> None:
    assert answers_in(text, NAMES, 2) == ["mutagenic", "non-mutagenic"]


def test_words_that_are_no_verdict_are_no_answer() -> None:
    assert answers_in('{"answers": ["toxic", 1, null, "mutagenic"]}', NAMES, 4) == ["", "", "", "mutagenic"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "no JSON object"),
        ('{"answers": ', "no JSON object"),
        ('{"answers": ["mutagenic"]}', "1 answers; expected 2"),
        ('{"answers": "mutagenic"}', "0 answers; expected 2"),
        ('{"verdicts": ["mutagenic", "mutagenic"]}', "no JSON object"),
    ],
)
def test_what_cannot_be_counted_is_said(text: str, said: str) -> None:
    found = answers_in(text, NAMES, 2)
    assert isinstance(found, NoHypothesis)
    assert said in found.sentence
