"""The summary of a screening: what became of the rows, verdicts with their trust, and the concepts behind the flagged.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Final

from app import theme
from app.components import value_words
from app.components.links import link, to_concept
from app.components.screen import words as screen_words
from app.components.words import plural
from app.screening.results.counts import AlertCount, ConceptCount
from app.screening.results.summary import Summary, TaskSummary
from app.screening.run_tasks import channel_of
from datasets.tasks import Task

#: Concepts named in sentences, and bars of a kind.
MOST_SAID: Final = 5
MOST_BARS: Final = 15
#: Solubility's classes from the best dissolving on: one blue in steps, each dark or light enough for its number.
_STEPS: Final = (("#D3E5F1", theme.INK), ("#8FBBD8", theme.INK), ("#3E86B4", "#fff"), ("#0B4870", "#fff"))


def head_html(found: Summary, *, finished: bool) -> str:
    """Tiles: rows, predicted, with a note, without a prediction, and repeats, which are known at the end."""
    notes, bad = sum(found.notes.values()), found.rows - found.molecules
    tiles = [
        ("Rows", found.rows, ""),
        ("Predicted", found.molecules, screen_words.share(found.molecules, found.rows)),
        ("With a note", notes, screen_words.share(notes, found.rows)),
        ("Not predicted", bad, screen_words.share(bad, found.rows)),
    ]
    if finished:
        tiles.append(("Repeat an earlier row", found.repeats, screen_words.share(found.repeats, found.rows)))
    shown = "".join(
        f'<div class="wm-tile"><span>{html.escape(name)}</span><b>{count:,}</b><small>{part}</small></div>'
        for name, count, part in tiles
    )
    return f'<div class="wm-tiles wm-screen-tiles">{shown}</div>'


def reasons_html(found: Summary) -> str:
    """Why rows have no prediction, and what to know of those that have one; empty where there is nothing to say."""
    lists = (("Not predicted, because", found.reasons), ("Predicted, with something to know", found.notes))
    cards = "".join(
        f'<section class="wm-card"><h3>{title}</h3><div class="wm-scroll"><table class="wm-table"><tbody>'
        + "".join(
            f'<tr><td class="wm-num">{count:,}</td><td>{html.escape(screen_words.reason(code))}</td>'
            f'<td><span class="wm-code">{html.escape(code)}</span></td></tr>'
            for code, count in codes.items()
        )
        + "</tbody></table></div></section>"
        for title, codes in lists
        if codes
    )
    return f'<div class="wm-grid">{cards}</div>' if cards else ""


def task_html(
    found: TaskSummary,
    task: Task,
    molecules: int,
    members: str,
    set_name: str,
    classes: Mapping[str, int] | None = None,
    counts: Sequence[ConceptCount] = (),
) -> str:
    """The card of a task.

    Parameters
    ----------
    found
        What was found.
    task
        The task.
    molecules
        Molecules with a prediction.
    members
        all or one.
    set_name
        The set of concepts that molecules were matched to; empty where there was none.
    classes
        Molecules by class of a value, best first, where values fall in classes.
    counts
        The concepts of all molecules, most frequent first; of a regression, which flags none, they are named.
    """
    parts = [f'<p class="wm-kicker">{html.escape(task.title)}</p>']
    if found.verdicts:
        flagged = screen_words.share(found.flagged, molecules)
        parts.append(
            f'<p class="wm-verdict wm-screen-verdict">{theme.mark(1, 15)}{flagged} {html.escape(task.positive)}</p>'
        )
        parts.append(_verdict_bar(found, task))
    elif found.quartiles is not None:
        low, middle, high = found.quartiles
        unit = f" {html.escape(task.unit)}" if task.unit else ""
        parts.append(f'<p class="wm-verdict wm-screen-verdict">median {middle:.2f}{unit}</p>')
        if classes:
            parts.append(_class_bar(classes))
        parts.append(f"<p>Half of the values lie from {low:.2f} to {high:.2f}.</p>")
    said = screen_words.trust(found, task, molecules, members)
    parts.append(f'<ul class="wm-screen-trust">{"".join(f"<li>{html.escape(line)}</li>" for line in said)}</ul>')
    parts.append(_concept_sentences(found, task, set_name, molecules, counts))
    return f'<section class="wm-card" data-screened="{html.escape(task.name, quote=True)}">{"".join(parts)}</section>'


def tasks_html(cards: Sequence[str]) -> str:
    """The cards of all tasks, side by side where there is room."""
    return f'<div class="wm-grid wm-three wm-screen-tasks">{"".join(cards)}</div>'


def concept_bars_html(counts: Sequence[ConceptCount], task: Task, set_name: str) -> str:
    """The concepts that most molecules belong to, as bars with links."""
    most = max((concept.count for concept in counts), default=0)
    rows = []
    for concept in counts[:MOST_BARS]:
        channel = channel_of(task, concept.id)
        inner = f"{theme.mark(channel, 10)}<span>{html.escape(concept.name or concept.id)}</span>"
        label = (
            link(to_concept(set_name, concept.id), inner, "wm-bar-link", f"Open {concept.id}") if set_name else inner
        )
        rows.append(_bar(label, [(concept.count, f"wm-bar-{channel if channel is not None else 'plain'}")], most))
    return _bars("Concepts", rows, len(counts), "concept")


def alert_bars_html(counts: Sequence[AlertCount], task: Task | None) -> str:
    """The alerts of most molecules as bars; the part that a task calls positive stands out."""
    most = max((alert.count for alert in counts), default=0)
    rows = []
    for alert in counts[:MOST_BARS]:
        label = (
            f"<span>{html.escape(screen_words.alert(alert.name))}</span> "
            f'<span class="wm-tag">{html.escape(screen_words.catalog(alert.catalog))}</span>'
        )
        flagged = alert.flagged.get(task.name, 0) if task is not None else 0
        rows.append(_bar(label, [(flagged, "wm-bar-1"), (alert.count - flagged, "wm-bar-plain")], most))
    told = ""
    if task is not None and task.kind == "classification":
        told = f'<p class="wm-muted">{theme.mark(1, 9)}The orange part is predicted {html.escape(task.positive)}.</p>'
    return _bars("Alerts", rows, len(counts), "alert", told)


def _bars(title: str, rows: Sequence[str], total: int, kind: str, told: str = "") -> str:
    if not rows:
        return f'<section class="wm-card"><h3>{title}</h3><p class="wm-muted">No molecule has any.</p></section>'
    more = f'<p class="wm-muted">and {plural(total - len(rows), f"more {kind}")}.</p>' if total > len(rows) else ""
    return f'<section class="wm-card"><h3>{title}</h3>{told}<ol class="wm-bars">{"".join(rows)}</ol>{more}</section>'


def _bar(label: str, pieces: Sequence[tuple[int, str]], most: int) -> str:
    drawn = "".join(
        f'<i class="{style}" style="width:{100 * count / most:.2f}%"></i>' for count, style in pieces if count and most
    )
    total = sum(count for count, _ in pieces)
    return f'<li><span class="wm-bar-name">{label}</span><span class="wm-bar">{drawn}</span><b>{total:,}</b></li>'


def _verdict_bar(found: TaskSummary, task: Task) -> str:
    total = sum(found.verdicts.values()) or 1
    # The flagged first, as the reader looks for them.
    order = [(k, name) for k, name in enumerate(task.classes)][::-1]
    drawn = "".join(
        f'<i class="wm-bar-{k}" style="width:{100 * found.verdicts[name] / total:.2f}%"></i>'
        for k, name in order
        if found.verdicts[name]
    )
    told = "".join(
        f"<span>{theme.mark(k, 11)}<b>{found.verdicts[name]:,}</b> {html.escape(name)}</span>" for k, name in order
    )
    return f'<div class="wm-split">{drawn}</div><p class="wm-summary wm-screen-counts">{told}</p>'


def _class_bar(classes: Mapping[str, int]) -> str:
    total = sum(classes.values()) or 1
    steps = list(zip(classes.items(), _STEPS, strict=False))
    drawn = "".join(
        f'<i style="width:{100 * count / total:.2f}%;background:{ground}"></i>'
        for (_, count), (ground, _) in steps
        if count
    )
    told = "".join(
        f'<span><i class="wm-step-key" style="background:{ground}"></i><b>{count:,}</b> {html.escape(name)}</span>'
        for (name, count), (ground, _) in steps
    )
    return f'<div class="wm-split">{drawn}</div><p class="wm-summary wm-screen-counts">{told}</p>'


def _concept_sentences(
    found: TaskSummary, task: Task, set_name: str, molecules: int, counts: Sequence[ConceptCount]
) -> str:
    if not set_name:
        return ""
    if task.kind == "classification":
        named = [(c.id, c.name, screen_words.share(c.count, found.flagged)) for c in found.concepts[:MOST_SAID]]
        of = "of the flagged belong"
    else:
        named = [(c.id, c.name, screen_words.share(c.count, molecules)) for c in counts[:MOST_SAID]]
        of = "belong"
    if not named:
        return "<p>None of the flagged belongs to a known concept.</p>" if found.flagged else ""
    lines = "".join(f"<li>{part} {of} to {_chip(task, set_name, key, name)}</li>" for key, name, part in named)
    return f'<ul class="wm-screen-concepts">{lines}</ul>'


def _chip(task: Task, set_name: str, key: str, name: str) -> str:
    channel = channel_of(task, key)
    inner = f"{theme.mark(channel, 10)}<span>{html.escape(name or key)}</span>"
    return link(to_concept(set_name, key), inner, f"wm-chip wm-chip-{channel or 0}", f"Open {key}")


def class_order(task: Task) -> tuple[str, ...]:
    """Classes that values of a task fall in, best first; empty where there are none."""
    return value_words.class_names(task)
