"""Concepts in a table of the user: looked at before anything starts, and found again running, failed and done."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import app.concepts.runs
from app.concepts.runs import Asked, ConceptRun, find_run, new_run
from app.jobs.worker import State
from tests.app.made_sets import write_own, write_shipped
from tests.app.pages.concepts_page import cards_of, page, words_of

pytestmark = pytest.mark.usefixtures("concepts_alone")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[ConceptRun]:
    """Extractions that were started; none is."""
    runs: list[ConceptRun] = []
    monkeypatch.setattr(app.concepts.runs.ConceptRun, "start", lambda run: runs.append(run))
    return runs


def _upload(name: str, content: str) -> AppTest:
    at = page(set="new")
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
    monkeypatch.setattr(app.concepts.runs.ConceptRun, "state", lambda self: State.RUNNING)
    assert "is being extracted" in page().markdown[0].value
    at = page(set=run.name)
    assert "Concepts of my <b>.csv: being extracted" in words_of(at)
    assert "Asked about 1,000 of 2,000 molecules" in str(at.get("progress")[0].proto)
    assert [button.label for button in at.button] == ["Stop"]


def test_failed_extraction_says_why_and_can_be_started_again_or_discarded(started: list[ConceptRun]) -> None:
    write_shipped()
    run = _begun()
    (run.folder / "worker.log").write_text("naming\nrow 3 has the label *x*\n")
    at = page(set=run.name)
    assert at.error[0].value == r"row 3 has the label \*x\*"
    at.button(key=f"again-{run.name}").click().run()
    assert started == [run]
    at.button(key=f"discard-{run.name}").click().run()
    assert not run.folder.exists()
    assert not at.exception
    assert len(cards_of(at)) == 3


def test_finished_extraction_is_a_set() -> None:
    run = _begun()
    write_own(run.name)
    at = page(set=run.name)
    assert len(cards_of(at)) == 3
    assert find_run(run.name) is not None
