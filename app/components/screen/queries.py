"""What the page asks of the results of a screening, each answer kept until more rows are written.

Every question opens the parts anew and closes them: a connection is cheap, and none is shared between readers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import streamlit as st

from app.components.screen.pictures import picture
from app.components.table import thumbnail
from app.screening.page.runs import ScreenRun
from app.screening.results.counts import (
    AlertCount,
    Bins,
    ConceptCount,
    alert_counts,
    class_counts,
    concept_counts,
    output_bins,
)
from app.screening.results.sampling import Drawn, draw
from app.screening.results.summary import Summary, summarise
from app.screening.results.table import Results, named, number_columns
from app.screening.run_folder import open_run
from app.screening.run_tasks import tasks_of

Stamp = tuple[str, int, bool]
"""Run folder, number of parts, and whether the run is finished: what the answers depend on."""
Answer = TypeVar("Answer")


def stamp_of(run: ScreenRun) -> Stamp | None:
    """What answers on a run depend on now; None where no row is written yet, or the folder is gone."""
    opened = run.opened()
    if opened is None:
        return None
    parts = opened.parts()
    return (str(opened.folder.resolve()), len(parts), opened.finished()) if parts else None


def asked(stamp: Stamp, question: Callable[[Results], Answer]) -> Answer:
    """The answer to a question on the results.

    Raises
    ------
    ValueError
        If the results cannot be read, or are not what the question takes them for; with a sentence.
    """
    try:
        with Results(open_run(Path(stamp[0]))) as results:
            return question(results)
    except (OSError, duckdb.Error) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"the results cannot be read: {said}") from error


def forget() -> None:
    """Let go of every answer and picture that is kept: whoever deletes a screening means all of it.

    Answers on other screenings go too, and are found again when they are asked for.
    """
    _bad_in.cache_clear()
    for kept in (count, summary, alerts, concepts, classes, bins, drawn):
        kept.clear()
    picture.cache_clear()
    thumbnail.cache_clear()


def bad_rows(stamp: Stamp) -> int:
    """Rows without a prediction; asked for every few seconds of a long run, so each part is looked at once.

    Raises
    ------
    ValueError
        If a part cannot be read.
    """
    run = open_run(Path(stamp[0]))
    column = named(run.columns, "status")
    return sum(_bad_in(str(part), column) for part in run.parts().values())


@lru_cache(maxsize=1 << 16)
def _bad_in(part: str, column: str) -> int:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(part, columns=[column])[column]
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"the results cannot be read: {str(error).splitlines()[0]}") from error
    return int(pc.sum(pc.equal(found, "error")).as_py() or 0)


@st.cache_data(show_spinner=False, max_entries=256)
def count(stamp: Stamp, where: str | None) -> int:
    """Rows that meet a condition."""
    return asked(stamp, lambda results: results.count(where))


@st.cache_data(show_spinner=False, max_entries=32)
def summary(stamp: Stamp) -> Summary:
    """What was found, in numbers."""
    tasks = tasks_of(open_run(Path(stamp[0])))
    return asked(stamp, lambda results: summarise(results, tasks))


@st.cache_data(show_spinner=False, max_entries=32)
def alerts(stamp: Stamp) -> list[AlertCount]:
    """All alerts that were found, most frequent first."""
    tasks = tasks_of(open_run(Path(stamp[0])))
    return asked(stamp, lambda results: alert_counts(results, tasks))


@st.cache_data(show_spinner=False, max_entries=32)
def concepts(stamp: Stamp) -> dict[str, list[ConceptCount]]:
    """All concepts that molecules belong to, by task, most frequent first."""
    tasks = tasks_of(open_run(Path(stamp[0])))
    return asked(stamp, lambda results: {task.name: concept_counts(results, task) for task in tasks})


@st.cache_data(show_spinner=False, max_entries=32)
def classes(stamp: Stamp) -> dict[str, dict[str, int]]:
    """Molecules by the class that a value falls in, by task."""
    tasks = tasks_of(open_run(Path(stamp[0])))
    return asked(stamp, lambda results: {task.name: class_counts(results, task) for task in tasks})


@st.cache_data(show_spinner=False, max_entries=32)
def bins(stamp: Stamp) -> dict[str, Bins | None]:
    """How outputs are spread, by task."""
    tasks = tasks_of(open_run(Path(stamp[0])))
    return asked(stamp, lambda results: {task.name: output_bins(results, task) for task in tasks})


@st.cache_data(show_spinner="Computing properties", max_entries=16)
def drawn(stamp: Stamp) -> Drawn:
    """Some molecules with their properties."""
    folder = Path(stamp[0])
    tasks, own = tasks_of(open_run(folder)), number_columns(folder)
    return asked(stamp, lambda results: draw(results, tasks, own))
