"""Texts from users in Streamlit's messages, which read markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """The text with every sign that means something in markdown escaped."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$:~])", r"\\\1", text)
