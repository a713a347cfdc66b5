"""The model page in a real browser: cards, numbers, plots drawn, at both widths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.settling import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRETRAINED = Path(__file__).parents[2] / "megan" / "pretrained"


def test_read_the_model_page(page: Page, server: str) -> None:
    page.goto(f"{server}/models")
    page.get_by_role("heading", name="Models", exact=True).wait_for()
    cards = [json.loads(path.read_text()) for path in PRETRAINED.glob("*/card.json")]
    for card in cards:
        page.get_by_role("heading", name=card["task"]["title"]).wait_for()
        first = "auroc" if card["task"]["kind"] == "classification" else "rmse"
        page.get_by_text(f"{card['test'][first]['value']:.3f}", exact=True).first.wait_for()
    page.wait_for_function(
        f"() => document.querySelectorAll('.js-plotly-plot .main-svg .scatterlayer').length >= {2 * len(cards)}"
    )
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as waiting:
        settled(page).get_by_role("button", name="Download card.json").first.click()
    assert "test" in json.loads(Path(waiting.value.path()).read_text())
