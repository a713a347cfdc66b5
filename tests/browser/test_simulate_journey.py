"""A study in a real browser: asked for, watched, found again after a reload, taken home, deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.browser.settling import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def _fill(page: Page, role: str, name: str, value: str) -> None:
    page.get_by_role(role, name=name).fill(value)  # type: ignore[arg-type]
    page.keyboard.press("Tab")
    page.wait_for_timeout(800)


def test_study_is_started_found_again_and_taken_home(page: Page, server: str) -> None:
    page.goto(f"{server}/simulate")
    page.get_by_role("button", name="Start the study").wait_for()
    _fill(page, "textbox", "Training graphs of each student", "ten")
    page.get_by_text("expected whole numbers of at least 1").wait_for()
    _fill(page, "textbox", "Training graphs of each student", "10")
    page.get_by_role("slider", name="Repetitions").focus()
    page.keyboard.press("Home")
    page.get_by_text("More settings").click()
    _fill(page, "textbox", "Noise: share of mask values", "0, 1")
    _fill(page, "spinbutton", "Graphs to judge by", "30")
    _fill(page, "spinbutton", "Graphs to draw from", "80")
    _fill(page, "spinbutton", "Epochs", "4")
    page.get_by_text("6 comparisons, 14 students to train.").wait_for()
    assert _fits(page)
    page.get_by_role("button", name="Start the study").click()
    page.get_by_role("heading", name="Blue star or blue ring").wait_for()
    assert "run=rb_adv_motifs-" in page.url
    page.reload()
    page.get_by_role("heading", name="finished").wait_for(timeout=120_000)
    page.get_by_text("Score against noise").first.wait_for()
    for number in range(3):
        page.locator(".js-plotly-plot .main-svg").nth(number).wait_for(state="attached")
    assert _fits(page)
    with page.expect_download() as download:
        settled(page).get_by_role("button", name="JSON").click()
    study = json.loads(download.value.path().read_text())
    assert [row["repetitions"] for row in study["comparisons"]] == [2] * 6
    page.get_by_role("button", name="Back to all studies").click()
    page.get_by_role("heading", name="Studies on this machine").wait_for()
    settled(page).get_by_role("button", name="Show", exact=True).first.click()
    settled(page).get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("heading", name="A new study").wait_for()
    page.get_by_role("heading", name="Studies on this machine").wait_for(state="detached")
