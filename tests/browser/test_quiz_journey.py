"""The quiz in a real browser: learned, lost and found again, saved, deleted; nothing is sent anywhere."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from tests.browser.settling import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def test_quiz_is_taken_saved_and_deleted(page: Page, server: str) -> None:
    page.goto(f"{server}/quiz")
    page.get_by_role("button", name="Start the quiz").wait_for()
    page.get_by_role("combobox", name="Questions").click()
    page.get_by_role("option", name="12", exact=True).click()
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Start the quiz").click()
    page.get_by_role("button", name="Begin").wait_for(timeout=60_000)
    assert page.locator(".wm-quiz-example").count() == 8
    assert _fits(page)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/quiz?quiz=*")
    explained = 0
    for number in range(12):
        page.locator(f".st-key-quiz-{number}-1 button").wait_for()
        page.get_by_text(f"Question {number + 1} of 12").wait_for()
        if number == 5:
            page.reload()
            page.get_by_text("Question 6 of 12").wait_for(timeout=60_000)
        explained += int(page.locator(".wm-quiz-item").get_attribute("data-explained") or 0)
        assert _fits(page)
        page.locator(f".st-key-quiz-{number}-1 button").click()
    assert explained == 6
    page.get_by_role("heading", name="Your result").wait_for()
    page.get_by_text("exact 95 % interval").wait_for()
    page.get_by_text("Every question").click()
    page.locator(".wm-quiz-review").wait_for()
    assert _fits(page)
    with page.expect_download() as download:
        settled(page).get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert sum(int(row["with_explanation"]) for row in rows) == 6
    assert sum(int(row["correct"]) for row in rows) == 6, "half of the verdicts are the second one"
    page.get_by_role("button", name="Show what would be sent").click()
    page.get_by_text("This text would be sent, and nothing else").wait_for()
    page.get_by_role("textbox", name="Name, if you like").fill("Journey <i>")
    page.get_by_role("button", name="Save the result").click()
    page.get_by_text("The quiz is kept on this machine.").wait_for()
    assert "quiz=" not in page.url
    page.reload()
    page.get_by_role("heading", name="Saved on this machine").wait_for()
    page.get_by_text("Journey <i>").wait_for()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("heading", name="Saved on this machine").wait_for(state="detached")
