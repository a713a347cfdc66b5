"""What to screen and how: the file, its columns with a preview, the options, and the start."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.components.inputs import POLICIES
from app.components.markdown import plain
from app.components.screen import preview as screen_preview
from app.components.screen import session as screen_session
from app.components.screen import source as screen_source
from app.components.screen.source import Source
from app.components.words import plural
from app.screening.page.estimate import count_rows, seconds_for
from app.screening.page.runs import Asked, new_run, part_rows_for
from app.screening.progress import duration
from datasets.library import StructureFile
from datasets.standardize import Policy
from datasets.tasks import TASKS
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED, shipped_names

_NO_NAME: Final = "none"
_MEMBERS: Final = {"all": "All networks", "one": "One network, faster"}

_WHAT_TO_EXPECT: Final = """<div class="wm-grid wm-three wm-bring">
<section class="wm-step"><h3>Row for row</h3>
<p>Every row comes back in its place, your own columns first. A row that is no molecule says why and stops nothing.</p>
</section>
<section class="wm-step"><h3>Explained</h3>
<p>Each verdict with its probability, how far it can be trusted, the concept behind it, the atoms that made it, and the
alerts of PAINS, Brenk and Kazius.</p></section>
<section class="wm-step"><h3>Then a plate</h3>
<p>Sort and filter a million rows, tick what you like, or let unlike molecules be picked, and take them home with their
wells.</p></section></div>"""


def show() -> None:
    """The form, and the start of the screening."""
    with st.container(border=True, key="wm-input"):
        st.html('<div class="wm-lead"><h2>A new screening</h2></div>')
        source = screen_source.ask()
        if source is None:
            st.html(_WHAT_TO_EXPECT)
            return
        asked = _asked(source)
        if asked is not None and st.button("Screen", type="primary", key="screen-start"):
            _start(source, asked)


def models() -> list[str]:
    """What can be asked: the shipped models, then the user's own."""
    shipped = shipped_names(PRETRAINED)
    return [*shipped, *(name for name in own_bundles() if name not in shipped)]


def disk_sentence(problem: OSError) -> str:
    """Why a file could not be kept."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk of this machine is full; nothing was started. Make room and try again."
    return f"The screening could not be started: {problem.strerror or problem}."


def _asked(source: Source) -> Asked | None:
    """Columns and options; None where the file cannot be used, which is said."""
    # Widgets of one file must not keep the choices made for another.
    of = hashlib.sha256(repr((source.name, source.head.columns)).encode()).hexdigest()[:8]
    smiles, names = _columns(source.head, of)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-screen-options"):
        tasks: list[str] = st.multiselect(
            "Models",
            models(),
            default=list(shipped_names(PRETRAINED)),
            format_func=lambda name: TASKS[name].title if name in TASKS else name,
            key="screen-tasks",
            width=560,
        )
        policy = st.selectbox(
            "Salts and charges", list(POLICIES), format_func=POLICIES.__getitem__, key="screen-policy", width=360
        )
    more = _more()
    try:
        file = source.read(smiles or None, names or None)
        found = screen_preview.preview(file, Policy(policy))
    except (ValueError, OSError) as problem:
        st.error(f"{plain(source.name)} could not be read: {plain(str(problem))}")
        return None
    if not found.rows:
        st.error(f"{plain(source.name)} holds no rows below its header.")
        return None
    screen_preview.show(file, found)
    if found.molecules:
        st.caption(screen_preview.sentence(found))
    else:
        st.warning(f"None of the first {found.rows} rows is a molecule. Is this the column with the structures?")
    _estimate(source, file, len(tasks), more)
    if not tasks:
        st.error("No model is chosen; expected at least one.")
        return None
    return Asked(
        title=source.name, tasks=tuple(tasks), file=str(source.path or ""), smiles_column=smiles, id_column=names,
        members=more.members, policy=str(Policy(policy)), alerts=more.alerts, masks=more.masks, inchikey=more.inchikey,
        workers=more.workers, part_rows=part_rows_for(source.name, source.size),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _More:
    """What stands under More settings."""

    members: str
    alerts: bool
    masks: bool
    inchikey: bool
    workers: int


def _more() -> _More:
    cores = os.cpu_count() or 1
    with st.expander("More settings", key="screen-more"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            members = st.segmented_control(
                "Each committee answers with", list(_MEMBERS), format_func=_MEMBERS.__getitem__, default="all",
                required=True, key="screen-members",
                help="One network is several times faster, but its disagreement with the others is not known.",
            )  # fmt: skip
            workers = st.number_input(
                "Processes", 1, max(cores, 1), cores, key="screen-workers", width=140,
                help=f"This machine has {cores} cores. Results do not depend on it.",
            )  # fmt: skip
        with st.container(horizontal=True, gap="medium"):
            alerts = st.toggle("Look for alerts", value=True, key="screen-alerts", help="PAINS, Brenk and Kazius")
            masks = st.toggle(
                "Keep the importance of every atom", value=True, key="screen-masks",
                help="For pictures and SDF; about half of the size of the results",
            )  # fmt: skip
            inchikey = st.toggle(
                "InChIKeys and measured records", key="screen-inchikey",
                help="What was measured on known compounds; takes longer than all the rest.",
            )  # fmt: skip
    return _More(str(members), alerts, masks, inchikey, int(workers))


def _estimate(source: Source, file: StructureFile, tasks: int, more: _More) -> None:
    """How many rows there are, and about how long they take where that can be told."""
    kept: dict[str, tuple[int, bool]] = st.session_state.setdefault("screen-counted", {})
    if source.stamp not in kept:
        kept.clear()
        try:
            kept[source.stamp] = count_rows(file)
        except (ValueError, OSError):
            return  # who screens it says what is damaged, and where
    rows, whole = kept[source.stamp]
    if not whole:
        st.caption(f"More than {rows:,} rows; the progress will say how long they take.")
        return
    seconds = seconds_for(rows, tasks, more.members, more.workers)
    told = "" if seconds is None or not tasks else f", about {duration(max(seconds, 1))} if this machine is like ours"
    st.caption(f"{plural(rows, 'row')}{told}.")


def _start(source: Source, asked: Asked) -> None:
    upload = None if source.content is None else (source.name, source.content)
    try:
        run = new_run(screen_session.begun(), asked, upload)
        run.start()
    except OSError as problem:
        st.error(plain(disk_sentence(problem)))
    except ValueError as problem:
        st.error(f"The screening could not be started: {plain(str(problem))}")
    else:
        screen_session.go_to(run)
        st.rerun()


def _columns(head: StructureFile, of: str) -> tuple[str, str]:
    """Columns of structures and names; empty where the file leaves no choice."""
    columns = list(head.columns)
    if head.smiles_column is None:
        return "", ""
    first, second = st.columns(2)
    smiles = first.selectbox(
        "Column with structures", columns, index=columns.index(head.smiles_column), key=f"screen-smiles-{of}"
    )
    # Where one is called like a column of names, it is one; elsewhere there need be none.
    named = columns if head.id_column in columns else [_NO_NAME, *columns]
    start = named.index(head.id_column) if head.id_column is not None else 0
    name = second.selectbox("Column with names", named, index=start, key=f"screen-names-{of}")
    return str(smiles), "" if name == _NO_NAME else str(name)
