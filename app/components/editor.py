"""The structure editor (JSME by way of streamlit-jsme), held offline.

The package carries the whole editor, yet where the browser is slow it fetches a copy from a public server. What is
drawn here is nobody else's business, so the component is registered from the package's own parts, without that way out.
"""

from __future__ import annotations

import re

import streamlit as st
import streamlit_jsme

_FETCH = re.compile(
    r"const s = document\.createElement\('script'\);\s*s\.src = '[^']*';\s*document\.head\.appendChild\(s\);"
)


def offline_script() -> str:
    """The package's script without its download.

    Raises
    ------
    RuntimeError
        If the script still names an address: another version of the package, which has to be looked at first.
    """
    script = _FETCH.sub("", streamlit_jsme._JS)
    if re.search(r"https?://", script):
        raise RuntimeError(
            f"streamlit-jsme {streamlit_jsme.__version__} loads from the net; expected the pinned version"
        )
    return script


_editor = st.components.v2.component(
    "whymol_editor",
    html=streamlit_jsme._HTML.replace("#0068ff", "#1F4E79"),
    js=offline_script(),
    isolate_styles=False,
)


def draw(height: int = 400) -> str:
    """Show the editor; answers the SMILES of what was applied last, or an empty string."""
    result = _editor(
        data={"molecule": "", "height": height, "format": "SMILES"},
        default={"result": ""},
        key="drawn",
        on_result_change=lambda: None,
    )
    return str(result.result or "")
