"""The summary view of a screening: tiles, a card a task, concepts and alerts as bars, and properties as plots."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.components.screen import plots as screen_plots
from app.components.screen import queries as screen_queries
from app.components.screen import summary as screen_summary
from app.components.screen import words as screen_words
from app.components.screen.queries import Stamp
from app.components.screen.session import widgets_of
from app.screening.results.summary import Summary
from app.screening.results.table import number_columns
from app.screening.run_folder import Run
from app.screening.run_tasks import concept_set_of, tasks_of, threshold_of
from datasets.tasks import Task

_PLOT: Final = {"displayModeBar": False}
#: The user's own columns of numbers that are plotted.
MOST_OWN: Final = 4


def show(run: Run, stamp: Stamp) -> None:
    """Everything that was counted over a run."""
    found, tasks = screen_queries.summary(stamp), tasks_of(run)
    st.html(screen_summary.head_html(found, finished=stamp[2]))
    if not found.molecules:
        st.warning(screen_words.headline(found))
        _reasons(found)
        return
    classes, concepts = screen_queries.classes(stamp), screen_queries.concepts(stamp)
    cards = []
    for task, of_task in zip(tasks, found.tasks, strict=True):
        named = classes.get(task.name, {})
        ordered = {name: named.get(name, 0) for name in screen_summary.class_order(task)} if named else {}
        cards.append(
            screen_summary.task_html(
                of_task,
                task,
                found.molecules,
                run.settings.members,
                concept_set_of(run, task.name),
                ordered,
                concepts[task.name],
            )
        )
    st.html(screen_summary.tasks_html(cards))
    task = _chosen(tasks, widgets_of(run))
    _bars(run, stamp, task)
    with st.container(border=True, key="wm-screen-plots"):
        _outputs(stamp, task)
        _properties(run, stamp, task)
    _reasons(found)


def _reasons(found: Summary) -> None:
    if told := screen_summary.reasons_html(found):
        st.html(told)


def _chosen(tasks: list[Task], of: str) -> Task:
    """The task that bars and plots are about."""
    if len(tasks) == 1:
        return tasks[0]
    titles = {task.name: task.title for task in tasks}
    name = st.segmented_control(
        "More about", list(titles), format_func=titles.__getitem__, default=tasks[0].name, required=True,
        key=f"screen-about-{of}", persist_state="session",
    )  # fmt: skip
    return next(task for task in tasks if task.name == name)


def _bars(run: Run, stamp: Stamp, task: Task) -> None:
    sections = []
    if concept_set := concept_set_of(run, task.name):
        counts = screen_queries.concepts(stamp)[task.name]
        sections.append(screen_summary.concept_bars_html(counts, task, concept_set))
    if run.settings.alerts:
        sections.append(screen_summary.alert_bars_html(screen_queries.alerts(stamp), task))
    if sections:
        st.html(f'<div class="wm-grid">{"".join(sections)}</div>')


def _outputs(stamp: Stamp, task: Task) -> None:
    found = screen_queries.bins(stamp).get(task.name)
    if found is None:
        return
    what = "probability" if task.kind == "classification" else "value"
    st.markdown(f"**Molecules by predicted {what}**")
    st.plotly_chart(
        screen_plots.output_figure(found, task, threshold_of(task)), theme=None, config=_PLOT,
        key=f"screen-bins-{task.name}", alt=f"Molecules by predicted {what}",
    )  # fmt: skip


def _properties(run: Run, stamp: Stamp, task: Task) -> None:
    drawn = screen_queries.drawn(stamp)
    own = number_columns(run.folder)[:MOST_OWN]
    names = {column.key: column.name for column in run.columns if not column.own}
    ids = drawn.columns[names["id"]]
    if not ids:
        return
    if task.kind == "classification":
        verdicts = drawn.columns[names[f"{task.name}_verdict"]]
        figure = screen_plots.property_figure(drawn, task, verdicts, own)
        title = "Properties by verdict"
    else:
        values = drawn.columns[names[f"{task.name}_value"]]
        figure = screen_plots.value_figure(drawn, values, own, task.unit or "Value")
        title = "Predicted value by property"
    if figure is None:
        return
    st.markdown(f"**{title}**")
    if len(ids) < drawn.of:
        st.caption(f"{len(ids):,} molecules, drawn from all {drawn.of:,}.")
    st.plotly_chart(figure, theme=None, config=_PLOT, key=f"screen-properties-{task.name}", alt=title)
    if task.kind == "classification":
        plane = screen_plots.plane_figure(drawn, task, verdicts, ids)
        st.markdown("**Weight against logP**")
        st.plotly_chart(plane, theme=None, config=_PLOT, key=f"screen-plane-{task.name}", alt="Weight against logP")
