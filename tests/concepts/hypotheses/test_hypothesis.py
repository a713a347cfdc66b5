"""Hypotheses: what is asked, what comes of every kind of answer, and what stands there without one.

The server is a real one on this machine that answers as it is told.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from concepts.concept import Concept, ConceptSet, Hypothesis
from concepts.hypotheses.hypothesis import (
    CAVEAT,
    LanguageModel,
    NoHypothesis,
    Prompt,
    Reason,
    language_model,
    parsed,
    prompt_for,
    suppose,
    with_hypothesis,
)
from concepts.hypotheses.prompt import FIELDS, SCHEMA
from concepts.storage import load_concepts, save_concepts
from tests.concepts.hypotheses.answering_server import Server, answering_server
from tests.concepts.made_concepts import nitro_set

KEY = "sk-very-secret-0123456789"
GOOD = {
    "claim": "Aromatic nitro groups make molecules mutagenic.",
    "mechanism": "Nitroreductases make hydroxylamines of them, which bind to guanine.",
    "evidence_for": "Most members are measured mutagens.",
    "evidence_against": "Hindered nitro groups are often negative.",
    "keywords": ["nitroreductase", "aromatic nitro", "Ames test"],
    "confidence": "high",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering_server(monkeypatch) as running:
        running.says(json.dumps(GOOD))
        yield running


@pytest.fixture
def to(server: Server) -> LanguageModel:
    return LanguageModel(server.url, "some-model", KEY, seconds=20)


@pytest.fixture(scope="module")
def nitro() -> ConceptSet:
    return nitro_set()


@pytest.fixture(scope="module")
def concept(nitro: ConceptSet) -> Concept:
    return nitro.concepts[0]


def failed(answer: Hypothesis | NoHypothesis, reason: Reason) -> str:
    assert isinstance(answer, NoHypothesis), answer
    assert answer.reason is reason
    assert KEY not in repr(answer)
    assert answer.sentence.endswith(".")
    assert answer.sentence.count(". ") == 0
    return answer.sentence


def test_a_good_answer_is_kept_with_model_prompt_and_time(server: Server, to: LanguageModel, concept: Concept) -> None:
    prompt = prompt_for(concept)
    answer = suppose(concept, prompt, to)
    assert isinstance(answer, Hypothesis)
    assert {name: getattr(answer, name) for name in FIELDS} == {**GOOD, "keywords": tuple(GOOD["keywords"])}
    assert answer.model == "some-model"
    assert answer.prompt_sha256 == hashlib.sha256(prompt.text.encode()).hexdigest()
    assert pd.Timestamp(answer.created).tzinfo is not None
    assert abs((pd.Timestamp.now("UTC") - pd.Timestamp(answer.created)).total_seconds()) < 120
    assert KEY not in repr(answer)


def test_what_is_sent_is_what_was_shown(server: Server, to: LanguageModel, concept: Concept) -> None:
    prompt = prompt_for(concept)
    suppose(concept, prompt, to)
    (asked,) = server.asked
    assert "\n\n".join(message["content"] for message in asked["messages"]) == prompt.text
    assert asked["model"] == "some-model"
    assert asked["response_format"]["json_schema"]["schema"] == SCHEMA
    assert set(asked) == {"model", "messages", "response_format"}
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_other_secrets_of_the_environment_stay(
    server: Server, to: LanguageModel, concept: Concept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "inner-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Inner: inner-secret")
    assert isinstance(suppose(concept, None, to), Hypothesis)
    assert "inner-secret" not in json.dumps(server.headers)


def test_a_server_that_knows_no_forms_is_asked_without(server: Server, to: LanguageModel, concept: Concept) -> None:
    server.knows_forms = False
    answer = suppose(concept, None, to)
    assert isinstance(answer, Hypothesis)
    assert ["response_format" in asked for asked in server.asked] == [True, False]
    assert server.asked[0]["messages"] == server.asked[1]["messages"]


@pytest.mark.parametrize(
    "wrapped",
    [
        "```json\n{}\n```",
        "Here is my hypothesis: {} I hope that it helps.",
        "<think>A {{draft}} first.</think>\n{}",
        "\ufeff  {}",
        "A set {{a, b}} and then {}",
    ],
)
def test_json_is_found_in_what_surrounds_it(wrapped: str, concept: Concept) -> None:
    answer = parsed(wrapped.replace("{}", json.dumps(GOOD)).replace("{{", "{").replace("}}", "}"), "m", Prompt("", ""))
    assert isinstance(answer, Hypothesis)
    assert answer.claim == GOOD["claim"]


@pytest.mark.parametrize(
    "text", ["", "I cannot.", "[1, 2]", '{"claim": "cut of', "null", "{}", "{" * 5000, "[" * 100_000 + "{"]
)
def test_what_is_no_json_object_is_said(text: str, server: Server, to: LanguageModel, concept: Concept) -> None:
    server.says(text)
    failed(suppose(concept, None, to), Reason.BAD_JSON)


@pytest.mark.parametrize("name", list(FIELDS))
@pytest.mark.parametrize("value", [None, "", "  \x00 ", [], {}])
def test_a_missing_field_is_named(name: str, value: object, concept: Concept) -> None:
    answer = parsed(json.dumps({**GOOD, name: value}), "m", Prompt("", ""))
    sentence = failed(answer, Reason.MISSING_FIELDS)
    assert sentence.startswith(f"The language model's answer has no usable {name};")
    without = {other: text for other, text in GOOD.items() if other != name}
    assert failed(parsed(json.dumps(without), "m", Prompt("", "")), Reason.MISSING_FIELDS) == sentence


def test_an_unknown_confidence_is_no_answer(concept: Concept) -> None:
    failed(parsed(json.dumps({**GOOD, "confidence": "certain"}), "m", Prompt("", "")), Reason.MISSING_FIELDS)
    answer = parsed(json.dumps({**GOOD, "confidence": " High\n", "keywords": "a, b"}), "m", Prompt("", ""))
    assert isinstance(answer, Hypothesis)
    assert answer.confidence == "high"
    assert answer.keywords == ("a", "b")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.KEY_REFUSED),
        (403, Reason.KEY_REFUSED),
        (404, Reason.NOT_FOUND),
        (429, Reason.RATE_LIMIT),
        (400, Reason.SERVER_ERROR),
        (422, Reason.SERVER_ERROR),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
    ],
)
def test_a_status_is_a_sentence_without_the_servers_words(
    status: int, reason: Reason, server: Server, to: LanguageModel, concept: Concept
) -> None:
    server.status = status
    server.body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    sentence = failed(suppose(concept, None, to), reason)
    assert "Incorrect" not in sentence
    assert len(server.asked) == (2 if status in (400, 422) else 1)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{}]}', b'"text"'])
def test_a_server_that_is_none_of_this_kind(body: bytes, server: Server, to: LanguageModel, concept: Concept) -> None:
    server.body = body
    assert "answer" in failed(suppose(concept, None, to), Reason.BAD_JSON)


@pytest.mark.parametrize("content", [None, "", "   ", 7, {"a": 1}])
def test_an_empty_answer_is_said(content: object, server: Server, to: LanguageModel, concept: Concept) -> None:
    server.says(content)
    failed(suppose(concept, None, to), Reason.BAD_JSON)


def test_a_refusal_and_a_cut_are_said(server: Server, to: LanguageModel, concept: Concept) -> None:
    server.says(None, refusal="I can't help with that.")
    failed(suppose(concept, None, to), Reason.REFUSED)
    server.says("", finish_reason="content_filter")
    failed(suppose(concept, None, to), Reason.REFUSED)
    server.says(json.dumps(GOOD)[:40], finish_reason="length")
    failed(suppose(concept, None, to), Reason.CUT_SHORT)


def test_a_slow_server_is_not_waited_for(server: Server, concept: Concept) -> None:
    server.wait = 2.0
    start = time.monotonic()
    answer = suppose(concept, None, LanguageModel(server.url, "m", KEY, seconds=0.2))
    assert failed(answer, Reason.TIMEOUT) == "The server did not answer within 0.2 seconds."
    assert time.monotonic() - start < 1.9


def test_an_unreachable_server_is_said(server: Server, concept: Concept) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed(suppose(concept, None, LanguageModel(f"http://127.0.0.1:{port}/v1", "m", KEY)), Reason.UNREACHABLE)


def test_a_key_that_comes_back_is_not_kept(server: Server, to: LanguageModel, concept: Concept) -> None:
    server.says(json.dumps({**GOOD, "claim": f"Your key is {KEY}."}))
    answer = suppose(concept, None, to)
    assert isinstance(answer, Hypothesis)
    assert answer.claim == "Your key is [key]."
    assert KEY not in repr(to)


def test_text_is_plain_and_bounded(concept: Concept) -> None:
    nasty = "<b>A</b>\x1b[31m\u202ered\x00\r\n\u2028line" + "x" * 5000
    answer = parsed(json.dumps({**GOOD, "claim": nasty, "keywords": [nasty] * 99}), nasty, Prompt("", ""))
    assert isinstance(answer, Hypothesis)
    # Markup stays text: whoever shows it escapes it.
    assert answer.claim.startswith("<b>A</b> [31mred line")
    assert len(answer.claim) == 400
    assert answer.claim.endswith("…")
    assert len(answer.keywords) == 10
    assert max(map(len, answer.keywords)) == 80
    assert len(answer.model) <= 300
    assert all(c.isprintable() for c in answer.claim + answer.model + "".join(answer.keywords))


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, Reason.NO_KEY),
        ({"WHYMOL_LLM_MODEL": "m"}, Reason.NO_KEY),
        ({"WHYMOL_LLM_KEY": KEY}, Reason.NOT_SET_UP),
        ({"WHYMOL_LLM_KEY": "sk \u2013 \n", "WHYMOL_LLM_MODEL": "m"}, Reason.NO_KEY),
        (
            {"WHYMOL_LLM_URL": "https://elsewhere.example/v1", "WHYMOL_LLM_MODEL": "m", "OPENAI_API_KEY": KEY},
            Reason.NO_KEY,
        ),
        ({"WHYMOL_LLM_URL": "http://api.openai.com/v1", "WHYMOL_LLM_MODEL": "m", "OPENAI_API_KEY": KEY}, Reason.NO_KEY),
        ({"WHYMOL_LLM_URL": "ftp://a/v1", "WHYMOL_LLM_KEY": KEY, "WHYMOL_LLM_MODEL": "m"}, Reason.NOT_SET_UP),
        ({"WHYMOL_LLM_URL": "http://[::1", "WHYMOL_LLM_KEY": KEY, "WHYMOL_LLM_MODEL": "m"}, Reason.NOT_SET_UP),
        ({"WHYMOL_LLM_URL": "http://a:99999/", "WHYMOL_LLM_KEY": KEY, "WHYMOL_LLM_MODEL": "m"}, Reason.NOT_SET_UP),
        ({"WHYMOL_LLM_URL": f"http://u:{KEY}@a/", "WHYMOL_LLM_KEY": KEY, "WHYMOL_LLM_MODEL": "m"}, Reason.NOT_SET_UP),
        ({"WHYMOL_LLM_URL": "localhost:11434", "WHYMOL_LLM_MODEL": "m"}, Reason.NOT_SET_UP),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    environment: dict[str, str], reason: Reason, server: Server, concept: Concept, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = language_model(environment)
    assert isinstance(missing, NoHypothesis)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert failed(suppose(concept), reason) == missing.sentence
    assert server.asked == []


def test_the_environment_names_the_model(server: Server, concept: Concept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "local")
    monkeypatch.setenv("WHYMOL_LLM_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert isinstance(suppose(concept), Hypothesis)
    assert KEY not in json.dumps(server.headers)
    monkeypatch.setenv("WHYMOL_LLM_KEY", "another")
    assert isinstance(suppose(concept), Hypothesis)
    assert server.headers[-1]["authorization"] == "Bearer another"
    theirs = language_model({"OPENAI_API_KEY": KEY, "WHYMOL_LLM_MODEL": "m"})
    assert isinstance(theirs, LanguageModel)
    assert (theirs.url, theirs.key) == ("https://api.openai.com/v1", KEY)


def test_a_hypothesis_is_kept_on_disk_with_its_concept(
    nitro: ConceptSet, server: Server, to: LanguageModel, tmp_path: Path
) -> None:
    answer = suppose(nitro.concepts[0], None, to)
    assert isinstance(answer, Hypothesis)
    kept = with_hypothesis(nitro, "mutagenic-01", answer)
    save_concepts(tmp_path, kept)
    assert load_concepts(tmp_path).concepts[0].hypothesis == answer
    assert all(KEY.encode() not in file.read_bytes() for file in tmp_path.iterdir())
    assert with_hypothesis(kept, "mutagenic-01", None) == nitro
    np.testing.assert_array_equal(kept.concepts[0].centroid, nitro.concepts[0].centroid)
    with pytest.raises(ValueError, match="concept is 'x'; expected one of mutagenic-01"):
        with_hypothesis(nitro, "x", answer)


def test_the_caveat_says_who_wrote_it() -> None:
    assert "Machine-written and unverified" in CAVEAT
