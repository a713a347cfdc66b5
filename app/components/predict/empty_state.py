"""What the predict page says before there is anything to show: what will come, and how to read it."""

from __future__ import annotations

import html

import streamlit as st

from app import theme
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_scale
from megan.shipped import PRETRAINED, shipped_names

#: What each shipped task is about, as short as a heading needs.
QUESTIONS = {
    "aggregation": "Does it aggregate?",
    "mutagenicity": "Is it mutagenic?",
    "solubility": "Does it dissolve?",
}

_LADDER = (
    ("Measured record", "Has this very compound been measured?"),
    ("Nearest measured compounds", "What were its three nearest neighbours?"),
    ("Matched alerts", "Which PAINS, Brenk and Kazius rules match?"),
    ("Model verdict", "Calibrated probability against its threshold, or a value."),
    ("Conformal set", "Which classes, or which values, can be excluded at 90 % confidence?"),
    ("Committee spread, domain", "Do the members agree, and is the molecule near home?"),
)


def lead() -> None:
    """The page's heading: what the shipped models answer."""
    asked = " ".join(QUESTIONS[name] for name in shipped_names(PRETRAINED) if name in QUESTIONS)
    st.html(
        f'<div class="wm-lead"><h1>{html.escape(asked or "Which atoms say so?")}</h1>'
        "<p>Each verdict comes with the atoms that made it and with the evidence to judge it by.</p></div>"
    )


def show() -> None:
    """Three cards that teach how to read a result."""
    rungs = "".join(
        f'<li class="wm-rung"><span class="wm-sign">{theme.mark(None, 13)}</span><div><h4>{html.escape(title)}</h4>'
        f'<p class="wm-muted">{html.escape(text)}</p></div></li>'
        for title, text in _LADDER
    )
    st.html(
        f"""<div class="wm-grid wm-three">
        <section class="wm-card wm-step"><h3>Start with a list</h3>
        <p>Paste one molecule a line: SMILES, then a space or tab and a name. Or upload a file, or draw a structure.</p>
        <p>A line that cannot be read is listed with its reason; the others go on.</p>
        <p class="wm-muted">No list at hand? <b>Load example</b> puts in a nitroaromatic, known aggregators, a salt,
        a metal complex and a broken line.</p></section>
        <section class="wm-card wm-step"><h3>Read the atoms</h3>{_sample()}
        <p>Each class has its own picture. Larger and darker halos matter more; a ring marks importance above 0.5.
        The scale is the same for every molecule.</p>
        <p class="wm-muted">The picture is a drawing lesson, not a prediction.</p></section>
        <section class="wm-card wm-step"><h3>Climb the evidence</h3>
        <ol class="wm-ladder">{rungs}</ol></section></div>"""
    )


def _sample() -> str:
    atoms = (0.75, 1.0, 0.75, 0.45, 0.15, 0.1, 0.05, 0.1, 0.15)
    bonds = (0.8, 0.8, 0.6, 0.3, 0.1, 0.0, 0.0, 0.1, 0.3)
    picture = draw_explanation(
        "O=[N+]([O-])c1ccccc1",
        atoms,
        bonds,
        colour=CHANNEL_COLOURS[1],
        width=260,
        height=140,
        title="How importance is drawn, on nitrobenzene",
    )
    return theme.picture(picture, "Halos on nitrobenzene") + theme.picture(
        draw_scale(CHANNEL_COLOURS[1]), "Scale from 0 to 1"
    )
