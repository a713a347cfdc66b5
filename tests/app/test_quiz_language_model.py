"""The quiz as a text for a language model, and every kind of answer; the server is a real one on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.quiz_language_model import answers_in, ask, quiz_prompt
from concepts.hypotheses.client import LanguageModel, NoHypothesis, Reason
from tests.app.quiz_material_made import made_session

NAMES = ("non-mutagenic", "mutagenic")
KEY = "sk-very-secret-0123456789"


class Server:
    """Answers with what it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.wait = 200, b"", 0.0
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                time.sleep(outer.wait)
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def say(self, text: str | None) -> None:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        self.body = json.dumps(body).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def _to(server: Server, seconds: float = 20.0) -> LanguageModel:
    return LanguageModel(server.address, "test-model", KEY, seconds)


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


def test_text_is_sent_as_it_was_shown_and_the_key_in_the_header_only(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody")
    session = made_session(8)
    prompt = quiz_prompt(session.material, session.plan)
    server.say('{"answers": []}')
    assert ask(prompt, _to(server)) == '{"answers": []}'
    (asked,) = server.asked
    assert [message["content"] for message in asked["messages"]] == [prompt.system, prompt.user]
    assert asked["model"] == "test-model"
    assert KEY not in json.dumps(asked)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "somebody" not in json.dumps(server.headers)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.KEY_REFUSED),
        (403, Reason.KEY_REFUSED),
        (404, Reason.NOT_FOUND),
        (429, Reason.RATE_LIMIT),
        (400, Reason.SERVER_ERROR),
        (500, Reason.SERVER_ERROR),
    ],
)
def test_refusals_are_sentences(server: Server, status: int, reason: Reason) -> None:
    server.status, server.body = status, f'{{"error": {{"message": "no {KEY}"}}}}'.encode()
    session = made_session(4)
    found = ask(quiz_prompt(session.material, session.plan), _to(server))
    assert isinstance(found, NoHypothesis)
    assert found.reason is reason
    assert KEY not in found.sentence


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"choices": []}', b"not json", b'{"choices": [{"message": null}]}', b"[]"]
)
def test_answers_that_are_none_are_said(server: Server, body: bytes) -> None:
    server.body = body
    session = made_session(4)
    found = ask(quiz_prompt(session.material, session.plan), _to(server))
    assert isinstance(found, NoHypothesis)
    assert found.reason in (Reason.BAD_JSON, Reason.SERVER_ERROR)


@pytest.mark.parametrize("text", [None, "", "  ", "x" * 200_001])
def test_empty_and_endless_texts_are_none(server: Server, text: str | None) -> None:
    server.say(text)
    session = made_session(4)
    assert isinstance(ask(quiz_prompt(session.material, session.plan), _to(server)), NoHypothesis)


def test_silence_and_absence_are_said(server: Server) -> None:
    session = made_session(4)
    prompt = quiz_prompt(session.material, session.plan)
    server.wait = 1.0
    late = ask(prompt, _to(server, 0.2))
    assert isinstance(late, NoHypothesis)
    assert late.reason is Reason.TIMEOUT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gone = ask(prompt, LanguageModel(f"http://127.0.0.1:{port}/v1", "m", KEY))
    assert isinstance(gone, NoHypothesis)
    assert gone.reason is Reason.UNREACHABLE


def test_the_key_is_not_kept_where_a_server_hands_it_back(server: Server) -> None:
    server.say(f'{{"answers": ["{KEY}"]}}')
    session = made_session(4)
    found = ask(quiz_prompt(session.material, session.plan), _to(server))
    assert isinstance(found, str)
    assert KEY not in found


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
