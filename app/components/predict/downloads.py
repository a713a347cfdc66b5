"""What the reader takes home: the table as CSV, the molecules with their atoms' importance as SDF, the pictures as SVG.

Files are made when their button is pressed, not on every run of the page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import streamlit as st

from app.components.job import Job
from app.components.predict.sheet import svg_sheet
from app.concepts.known import NO_CONCEPTS, Known
from app.exports.sdf import sdf_record
from app.exports.tables import CsvTable
from datasets.molecule import Molecule
from datasets.tasks import Task


def show(job: Job, tasks: Sequence[Task], opened: int | None, concepts: Known = NO_CONCEPTS) -> None:
    """Three buttons: CSV and SDF of the whole job, SVG of the molecule that is open."""
    st.download_button(
        "CSV",
        lambda: job_as_csv(job, tasks, concepts),
        file_name="whymol.csv",
        mime="text/csv",
        key=f"csv{job.number}",
        on_click="ignore",
        icon=":material/download:",
        help="All rows with verdicts and evidence; your own columns first",
    )
    st.download_button(
        "SDF",
        lambda: job_as_sdf(job, tasks, concepts),
        file_name="whymol.sdf",
        mime="chemical/x-mdl-sdfile",
        key=f"sdf{job.number}",
        on_click="ignore",
        icon=":material/download:",
        help="Structures with the importance of every atom in every channel as atom properties",
    )
    result = job.results[opened] if opened is not None else None
    if result is not None and isinstance(result.molecule, Molecule):
        st.download_button(
            "SVG",
            lambda: svg_sheet(result, tasks),
            file_name=f"whymol-row-{opened}.svg",
            mime="image/svg+xml",
            key=f"svg{job.number}",
            on_click="ignore",
            icon=":material/download:",
            help="The pictures of the molecule that is open",
        )


def job_as_csv(job: Job, tasks: Sequence[Task], concepts: Known = NO_CONCEPTS) -> str:
    """Every predicted row of a job as CSV, the user's own columns first."""
    text = io.StringIO(newline="")
    table = CsvTable(text, tasks, job.columns, concepts)
    table.write(job.results, job.values[: len(job.results)] if job.columns else None)
    return text.getvalue()


def job_as_sdf(job: Job, tasks: Sequence[Task], concepts: Known = NO_CONCEPTS) -> str:
    """Every predicted row of a job as SDF, with the user's own columns as fields."""
    records = []
    for i, result in enumerate(job.results):
        own = dict(zip(job.columns, job.values[i], strict=True)) if job.columns else None
        records.append(sdf_record(result, tasks, own, concepts))
    return "".join(records)
