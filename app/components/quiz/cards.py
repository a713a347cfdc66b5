"""Molecules of a quiz as cards: plain, or with the marks of both channels and the concepts that they look like.

Pure functions to HTML; all text is escaped. Neither contributions nor the order of the pictures tell the verdict.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import theme
from app.components import value_words
from app.quiz.material import Item, Material
from app.quiz.store import Answered
from concepts.hypotheses.prompt import one_line
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_molecule, draw_scale

_WIDTH, _HEIGHT = 420, 300
_SMALL = (250, 180)


def question_html(task: Task, item: Item, *, explained: bool) -> str:
    """The molecule of a question."""
    inner = _channels(task, item, (_WIDTH, _HEIGHT)) if explained else _plain(item, (_WIDTH, _HEIGHT))
    return f'<div class="wm-quiz-item" data-explained="{int(explained)}">{inner}</div>'


def examples_html(material: Material, places: Sequence[int]) -> str:
    """Molecules to learn from, each with the model's verdict and its marks."""
    cards = []
    for place in places:
        item = material.items[place]
        cards.append(
            f'<section class="wm-card wm-quiz-example"><h3>{theme.mark(item.verdict, 12)}'
            f"The model says: {html.escape(material.names[item.verdict])}</h3>"
            f"{_channels(material.task, item, _SMALL)}</section>"
        )
    return f'<div class="wm-quiz-examples">{"".join(cards)}</div>'


def review_html(answers: Sequence[Answered], names: Sequence[str]) -> str:
    """Every question with what was answered and what the model says."""
    rows = "".join(_review_row(number, answer, names) for number, answer in enumerate(answers, start=1))
    return (
        '<div class="wm-scroll"><table class="wm-table wm-quiz-review"><thead><tr><th>Question</th><th>Molecule</th>'
        "<th>Explanation</th><th>The model says</th><th>Answered</th><th>Seconds</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _review_row(number: int, answer: Answered, names: Sequence[str]) -> str:
    picture = theme.picture(draw_molecule(answer.smiles, 150, 100), f"Structure of question {number}")
    said = html.escape(answer.given) if answer.given else "no verdict"
    seconds = "" if answer.seconds is None else f"{answer.seconds:.1f}"
    sign = theme.mark(list(names).index(answer.verdict), 10) if answer.verdict in names else ""
    return (
        f'<tr><td class="wm-num">{number}</td><td>{picture}</td><td>{"with" if answer.explained else "without"}</td>'
        f"<td>{sign}{html.escape(answer.verdict)}</td><td>{'right' if answer.correct else 'wrong'}: {said}</td>"
        f'<td class="wm-num">{seconds}</td></tr>'
    )


def _plain(item: Item, size: tuple[int, int]) -> str:
    picture = theme.picture(draw_molecule(item.smiles, *size, title="Structure of the molecule"), "The molecule")
    return f'<figure class="wm-channel wm-quiz-plain">{picture}</figure>'


def _channels(task: Task, item: Item, size: tuple[int, int]) -> str:
    explanation = item.prediction.explanation
    figures = []
    for k in range(len(explanation.channels)):
        colour = CHANNEL_COLOURS[k % len(CHANNEL_COLOURS)]
        name = value_words.channel_name(task, k)
        picture = draw_explanation(
            item.smiles,
            explanation.node_importance[:, k],
            explanation.edge_importance[:, k],
            colour=colour,
            width=size[0],
            height=size[1],
            title=f"Marked for {name}",
        )
        concept = one_line(item.concepts[k])
        like = f"Looks like the concept <b>{html.escape(concept)}</b>" if concept else "Looks like no known concept"
        scale = theme.picture(draw_scale(colour), "Scale of importance from 0 to 1")
        figures.append(
            f'<figure class="wm-channel"><figcaption>{theme.mark(k, 12)}<b>{html.escape(name)}</b></figcaption>'
            f"{theme.picture(picture, f'Marked for {name}')}"
            f'<div class="wm-legend"><span>importance</span>{scale}</div>'
            f'<div class="wm-concept wm-muted">{like}</div></figure>'
        )
    return f'<div class="wm-channels">{"".join(figures)}</div>'
