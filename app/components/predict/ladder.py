"""The evidence ladder of one task: what is known before what is inferred, each rung with the class that it points to.

The order is fixed: the measured record of the compound, its nearest measured neighbours, matched alerts, the model's
verdict, its conformal set, the committee's spread, the domain.

Everything here is a pure function to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from app import theme
from app.components import value_words, words
from app.components.disagreement import CATALOGUE_OF_TASK, Disagreement, RungName, other_neighbours
from datasets.alerts import Alert
from datasets.tasks import Task
from megan.drawing import draw_molecule
from megan.prediction import Neighbour, Prediction

_SEEN = {"train": "seen in training", "valid": "used for calibration", "test": "not seen by the model"}
#: Alerts drawn one by one; the others are counted.
_MOST_ALERTS = 6


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder."""

    key: RungName
    """Its name in `Disagreement.rung`, and in the page's markup."""
    title: str
    channel: int | None
    """Index of the class that it points to; None where it points to neither."""
    body: str
    """HTML."""


def ladder(task: Task, prediction: Prediction, alerts: Sequence[Alert], smiles: str, members: int | None) -> list[Rung]:
    """The rungs of one task, in their fixed order.

    Parameters
    ----------
    task, prediction
        The task and its prediction.
    alerts : Sequence[Alert]
        All alerts of the molecule, atoms in the order of `smiles`.
    smiles : str
        The structure that was predicted.
    members : int or None
        Size of the committee, where the model's card says it.
    """
    domain = prediction.domain
    rungs = [
        Rung(
            "measured",
            "Measured record",
            _channel(task, domain.measured.label) if domain.measured else None,
            _text(words.measured_in_words(task, domain.measured, domain.records, smiles)),
        ),
        _neighbour_rung(task, prediction),
        _alert_rung(task, alerts, smiles),
        *(_class_rungs(task, prediction) if task.kind == "classification" else _value_rungs(task, prediction, smiles)),
        Rung("spread", "Committee spread", None, _text(words.spread_in_words(task, prediction, members))),
        Rung("domain", "Domain", None, _text(words.domain_in_words(domain))),
    ]
    return rungs


def ladder_html(task: Task, rungs: Sequence[Rung], against: Sequence[Disagreement]) -> str:
    """The ladder as an ordered list; rungs that do not go along with the verdict are marked as such."""
    loud = {item.rung: item for item in against}
    items = []
    for rung in rungs:
        points = "points to neither class" if rung.channel is None else f"points to {task.channels[rung.channel]}"
        hint = f' title="{html.escape(points)}"' if task.kind == "classification" else ""
        sign = theme.mark(rung.channel, 13)
        item = loud.get(rung.key)
        flag = f'<span class="wm-flag">{"disagrees" if item.contradicts else "caution"}</span>' if item else ""
        items.append(
            f'<li class="wm-rung" data-rung="{rung.key}">'
            f'<span class="wm-sign"{hint}>{sign}</span>'
            f'<div class="wm-rung-body"><h4>{html.escape(rung.title)}{flag}</h4>{rung.body}</div></li>'
        )
    return f'<ol class="wm-ladder" aria-label="Evidence ladder">{"".join(items)}</ol>'


def _class_rungs(task: Task, prediction: Prediction) -> list[Rung]:
    return [
        Rung(
            "verdict",
            "Model verdict",
            _index(task, prediction.verdict),
            _text(words.verdict_in_words(prediction)) + _text(words.probability_in_words(task, prediction), "wm-muted"),
        ),
        Rung(
            "conformal",
            "Conformal set",
            _index(task, prediction.conformal[0]) if len(prediction.conformal) == 1 else None,
            _text(words.conformal_in_words(task, prediction)),
        ),
    ]


def _value_rungs(task: Task, prediction: Prediction, smiles: str) -> list[Rung]:
    predicted = _text(value_words.predicted(task, prediction, smiles)) + _text(value_words.classes(task), "wm-muted")
    return [
        Rung("verdict", "Model value", None, predicted),
        Rung("conformal", "Conformal interval", None, _text(value_words.interval(task, prediction, smiles))),
    ]


def _index(task: Task, name: str) -> int | None:
    return task.channels.index(name) if name in task.channels else None


def _neighbour_rung(task: Task, prediction: Prediction) -> Rung:
    near = other_neighbours(prediction)[:3]
    if not near:
        return Rung("neighbours", "Nearest measured compounds", None, _text("No measured compound is near."))
    labels = {_channel(task, n.label) for n in near}
    cards = "".join(_neighbour_card(task, n) for n in near)
    hint = ""
    if all(n.smiles is None for n in near):
        hint = _text("Their structures are shown where the measured tables are on this machine.", "wm-muted")
    return Rung(
        "neighbours",
        "Nearest measured compounds",
        labels.pop() if len(labels) == 1 else None,
        f'<div class="wm-thumbs">{cards}</div>{hint}',
    )


def _neighbour_card(task: Task, neighbour: Neighbour) -> str:
    channel = _channel(task, neighbour.label)
    picture = (
        theme.picture(draw_molecule(neighbour.smiles, 150, 96), f"Structure of {neighbour.smiles}")
        if neighbour.smiles
        else '<div class="wm-nostructure">structure not on this machine</div>'
    )
    sign = theme.mark(channel) if channel is not None else ""
    label = html.escape(words.label_in_words(task, neighbour.label))
    meaning = value_words.class_of(task, neighbour.label)
    meant = f"<span>{html.escape(meaning)}</span>" if meaning else ""
    return (
        f'<figure class="wm-thumb">{picture}<figcaption><b>{sign}{label}</b>{meant}'
        f"<span>similarity {neighbour.similarity:.2f}</span>"
        f"<span>{html.escape(_SEEN.get(neighbour.split, neighbour.split))}</span></figcaption></figure>"
    )


def _alert_rung(task: Task, alerts: Sequence[Alert], smiles: str) -> Rung:
    own = CATALOGUE_OF_TASK.get(task.name)
    if not alerts:
        return Rung("alerts", "Matched alerts", None, _text("No PAINS, Brenk or Kazius alert matches."))
    if task.kind == "regression":
        # Pictures of what says nothing about the value would only draw the eye away from what does.
        names = sorted({f"{alert.name.replace('_', ' ')} ({alert.catalog})" for alert in alerts})
        listed = words.join(names[:_MOST_ALERTS]) + (" and more" if len(names) > _MOST_ALERTS else "")
        return Rung("alerts", "Matched alerts", None, _text(f"None is about this quantity. Matched: {listed}."))
    rules: dict[tuple[bool, str, str], list[Alert]] = {}
    for alert in alerts:
        rules.setdefault((alert.catalog != own, alert.catalog, alert.name), []).append(alert)
    cards = "".join(_alert_card(rules[rule], smiles, rule[0]) for rule in sorted(rules)[:_MOST_ALERTS])
    more = len(rules) - _MOST_ALERTS
    rest = _text(f"and {words.plural(more, 'more alert')}", "wm-muted") if more > 0 else ""
    speaks = any(alert.catalog == own for alert in alerts)
    positive = len(task.channels) - 1 if speaks and task.kind == "classification" else None
    return Rung("alerts", "Matched alerts", positive, f'<div class="wm-thumbs">{cards}</div>{rest}')


def _alert_card(sites: Sequence[Alert], smiles: str, general: bool) -> str:
    """One rule, with every site where it matches."""
    alert = sites[0]
    atoms = sorted({atom for site in sites for atom in site.atoms})
    name = html.escape(alert.name.replace("_", " "))
    count = f", {len(sites)} sites" if len(sites) > 1 else ""
    picture = theme.picture(draw_molecule(smiles, 150, 96, atoms), f"Atoms that match {alert.name}")
    return (
        f'<figure class="wm-thumb">{picture}<figcaption><b>{name}</b>'
        f'<span title="{html.escape(alert.citation)}">{html.escape(alert.catalog)}'
        f"{', not about this endpoint' if general else ''}{count}</span></figcaption></figure>"
    )


def _channel(task: Task, label: float) -> int | None:
    return int(label >= 0.5) if task.kind == "classification" else None


def _text(sentence: str, style: str = "") -> str:
    return f'<p class="{style}">{html.escape(sentence)}</p>' if sentence else ""
