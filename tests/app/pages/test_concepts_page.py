"""The concepts page as a whole: sets are chosen, searched, drawn and taken home, and broken ones stop none."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.components.concepts.downloads import report_of
from app.concepts.folders import read_set
from app.concepts.pdf_runs import pdf_of
from tests.app.made_sets import of_shipped_model, write_own, write_shipped
from tests.app.pages.concepts_page import HOSTILE, cards_of, changed, markup_of, page, words_of

pytestmark = pytest.mark.usefixtures("concepts_alone")


def test_without_a_set_the_page_says_so_and_offers_to_make_one() -> None:
    at = page()
    assert "No concepts come with this copy" in at.info[0].value
    assert "Find concepts in your own molecules" in words_of(at)
    assert len(at.file_uploader) == 1


def test_shipped_set_is_shown_with_its_map_its_cards_and_how_it_was_made() -> None:
    write_shipped()
    at = page()
    words = words_of(at)
    for piece in ("3 concepts", "non-mutagenic: 2 concepts", "From 100 molecules of made by hand.", "A sentence."):
        assert piece in words
    assert sorted(cards_of(at)) == ["mutagenic-01", "non-mutagenic-01", "non-mutagenic-02"]
    assert len(at.get("plotly_chart")) == 1
    assert "alcohol <b>" in words
    assert "<b>alcohol" not in markup_of(at)


def test_sets_are_chosen_and_the_address_follows() -> None:
    write_shipped()
    write_own("concepts-mine", of_shipped_model(data="my <i>table.csv"))
    at = page()
    box = at.selectbox(key="concept-set")
    assert box.options == [
        "Mutagenicity (Ames test)",
        "Mutagenicity (Ames test): my <i>table.csv, 100 molecules (concepts-mine)",
        "Find concepts in your own molecules …",
    ]
    box.set_value("concepts-mine").run()
    assert not at.exception
    assert at.query_params["set"] in ("concepts-mine", ["concepts-mine"])
    assert "my <i>table.csv" in words_of(at)
    at.selectbox(key="concept-set").set_value("new").run()
    assert len(at.file_uploader) == 1
    assert page(set="concepts-mine").selectbox(key="concept-set").value == "concepts-mine"


def test_unknown_names_in_the_address_are_said_and_something_is_shown() -> None:
    write_shipped()
    at = page(set="concepts-*gone*")
    assert r"There is no set of concepts 'concepts-\*gone\*'" in at.warning[0].value
    assert len(cards_of(at)) == 3
    at = page(set="mutagenicity", concept=HOSTILE)
    assert "This set has no concept" in at.warning[0].value
    assert r"\<script\>" in at.warning[0].value
    assert len(cards_of(at)) == 3


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
    at = page()
    assert "concepts-broken" in at.warning[0].value
    assert reason in at.warning[0].value
    assert len(cards_of(at)) == 3
    assert "concepts-broken" not in "".join(at.selectbox(key="concept-set").options)


def test_search_filters_and_order() -> None:
    found = of_shipped_model()
    write_shipped(changed(found, name="Nitroarene", alerts=(), n_members=40))
    at = page()
    assert cards_of(at)[0] == "non-mutagenic-01"
    at.text_input(key="search-mutagenicity").input("nitroarene").run()
    assert cards_of(at) == ["non-mutagenic-01"]
    at.text_input(key="search-mutagenicity").input("nowhere").run()
    assert "No concept passes" in at.info[0].value
    at.text_input(key="search-mutagenicity").input("").run()
    at.segmented_control(key="side-mutagenicity").set_value("1").run()
    assert cards_of(at) == ["mutagenic-01"]
    at.segmented_control(key="side-mutagenicity").set_value("all").run()
    at.toggle(key="unknown-mutagenicity").set_value(True).run()
    assert cards_of(at) == ["non-mutagenic-01"]
    at.toggle(key="unknown-mutagenicity").set_value(False).run()
    at.toggle(key="stable-mutagenicity").set_value(True).run()
    assert cards_of(at) == ["non-mutagenic-01"]
    at.toggle(key="stable-mutagenicity").set_value(False).run()
    at.selectbox(key="order-mutagenicity").select("name").run()
    assert cards_of(at)[-1] == "non-mutagenic-01"
    assert not at.exception


def test_map_changes_channel_and_colour() -> None:
    write_shipped()
    at = page()
    at.segmented_control(key="plane-mutagenicity").set_value(0).run()
    at.segmented_control(key="colouring-mutagenicity").set_value("contribution").run()
    assert not at.exception
    assert "40 molecules, of which 30 in 2 concepts and 10, in grey, in none." in at.caption[0].value


def test_many_concepts_come_in_pages() -> None:
    found = of_shipped_model()
    many = tuple(replace(found.concepts[0], id=f"non-mutagenic-{i:02d}") for i in range(30))
    write_shipped(replace(found, concepts=many))
    at = page()
    assert "1 to 24 of 30 concepts" in words_of(at)
    assert len(cards_of(at)) == 24


def test_set_without_concepts_tells_why() -> None:
    found = of_shipped_model()
    plane = replace(found.map, concept=found.map.concept * 0 - 1)
    write_shipped(replace(found, concepts=(), map=plane))
    at = page()
    assert "No concept was found" in at.info[0].value
    assert "A sentence." in words_of(at)


def test_reports_hold_the_set_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    found = changed(of_shipped_model(), name=HOSTILE)
    record = json.loads(report_of(".json", found))
    assert [concept["id"] for concept in record["concepts"]] == [concept.id for concept in found]
    rows = list(csv.DictReader(io.StringIO(report_of(".csv", found).decode())))
    assert rows[0]["name"] == HOSTILE
    page = report_of(".html", found).decode()
    assert "<script" not in page
    assert "mutagenic-01" in page


def test_pdf_is_made_by_a_worker_can_be_cancelled_and_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, no_concepts: Path
) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr("app.jobs.worker.Worker.start", lambda worker, *words: commands.append(words))
    write_shipped()
    at = page()
    at.button(key="make-pdf-mutagenicity").click().run()
    assert not at.exception
    ((command, copied, output),) = commands
    assert command == "report"
    folder = Path(copied)
    assert folder.parent == no_concepts / "reports"
    assert output == f"--output={folder / 'report.pdf'}"
    assert len(read_set(folder)) == 3
    assert "it was cut off" in at.error[0].value
    (folder / "worker.log").write_text("laying out the pages of 3 concepts\n")
    at.run()
    assert "it was cut off" in at.error[0].value
    (folder / "worker.log").write_text("laying out the pages of 3 concepts\na PDF needs *weasyprint*\n")
    at.run()
    assert at.error[0].value == r"No PDF could be made: a PDF needs \*weasyprint\*"

    monkeypatch.setattr("app.jobs.worker.Worker.lives", lambda worker: True)
    at.run()
    assert "cancel-pdf-mutagenicity" in [button.key for button in at.button]
    monkeypatch.setattr("app.jobs.worker.Worker.lives", lambda worker: False)
    (folder / "report.pdf").write_bytes(b"%PDF")
    at.run()
    assert not at.exception
    assert "Save the PDF" in [button.label for button in at.get("download_button")]  # type: ignore[union-attr]
    assert not at.error


def test_a_pdf_is_of_one_content() -> None:
    write_shipped()
    found = of_shipped_model()
    told = changed(found, hypothesis=None)
    assert pdf_of("mutagenicity", found) == pdf_of("mutagenicity", of_shipped_model())
    assert pdf_of("mutagenicity", told) != pdf_of("mutagenicity", found)
    assert pdf_of("mutagenicity", found).state() is None
