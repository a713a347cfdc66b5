"""The card of one task: verdict, probability on its scale, contradictions, pictures of the channels, the ladder.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import theme
from app.components import value_words, words
from app.components.concepts.chips import chip, regions
from app.components.disagreement import Disagreement, disagreements
from app.components.predict.ladder import ladder, ladder_html
from app.components.predict.value_scale import value_scale
from app.concepts.known import KnownConcepts
from datasets.alerts import Alert
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_scale
from megan.prediction import Prediction


def task_card(
    task: Task,
    prediction: Prediction,
    alerts: Sequence[Alert],
    smiles: str,
    members: int | None,
    known: KnownConcepts | None = None,
) -> str:
    """Everything about one molecule and one task, as one HTML card; with its concepts where the model's are known."""
    against = disagreements(task, prediction, alerts)
    channel = task.channels.index(prediction.verdict) if prediction.verdict in task.channels else None
    sign = theme.mark(channel, 17) if channel is not None else ""
    head = (
        f'<header><p class="wm-kicker">{html.escape(task.title)}</p>'
        f'<p class="wm-verdict">{sign}{html.escape(prediction.verdict)}</p></header>'
    )
    return (
        f'<section class="wm-card wm-task" data-task="{html.escape(task.name)}"><div>{head}'
        f"{probability_scale(task, prediction)}{value_scale(task, prediction, smiles)}"
        f"{disagreement_note(against, task)}{channel_pictures(task, prediction, smiles, known)}</div>"
        f"{ladder_html(task, ladder(task, prediction, alerts, smiles, members), against)}</section>"
    )


def probability_scale(task: Task, prediction: Prediction) -> str:
    """The probability on a scale from 0 to 1 with threshold and spread of the committee; empty for a regression."""
    if prediction.threshold is None:
        return ""
    x, cut = prediction.output * 100, prediction.threshold * 100
    low = max(0.0, x - prediction.spread * 100)
    high = min(100.0, x + prediction.spread * 100)
    sentence = words.verdict_in_words(prediction)
    value = f"{prediction.output:.2f}"
    rest = sentence[len(value) :] if sentence.startswith(value) else sentence
    return (
        f'<div class="wm-scale" role="img" aria-label="{html.escape(sentence)}">'
        f'<div class="wm-scale-low" style="width:{cut:.1f}%"></div>'
        f'<div class="wm-scale-high" style="left:{cut:.1f}%"></div>'
        f'<div class="wm-scale-cut" style="left:{cut:.1f}%"></div>'
        f'<div class="wm-scale-spread" style="left:{low:.1f}%;width:{max(high - low, 0.4):.1f}%"></div>'
        f'<div class="wm-scale-dot" style="left:{x:.1f}%"></div></div>'
        f'<div class="wm-scale-ends"><span>{theme.mark(0, 9)} 0 {html.escape(task.channels[0])}</span>'
        f"<span>{html.escape(task.channels[1])} 1 {theme.mark(1, 9)}</span></div>"
        f'<p class="wm-sentence"><b>{value}</b>{html.escape(rest)}</p>'
    )


def disagreement_note(against: Sequence[Disagreement], task: Task | None = None) -> str:
    """The contradictions as a note; a calm line where there are none."""
    if not against:
        what = "value" if task is not None and task.kind == "regression" else "verdict"
        return f'<p class="wm-agree">No rung of the evidence contradicts the {what}.</p>'
    items = "".join(f"<li>{html.escape(item.sentence)}</li>" for item in against)
    title = "The evidence is not of one mind" if any(item.contradicts for item in against) else "Read with caution"
    return f'<div class="wm-note" role="note"><b>{title}</b><ul>{items}</ul></div>'


def channel_pictures(task: Task, prediction: Prediction, smiles: str, known: KnownConcepts | None = None) -> str:
    """One picture per channel on the common scale, with its legend, what the channel contributes, and its concept."""
    explanation = prediction.explanation
    matches = () if known is None else known.of(prediction)
    outlined = regions(smiles, prediction, matches)
    figures = []
    hint = "How far the output moves towards this class because of this channel"
    if task.kind == "regression":
        hint = "How far the value moves because of this channel"
    for k in range(len(explanation.channels)):
        colour = CHANNEL_COLOURS[k % len(CHANNEL_COLOURS)]
        title = value_words.channel_title(task, k)
        name = value_words.channel_name(task, k)
        picture = draw_explanation(
            smiles,
            explanation.node_importance[:, k],
            explanation.edge_importance[:, k],
            colour=colour,
            width=288,
            height=208,
            title=title,
            outlined=outlined[k].atoms if outlined else (),
            room=any(region.atoms for region in outlined),
        )
        concept = chip(task, known, matches[k], outlined[k]) if known is not None and matches else ""
        fidelity = float(explanation.fidelity[k])
        figures.append(
            f'<figure class="wm-channel"><figcaption>{theme.mark(k, 12)}<b>{html.escape(name)}</b>'
            f'<span title="{hint}">{html.escape(value_words.contribution(task, k, fidelity))}</span></figcaption>'
            f"{theme.picture(picture, title)}{_legend(colour)}{concept}</figure>"
        )
    return f'<div class="wm-channels">{"".join(figures)}</div>'


def _legend(colour: str) -> str:
    scale = theme.picture(draw_scale(colour), "Scale of importance from 0 to 1")
    return f'<div class="wm-legend"><span>importance</span>{scale}</div>'
