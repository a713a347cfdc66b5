"""Models: the card of every shipped model and of the user's own ones, with its plots."""

from __future__ import annotations

import json

import streamlit as st

from app.components.markdown import plain
from app.components.models import plots
from app.components.models.card import card_head, conformal_html, metrics_html, provenance_html, rejection_html
from app.components.predictors import predictors, unreadable_models

st.html(
    '<div class="wm-lead"><h1>Models</h1><p>What each model answers, how well it does on molecules that it has never '
    "seen, and what it was made from.</p></div>"
)

with st.spinner("Loading the models", show_time=False):
    models = predictors()
if not models:
    st.info("No model is shipped with this copy of WhyMol. Train one with: python -m app train TASK")

for name, reason in unreadable_models().items():
    st.warning(f"Your model {plain(name)} could not be loaded: {plain(reason)}")

FIGURES = (
    ("ROC, test split", plots.roc_figure, "True against false positive rate; the dotted line is chance"),
    (
        "Calibration, test split",
        plots.calibration_figure,
        "Observed against predicted frequency",
    ),
    ("Parity, test split", plots.parity_figure, "Predicted against measured values; the dotted line is perfect"),
    ("Training", plots.training_figure, "Score on the validation split by epoch, one line for each member"),
)

for name, model in models.items():
    with st.container(border=True, key=f"wm-model-{name}"):
        st.html(card_head(model.task, model.card) + metrics_html(model.card))
        drawn = [(title, figure, alt) for title, make, alt in FIGURES if (figure := make(model.card)) is not None]
        for column, (title, figure, alt) in zip(st.columns(len(drawn) or 1), drawn, strict=False):
            column.markdown(f"**{title}**")
            column.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key=f"{name}-{title}", alt=alt)
        if (rejection := plots.rejection_figure(model.card)) is not None:
            picture, words = st.columns([3, 2])
            picture.markdown("**Errors among the most trusted, test split**")
            picture.plotly_chart(
                rejection,
                theme=None,
                config={"displayModeBar": False},
                key=f"{name}-rejection",
                alt="Error of the most trusted molecules against the share that is kept; the dotted line is chance",
            )
            words.html(rejection_html(model.task, model.card))
        st.html(
            f'<div class="wm-grid"><div>{conformal_html(model.card)}</div><div><h3>Made from</h3>'
            f"{provenance_html(model.task, model.card)}</div></div>"
        )
        st.download_button(
            "Download card.json",
            json.dumps(model.card, indent=2),
            file_name=f"{name}-card.json",
            mime="application/json",
            key=f"card-{name}",
        )
