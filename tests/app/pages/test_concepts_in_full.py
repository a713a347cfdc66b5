"""One concept on its page: all that is known of it, nothing that a file smuggles in, a hypothesis on request."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.components.concepts import hypothesis as concept_hypothesis
from app.concepts.folders import read_set
from concepts.concept import AlertOverlap, Concept, Hypothesis, Part
from concepts.hypotheses.client import NoHypothesis, Reason
from concepts.hypotheses.prompt import Prompt
from datasets.tasks import Task
from tests.app.made_sets import of_shipped_model, write_own, write_shipped
from tests.app.pages.concepts_page import HOSTILE, changed, markup_of, page, words_of
from tests.concepts.hand_made import made_member

pytestmark = pytest.mark.usefixtures("concepts_alone")
ANSWER = Hypothesis("A <b>claim", "m", "f", "a", ("k",), "low", "model-x", "ab" * 32, "2026-01-01T00:00:00+00:00")


def test_concept_in_full() -> None:
    write_shipped()
    at = page(set="mutagenicity", concept="non-mutagenic-01")
    markup, words = markup_of(at), words_of(at)
    for piece in (
        "All concepts of Mutagenicity (Ames test)", "These are counts and model outputs", "0.40 to 0.60 log-odds",
        "70 to 97 %", "the 2 nearest of 12", "measured mutagenic otherwise", "not measured", "Measured otherwise",
        "How the members are spread", "How the first was found", "a member, 4 atoms", "round 1, 2 atoms", "alcohol",
        "9 of 12", "5.5 (2.5 to 12.2)", "1 × 10 −12", "Kazius: epoxide", "accounts for the concept",
        "beside the marked atoms", "Machine-written and unverified", "prompt sha256 0000",
    ):  # fmt: skip
        assert piece in words, piece
    assert 'href="./?smiles=CCO"' in markup
    assert 'href="concepts?set=mutagenicity&amp;concept=non-mutagenic-02"' in markup
    assert markup.count("data:image/svg+xml") >= 2 + 1 + 4 + 1 + 2 + 1
    at = page(set="mutagenicity", concept="mutagenic-01")
    assert "None was searched for, or none was found." in words_of(at)
    assert "Next" not in words_of(at)


def test_own_sets_show_all_members_in_pages() -> None:
    members = (*(made_member("C" * (i + 3), None) for i in range(12)), made_member())
    write_own("concepts-mine", changed(of_shipped_model(), n_members=13, members=members))
    at = page(set="concepts-mine", concept="non-mutagenic-01")
    assert "nearest first" in words_of(at)
    assert markup_of(at).count("Open in Predict") == 12 + 1 + 1 + 2


def test_hostile_texts_are_text_and_structures_that_cannot_be_drawn_are_said() -> None:
    member = made_member(HOSTILE)
    found = changed(
        of_shipped_model(data=HOSTILE, notes=(HOSTILE,)),
        name=HOSTILE,
        members=(member, replace(member, smiles="CCO", mask=(0.5,)), replace(member, smiles="C" * 300, split=HOSTILE)),
        counterexamples=(member,),
        parts=(Part(HOSTILE, HOSTILE, 9, 20, 5.5, 2.5, 12.25, 0.0, 8, name=HOSTILE), Part("[", "", 1, 1, 1, 1, 1, 1)),
        alerts=(AlertOverlap(HOSTILE, HOSTILE, 7, 30, 12),),
        hypothesis=replace(ANSWER, claim=HOSTILE, keywords=(HOSTILE,), model=HOSTILE),
    )
    write_own("concepts-bad", found)
    for query in ({"set": "concepts-bad"}, {"set": "concepts-bad", "concept": "non-mutagenic-01"}):
        at = page(**query)
        markup = markup_of(at)
        assert "<script" not in markup
        assert "onerror" not in re.sub(r'"[^"]*"', "", re.sub(r"&lt;.*?&gt;", "", markup))
        assert "no picture of this structure" in markup
        assert HOSTILE[:25] in html.unescape(markup)


def _hypothesis_page(name: str) -> AppTest:
    at = page(set=name, concept="mutagenic-01")
    assert not at.code
    at.button(key="ask-mutagenic-01").click().run()
    assert not at.exception
    assert "Concept: alcohol <b> (channel: mutagenic)" in at.code[0].value
    return at


def test_without_a_key_the_prompt_is_shown_and_how_to_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concept_hypothesis, "suppose", lambda *_, **__: pytest.fail("sent"))
    write_shipped()
    at = _hypothesis_page("mutagenicity")
    assert "No key is set" in at.warning[0].value
    assert "WHYMOL_LLM_KEY=" in at.code[1].value
    assert "send-mutagenic-01" not in [button.key for button in at.button]
    at.button(key="close-mutagenic-01").click().run()
    assert not at.code


def test_hypothesis_is_sent_on_the_second_click_only_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def suppose(concept: Concept, prompt: Prompt, task: Task) -> Hypothesis:
        sent.append(prompt.text)
        return ANSWER

    monkeypatch.setattr(concept_hypothesis, "suppose", suppose)
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "model-x")
    monkeypatch.setenv("WHYMOL_LLM_KEY", "secret")
    folders = {"mutagenicity": write_shipped(), "concepts-mine": write_own("concepts-mine")}
    for count, (name, folder) in enumerate(folders.items()):
        at = _hypothesis_page(name)
        assert len(sent) == count
        assert "It goes to https://api.openai.com/v1" in at.caption[-1].value.replace("\\", "")
        assert "secret" not in "".join(block.value for block in (*at.code, *at.caption))
        prompt = at.code[0].value
        at.button(key="send-mutagenic-01").click().run()
        assert not at.exception
        assert sent[-1] == prompt
        words = words_of(at)
        assert "Machine-written and unverified" in words
        assert "A <b>claim" in words
        assert "model-x" in words
        at.query_params["concept"] = "non-mutagenic-01"
        at.run()
        at.query_params["concept"] = "mutagenic-01"
        at.run()
        assert "A <b>claim" in words_of(at)
        kept = read_set(folder).by_id("mutagenic-01").hypothesis
        assert kept == (ANSWER if name == "concepts-mine" else None)


def test_what_goes_wrong_with_a_language_model_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = NoHypothesis(Reason.TIMEOUT, "The server did not answer within 60 seconds.")
    monkeypatch.setattr(concept_hypothesis, "suppose", lambda *_, **__: answer)
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "model-x")
    monkeypatch.setenv("WHYMOL_LLM_URL", "http://localhost:1/v1")
    write_shipped()
    at = _hypothesis_page("mutagenicity")
    at.button(key="send-mutagenic-01").click().run()
    assert at.error[0].value == "The server did not answer within 60 seconds."
    assert "Machine-written" not in words_of(at)
