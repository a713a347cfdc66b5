"""Rows that could not be predicted, and what standardisation changed in the others; pure functions to HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from app.components.table import shorten
from app.components.words import plural
from datasets.molecule import Molecule, RowProblem
from megan.prediction import RowResult

#: Problems listed one by one; the rest is counted, and all are in the CSV.
MOST_LISTED = 200


def problems(results: Sequence[RowResult]) -> list[RowProblem]:
    """The rows that could not be predicted, in order."""
    return [r.molecule for r in results if isinstance(r.molecule, RowProblem)]


def problems_html(bad: Sequence[RowProblem]) -> str:
    """The problems as a list: row number, what was given, reason code, sentence."""
    items = "".join(_problem_row(problem) for problem in bad[:MOST_LISTED])
    more = len(bad) - MOST_LISTED
    rest = f'<p class="wm-muted">and {plural(more, "more row")}; all of them are in the CSV.</p>' if more > 0 else ""
    return (
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Row</th><th>Given</th><th>Reason</th>'
        f"<th>What to know</th></tr></thead><tbody>{items}</tbody></table></div>{rest}"
    )


def changes_html(molecule: Molecule) -> str:
    """What standardisation changed in a molecule: as given, as predicted, and each step in words."""
    lines = [
        f"<dt>As given</dt><dd><code>{html.escape(molecule.given)}</code></dd>",
        f"<dt>Predicted</dt><dd><code>{html.escape(molecule.smiles)}</code></dd>",
        f"<dt>InChIKey</dt><dd><code>{html.escape(molecule.inchikey)}</code></dd>",
    ]
    notes = "".join(
        f'<li><span class="wm-code">{html.escape(note.code)}</span> {html.escape(note.sentence)}</li>'
        for note in molecule.notes
    )
    changed = (
        f'<ul class="wm-changes">{notes}</ul>' if notes else '<p class="wm-muted">Standardisation changed nothing.</p>'
    )
    return f'<dl class="wm-facts">{"".join(lines)}</dl>{changed}'


def _problem_row(problem: RowProblem) -> str:
    given = html.escape(shorten(problem.given, 80)) or "&nbsp;"
    return (
        f'<tr><td class="wm-num">{problem.row}</td><td><code>{given}</code>{_name(problem.id)}</td>'
        f'<td><span class="wm-code">{html.escape(problem.code)}</span></td>'
        f"<td>{html.escape(problem.sentence)}</td></tr>"
    )


def _name(text: str) -> str:
    return f' <span class="wm-muted">{html.escape(shorten(text))}</span>' if text else ""
