"""The Screen page under test: opened at an address, and what it says."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from app.components.screen import session as screen_session
from app.screening.page.runs import Asked, ScreenRun, new_run, new_session
from tests.app.made_screening import made_run

ROOT = Path(__file__).parents[3]


def page(run: ScreenRun | None = None, /, **address: str) -> AppTest:
    """The page, at the address of a run or another."""
    # The page alone; that it is among the others, a test of the whole app tells.
    at = AppTest.from_file(str(ROOT / "app" / "pages" / "screen.py"), default_timeout=120)
    if run is not None:
        address = {"session": run.session, "run": run.name} | address
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """What stands in the page's HTML, without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup(at))))


def markup(at: AppTest) -> str:
    """The page's HTML."""
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def said(at: AppTest) -> str:
    """Every message and caption."""
    kinds: tuple[Any, ...] = (at.error, at.warning, at.info, at.success, at.caption, at.markdown)
    return "\n".join(element.value for kind in kinds for element in kind)


def keys(at: AppTest) -> set[str]:
    """Keys of the buttons."""
    return {str(button.key) for button in at.button}


def new(session: str = "", name: str = "library.csv", content: bytes = b"Name,SMILES,price\n") -> ScreenRun:
    """A run that was asked for and not begun."""
    return new_run(
        session or new_session(), Asked(name, ("aggregation", "mutagenicity", "solubility")), (name, content)
    )


def made(session: str = "", **of_run: Any) -> ScreenRun:
    """A run with results, made without a model."""
    run = new(session)
    made_run(run.folder, **of_run)
    return run


def widgets_of(run: ScreenRun) -> str:
    """The end of the keys of a run's widgets."""
    found = run.opened()
    assert found is not None
    return screen_session.widgets_of(found)


def opened(run: ScreenRun, view: str = "", **address: str) -> AppTest:
    """A run's page with one of its views open."""
    at = page(run, **address)
    if view:
        at.segmented_control(key=f"screen-view-{widgets_of(run)}").set_value(view).run()
        assert not at.exception
    return at


def filtered(at: AppTest, run: ScreenRun, **values: Any) -> AppTest:
    """Set filters of the table: keys with the kind of their widget in front, "__" for a dash."""
    for name, value in values.items():
        kind, _, key = name.partition("_")
        widgets = {"text": at.text_input, "many": at.multiselect, "on": at.toggle, "one": at.selectbox}
        widget = widgets[kind](key=f"screen-{key.replace('__', '-')}-{widgets_of(run)}")
        widget.set_value(value)
    at.run()
    assert not at.exception
    return at
