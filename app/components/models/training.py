"""A training on the train page: how far it is, its learning curve, and what can be done with it.

`show` runs again every two seconds while the worker lives; everything on it comes from the run folder.
"""

from __future__ import annotations

import html
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.components.inputs import ASK_MODELS
from app.components.markdown import plain
from app.components.models.card import metrics_html
from app.components.models.plots import training_figure
from app.components.words import plural
from app.training.progress import TrainingProgress, read_progress
from app.training.runs import State, TrainingRun

#: Seconds between two looks at the folder.
EVERY = 2.0
_PLOT = {"displayModeBar": False}


def show(run: TrainingRun) -> None:
    """The card of a training, kept up to date while its worker lives."""
    st.fragment(_show, run_every=EVERY if run.state() is State.RUNNING else None)(run)


def _show(run: TrainingRun) -> None:
    state = run.state()
    if state is not State.RUNNING and st.session_state.get("watched") == (run.name, State.RUNNING):
        # The page as a whole changes when a training ends: the form comes back, the timer stops.
        st.session_state["watched"] = (run.name, state)
        st.rerun()
    st.session_state["watched"] = (run.name, state)
    progress = read_progress(run.folder)
    with st.container(border=True, key="wm-training"):
        st.html(head_html(run, state))
        if state is State.RUNNING:
            _running(run, progress)
        elif state is State.FINISHED:
            _finished(run, progress)
        else:
            _ended(run, state, progress)


def head_html(run: TrainingRun, state: State) -> str:
    """Title and state."""
    words = {
        State.RUNNING: "is being trained",
        State.FINISHED: "is trained",
        State.FAILED: "could not be trained",
        State.STOPPED: "was stopped",
    }
    return f'<div class="wm-lead"><h2>{html.escape(run.asked.title)} {words[state]}</h2></div>'


def progress_in_words(progress: TrainingProgress | None) -> str:
    """Which member and epoch, how good so far, and how long it will take at most."""
    if progress is None or not progress.log:
        return "Reading the table and starting"
    last = progress.log[-1]
    left = progress.remaining or 0.0
    time_left = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    return (
        f"Network {progress.member + 1} of {progress.members}, epoch {int(last['epoch']) + 1} of {progress.epochs}"
        f", {time_left} left at most"
    )


def curve(progress: TrainingProgress | None, kind: str) -> go.Figure | None:
    """Score on the validation split by epoch, a line a network; None before the first epoch."""
    if progress is None:
        return None
    figure = training_figure({"training": {"log": progress.log}})
    if figure is not None:
        score = "minus RMSE" if kind == "regression" else "AUROC"
        figure.update_yaxes(title=f"Validation {score}")
        # Few epochs are points; a line alone would show nothing at the first.
        figure.update_traces(mode="lines+markers", marker={"size": 5})
        last = max(int(row["epoch"]) for row in progress.log)
        figure.update_xaxes(range=[-0.5, max(last, 4) + 0.5], dtick=1 if last < 12 else None)
        if kind == "classification":
            low = min(float(row["valid_score"]) for row in progress.log)
            figure.update_yaxes(range=[min(0.45, low - 0.05), 1.03])
    return figure


def _running(run: TrainingRun, progress: TrainingProgress | None) -> None:
    st.progress(progress.fraction if progress else 0.0, text=progress_in_words(progress))
    _plot(run, progress)
    st.caption("It goes on when this page is closed; come back to see it. What is trained is kept when you stop it.")
    st.button("Stop", on_click=run.stop, key=f"stop-{run.name}")


def _finished(run: TrainingRun, progress: TrainingProgress | None) -> None:
    from megan.card import read_card

    try:
        card: dict[str, Any] = read_card(run.bundle)
    except ValueError as problem:
        st.error(plain(str(problem)))
        return
    st.html(metrics_html(card))
    _plot(run, progress)
    _left_out(progress)
    with st.container(horizontal=True, gap="small"):
        if st.button("Predict with it", type="primary", key=f"predict-{run.name}"):
            st.session_state[ASK_MODELS] = [run.name]
            st.switch_page("app/pages/predict.py")
        if st.button("See its card", key=f"card-{run.name}"):
            st.switch_page("app/pages/models.py")
        if st.button("Train another", key=f"another-{run.name}"):
            st.query_params.clear()
            st.rerun(scope="app")
    st.caption(f"In the terminal it is called {plain(run.name)}: python -m app predict --task {plain(run.name)} SMILES")


def _ended(run: TrainingRun, state: State, progress: TrainingProgress | None) -> None:
    if state is State.FAILED:
        st.error(plain(run.reason()))
    else:
        done = len(progress.log) if progress else 0
        st.info(f"{plural(done, 'epoch')} done and kept. Go on, or discard it with its copy of your table.")
    _plot(run, progress)
    with st.container(horizontal=True, gap="small"):
        if st.button("Go on", type="primary", key=f"go-on-{run.name}"):
            run.start()
            st.rerun(scope="app")
        if st.button("Discard", key=f"discard-{run.name}"):
            run.discard()
            st.query_params.clear()
            st.rerun(scope="app")


def _plot(run: TrainingRun, progress: TrainingProgress | None) -> None:
    figure = curve(progress, run.asked.kind)
    if figure is not None:
        st.plotly_chart(
            figure, theme=None, config=_PLOT, key=f"curve-{run.name}", alt="Score on the validation split by epoch"
        )


def _left_out(progress: TrainingProgress | None) -> None:
    if progress and progress.sentences:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in progress.sentences)
        st.html(f'<ul class="wm-changes wm-muted">{items}</ul>')
