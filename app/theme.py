"""Colours, marks and type of every page; the widgets' own theme is in .streamlit/config.toml.

A class is always told twice: by an Okabe-Ito colour and by the shape of its mark (disc for the first channel, diamond
for the second), so that no page relies on colour alone.
"""

from __future__ import annotations

import base64
import html
from pathlib import Path

import streamlit as st

from megan.drawing import CHANNEL_COLOURS

#: Text in a channel's colour, dark enough to read on white (contrast of at least 4.5).
CHANNEL_INKS = ("#00598C", "#A84700")
INK = "#17212B"
MUTED = "#5B6875"
LINE = "#DCE2E8"

_STYLES = Path(__file__).with_name("theme.css")

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">'
    '<path d="M16 3.5 26.8 9.8 V22.2 L16 28.5 5.2 22.2 V9.8 Z" fill="none" stroke="#17212B" stroke-width="2"/>'
    f'<circle cx="16" cy="3.9" r="3.4" fill="{CHANNEL_COLOURS[1]}"/>'
    f'<circle cx="5.4" cy="22" r="3.4" fill="{CHANNEL_COLOURS[0]}"/></svg>'
)


def as_data_uri(svg: str) -> str:
    """An SVG as the base64 data address that st.dataframe's ImageColumn shows (it does not show the utf8 form)."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


ICON = as_data_uri(_LOGO)


def apply() -> None:
    """Put the stylesheet and the name of the product on the page."""
    st.html(_STYLES)
    st.logo(_LOGO_WITH_NAME, size="large")


_LOGO_WITH_NAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 132 32" width="132" height="32">'
    + _LOGO[_LOGO.index("<path") : _LOGO.rindex("</svg>")]
    + '<text x="38" y="23" font-family="Source Sans Pro, Source Sans, Helvetica, Arial, sans-serif" font-size="21" '
    f'font-weight="650" fill="{INK}">WhyMol</text></svg>'
)


def picture(svg: str, alt: str, style: str = "") -> str:
    """An SVG as an HTML image: st.html takes inline SVG out, and in an image nothing of it can run."""
    attribute = f' class="{style}"' if style else ""
    return f'<img{attribute} src="{as_data_uri(svg)}" alt="{html.escape(alt, quote=True)}">'


def mark(channel: int | None, size: int = 11) -> str:
    """The mark of a channel: a blue disc for the first, an orange diamond for the second, a dashed ring for neither."""
    kind = "none" if channel is None else str(channel % len(CHANNEL_COLOURS))
    return f'<span class="wm-mark wm-mark-{kind}" style="width:{size}px;height:{size}px" aria-hidden="true"></span>'
