"""Links between pages: addresses that can be bookmarked, followed within the session where the browser allows it.

A plain link in a page loads the app anew and forgets what was predicted. `follow_links` catches clicks on links of ours
and switches the page instead; without it, or in a new tab, the same addresses work by themselves.
"""

from __future__ import annotations

import html
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import streamlit as st

#: Longest address that is followed.
MOST_CHARACTERS: Final = 8000
#: Class of the links that are caught.
CAUGHT: Final = "wm-link"
_PAGES: Final = {"./": "app/pages/predict.py", "concepts": "app/pages/concepts.py"}
_ASKED: Final = {"./": ("smiles",), "concepts": ("set", "concept", "channel")}

_SCRIPT: Final = """
export default function (component) {
  const { setTriggerValue } = component;
  const follow = (event) => {
    const link = event.target.closest ? event.target.closest("a.wm-link") : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setTriggerValue("followed", link.getAttribute("href"));
    const page = document.querySelector('[data-testid="stMain"]');
    if (page) page.scrollTo({ top: 0 });
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
"""

_catcher = st.components.v2.component("whymol_links", js=_SCRIPT)


def follow_links() -> None:
    """Go where a link of ours was clicked; to be called once, at the start of a page."""
    with st.container(key="wm-links"):
        result = _catcher(key="links", on_followed_change=lambda: None)
    if (target := target_of(str(result.followed or ""))) is not None:
        page, query = target
        st.switch_page(page, query_params=query)


def target_of(address: str) -> tuple[str, dict[str, str]] | None:
    """The page and the query of an address of ours; None for any other."""
    if len(address) > MOST_CHARACTERS:
        return None
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path not in _PAGES:
        return None
    asked = dict(parse_qsl(parts.query))
    return _PAGES[parts.path], {name: asked[name] for name in _ASKED[parts.path] if name in asked}


def to_concept(set_name: str, concept: str = "") -> str:
    """Address of a set, or of one of its concepts."""
    query = {"set": set_name} | ({"concept": concept} if concept else {})
    return f"concepts?{urlencode(query, quote_via=quote)}"


def to_predict(smiles: str) -> str:
    """Address that predicts a molecule."""
    return f"./?{urlencode({'smiles': smiles}, quote_via=quote)}"


def link(address: str, inner: str, style: str = "", hint: str = "") -> str:
    """A link that is caught; `inner` is HTML, everything else is escaped."""
    title = f' title="{html.escape(hint, quote=True)}"' if hint else ""
    return f'<a class="{CAUGHT} {style}" href="{html.escape(address, quote=True)}"{title}>{inner}</a>'
