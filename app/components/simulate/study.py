"""A study on the page: how far it is, what it has found so far, and what can be done with it.

`show` runs again every two seconds while the worker lives; everything on it comes from the run folder.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from app.components.markdown import plain
from app.components.simulate.plots import MOST_BOXES, box_figure, forest_figure, score_figure
from app.components.simulate.table import students_csv, study_csv, study_json, study_table
from app.components.simulate.words import explainer_name, findings_html, meaning_html, task_name
from app.components.words import join, plural
from app.jobs.worker import State
from app.simulate.progress import StudyShown
from app.simulate.runs import StudyRun, all_runs

#: Seconds between two looks at the folder.
EVERY: Final = 2.0
_PLOT: Final = {"displayModeBar": False}
_WORDS: Final = {
    State.RUNNING: "running", State.FINISHED: "finished", State.FAILED: "failed", State.STOPPED: "stopped",
}  # fmt: skip
_AXES: Final = (
    ("size", "Training graphs of each student", "Score against training size"),
    ("noise", "Noise: share of mask values replaced", "Score against noise"),
    ("adversarial", "Share of graphs with misleading masks", "Score against misleading masks"),
)
MOST_LISTED: Final = 20


def others() -> None:
    """Studies on this machine, each with the way to it."""
    runs = all_runs()
    if runs:
        st.html('<div class="wm-lead"><h2>Studies on this machine</h2></div>')
    for run in runs[:MOST_LISTED]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{run.name}"):
            st.markdown(f"**{plain(task_name(run.asked.task))}**: {_WORDS[run.state()]}. {plain(_compared(run))}")
            if st.button("Show", key=f"show-{run.name}"):
                st.query_params["run"] = run.name
                st.rerun()
    if len(runs) > MOST_LISTED:
        st.caption(f"and {len(runs) - MOST_LISTED} older ones in their folders.")


def show(run: StudyRun) -> None:
    """A study, kept up to date while its worker lives."""
    st.fragment(_show, run_every=EVERY if run.state() is State.RUNNING else None)(run)


def _show(run: StudyRun) -> None:
    if not run.folder.is_dir():
        _to_all()  # deleted, here or elsewhere
    state = run.state()
    if state is not State.RUNNING and st.session_state.get("studying") == (run.name, State.RUNNING):
        # The page as a whole changes when a study ends: the timer stops.
        st.session_state["studying"] = (run.name, state)
        st.rerun()
    st.session_state["studying"] = (run.name, state)
    shown = run.shown()
    with st.container(border=True, key="wm-training"):
        st.html(
            f'<div class="wm-lead"><h2>{html.escape(task_name(run.asked.task))}: {_WORDS[state]}</h2>'
            f"<p>{html.escape(_compared(run))}</p></div>"
        )
        if state is State.RUNNING:
            _running(run, shown)
        elif state is not State.FINISHED:
            _ended(run, state, shown)
        if shown is not None and shown.rows:
            _results(run, shown)
        elif state is State.RUNNING:
            st.caption("The first scores are drawn as soon as the first students have learned.")
        if state is not State.RUNNING:
            _leave(run)


def progress_in_words(shown: StudyShown | None) -> str:
    """How much is done, and how long it will take."""
    if shown is None:
        return "Drawing the graphs and asking the explainers"
    left = shown.seconds_left
    if left is None:
        return f"{100 * shown.done:.0f} % done"
    return f"{100 * shown.done:.0f} % done, {f'{left:.0f} s' if left < 90 else f'{left / 60:.0f} min'} left"


def _running(run: StudyRun, shown: StudyShown | None) -> None:
    st.progress(min(max(shown.done, 0.0), 1.0) if shown else 0.0, text=progress_in_words(shown))
    st.caption("It goes on when this page is closed; come back to see it. What is done is kept when you cancel it.")
    st.button("Cancel", on_click=run.stop, key=f"stop-{run.name}")


def _ended(run: StudyRun, state: State, shown: StudyShown | None) -> None:
    if state is State.FAILED:
        st.error(plain(run.reason()))
    else:
        done = 100 * shown.done if shown else 0
        st.info(f"{done:.0f} % done and kept. Go on, or delete it.")
    if st.button("Go on", type="primary", key=f"go-on-{run.name}"):
        try:
            run.start()
        except (OSError, ValueError) as problem:
            st.error(f"It could not be started: {plain(str(problem))}")
        else:
            st.rerun(scope="app")


def _results(run: StudyRun, shown: StudyShown) -> None:
    rows, metric = shown.rows, shown.metric
    st.html(findings_html(rows, metric))
    if (forest := forest_figure(rows, metric)) is not None:
        st.markdown("**Score of each comparison, with its 95 % interval**")
        st.plotly_chart(forest, theme=None, config=_PLOT, key=f"forest-{run.name}", alt="Score of each comparison")
    for field, axis, title in _AXES:
        if (figure := score_figure(rows, metric, field, axis)) is not None:
            st.markdown(f"**{title}**")
            st.plotly_chart(figure, theme=None, config=_PLOT, key=f"{field}-{run.name}", alt=title)
    _boxes(run, rows, metric)
    st.markdown("**All numbers**")
    st.dataframe(study_table(rows), hide_index=True, column_config=_formats(), alt="A line for each comparison")
    _downloads(run, shown)
    with st.expander("What the score means, and what it does not"):
        st.html(meaning_html())


def _boxes(run: StudyRun, rows: Sequence[Mapping[str, Any]], metric: str) -> None:
    st.markdown("**Both students of every repetition**")
    if len(rows) > MOST_BOXES:
        st.caption(f"The first {MOST_BOXES} of {len(rows)} comparisons; all are in the file of students.")
    figure = box_figure(rows, metric)
    if figure is not None:
        st.plotly_chart(
            figure, theme=None, config=_PLOT, key=f"boxes-{run.name}",
            alt="Performance of reference and explanation student in every repetition",
        )  # fmt: skip


def _downloads(run: StudyRun, shown: StudyShown) -> None:
    asked = _asked(run)
    # Made at once instead of on a click: they are small, and a page that has run again knows no earlier click.
    files = [
        ("CSV", "scores.csv", "text/csv", study_csv(shown.rows), "Every number of every comparison"),
        ("Students", "students.csv", "text/csv", students_csv(shown.rows), "What each pair reached"),
        (
            "JSON", "study.json", "application/json",
            study_json(run.asked.task, shown.metric, asked, shown.rows), "All of it, with the settings",
        ),
    ]  # fmt: skip
    graphs = run.folder / "graphs.json"
    if graphs.is_file():
        text = graphs.read_text(encoding="utf-8")
        files.append(("Graphs", "graphs.json", "application/json", text, "What masks of your own must fit"))
    with st.container(horizontal=True, gap="small"):
        for label, name, mime, text, hint in files:
            st.download_button(
                label, text, file_name=f"{run.name}-{name}", mime=mime, key=f"{name}-{run.name}", on_click="ignore",
                icon=":material/download:", help=hint,
            )  # fmt: skip


def _leave(run: StudyRun) -> None:
    asking = f"deleting-{run.name}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button("Back to all studies", key=f"back-{run.name}"):
            _to_all()
        if not st.session_state.get(asking):
            st.button("Delete", key=f"delete-{run.name}", on_click=_set, args=(asking, True))
            return
        st.markdown("Remove the folder of this study with everything in it?")
        st.button("Delete it", type="primary", key=f"delete-now-{run.name}", on_click=run.discard)
        st.button("Keep it", key=f"keep-{run.name}", on_click=_set, args=(asking, False))


def _to_all() -> None:
    st.query_params.clear()
    st.rerun(scope="app")


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value


def _compared(run: StudyRun) -> str:
    asked = run.asked
    names = ", ".join(explainer_name(name) for name in asked.asked_explainers)
    sizes = join([str(size) for size in asked.sizes])
    return f"Masks: {names}. Students learn from {sizes} graphs, {plural(asked.repetitions, 'repetition')}."


def _asked(run: StudyRun) -> dict[str, Any]:
    """The settings, without the folders of files, which tell of this machine."""
    record = asdict(run.asked)
    record["explainers"] = [
        name if "/" not in name else f"file:{name.rpartition('/')[2]}" for name in record["explainers"]
    ]
    record["molecules"] = record["molecules"].rpartition("/")[2]
    return record


def _formats() -> dict[str, Any]:
    def number(digits: int, sign: str = "") -> Any:
        return st.column_config.NumberColumn(format=f"%{sign}.{digits}f")

    return (
        {name: number(4, "+") for name in ("Score", "Low", "High")}
        | {name: number(4) for name in ("p (t-test)", "p (Wilcoxon)")}
        | {name: number(3) for name in ("Reference", "With masks", "Node AUROC", "Edge AUROC")}
        | {name: number(2) for name in ("Effect", "Better")}
    )
