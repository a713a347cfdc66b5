"""Screen: a whole library from a file to a plate, watched while it runs, found again by its address."""

from __future__ import annotations

import streamlit as st

from app.components.links import follow_links
from app.components.markdown import plain
from app.components.screen import form as screen_form
from app.components.screen import run as screen_run
from app.components.screen import session as screen_session
from app.screening.page.runs import find_run

follow_links()
st.html(
    '<div class="wm-lead"><h1>Screen a library</h1><p>Verdicts with their reasons for every row of a file, however '
    "long; then a clean, diverse set for the assay.</p></div>"
)

# The address holds the secret name of the session and that of the screening: reloads and bookmarks come back to them.
session, name = screen_session.current(), screen_session.open_name()
run = find_run(session, name) if name else None
if said := screen_session.said():
    st.success(plain(said))
elif name and run is None:
    st.warning("This screening is not there any more, or its address is not complete.")
if run is None:
    screen_session.go_to_all()
    screen_form.show()
    screen_run.others()
else:
    screen_session.go_to(run)
    screen_run.show(run)
