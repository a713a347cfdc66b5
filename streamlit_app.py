"""The way into WhyMol: navigation only. Pages live in app/pages, what they are made of in app/components."""

from __future__ import annotations

import streamlit as st

from app import theme

PAGES = (
    st.Page("app/pages/predict.py", title="Predict", url_path="predict", default=True),
    st.Page("app/pages/screen.py", title="Screen", url_path="screen"),
    st.Page("app/pages/concepts.py", title="Concepts", url_path="concepts"),
    st.Page("app/pages/counterfactuals.py", title="Change", url_path="counterfactuals"),
    st.Page("app/pages/simulate.py", title="Simulate", url_path="simulate"),
    st.Page("app/pages/quiz.py", title="Quiz", url_path="quiz"),
    st.Page("app/pages/models.py", title="Models", url_path="models"),
    st.Page("app/pages/train.py", title="Train", url_path="train"),
)

st.set_page_config(page_title="WhyMol", page_icon=theme.ICON, layout="wide")
page = st.navigation(list(PAGES), position="top")
theme.apply()
page.run()
