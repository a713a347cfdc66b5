"""The report as PDF: a page a concept at least, and nothing fetched."""

from __future__ import annotations

import re
import sys

import pytest

from concepts.concept import ConceptSet
from concepts.report.document import report_html
from concepts.report.pdf import PdfError, report_pdf
from tests.concepts.hand_made import three_concepts
from tests.concepts.report.made_sets import from_strangers, no_card, of_values, without_concepts


def made(page: str) -> bytes:
    """Where the system's libraries are missing, only the sentence about it can be tested."""
    try:
        return report_pdf(page)
    except PdfError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("found", [three_concepts(), of_values(), without_concepts(), from_strangers()])
def test_a_page_a_concept_and_a_cover(found: ConceptSet) -> None:
    pdf = made(report_html(found, no_card()))
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= len(found) + 1


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *request, **more: asked.append(request))
    pdf = made('<p>x</p><img src="file:///etc/hostname"><link rel="stylesheet" href="http://127.0.0.1:9/a.css">')
    assert pdf.startswith(b"%PDF")
    assert asked == []


def test_texts_that_no_file_can_hold() -> None:
    assert made("<p>a\ud800b\x00c</p>").startswith(b"%PDF")


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfError, match="needs the package weasyprint and the system's Pango.*write HTML instead"):
        report_pdf("<p>x</p>")
