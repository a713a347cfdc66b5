"""A start and a molecule made from it, as one HTML card: pictures, edits, reason, both endpoints before and after.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import theme
from app.components.counterfactuals import words as say
from app.components.links import link, to_predict
from app.components.problems import changes_html
from concepts.counterfactuals.counterfactual import Counterfactual, Outlook, Start
from datasets.tasks import Task
from megan.drawing import draw_molecule
from megan.pair_drawing import draw_pair


def start_html(start: Start, tasks: Sequence[Task], sentence: str, reached: bool) -> str:
    """What the search began with, and how it ended."""
    molecule = start.molecule
    picture = theme.picture(draw_molecule(molecule.smiles, 240, 180), f"Structure of {molecule.smiles}")
    style = "wm-agree" if reached else "wm-note"
    said = "".join(
        f"<li>{_mark(task, start.outlook[task.name])}{html.escape(task.title)}: "
        f"<b>{html.escape(say.output_in_words(task, start.outlook[task.name]))}</b>"
        f"{html.escape(say.measured_in_words(task, start.domain[task.name]))}</li>"
        for task in tasks
    )
    return (
        f'<section class="wm-card wm-mol" data-panel="start">{picture}<div><h2>Start</h2>'
        f'<ul class="wm-changes">{said}</ul>{changes_html(molecule)}'
        f'<p class="{style} wm-cf-sentence" role="status">{html.escape(sentence)}</p></div></section>'
    )


def legend_html() -> str:
    """What the marks of the pictures mean."""
    return (
        '<p class="wm-summary wm-muted wm-cf-legend"><span><i class="wm-goes"></i>goes or changes: dashed ring, number '
        'of the atom</span><span><i class="wm-comes"></i>is new or has changed: whole ring</span></p>'
    )


def pair_html(start: Start, found: Counterfactual, tasks: Sequence[Task], number: int) -> str:
    """The card of one molecule; `number` counts from 1, and is 0 for the closest approach."""
    before, after = draw_pair(
        start.molecule.smiles, found.smiles, found.origin, found.changed_before, found.changed, 300, 210
    )
    head = f"{number}. " if number else "Closest approach: "
    steps = html.escape(say.edits_in_words(found))
    facts = [f"similarity {found.similarity:.2f}", say.outside_in_words(found), say.making_in_words(found)]
    facts += [say.alerts_in_words(found), say.evidence_in_words(found)]
    tags = "".join(f'<span class="wm-tag">{html.escape(fact)}</span>' for fact in facts if fact)
    return (
        f'<section class="wm-cf" data-found="{number}"><h3>{head}{steps}</h3>'
        f'<div class="wm-cf-body"><div class="wm-cf-pair">'
        f"{theme.picture(before, f'Before: {start.molecule.smiles}')}"
        f'<span class="wm-cf-arrow" aria-hidden="true">→</span>{theme.picture(after, f"After: {found.smiles}")}</div>'
        f'<div><p class="wm-cf-tags">{tags}</p><p>{html.escape(found.why)}</p>'
        f'<p class="wm-mol"><code>{html.escape(found.smiles)}</code></p></div></div>'
        f"{endpoints_html(found, tasks)}"
        f"<p>{link(to_predict(found.smiles), 'Open it on the predict page')}</p></section>"
    )


def endpoints_html(found: Counterfactual, tasks: Sequence[Task]) -> str:
    """Every endpoint before and after, with the trust in it."""
    rows = "".join(_endpoint(found, task) for task in tasks)
    return (
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Endpoint</th><th>Before</th><th>After</th>'
        f"<th>Change</th><th>Networks</th><th>Nearest training compound</th></tr></thead><tbody>{rows}</tbody></table>"
        "</div>"
    )


def _endpoint(found: Counterfactual, task: Task) -> str:
    before, after = found.before[task.name], found.after[task.name]
    cells = (
        html.escape(task.title),
        _mark(task, before) + html.escape(say.output_in_words(task, before)),
        f"{_mark(task, after)}<b>{html.escape(say.output_in_words(task, after))}</b>",
        html.escape(say.change_in_words(task, before, after)),
        html.escape(say.networks_in_words(task, after)),
        html.escape(say.domain_in_words(task, found.domain[task.name])),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _mark(task: Task, said: Outlook) -> str:
    return theme.mark(task.channels.index(said.verdict), 10) if said.verdict in task.classes else ""
