"""A set of concepts to take home: the report as HTML and PDF, and its content as JSON and CSV.

Files are made when their button is pressed. A PDF takes a while, so it is made first and fetched then.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.components.markdown import plain
from concepts.concept import ConceptSet

_FORMATS = {
    "HTML": (".html", "text/html", "The report as one file with all pictures; opens without a network"),
    "JSON": (".json", "application/json", "Everything that the report says, for programs"),
    "CSV": (".csv", "text/csv", "One row a concept"),
}


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
    # Compared as a whole, so that another hypothesis makes another report.
    made: tuple[ConceptSet, bytes] | None = st.session_state.get(f"pdf-{name}")
    if made is not None and made[0] == found:
        st.download_button(
            "Save the PDF",
            made[1],
            file_name=_file_name(name, ".pdf"),
            mime="application/pdf",
            key=f"report-pdf-{name}",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
        )
        return
    if st.button("PDF", key=f"make-pdf-{name}", icon=":material/picture_as_pdf:", help="Made first, then saved"):
        try:
            with st.spinner("Laying out the PDF"):
                st.session_state[f"pdf-{name}"] = (found, report_of(".pdf", found))
        except (ValueError, OSError) as problem:
            st.error(f"No PDF could be made: {plain(str(problem))}")
        else:
            st.rerun()


def _file_name(name: str, suffix: str) -> str:
    return f"{name if name.startswith('concepts-') else f'concepts-{name}'}{suffix}"
