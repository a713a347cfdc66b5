"""The input card: pasted lines, a file, or a drawn structure, with the salt policy.

`ask` answers a job in the run in which one is asked for.
"""

from __future__ import annotations

from itertools import islice

import streamlit as st

from app.components.examples import EXAMPLE
from app.components.job import MOST_ROWS, Job, new_job
from app.components.markdown import plain
from app.components.predictors import predictors
from datasets.library import SUFFIXES, StructureFile, read_structures
from datasets.molecule import InputRow
from datasets.smiles import read_pasted
from datasets.standardize import Policy
from megan.own_models import own_bundles

#: Session key by which another page says which models are to be asked.
ASK_MODELS = "ask-models"
PASTE, FILE, DRAW = "Paste", "File", "Draw"
#: File endings that `datasets.library` reads.
ENDINGS = (*(suffix.removeprefix(".") for suffix in SUFFIXES), "gz")
#: Largest upload in MB, as set in .streamlit/config.toml.
MOST_MEGABYTES = 50

POLICIES = {
    Policy.PARENT: "Parent: strip salts and solvents, neutralise",
    Policy.AS_DRAWN: "As drawn: keep every fragment and charge",
}


def ask() -> Job | None:
    """Show the input card.

    Returns
    -------
    Job or None
        A new job in the run in which "Predict" was pressed with something to predict, else None.
    """
    with st.container(border=True, key="wm-input"):
        source = st.segmented_control(
            "Input", (PASTE, FILE, DRAW), default=PASTE, required=True, key="source", label_visibility="collapsed"
        )
        file: StructureFile | None = None
        drawn = ""
        if source == FILE:
            file = _uploader()
        elif source == DRAW:
            drawn = _editor()
        else:
            st.text_area(
                "Molecules, one a line: SMILES, then a space or tab and a name",
                key="pasted",
                height=168,
                placeholder="O=[N+]([O-])c1ccccc1 nitrobenzene",
            )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-actions"):
            policy = st.selectbox(
                "Salts and charges",
                list(POLICIES),
                format_func=POLICIES.__getitem__,
                key="policy",
                width=380,
            )
            if source == PASTE:
                st.button("Load example", on_click=_load_example, key="example")
            pressed = st.button("Predict", type="primary", key="predict")
        tasks = _models()
    if not pressed:
        return None
    job = _job(source, file, drawn, policy)
    if job is not None:
        job.tasks = tasks
    return job


def _models() -> tuple[str, ...]:
    """Which models to ask; a choice only where there are own ones, else all."""
    if not own_bundles():
        return ()
    models = predictors()
    wanted = st.session_state.pop(ASK_MODELS, st.session_state.get("models"))
    st.session_state["models"] = [name for name in wanted or models if name in models]
    names: list[str] = st.multiselect(
        "Models", list(models), format_func=lambda name: models[name].task.title, key="models", width=760
    )
    return tuple(names)


def _load_example() -> None:
    st.session_state["pasted"] = EXAMPLE


def _uploader() -> StructureFile | None:
    upload = st.file_uploader("File with structures", type=list(ENDINGS), key="file", max_upload_size=MOST_MEGABYTES)
    st.caption(
        f"CSV, TSV, SMI, SDF or Parquet, each also gzipped. Up to {MOST_MEGABYTES} MB, the first {MOST_ROWS:,} "
        "molecules of it are predicted here; larger libraries go through the command line. Nothing leaves this machine."
    )
    if upload is None:
        return None
    content = upload.getvalue()
    try:
        file = read_structures(upload.name, content=content)
        if file.smiles_column is None:
            return file
        column = st.selectbox(
            "Column with SMILES", file.columns, index=file.columns.index(file.smiles_column), key="column", width=380
        )
        return (
            file
            if column == file.smiles_column
            else read_structures(upload.name, content=content, smiles_column=column)
        )
    except (ValueError, OSError) as problem:
        st.error(f"{upload.name} could not be read: {plain(str(problem))}")
        return None


def _editor() -> str:
    from app.components.editor import draw  # 3 MB of editor, only when someone draws

    drawn = draw()
    st.caption(f"Applied: {plain(drawn)}" if drawn else "Draw a structure, press Apply, then Predict.")
    return drawn


def _job(source: str | None, file: StructureFile | None, drawn: str, policy: Policy) -> Job | None:
    if source == FILE:
        return _job_from_file(file, policy)
    if source == DRAW:
        if drawn:
            return new_job([InputRow(row=0, id="drawn", text=drawn)], policy)
        st.warning("Nothing is drawn yet. Draw a structure and press Apply in the editor first.")
        return None
    if rows := read_pasted(st.session_state.get("pasted") or ""):
        return new_job(rows, policy)
    st.warning("There is nothing to predict yet. Paste at least one SMILES, or load the example.")
    return None


def _job_from_file(file: StructureFile | None, policy: Policy) -> Job | None:
    if file is None:
        st.warning("Choose a file first.")
        return None
    try:
        rows = list(islice(file, MOST_ROWS + 1))
    except ValueError as problem:
        st.error(f"{file.name} could not be read: {plain(str(problem))}")
        return None
    if not rows:
        st.warning(f"{file.name} holds no structures.")
        return None
    return new_job([row.structure for row in rows], policy, file.columns, [row.values for row in rows])
