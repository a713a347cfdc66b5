"""A screening in a real browser: uploaded, watched, found again, filtered, ticked, picked, taken home, deleted."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from tests.app.made_screening import GROUPS
from tests.browser.settling import settled

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Download, Page

MESSY = "\n".join(
    [
        "compound,structure,price",
        *(f"nitro {group},O=[N+]([O-])c1ccc({group})cc1,{price}.5" for price, group in enumerate(GROUPS)),
        *(f"plain {group},Cc1ccc({group})cc1,{price}" for price, group in enumerate(GROUPS)),
        '"<b>broken</b>, and said",CC(,7',
        "nothing,,1",
        "=salt,CC(=O)[O-].[Na+],2",
        "again,Cc1ccc(C)cc1,3",
    ]
)


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def _lines(download: Download) -> list[dict[str, str]]:
    path: Path = download.path()
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _view(page: Page, name: str) -> None:
    settled(page).get_by_role("radiogroup", name="View").get_by_text(name).click()


def _tick_first_row(page: Page) -> None:
    """The table is drawn on a canvas: the box for ticks is at the left of each row, below the head."""
    canvas = settled(page).get_by_test_id("stDataFrame").first
    canvas.scroll_into_view_if_needed()
    canvas.click(position={"x": 16, "y": 85})


def test_a_messy_file_becomes_a_plate(page: Page, server: str) -> None:
    page.goto(f"{server}/screen")
    page.get_by_role("heading", name="Row for row").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "../messy.csv", "mimeType": "text/csv", "buffer": MESSY.encode()}
    )
    page.get_by_text("All of the first 20 rows can be read.").wait_for()
    page.get_by_text("More settings").click()
    page.get_by_text("One network, faster").click()
    assert _fits(settled(page))
    page.get_by_role("button", name="Screen", exact=True).click()
    page.get_by_role("heading", name=re.compile(r"messy.csv is (being )?screened")).wait_for()
    assert re.search(r"session=[0-9a-f]{32}&run=messy-\d", page.url)
    page.reload()
    page.get_by_role("heading", name="messy.csv is screened").wait_for(timeout=120_000)

    page.locator("[data-screened=mutagenicity]").wait_for()
    page.get_by_text("cannot be read as a structure").wait_for()
    page.locator(".js-plotly-plot .main-svg").nth(2).wait_for(state="attached")
    assert page.get_by_text("of the flagged belong to").count() > 0
    assert _fits(settled(page))

    _view(page, "Molecules")
    page.get_by_text("28 rows").wait_for()
    settled(page).get_by_role("textbox", name="Search").fill("nitro")
    page.keyboard.press("Tab")
    page.get_by_text("of 28 rows").wait_for()
    _tick_first_row(page)
    page.get_by_text("1 molecule in your selection").wait_for()
    page.locator("[data-row='0']").wait_for()
    assert _fits(settled(page))
    with page.expect_download() as filtered:
        settled(page).get_by_role("button", name="CSV", exact=True).click()
    assert [line["compound"] for line in _lines(filtered.value)] == [f"nitro {group}" for group in GROUPS]
    page.reload()
    _view(page, "Molecules")
    page.get_by_text("1 molecule in your selection").wait_for()

    _view(page, "Picks")
    page.get_by_text("Pick molecules for an assay").wait_for()
    settled(page).get_by_role("button", name="Pick", exact=True).click()
    page.get_by_role("heading", name="1 molecule picked").wait_for(timeout=60_000)
    page.locator("img.wm-plate").wait_for()
    with page.expect_download() as plate:
        settled(page).get_by_role("button", name="Plate map").click()
    [line] = _lines(plate.value)
    assert (line["plate"], line["well"], line["compound"]) == ("1", "A01", "nitro C")

    settled(page).get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_text("messy.csv is deleted, with everything that was made of it.").wait_for()
    assert page.get_by_text("Screenings of this session").count() == 0
    assert "session=" not in page.url


def test_a_row_opens_its_molecule_and_a_condition_its_sentence(page: Page, server: str) -> None:
    page.goto(f"{server}/screen")
    page.locator("input[type=file]").set_input_files(
        {"name": "two.smi", "mimeType": "text/plain", "buffer": b"O=[N+]([O-])c1ccccc1 nitrobenzene\nCCO ethanol\n"}
    )
    page.get_by_text("All of the first 2 rows can be read.").wait_for()
    settled(page).get_by_role("button", name="Screen", exact=True).click()
    page.get_by_role("heading", name="two.smi is screened").wait_for(timeout=120_000)
    _view(page, "Molecules")
    _tick_first_row(page)
    page.get_by_text("Concepts, alerts, and a condition of your own").click()
    box = settled(page).get_by_role("textbox", name="Condition in SQL over the columns")
    box.fill("mutagenicity_probabilty > 0.5")
    box.press("Enter")
    page.get_by_text("There is no column 'mutagenicity_probabilty'").wait_for()
    settled(page).get_by_role("link", name="Open in full").first.click()
    page.locator("[data-task=mutagenicity]").wait_for(timeout=60_000)
    assert "smiles=" in page.url
    page.go_back()
    page.get_by_role("heading", name="two.smi is screened").wait_for()
