"""Waiting until a page has been drawn to its end.

While a script runs, Streamlit leaves what the run before had drawn in place until the new run reaches it, so that for a
moment a button may be there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SETTLED = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app !== null && app.dataset.testScriptState === 'notRunning'
        && document.querySelector('[data-stale="true"]') === null;
}"""


def settled(page: Page) -> Page:
    """The page, once its script has ended and nothing of an earlier run is left on it."""
    page.wait_for_function(_SETTLED)
    return page
