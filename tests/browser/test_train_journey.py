"""Training in a real browser: upload, look, train, reload while it runs, predict with the new model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.app.own_table import own_csv

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def _slide_to_start(page: Page, name: str) -> None:
    page.get_by_role("slider", name=name).focus()
    page.keyboard.press("Home")


def test_own_table_becomes_a_model_to_predict_with(page: Page, server: str) -> None:
    # One server for both widths: each trains a model of its own.
    assert page.viewport_size is not None
    title = f"Journey {page.viewport_size['width']}"
    page.goto(f"{server}/train")
    page.get_by_role("heading", name="What the table needs").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "assay.csv", "mimeType": "text/csv", "buffer": own_csv().encode()}
    )
    page.get_by_text("1 row left out: the SMILES cannot be read.").wait_for()
    page.get_by_label("Name of the model").fill(title)
    page.keyboard.press("Tab")
    _slide_to_start(page, "Networks in the committee")
    page.get_by_role("slider", name="Most epochs of each").focus()
    for _ in range(4):
        page.keyboard.press("PageDown")
    page.wait_for_timeout(1500)
    assert _fits(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("heading", name=re.compile(f"{title} is (being )?trained")).wait_for()
    assert "run=journey_" in page.url
    page.reload()
    page.get_by_role("heading", name=f"{title} is trained").wait_for(timeout=60_000)
    page.locator(".js-plotly-plot .main-svg .scatterlayer").first.wait_for(state="attached")
    page.get_by_text("AUROC", exact=True).wait_for()
    assert _fits(page)

    page.get_by_role("button", name="Predict with it").click()
    page.get_by_role("textbox").first.wait_for()
    page.get_by_role("textbox", name=re.compile("one a line")).fill("O=[N+]([O-])c1ccc(CCl)cc1")
    page.get_by_role("button", name="Predict", exact=True).click()
    page.locator(f"[data-task=journey_{page.viewport_size['width']}]").wait_for()
    assert page.locator("[data-task]").count() == 1
    page.goto(f"{server}/models")
    page.get_by_role("heading", name=title).wait_for()


def test_table_without_a_measurement_is_refused_in_words(page: Page, server: str) -> None:
    page.goto(f"{server}/train")
    page.locator("input[type=file]").set_input_files(
        {"name": "assay.csv", "mimeType": "text/csv", "buffer": b"smiles,active\nCCO,yes\nCCN,yes\n"}
    )
    page.get_by_text("cannot be learned from").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).count() == 0
