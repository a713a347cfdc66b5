"""A set of concepts to take home: the report as HTML and PDF, and its content as JSON and CSV.

Files are made when their button is pressed. A PDF takes a while: a process of its own makes it, and it is fetched then.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.components.markdown import plain
from app.components.words import plural
from app.concepts.pdf_runs import PdfRun, pdf_of
from app.jobs.worker import State
from concepts.concept import ConceptSet

_FORMATS = {
    "HTML": (".html", "text/html", "The report as one file with all pictures; opens without a network"),
    "JSON": (".json", "application/json", "Everything that the report says, for programs"),
    "CSV": (".csv", "text/csv", "One row a concept"),
}


#: Seconds between two looks at the folder of a PDF.
EVERY = 2.0


def show(name: str, found: ConceptSet) -> None:
    """The buttons of all formats."""
    for label, (suffix, mime, hint) in _FORMATS.items():
        st.download_button(
            label,
            _maker(suffix, found),
            file_name=_file_name(name, suffix),
            mime=mime,
            key=f"report-{suffix}-{name}",
            on_click="ignore",
            icon=":material/download:",
            help=hint,
        )
    _pdf(name, found)


def report_of(suffix: str, found: ConceptSet) -> bytes:
    """A report with the card of its model, if that is at hand.

    Raises
    ------
    ValueError
        If no PDF can be made on this machine.
    """
    from app.exports.concept_report import report_bytes
    from concepts.report.model_card import model_card  # brings torch in, which a look at the page need not wait for

    return report_bytes(suffix, found, model_card(found))


def _maker(suffix: str, found: ConceptSet) -> Callable[[], bytes]:
    return lambda: report_of(suffix, found)


def _pdf(name: str, found: ConceptSet) -> None:
    run = pdf_of(name, found)
    st.fragment(_show_pdf, run_every=EVERY if run.state() is State.RUNNING else None)(name, found, run)


def _show_pdf(name: str, found: ConceptSet, run: PdfRun) -> None:
    state = run.state()
    if state is not State.RUNNING and st.session_state.get(f"pdf-{name}") is State.RUNNING:
        # The page as a whole changes when the PDF is done: the timer stops.
        st.session_state[f"pdf-{name}"] = state
        st.rerun()
    st.session_state[f"pdf-{name}"] = state
    if state is State.RUNNING:
        st.button(
            "Cancel the PDF",
            on_click=run.stop,
            key=f"cancel-pdf-{name}",
            icon="spinner",
            help=f"It is being laid out, which takes about a second for each of {plural(len(found), 'concept')}",
        )
        return
    if state is State.FINISHED:
        st.download_button(
            "Save the PDF",
            run.file.read_bytes,
            file_name=_file_name(name, ".pdf"),
            mime="application/pdf",
            key=f"report-pdf-{name}",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
        )
        return
    if state is State.FAILED:
        st.error(f"No PDF could be made: {plain(run.reason())}")
    if st.button("PDF", key=f"make-pdf-{name}", icon=":material/picture_as_pdf:", help="Made first, then saved"):
        try:
            run.start(found)
        except (ValueError, OSError) as problem:
            st.error(f"No PDF could be made: {plain(str(problem))}")
        else:
            st.rerun(scope="app")


def _file_name(name: str, suffix: str) -> str:
    return f"{name if name.startswith('concepts-') else f'concepts-{name}'}{suffix}"
