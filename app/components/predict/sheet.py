"""One molecule's channel pictures on one SVG sheet, for slides and notebooks: pure functions, all text escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import theme
from app.components import value_words
from datasets.molecule import Molecule
from datasets.tasks import Task
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_scale
from megan.prediction import RowResult

_WIDTH, _HEIGHT, _CAPTION, _SCALE = 360, 260, 40, 46


def svg_sheet(result: RowResult, tasks: Sequence[Task]) -> str:
    """All channels of all predicted tasks: one row of pictures per task, captions above, the common scale below.

    Raises
    ------
    ValueError
        If the row could not be predicted.
    """
    molecule = result.molecule
    if not isinstance(molecule, Molecule):
        raise ValueError(f"row {molecule.row} could not be predicted and has no pictures")
    shown = [task for task in tasks if task.name in result.predictions]
    pieces = []
    for line, task in enumerate(shown):
        prediction = result.predictions[task.name]
        y = line * (_HEIGHT + _CAPTION)
        verdict = f"{task.title}: {prediction.output:.2f}, predicted {prediction.verdict}"
        if task.kind == "regression":
            verdict = f"{task.title}: {value_words.predicted(task, prediction, molecule.smiles).removesuffix('.')}"
        pieces.append(_text(12, y + 17, verdict, 13, theme.INK))
        for k in range(len(prediction.explanation.channels)):
            picture = draw_explanation(
                molecule.smiles,
                prediction.explanation.node_importance[:, k],
                prediction.explanation.edge_importance[:, k],
                colour=CHANNEL_COLOURS[k % len(CHANNEL_COLOURS)],
                width=_WIDTH,
                height=_HEIGHT,
                title=value_words.channel_title(task, k),
            )
            channel = value_words.channel_name(task, k)
            pieces.append(_text(12 + k * _WIDTH, y + 34, channel, 12, theme.CHANNEL_INKS[k % len(theme.CHANNEL_INKS)]))
            pieces.append(_placed(picture, k * _WIDTH, y + _CAPTION))
    columns = max((len(task.channels) for task in shown), default=1)
    foot = len(shown) * (_HEIGHT + _CAPTION)
    for k in range(columns):
        scale = draw_scale(CHANNEL_COLOURS[k % len(CHANNEL_COLOURS)])
        pieces.append(_placed(scale, 12 + k * _WIDTH, foot))
    width, height = columns * _WIDTH, foot + _SCALE
    name = html.escape(molecule.id or molecule.smiles, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{name}"><title>{name}</title><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(pieces)}</svg>"
    )


def _placed(svg: str, x: float, y: float) -> str:
    return svg.replace("<svg ", f'<svg x="{x}" y="{y}" ', 1)


def _text(x: float, y: float, text: str, size: int, colour: str) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="Helvetica, Arial, sans-serif" font-size="{size}" fill="{colour}">'
        f"{html.escape(text)}</text>"
    )
