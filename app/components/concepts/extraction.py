"""Concepts in the user's own molecules: the form, and the extraction while it runs in a process of its own."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from itertools import islice
from typing import Any

import streamlit as st

from app.components.inputs import ENDINGS, MOST_MEGABYTES
from app.components.links import link
from app.components.markdown import plain
from app.components.models.own_table import LABEL_NAMES, MOST_ROWS, PREVIEW, guess_label, preview
from app.components.words import plural
from app.concepts.runs import Asked, ConceptRun, new_run, unfinished_runs
from app.jobs.worker import State
from datasets.library import StructureFile, read_structures
from datasets.tasks import TASKS
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED, shipped_names

#: Seconds between two looks at the folder.
EVERY = 2.0
_NOTHING = "nothing was measured"
_WORDS = {State.RUNNING: "is being extracted", State.FAILED: "could not be extracted", State.STOPPED: "was stopped"}


def form() -> None:
    """Ask for a table and a model, and start the extraction."""
    with st.container(border=True, key="wm-input"):
        st.html(
            '<div class="wm-lead"><h2>Find concepts in your own molecules</h2><p>A model looks at every molecule. '
            "Those in which it marks like parts are put together, named, and compared with published alerts.</p></div>"
        )
        upload = st.file_uploader(
            "File with structures", type=list(ENDINGS), key="concept-file", max_upload_size=MOST_MEGABYTES
        )
        st.caption(
            f"CSV, TSV, SMI, SDF or Parquet, each also gzipped, up to {MOST_MEGABYTES} MB and {MOST_ROWS:,} rows; "
            "larger tables go through the command line. Measurements are welcome and not needed. Nothing leaves this "
            "machine."
        )
        if upload is None:
            return
        asked = _asked(upload.name, upload.getvalue())
        if asked is not None and st.button("Find concepts", type="primary", key="extract"):
            try:
                run = new_run(asked, upload.name, upload.getvalue())
                run.start()
            except (ValueError, OSError) as problem:
                st.error(f"The extraction could not be started: {plain(str(problem))}")
            else:
                st.query_params.from_dict({"set": run.name})
                st.rerun()


def others() -> None:
    """Extractions that are not finished, each with the way to it."""
    for run in unfinished_runs():
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{run.name}"):
            st.markdown(f"**{plain(run.asked.title)}** {_WORDS.get(run.state(), 'is extracted')}.")
            if st.button("Show", key=f"show-{run.name}"):
                st.query_params.from_dict({"set": run.name})
                st.rerun()


def show(run: ConceptRun) -> None:
    """An extraction that is not finished, kept up to date while its worker lives."""
    st.fragment(_show, run_every=EVERY if run.state() is State.RUNNING else None)(run)


def _show(run: ConceptRun) -> None:
    state = run.state()
    if state is not State.RUNNING and st.session_state.get("extracting") == (run.name, State.RUNNING):
        # The page as a whole changes when an extraction ends: the set is there, the timer stops.
        st.session_state["extracting"] = (run.name, state)
        st.rerun()
    st.session_state["extracting"] = (run.name, state)
    st.html(f'<nav class="wm-trail">{link("concepts", "‹ All concepts")}</nav>')
    with st.container(border=True, key="wm-training"):
        said = f"Concepts of {run.asked.title}: {_WORDS.get(state, 'done').removeprefix('is ')}"
        st.html(f'<div class="wm-lead"><h2>{html.escape(said)}</h2></div>')
        if state is State.RUNNING:
            done, sentence = run.progress()
            st.progress(done, text=plain(sentence))
            st.caption("It goes on when this page is closed; come back to see it.")
            st.button("Stop", on_click=run.stop, key=f"stop-{run.name}")
            return
        if state is State.FAILED:
            st.error(plain(run.reason()))
        else:
            st.info("It can be started again from the beginning, or discarded with its copy of your table.")
        with st.container(horizontal=True, gap="small"):
            if st.button("Start again", type="primary", key=f"again-{run.name}"):
                run.start()
                st.rerun(scope="app")
            if st.button("Discard", key=f"discard-{run.name}"):
                run.discard()
                st.query_params.clear()
                st.rerun(scope="app")


def _asked(name: str, content: bytes) -> Asked | None:
    """The columns and the model; None where the file cannot be used, which is said."""
    try:
        file = read_structures(name, content=content)
        head = [row.values for row in islice(file, PREVIEW)]
        rows = _rows(name, content)
    except (ValueError, OSError) as problem:
        st.error(f"{plain(name)} could not be read: {plain(str(problem))}")
        return None
    if not rows:
        st.error(f"{plain(name)} holds no structures.")
        return None
    if file.columns:
        st.dataframe(
            preview(file.columns, head),
            hide_index=True,
            height=min(38 + 35 * len(head), 250),
            alt="The first rows of the table",
        )
    asked = _choices(file, head)
    st.caption(f"{plural(min(rows, MOST_ROWS), 'row')}. A concept needs at least ten molecules.")
    if rows > MOST_ROWS:
        st.error(f"It has more than {MOST_ROWS:,} rows; expected fewer, or the command line.")
        return None
    return asked


def _choices(file: StructureFile, head: Sequence[Sequence[object]]) -> Asked:
    columns = list(file.columns)
    # Widgets of one file must not keep the choices made for another.
    of = hashlib.sha256(repr((file.name, columns)).encode()).hexdigest()[:8]
    first, second, third = st.columns(3)
    models = [*shipped_names(PRETRAINED), *own_bundles()]
    measured = next((i for i, name in enumerate(models) if name in TASKS and TASKS[name].label_column in columns), 0)
    model = first.selectbox(
        "Model",
        models,
        index=measured,
        format_func=lambda name: TASKS[name].title if name in TASKS else name,
        key=f"concept-model-{of}",
    )
    smiles = file.smiles_column
    if smiles is not None:
        smiles = second.selectbox(
            "Column with SMILES", columns, index=columns.index(smiles), key=f"concept-smiles-{of}"
        )
    label = _NOTHING
    if columns:
        # The command reads a column of the task's own name by itself, so it cannot be declined.
        own = TASKS[model].label_column if model in TASKS else ""
        options = columns if own in columns else [_NOTHING, *columns]
        start = options.index(own) if own in columns else _likely(columns, head, smiles)
        label = third.selectbox(
            "Column with what was measured", options, index=start, key=f"concept-label-{of}-{model}",
            help="Classes or values of what the model predicts; cells may be empty",
        )  # fmt: skip
    with st.container(horizontal=True, gap="medium"):
        prototypes = st.toggle(
            "Search prototypes",
            key="concept-prototypes",
            help="Smallest molecules of each concept; ten seconds a concept",
        )
        unfolded = st.toggle("Unfold the map", key="concept-unfolded", help="By UMAP; takes about a minute longer")
    return Asked(
        str(model), file.name, smiles or "", "" if label == _NOTHING else str(label), bool(prototypes), bool(unfolded)
    )


def _likely(columns: list[str], head: Sequence[Sequence[object]], smiles: str | None) -> int:
    """Position among the options: a column that is named like a label, else nothing."""
    guessed = guess_label(columns, head, smiles)
    named = columns[guessed].casefold() in LABEL_NAMES
    return guessed + 1 if named else 0


def _rows(name: str, content: bytes) -> int:
    """Rows of a file, counted up to one more than the page takes; counted once."""
    kept: dict[str, Any] = st.session_state.setdefault("concept-rows", {})
    of = hashlib.sha256(content).hexdigest() + name
    if kept.get("of") != of:
        kept.update(of=of, rows=sum(1 for _ in islice(read_structures(name, content=content), MOST_ROWS + 1)))
    return int(kept["rows"])
