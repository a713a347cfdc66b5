"""The table of a job on the page: filters, pages of fifty rows, and the row that the reader opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.components import table, value_words
from app.components.job import Job
from app.concepts.known import NO_CONCEPTS, Known
from datasets.molecule import Molecule
from datasets.tasks import Task


def choose_row(job: Job, tasks: Sequence[Task], concepts: Known = NO_CONCEPTS) -> int | None:
    """Show filters and table.

    Returns
    -------
    int or None
        Position in `job.results` of the selected row, which is the first molecule of the page until another is
        selected; None where no row passes the filters.
    """
    filters = _filters(job, tasks)
    rows = table.chosen_rows(job.results, filters)
    if not rows:
        st.info("No row passes these filters.")
        return None
    count = table.pages(len(rows))
    place = st.container()
    page = st.pagination(count, key=f"page{job.number}-{hash(filters)}") if count > 1 else 1
    shown = table.page_of(rows, page)
    event = place.dataframe(
        table.table_page(job.results, shown, tasks, concepts),
        key=f"table{job.number}-{page}-{hash(filters)}",
        hide_index=True,
        row_height=72,
        placeholder="",
        height=min(42 + 72 * len(shown), 480),
        column_config=_columns(tasks, concepts),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [_first_molecule(job, shown)]}},
        alt="Predicted molecules; select a row to open it",
    )
    st.caption("Tick a row at its left to open the molecule below.")
    rows_chosen: list[int] = event["selection"]["rows"]
    return shown[rows_chosen[0]] if rows_chosen else None


def _first_molecule(job: Job, shown: Sequence[int]) -> int:
    return next((k for k, i in enumerate(shown) if isinstance(job.results[i].molecule, Molecule)), 0)


def _columns(tasks: Sequence[Task], concepts: Known) -> dict[str, Any]:
    config: dict[str, Any] = {
        "row": st.column_config.NumberColumn("Row", help="Counted from 0, blank lines aside", width=52),
        "structure": st.column_config.ImageColumn("Structure", width=128),
        "id": st.column_config.TextColumn("Name", width=130),
        "status": st.column_config.TextColumn("Status", width=82),
        "alerts": st.column_config.TextColumn("Alerts", width=162),
        "domain": st.column_config.TextColumn("Domain", help="Whether training compounds are near", width=110),
    }
    for task in tasks:
        short = task.name.capitalize()
        config[f"{task.name} verdict"] = st.column_config.TextColumn(short, width=116)
        if task.kind == "classification":
            config[f"{task.name} output"] = st.column_config.ProgressColumn(
                f"P({task.positive})", min_value=0.0, max_value=1.0, format="%.2f", width=104
            )
        else:
            config[f"{task.name} output"] = st.column_config.NumberColumn(
                task.unit or short, help=task.title, format="%.2f", width=88
            )
        if task.name in concepts:
            hint = "Group of molecules with like marked atoms that it belongs to"
            config[f"{task.name} concept"] = st.column_config.TextColumn("Concept", help=hint, width=150)
    return config


def _filters(job: Job, tasks: Sequence[Task]) -> table.Filters:
    names = [name for task in tasks for name in (*task.classes, *value_words.class_names(task))]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-filters"):
        statuses = st.multiselect(
            "Status", ["ok", "warning", "error"], key=f"status{job.number}", width=220, placeholder="all"
        )
        verdicts = st.multiselect("Verdict", names, key=f"verdict{job.number}", width=300, placeholder="all")
        titles = {table.INPUT_ORDER: "as given"} | {task.name: f"{task.name}, highest first" for task in tasks}
        order = st.selectbox("Order", list(titles), format_func=titles.__getitem__, key=f"order{job.number}", width=230)
        inside = st.toggle("Only inside the domain", key=f"inside{job.number}")
    return table.Filters(tuple(statuses), tuple(verdicts), inside, order)
