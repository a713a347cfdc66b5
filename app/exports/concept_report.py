"""The concept report into a file whose suffix says the format; it is there whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.exports.tables import without_formula
from megan.files import write_beside

if TYPE_CHECKING:
    from concepts.concept import ConceptSet
    from concepts.report.model_card import ModelCard


def check_report_suffix(file: Path) -> str:
    """Return the suffix that says the format.

    Raises
    ------
    ValueError
        If a report cannot be written in it.
    """
    suffix = file.suffix.lower()
    if suffix not in _WRITERS:
        raise ValueError(f"the output is {file.name!r}; expected a name that ends with {', '.join(_WRITERS)}")
    return suffix


def report_bytes(suffix: str, found: ConceptSet, model: ModelCard) -> bytes:
    """A report as the bytes of a file.

    Parameters
    ----------
    suffix
        From `check_report_suffix`.
    found
        The set.
    model
        From `concepts.report.model_card`.

    Raises
    ------
    ValueError
        If no PDF can be made on this machine.
    """
    return _WRITERS[suffix](found, model)


def write_report(file: Path, found: ConceptSet, model: ModelCard) -> None:
    """Write a report.

    Parameters
    ----------
    file
        Its suffix is .html, .pdf, .json or .csv.
    found, model
        As in `report_bytes`.

    Raises
    ------
    ValueError
        If the suffix is another one, or no PDF can be made on this machine.
    """
    made = report_bytes(check_report_suffix(file), found, model)
    with write_beside(file) as beside:
        beside.write_bytes(made)


def _html(found: ConceptSet, model: ModelCard) -> bytes:
    from concepts.report.document import report_html

    # A lone surrogate, which JSON can hold, fits in no file.
    return report_html(found, model).encode("utf-8", errors="replace")


def _pdf(found: ConceptSet, model: ModelCard) -> bytes:
    from concepts.report.document import report_html
    from concepts.report.pdf import report_pdf

    return report_pdf(report_html(found, model))


def _json(found: ConceptSet, model: ModelCard) -> bytes:
    from concepts.report.record import report_record

    return (json.dumps(report_record(found, model), indent=1, allow_nan=False) + "\n").encode()


def _csv(found: ConceptSet, model: ModelCard) -> bytes:
    from concepts.report.record import COLUMNS, table_rows

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in table_rows(found, model):
        writer.writerow([without_formula(cell) for cell in row.values()])
    return text.getvalue().encode("utf-8", errors="replace")


_WRITERS: Final[dict[str, Callable[[ConceptSet, ModelCard], bytes]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".json": _json,
    ".csv": _csv,
}
