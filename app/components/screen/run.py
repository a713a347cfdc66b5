"""A screening on its page: how far it is, what can be done with it, and its results as far as they are there.

The card at the top runs again every two seconds while the screening is worked on; all of it comes from the run folder.
"""

from __future__ import annotations

import contextlib
import html
from typing import Final

import streamlit as st

from app.components.markdown import plain
from app.components.screen import queries as screen_queries
from app.components.screen import results as screen_results
from app.components.screen import session as screen_session
from app.components.words import join, plural
from app.jobs.worker import State
from app.screening.page.runs import ScreenRun, runs_of
from app.screening.progress import Progress, duration

#: Seconds between two looks at the folder.
EVERY: Final = 2.0
_WORDS: Final = {
    State.RUNNING: "is being screened", State.FINISHED: "is screened", State.FAILED: "could not be screened to its end",
    State.STOPPED: "was stopped",
}  # fmt: skip
MOST_LISTED: Final = 20


def others() -> None:
    """Screenings of this session, each with the way to it."""
    runs = runs_of(screen_session.current())
    if not runs:
        return
    st.html(
        '<div class="wm-lead"><h2>Screenings of this session</h2><p>Whoever has the address of this page sees them, '
        "and nobody else. Keep it as a bookmark to come back.</p></div>"
    )
    for run in runs[:MOST_LISTED]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"wm-other-{run.name}"):
            progress = run.progress()
            rows = f" {plural(progress.rows, 'row')}." if progress is not None and progress.rows else ""
            st.markdown(f"**{plain(run.asked.title)}** {_WORDS[run.state()]}.{rows}")
            if st.button("Show", key=f"show-{run.name}"):
                screen_session.go_to(run)
                st.rerun()
    if len(runs) > MOST_LISTED:
        st.caption(f"and {len(runs) - MOST_LISTED} older ones.")


def show(run: ScreenRun) -> None:
    """A screening, kept up to date while it is worked on."""
    state = run.state()
    st.fragment(_card, run_every=EVERY if state is State.RUNNING else None)(run)
    looking = f"screen-looking-{run.session}-{run.name}"
    if state is State.RUNNING and not st.session_state.get(looking):
        return
    screen_results.show(run, finished=state is State.FINISHED)


def progress_in_words(progress: Progress | None) -> str:
    """How many rows are done, how fast, and how long the rest will take."""
    if progress is None:
        return "Reading the file and loading the models"
    total = "" if progress.total is None else f" of {progress.total:,}"
    said = f"{progress.rows:,}{total} rows"
    if not progress.rows:
        return f"{said}. The first are on their way"
    if progress.rate > 0:
        said += f", {progress.rate:,.0f} a second"
    if progress.remaining is not None and progress.rate > 0:
        said += f", {duration(progress.remaining)} left"
    return said


def bad_in_words(bad: int) -> str:
    """How many rows are no molecules so far."""
    if not bad:
        return "Every row so far is a molecule."
    return f"{plural(bad, 'row')} so far could not be predicted; the results say why."


def _card(run: ScreenRun) -> None:
    if not run.folder.is_dir():
        if not screen_session.has_said():
            screen_session.say_once("This screening is not there any more: its folder was removed.")
        screen_session.go_to_all()
        st.rerun(scope="app")
    state = run.state()
    watched = f"screen-watched-{run.session}-{run.name}"
    if state is not State.RUNNING and st.session_state.get(watched) is State.RUNNING:
        # The page as a whole changes when a screening ends: the results come, the timer stops.
        st.session_state[watched] = state
        st.rerun(scope="app")
    st.session_state[watched] = state
    with st.container(border=True, key="wm-training"):
        _head(run, state)
        if problem := st.session_state.pop(f"screen-problem-{run.name}", ""):
            st.error(plain(problem))
        if state is State.RUNNING:
            _running(run)
            return
        if state is not State.FINISHED:
            _ended(run, state)


def _head(run: ScreenRun, state: State) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wm-screen-head"):
        progress = run.progress()
        told = ""
        if state is State.FINISHED and progress is not None:
            told = f"<p>{plural(progress.rows, 'row')} in {duration(progress.seconds)}, {html.escape(_how(run))}.</p>"
        st.html(f'<div class="wm-lead"><h2>{html.escape(run.asked.title)} {_WORDS[state]}</h2>{told}</div>')
        if state is not State.RUNNING:
            _leave(run)


def _how(run: ScreenRun) -> str:
    """What was asked for, in short."""
    asked = run.asked
    said = [f"models: {join([name.replace('_', ' ') for name in asked.tasks])}"]
    said.append("one network each" if asked.members == "one" else "all networks")
    said.append("parents of salts" if asked.policy == "parent" else "as drawn")
    return ", ".join(said)


def _running(run: ScreenRun) -> None:
    progress = run.progress()
    fraction = (progress.fraction if progress is not None else None) or 0.0
    st.progress(min(max(fraction, 0.0), 1.0), text=progress_in_words(progress))
    if progress is not None and progress.parts and (stamp := screen_queries.stamp_of(run)) is not None:
        with contextlib.suppress(ValueError):  # removed under way; the next look at the folder tells
            st.caption(bad_in_words(screen_queries.bad_rows(stamp)))
    if run.elsewhere():
        st.info("Another process works on this screening, such as a command in a terminal; it can be stopped there.")
        return
    st.caption("It goes on when this page is closed; its address brings you back. Cancelling keeps what is done.")
    with st.container(horizontal=True, gap="small"):
        st.button("Cancel", on_click=run.stop, key=f"stop-{run.name}")
        if progress is not None and progress.parts:
            looking = f"screen-looking-{run.session}-{run.name}"
            label = "Show what is there by now" if st.session_state.get(looking) else "Look at the first results"
            if st.button(label, key=f"look-{run.name}"):
                st.session_state[looking] = True
                st.rerun(scope="app")


def _ended(run: ScreenRun, state: State) -> None:
    progress = run.progress()
    done = (
        "Nothing is done yet" if progress is None or not progress.rows else f"{plural(progress.rows, 'row')} are kept"
    )
    if state is State.FAILED:
        st.error(f"It could not go on: {plain(run.reason().rstrip('.'))}. {done}.")
    else:
        st.info(f"{done}. Go on, or delete it.")
    if st.button("Go on", type="primary", key=f"go-on-{run.name}"):
        try:
            run.start()
        except (OSError, ValueError) as problem:
            st.error(f"It could not be started: {plain(str(problem))}")
        else:
            st.rerun(scope="app")


def _leave(run: ScreenRun) -> None:
    asking = f"screen-deleting-{run.name}"
    if st.session_state.get(asking):
        what = "its results" if run.asked.file else "the uploaded file, its results"
        st.markdown(f"Remove {what} and everything made of them?")
        st.button("Delete it", type="primary", key=f"delete-now-{run.name}", on_click=_delete, args=(run,))
        st.button("Keep it", key=f"keep-{run.name}", on_click=_set, args=(asking, False))
        return
    if st.button("Screen another", key=f"back-{run.name}"):
        screen_session.go_to_all()
        st.rerun(scope="app")
    st.button("Delete", key=f"delete-{run.name}", on_click=_set, args=(asking, True))


def _delete(run: ScreenRun) -> None:
    try:
        run.discard()
    except OSError as problem:
        st.session_state[f"screen-problem-{run.name}"] = (
            f"Something of it could not be removed: {problem.strerror or problem}. Try again."
        )
    else:
        screen_queries.forget()
        screen_session.say_once(f"{run.asked.title} is deleted, with everything that was made of it.")


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value
