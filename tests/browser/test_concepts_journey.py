"""From a molecule to its concept and back in a real browser: predict, open the concept, open a member of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from concepts.storage import shipped_concepts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif("mutagenicity" not in shipped_concepts(), reason="no concepts are shipped")
NITROFURAN = "O=[N+]([O-])c1ccc(CNCCO)o1"


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def _drawn(page: Page) -> bool:
    return bool(page.evaluate("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)"))


def test_from_a_molecule_to_its_concept_to_a_member_and_back(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_role("textbox").fill(f"{NITROFURAN} nitrofuran\nCCO ethanol")
    page.get_by_role("button", name="Predict", exact=True).click()
    # The first page of a server waits for the models.
    page.get_by_text("2 of 2 molecules predicted").wait_for(timeout=120_000)
    chip = page.locator("[data-task=mutagenicity] .wm-chip")
    name = chip.inner_text()
    chip.click()
    page.get_by_role("heading", name=name, exact=True).wait_for()
    assert re.search(r"/concepts\?set=mutagenicity&concept=mutagenic-\d+", page.url)
    page.get_by_text("Ask a language model for a hypothesis").wait_for()
    assert _fits(page)
    assert _drawn(page)

    member = page.locator(".wm-members .wm-thumb").first
    smiles = member.locator("code").inner_text()
    member.get_by_text("Open in Predict").click()
    page.get_by_text("1 of 1 molecule predicted").wait_for()
    assert "?smiles=" in page.url
    assert page.get_by_role("textbox").input_value() == smiles
    # The member is one of the concept for Predict, too.
    page.locator("[data-task=mutagenicity] .wm-chip", has_text=name).wait_for()

    page.get_by_role("button", name="Back to the 2 molecules predicted before").click()
    page.get_by_text("2 of 2 molecules predicted").wait_for()


def test_map_shows_what_is_pointed_at_and_lists_what_is_drawn_around(page: Page, server: str) -> None:
    page.goto(f"{server}/concepts?set=mutagenicity")
    page.locator(".wm-concept-card").first.wait_for()
    page.locator(".st-key-wm-map .scatterlayer path").first.wait_for(state="attached")
    page.locator(".wm-hover-full img").wait_for()
    plot = page.locator(".st-key-wm-map .nsewdrag")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    left, top, right, low = box["x"] + 2, box["y"] + 2, box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, low), (left, low), (left, top)):
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
    page.get_by_text("molecules selected").wait_for()
    page.get_by_text("Their structures are shown where the measured tables are").wait_for()
    assert _fits(page)

    page.get_by_label("Search").fill("nitro epoxide nowhere")
    page.keyboard.press("Enter")
    page.get_by_text("No concept passes these filters.").wait_for()
    page.get_by_label("Search").fill("nitrosamine")
    page.keyboard.press("Enter")
    card = page.locator(".wm-concept-card").first
    card.wait_for()
    assert _drawn(page)
    card.click()
    page.get_by_text("‹ All concepts of").click()
    page.locator(".wm-concept-card").first.wait_for()
    page.go_back()
    page.get_by_text("How the members are spread").wait_for()
