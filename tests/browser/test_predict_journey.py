"""The main job in a real browser: paste, predict, open a row, take the files home; and the same from a drawing."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from rdkit import Chem

from megan.shipped import PRETRAINED, shipped_names
from tests.browser.settling import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHIPPED = shipped_names(PRETRAINED)
TEXT = "O=[N+]([O-])c1ccccc1 nitrobenzene\nCC( broken\nCCO <script>document.title='owned'</script>\n"


def _predict(page: Page, server: str, text: str) -> None:
    page.goto(server)
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Predict", exact=True).click()


def _download(page: Page, name: str) -> str:
    with page.expect_download() as waiting:
        settled(page).get_by_role("button", name=name, exact=True).click()
    path = waiting.value.path()
    return Path(path).read_text(encoding="utf-8")


def _tick(page: Page, row: int) -> None:
    """Tick a row of the table, which is a canvas: there is nothing to aim at but a place."""
    table = page.get_by_test_id("stDataFrame")
    table.evaluate("element => element.scrollIntoView({block: 'start'})")
    page.mouse.wheel(0, -120)
    page.wait_for_timeout(500)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 40 + 72 * row + 36)


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def test_paste_predict_open_download(page: Page, server: str) -> None:
    _predict(page, server, TEXT)
    page.get_by_text("2 of 3 molecules predicted").wait_for()
    page.get_by_text("parse_error").wait_for()
    page.get_by_role("heading", name="nitrobenzene").wait_for()
    assert page.locator("[data-task]").count() == len(SHIPPED)
    assert page.locator("[data-task] .wm-channel img").count() == 4 * len(SHIPPED)
    assert page.evaluate("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert _fits(page)

    _tick(page, 2)
    page.locator(".wm-mol h2", has_text="<script>").wait_for()
    assert page.title() == "WhyMol"

    rows = list(csv.DictReader(io.StringIO(_download(page, "CSV"))))
    assert [row["status"] for row in rows] == ["ok", "error", "ok"]
    assert 0 <= float(rows[0]["mutagenicity_probability"]) <= 1
    first = next(iter(Chem.ForwardSDMolSupplier(io.BytesIO(_download(page, "SDF").encode()))))
    assert first.GetNumAtoms() == 9
    assert all(0 <= atom.GetDoubleProp("mutagenicity_mutagenic") <= 1 for atom in first.GetAtoms())
    sheet = ElementTree.fromstring(_download(page, "SVG"))
    assert sheet.tag.endswith("svg")


def test_example_button_teaches_on_real_molecules(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_text("Climb the evidence").wait_for()
    page.get_by_role("button", name="Load example").click()
    page.get_by_role("textbox").filter(has_text="curcumin").wait_for()
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text(re.compile(r"7 of 8 molecules predicted")).wait_for()
    assert _fits(page)


def test_drawn_structure_is_an_input_and_the_editor_stays_offline(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_text("Draw", exact=True).click()
    page.get_by_role("button", name="Apply").wait_for()
    page.wait_for_function("() => document.querySelector('#jsme_wrapper svg') !== null")
    box = page.locator("#jsme_wrapper").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name="Apply").click()
    page.get_by_text(re.compile("Applied:")).wait_for()
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_role("heading", name="drawn").wait_for()
