"""The concepts page: sets are chosen and named, searched and opened, and nothing in a file can break or run on it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import app.concept_runs
from app.components import concept_hypothesis
from app.components.concept_downloads import report_of
from app.concept_folders import read_set
from app.concept_runs import Asked, ConceptRun, find_run, new_run
from app.worker import State
from concepts.concept import AlertOverlap, Concept, ConceptSet, Hypothesis, Part
from concepts.hypothesis_client import NoHypothesis, Reason
from concepts.hypothesis_prompt import Prompt
from datasets.tasks import Task
from tests.app.made_sets import of_shipped_model, write_own, write_shipped
from tests.concepts.hand_made import made_member

ROOT = Path(__file__).parents[3]
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ANSWER = Hypothesis("A <b>claim", "m", "f", "a", ("k",), "low", "model-x", "ab" * 32, "2026-01-01T00:00:00+00:00")
KEYS = ("WHYMOL_LLM_MODEL", "WHYMOL_LLM_KEY", "WHYMOL_LLM_URL", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key of the machine, no process, and nothing that an earlier test has cached."""
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[ConceptRun]:
    """Extractions that were started; none is."""
    runs: list[ConceptRun] = []
    monkeypatch.setattr(app.concept_runs.ConceptRun, "start", lambda run: runs.append(run))
    return runs


def _page(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    at.switch_page("app/pages/concepts.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    bodies = [block.body for block in at.get("html")]  # type: ignore[union-attr]
    return "".join(body for body in bodies if "<style>" not in body)


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


def _cards(at: AppTest) -> list[str]:
    return re.findall(r'wm-concept-card" href="[^"]*concept=([\w-]+)"', _markup(at))


def _changed(found: ConceptSet, **changes: Any) -> ConceptSet:
    """The set with its first concept changed."""
    return replace(found, concepts=(replace(found.concepts[0], **changes), *found.concepts[1:]))


def test_without_a_set_the_page_says_so_and_offers_to_make_one() -> None:
    at = _page()
    assert "No concepts come with this copy" in at.info[0].value
    assert "Find concepts in your own molecules" in _words(at)
    assert len(at.file_uploader) == 1


def test_shipped_set_is_shown_with_its_map_its_cards_and_how_it_was_made() -> None:
    write_shipped()
    at = _page()
    words = _words(at)
    for piece in ("3 concepts", "non-mutagenic: 2 concepts", "From 100 molecules of made by hand.", "A sentence."):
        assert piece in words
    assert sorted(_cards(at)) == ["mutagenic-01", "non-mutagenic-01", "non-mutagenic-02"]
    assert len(at.get("plotly_chart")) == 1
    assert "alcohol <b>" in words
    assert "<b>alcohol" not in _markup(at)


def test_sets_are_chosen_and_the_address_follows() -> None:
    write_shipped()
    write_own("concepts-mine", of_shipped_model(data="my <i>table.csv"))
    at = _page()
    box = at.selectbox(key="concept-set")
    assert box.options == [
        "Mutagenicity (Ames test)",
        "Mutagenicity (Ames test): my <i>table.csv, 100 molecules (concepts-mine)",
        "Find concepts in your own molecules …",
    ]
    box.set_value("concepts-mine").run()
    assert not at.exception
    assert at.query_params["set"] in ("concepts-mine", ["concepts-mine"])
    assert "my <i>table.csv" in _words(at)
    at.selectbox(key="concept-set").set_value("new").run()
    assert len(at.file_uploader) == 1
    assert _page(set="concepts-mine").selectbox(key="concept-set").value == "concepts-mine"


def test_unknown_names_in_the_address_are_said_and_something_is_shown() -> None:
    write_shipped()
    at = _page(set="concepts-*gone*")
    assert r"There is no set of concepts 'concepts-\*gone\*'" in at.warning[0].value
    assert len(_cards(at)) == 3
    at = _page(set="mutagenicity", concept=HOSTILE)
    assert "This set has no concept" in at.warning[0].value
    assert r"\<script\>" in at.warning[0].value
    assert len(_cards(at)) == 3


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("concepts.json", "{", "is not valid JSON"),
        ("concepts.json", '{"format": 0}', "extract the concepts again"),
        ("concepts.json", '{"format": 1}', "is not the file"),
        ("concepts.safetensors", "", "is not the file"),
    ],
)
def test_broken_set_is_named_with_its_reason_and_stops_no_other(file: str, content: str, reason: str) -> None:
    write_shipped()
    (write_own("concepts-broken") / file).write_text(content)
    at = _page()
    assert "concepts-broken" in at.warning[0].value
    assert reason in at.warning[0].value
    assert len(_cards(at)) == 3
    assert "concepts-broken" not in "".join(at.selectbox(key="concept-set").options)


def test_search_filters_and_order() -> None:
    found = of_shipped_model()
    write_shipped(_changed(found, name="Nitroarene", alerts=(), n_members=40))
    at = _page()
    assert _cards(at)[0] == "non-mutagenic-01"
    at.text_input(key="search-mutagenicity").input("nitroarene").run()
    assert _cards(at) == ["non-mutagenic-01"]
    at.text_input(key="search-mutagenicity").input("nowhere").run()
    assert "No concept passes" in at.info[0].value
    at.text_input(key="search-mutagenicity").input("").run()
    at.segmented_control(key="side-mutagenicity").set_value("1").run()
    assert _cards(at) == ["mutagenic-01"]
    at.segmented_control(key="side-mutagenicity").set_value("all").run()
    at.toggle(key="unknown-mutagenicity").set_value(True).run()
    assert _cards(at) == ["non-mutagenic-01"]
    at.toggle(key="unknown-mutagenicity").set_value(False).run()
    at.toggle(key="stable-mutagenicity").set_value(True).run()
    assert _cards(at) == ["non-mutagenic-01"]
    at.toggle(key="stable-mutagenicity").set_value(False).run()
    at.selectbox(key="order-mutagenicity").select("name").run()
    assert _cards(at)[-1] == "non-mutagenic-01"
    assert not at.exception


def test_map_changes_channel_and_colour() -> None:
    write_shipped()
    at = _page()
    assert "3 passed" not in _words(at)
    at.segmented_control(key="plane-mutagenicity").set_value(0).run()
    at.segmented_control(key="colouring-mutagenicity").set_value("contribution").run()
    assert not at.exception
    assert "40 molecules, of which 30 in 2 concepts and 10, in grey, in none." in at.caption[0].value


def test_many_concepts_come_in_pages() -> None:
    found = of_shipped_model()
    many = tuple(replace(found.concepts[0], id=f"non-mutagenic-{i:02d}") for i in range(30))
    write_shipped(replace(found, concepts=many))
    at = _page()
    assert "1 to 24 of 30 concepts" in _words(at)
    assert len(_cards(at)) == 24


def test_set_without_concepts_tells_why() -> None:
    found = of_shipped_model()
    plane = replace(found.map, concept=found.map.concept * 0 - 1)
    write_shipped(replace(found, concepts=(), map=plane))
    at = _page()
    assert "No concept was found" in at.info[0].value
    assert "A sentence." in _words(at)


def test_concept_in_full() -> None:
    write_shipped()
    at = _page(set="mutagenicity", concept="non-mutagenic-01")
    markup, words = _markup(at), _words(at)
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
    at = _page(set="mutagenicity", concept="mutagenic-01")
    assert "None was searched for, or none was found." in _words(at)
    assert "Next" not in _words(at)


def test_own_sets_show_all_members_in_pages() -> None:
    members = (*(made_member("C" * (i + 3), None) for i in range(12)), made_member())
    write_own("concepts-mine", _changed(of_shipped_model(), n_members=13, members=members))
    at = _page(set="concepts-mine", concept="non-mutagenic-01")
    assert "nearest first" in _words(at)
    assert _markup(at).count("Open in Predict") == 12 + 1 + 1 + 2


def test_hostile_texts_are_text_and_structures_that_cannot_be_drawn_are_said() -> None:
    member = made_member(HOSTILE)
    found = _changed(
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
        at = _page(**query)
        markup = _markup(at)
        assert "<script" not in markup
        assert "onerror" not in re.sub(r'"[^"]*"', "", re.sub(r"&lt;.*?&gt;", "", markup))
        assert "no picture of this structure" in markup
        assert HOSTILE[:25] in html.unescape(markup)


def _hypothesis_page(name: str) -> AppTest:
    at = _page(set=name, concept="mutagenic-01")
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
        words = _words(at)
        assert "Machine-written and unverified" in words
        assert "A <b>claim" in words
        assert "model-x" in words
        at.query_params["concept"] = "non-mutagenic-01"
        at.run()
        at.query_params["concept"] = "mutagenic-01"
        at.run()
        assert "A <b>claim" in _words(at)
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
    assert "Machine-written" not in _words(at)


def _upload(name: str, content: str) -> AppTest:
    at = _page(set="new")
    at.file_uploader[0].set_value((name, content.encode(), "text/csv")).run()
    assert not at.exception
    return at


def test_own_table_is_looked_at_and_its_extraction_started(started: list[ConceptRun]) -> None:
    write_shipped()
    at = _upload("my.csv", "name,structure,active\na,CCO,1\nb,CCN,0\n")
    assert len(at.dataframe[0].value) == 2
    boxes = {box.label: box for box in at.selectbox}
    assert boxes["Column with SMILES"].value == "structure"
    assert boxes["Column with what was measured"].value == "active"
    assert boxes["Model"].value == "aggregation"
    boxes["Model"].set_value("mutagenicity").run()
    at.toggle(key="concept-unfolded").set_value(True).run()
    assert not started
    at.button(key="extract").click().run()
    assert not at.exception
    (run,) = started
    assert run.name == "concepts-mutagenicity-my"
    assert run.asked == Asked("mutagenicity", "my.csv", "structure", "active", False, True)
    assert at.query_params["set"] in (run.name, [run.name])


def test_a_column_of_the_models_own_name_cannot_be_declined_and_nothing_measured_is_a_choice() -> None:
    at = _upload("my.csv", "smiles,mutagenic,other\nCCO,1,x\n")
    boxes = {box.label: box for box in at.selectbox}
    assert boxes["Model"].value == "mutagenicity"
    box = boxes["Column with what was measured"]
    assert (box.value, box.options) == ("mutagenic", ["smiles", "mutagenic", "other"])
    boxes["Model"].set_value("aggregation").run()
    box = next(box for box in at.selectbox if box.label == "Column with what was measured")
    assert box.value == "nothing was measured"


@pytest.mark.parametrize(("content", "said"), [("", "could not be read"), ("a,b\n1,2\n", "could not be read")])
def test_file_that_cannot_be_used_is_refused_in_words(content: str, said: str) -> None:
    at = _upload("my.csv", content)
    assert said in at.error[0].value
    assert "extract" not in [button.key for button in at.button]


def _begun() -> ConceptRun:
    return new_run(Asked("mutagenicity", "my <b>.csv", "smiles"), "my.csv", b"smiles\nCCO\n")


def test_running_extraction_is_found_again_with_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    write_shipped()
    run = _begun()
    (run.folder / "worker.log").write_text("asked about 1,000 of 2,000 molecules\n")
    monkeypatch.setattr(app.concept_runs.ConceptRun, "state", lambda self: State.RUNNING)
    assert "is being extracted" in _page().markdown[0].value
    at = _page(set=run.name)
    assert "Concepts of my <b>.csv: being extracted" in _words(at)
    assert "Asked about 1,000 of 2,000 molecules" in str(at.get("progress")[0].proto)
    assert [button.label for button in at.button] == ["Stop"]


def test_failed_extraction_says_why_and_can_be_started_again_or_discarded(started: list[ConceptRun]) -> None:
    write_shipped()
    run = _begun()
    (run.folder / "worker.log").write_text("naming\nrow 3 has the label *x*\n")
    at = _page(set=run.name)
    assert at.error[0].value == r"row 3 has the label \*x\*"
    at.button(key=f"again-{run.name}").click().run()
    assert started == [run]
    at.button(key=f"discard-{run.name}").click().run()
    assert not run.folder.exists()
    assert not at.exception
    assert len(_cards(at)) == 3


def test_finished_extraction_is_a_set() -> None:
    run = _begun()
    write_own(run.name)
    at = _page(set=run.name)
    assert len(_cards(at)) == 3
    assert find_run(run.name) is not None


def test_reports_hold_the_set_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _changed(of_shipped_model(), name=HOSTILE)
    record = json.loads(report_of(".json", found))
    assert [concept["id"] for concept in record["concepts"]] == [concept.id for concept in found]
    rows = list(csv.DictReader(io.StringIO(report_of(".csv", found).decode())))
    assert rows[0]["name"] == HOSTILE
    page = report_of(".html", found).decode()
    assert "<script" not in page
    assert "mutagenic-01" in page


def test_pdf_is_made_first_and_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def report(suffix: str, found: ConceptSet) -> bytes:
        if failing:
            raise ValueError("a PDF needs *weasyprint*")
        return b"%PDF"

    failing = True
    monkeypatch.setattr("app.components.concept_downloads.report_of", report)
    write_shipped()
    at = _page()
    at.button(key="make-pdf-mutagenicity").click().run()
    assert at.error[0].value == r"No PDF could be made: a PDF needs \*weasyprint\*"
    failing = False
    at.button(key="make-pdf-mutagenicity").click().run()
    assert not at.exception
    assert "Save the PDF" in [button.label for button in at.get("download_button")]  # type: ignore[union-attr]
