"""The result of a job: progress while it runs, then summary, problems, table, the opened molecule and downloads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.components.concepts.sets import known_concepts
from app.components.counterfactuals import link as counterfactual_link
from app.components.job import MOST_ROWS, Job
from app.components.predict import downloads
from app.components.predict.molecule import open_molecule
from app.components.predict.results_table import choose_row
from app.components.predictors import predictors
from app.components.problems import problems, problems_html
from app.components.table import count_where
from app.components.words import plural
from datasets.molecule import Molecule

if TYPE_CHECKING:
    from megan.predictor import Predictor

#: Problems up to this number are listed openly; more are folded away.
_FEW = 5


def show(job: Job) -> None:
    """Finish the job if need be, then show everything about it."""
    with st.spinner("Loading the models", show_time=False):
        models = predictors()
    if not models:
        st.error("No model is shipped with this copy of WhyMol. Train one with: python -m app train TASK")
        return
    models = job.chosen(models)
    if not models:
        st.warning("The models of this prediction are no longer there. Press Predict again.")
        return
    _finish(job, list(models.values()))
    concepts = known_concepts(models)
    tasks = [model.task for model in models.values()]
    good = [i for i, result in enumerate(job.results) if isinstance(result.molecule, Molecule)]
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-bar")
    with bar:
        st.html(summary_html(job, len(good)))
    _problems(job)
    opened = good[0] if good else None
    if len(job.rows) > 1 and good:
        opened = choose_row(job, tasks, concepts)
    if opened is not None:
        counterfactual_link.show(job.results[opened], tasks)
        open_molecule(job.results[opened], tasks, concepts)
    with bar:
        downloads.show(job, tasks, opened, concepts)


def _finish(job: Job, models: Sequence[Predictor]) -> None:
    if job.settled():
        return
    place = st.empty()
    with place.container(border=True, key="wm-progress"):
        bar = st.progress(len(job.results) / len(job.rows), text=f"Predicting {plural(len(job.rows), 'molecule')}")
        if len(job.rows) > MOST_ROWS // 100:
            st.button("Stop and show what is done", on_click=_stop, args=(job,), key=f"stop{job.number}")
        started, before = time.monotonic(), len(job.results)
        for fraction in job.advance(models):
            left = (time.monotonic() - started) / (len(job.results) - before) * (len(job.rows) - len(job.results))
            bar.progress(fraction, text=progress_in_words(len(job.results), len(job.rows), left))
    place.empty()


def progress_in_words(done: int, total: int, seconds: float) -> str:
    """How many of how many molecules are predicted, and how long the rest will take."""
    left = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return f"{done:,} of {plural(total, 'molecule')} predicted" + (f", about {left} left" if seconds >= 1 else "")


def _stop(job: Job) -> None:
    job.stopped = True


def summary_html(job: Job, good: int) -> str:
    """How many rows went in, how many came out, and what was left out."""
    warned = count_where(job.results, lambda result: result.status == "warning")
    parts = [f"<span><b>{good:,}</b> of {plural(len(job.results), 'molecule')} predicted</span>"]
    if warned:
        parts.append(f"<span><b>{warned:,}</b> with a note</span>")
    if bad := len(job.results) - good:
        parts.append(f"<span><b>{bad:,}</b> could not be predicted</span>")
    if len(job.results) < len(job.rows):
        parts.append(f"<span>stopped with {len(job.rows) - len(job.results):,} left</span>")
    if job.cut:
        parts.append(f"<span>rows beyond the first {MOST_ROWS:,} were left out</span>")
    return f'<p class="wm-summary">{"".join(parts)}</p>'


def _problems(job: Job) -> None:
    bad = problems(job.results)
    if not bad:
        return
    title = f"{plural(len(bad), 'row')} could not be predicted"
    with st.expander(title, expanded=len(bad) <= _FEW, key=f"problems{job.number}"):
        st.html(problems_html(bad))
