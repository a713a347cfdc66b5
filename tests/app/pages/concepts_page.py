"""The concepts page in a test: opened by its address, and read back as markup, words and cards."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from concepts.concept import ConceptSet

ROOT = Path(__file__).parents[3]
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def page(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    at.switch_page("app/pages/concepts.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def markup_of(at: AppTest) -> str:
    bodies = [block.body for block in at.get("html")]  # type: ignore[union-attr]
    return "".join(body for body in bodies if "<style>" not in body)


def words_of(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup_of(at))))


def cards_of(at: AppTest) -> list[str]:
    return re.findall(r'wm-concept-card" href="[^"]*concept=([\w-]+)"', markup_of(at))


def changed(found: ConceptSet, **changes: Any) -> ConceptSet:
    """The set with its first concept changed."""
    return replace(found, concepts=(replace(found.concepts[0], **changes), *found.concepts[1:]))
