"""From a prediction to what would change it, on from there, and home with the files; and rules over many molecules."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from rdkit import Chem

from tests.browser.settling import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

START = "O=[N+]([O-])c1ccc(C)cc1"
LONG = 180_000


def _download(page: Page, name: str) -> str:
    with page.expect_download() as waiting:
        settled(page).get_by_role("button", name=name, exact=True).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def _fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def test_predict_change_continue_download(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_role("textbox").fill(START)
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_role("button", name="Become non-mutagenic").click(timeout=LONG)
    page.locator('[data-found="1"]').wait_for(timeout=LONG)
    assert "counterfactuals?smiles=" in page.url
    assert page.evaluate("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert _fits(page)
    settled(page).get_by_text("In words").first.click()
    page.get_by_text("the verdict turns from mutagenic to non-mutagenic").first.wait_for()
    rows = list(csv.DictReader(io.StringIO(_download(page, "CSV"))))
    assert rows[0]["smiles"] == Chem.CanonSmiles(START)
    assert float(rows[1]["mutagenicity_probability"]) < float(rows[0]["mutagenicity_probability"])

    page.get_by_role("textbox", name="Molecule as SMILES").wait_for()
    page.get_by_role("button", name="Use as new start").first.click()
    page.get_by_role("button", name="Back to the start before").wait_for(timeout=LONG)
    page.get_by_text("there is nothing to change").wait_for(timeout=LONG)
    page.get_by_role("button", name="Back to the start before").click()
    page.locator('[data-found="1"]').wait_for(timeout=LONG)
    sdf = Chem.ForwardSDMolSupplier(io.BytesIO(_download(page, "SDF").encode()))
    assert [mol.GetNumAtoms() > 0 for mol in sdf] == [True] * len(rows)


def test_a_clicked_atom_is_kept(page: Page, server: str) -> None:
    page.goto(f"{server}/counterfactuals")
    page.get_by_role("textbox", name="Molecule as SMILES").fill("CCO", timeout=LONG)
    page.get_by_text("Keep a part, or search more widely").click()
    atom = page.locator('.wm-atoms [data-atom="2"]')
    atom.click()
    field = page.get_by_role("textbox", name="Keep this part")
    page.wait_for_function("element => element.value === '3'", arg=field.element_handle())
    page.locator('.wm-atoms [data-atom="0"]').click()
    page.wait_for_function("element => element.value === '1, 3'", arg=field.element_handle())
    assert _fits(page)


def test_rules_of_pasted_molecules(page: Page, server: str) -> None:
    page.goto(f"{server}/counterfactuals")
    page.get_by_text("Rules over many molecules").click(timeout=LONG)
    pasted = page.get_by_role("textbox", name="Molecules, one a line")
    pasted.fill("Cc1ccccc1\nCCc1ccccc1\nc1ccccc1O\nNc1ccccc1")
    page.get_by_role("button", name="Find rules").click()
    page.locator("[data-rule]").wait_for(timeout=LONG)
    rows = list(csv.DictReader(io.StringIO(_download(page, "CSV"))))
    assert rows
    assert all(int(row["molecules"]) >= 3 for row in rows)
    assert _fits(page)
