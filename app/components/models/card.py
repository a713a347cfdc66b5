"""A model's card in words and tables: what it answers, how well, from which data, how it was made.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from app import theme
from app.components.words import join, percent
from datasets.tasks import Task

#: Metrics of a card's test results, in the order of the page.
METRICS = {
    "auroc": ("AUROC", "Chance that a positive outranks a negative; 0.5 is a coin"),
    "balanced_accuracy": ("Balanced accuracy", "Mean of the share found right in each class"),
    "average_precision": ("Average precision", "Area under precision against recall"),
    "ece": ("Calibration error", "Mean gap between predicted and observed frequency; 0 is best"),
    "rmse": ("RMSE", "Root mean squared error, in the unit of the task; 0 is best"),
    "mae": ("Mean error", "Mean absolute error, in the unit of the task; 0 is best"),
    "r2": ("R²", "Share of the variance that is explained; 1 is best, 0 is a constant guess"),
}

#: Orders of a card's rejection curves: by what a molecule is trusted, as the legend names it, and the trusted half in
#: words.
TRUST = {
    "spread": ("the members agree", "on which the members agree best"),
    "margin": ("far from the threshold", "farthest from the threshold"),
    "similarity": ("near a training compound", "most like a training compound"),
    "neighbours": ("nearest measured so too", "whose nearest training compounds were measured most as predicted"),
}


def card_head(task: Task, card: Mapping[str, Any]) -> str:
    """Title, question and classes with their marks."""
    marks = "".join(f"<span>{theme.mark(k, 12)}{html.escape(name)}</span>" for k, name in enumerate(task.channels))
    members = card.get("members")
    who = f"A committee of {members} self-explaining graph networks (MEGAN)." if members else ""
    return (
        f'<div class="wm-lead"><h2>{html.escape(task.title)}</h2><p>{html.escape(task.question)} {html.escape(who)}</p>'
        f'<p class="wm-summary wm-muted">{marks}</p></div>'
    )


def metrics_html(card: Mapping[str, Any]) -> str:
    """The test results, each with its bootstrap interval."""
    test = card.get("test", {})
    tiles = [_tile(title, hint, test[key]) for key, (title, hint) in METRICS.items() if key in test]
    for channel, value in test.get("fidelity", {}).items():
        tiles.append(_tile(f"Fidelity, {channel}", "How far the output moves towards the channel because of it", value))
    if not tiles:
        return '<p class="wm-muted">The card states no test results.</p>'
    count = f"{test['n']:,} molecules" if "n" in test else "molecules"
    # Own tables may be split otherwise; the shipped ones are all split by scaffold.
    split = str(card.get("data", {}).get("report", {}).get("split", "scaffold"))
    which = {"scaffold": "the scaffold test split", "random": "a random test split"}.get(split, "the test split")
    return (
        f'<div class="wm-tiles">{"".join(tiles)}</div><p class="wm-muted">On {count} of {which}, with '
        f"95 % bootstrap intervals.{_calibration_by_chance(test)}</p>"
    )


def _calibration_by_chance(test: Mapping[str, Any]) -> str:
    if "ece" not in test or "ece_by_chance" not in test:
        return ""
    found, chance = test["ece"]["value"], test["ece_by_chance"]
    if found <= chance["high"]:
        judged = f"the model's {found:.3f} is no more than chance explains"
    else:
        judged = f"the model's {found:.3f} is more than chance explains"
    return (
        " A calibration error is never 0: with perfectly calibrated probabilities as many molecules would show "
        f"{chance['value']:.3f} on average, and up to {chance['high']:.3f} by chance; {judged}."
    )


def rejection_html(task: Task, card: Mapping[str, Any]) -> str:
    """Whether the molecules that are trusted most are those that the model is right about; "" for older cards."""
    record = card.get("curves", {}).get("rejection")
    orders = {name: order for name, order in (record or {}).get("orders", {}).items() if name in TRUST}
    if not record or not orders:
        return ""
    of_values = record["error"] == "rmse"
    half = min(range(len(record["kept"])), key=lambda i: abs(record["kept"][i] - 0.5))

    def size(error: float) -> str:
        number = f"{error:.2f} {task.unit}".rstrip() if of_values else percent(error)
        return f"<b>{html.escape(number)}</b>"

    overall = size(next(iter(orders.values()))["error"][-1])
    if of_values:
        lead = f"On all test molecules the RMSE is {overall}. On the half"
    else:
        lead = f"Of all test molecules {overall} get a wrong verdict. Of the half"
    lines = []
    for name in (name for name in TRUST if name in orders):
        chance = "" if orders[name]["gain"]["low"] > 0 else ", not clearly less than in a random half"
        lines.append(f"<li>{html.escape(TRUST[name][1])}: {size(orders[name]['error'][half])}{chance}</li>")
    return (
        "<h3>Is it right where it is surer?</h3>"
        f"<p>{lead}</p><ul>{''.join(lines)}</ul>"
        '<p class="wm-muted">The plot keeps the most trusted share of the test molecules. Where a line falls below the '
        "dotted one towards the left, that measure of trust tells right answers from wrong ones.</p>"
    )


def conformal_html(card: Mapping[str, Any]) -> str:
    """Nominal against measured coverage of the conformal sets, per class."""
    levels = card.get("conformal", {})
    if not levels:
        return ""
    classes = list(next(iter(levels.values())))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in classes)
    by_chance = card.get("conformal_by_chance", {})
    rows = "".join(
        f'<tr><td class="wm-num">{percent(float(level))}</td>'
        + "".join(
            f'<td class="wm-num">{percent(covered[name])}{_span(by_chance.get(level, {}).get(name))}</td>'
            for name in classes
            if name in covered
        )
        + "</tr>"
        for level, covered in levels.items()
    )
    of_values = classes == ["all"]
    what = "measured value was in the interval" if of_values else "true class was in the set"
    about_chance = (
        " Small: what faultless ones would show, 95 times of 100, with as many molecules." if by_chance else ""
    )
    return (
        f"<h3>Coverage of the conformal {'intervals' if of_values else 'sets'}</h3>"
        f'<p class="wm-muted">How often the {what}, on the test split.{about_chance}</p>'
        f'<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Asked for</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _span(chance: Mapping[str, float] | None) -> str:
    if not chance:
        return ""
    return f' <small class="wm-muted">{chance["low"] * 100:.0f} to {chance["high"] * 100:.0f} %</small>'


def provenance_html(task: Task, card: Mapping[str, Any]) -> str:
    """Where the model comes from: data, splits, hash, seeds, versions, settings that decide."""
    data, training = card.get("data", {}), card.get("training", {})
    rows = data.get("rows", {})
    calibration, domain = card.get("calibration", {}), card.get("domain", {})
    facts = {
        "Measurements": task.citation,
        "Licence": task.licence,
        "Rows": join([f"{rows[split]:,} {split}" for split in ("train", "valid", "test") if split in rows]),
        "Left out": " ".join(str(sentence) for sentence in data.get("report", {}).get("sentences", [])),
        "Start": _start(card),
        "Teacher": _teacher(card),
        "Table": f"{data.get('table', '')}, sha256 {str(data.get('sha256', ''))[:16]}…" if data else "",
        "Trained": f"{card.get('created', '')}, {_minutes(training.get('seconds'))}",
        "Seeds": ", ".join(str(seed) for seed in card.get("seeds", [])),
        "Versions": ", ".join(f"{name} {version}" for name, version in card.get("versions", {}).items()),
        "Threshold": _number(calibration.get("threshold")),
        "Temperature": _number(calibration.get("temperature")),
        "Offset, stretch": _bent(calibration),
        "Domain": f"similarity of at least {_number(domain.get('similarity_limit'))}" if domain else "",
    }
    lines = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(text)}</dd>" for key, text in facts.items() if text)
    return f'<dl class="wm-facts">{lines}</dl>'


def _start(card: Mapping[str, Any]) -> str:
    """What the network knew before it saw a measurement; "" where it started at random."""
    pretrained = card.get("settings", {}).get("pretrained")
    return "an encoder that tells descriptors of molecules, pretrained without measurements" if pretrained else ""


def _teacher(card: Mapping[str, Any]) -> str:
    """What the network learned beside the measurements; "" where it learned from them alone."""
    teacher = card.get("settings", {}).get("teacher")
    if not teacher:
        return ""
    unmeasured = card.get("data", {}).get("unmeasured", 0)
    return (
        f"boosted trees, heard at {percent(teacher['share'])} about the training molecules and alone about "
        f"{unmeasured:,} unmeasured ones"
    )


def _tile(title: str, hint: str, value: Any) -> str:
    if isinstance(value, Mapping):
        low, high = value.get("low"), value.get("high")
        span = f"{low:.3f} to {high:.3f}" if low is not None and high is not None else ""
        number = f"{value['value']:.3f}"
    else:
        number, span = f"{value:.3f}", ""
    return (
        f'<div class="wm-tile" title="{html.escape(hint)}"><span>{html.escape(title)}</span><b>{number}</b>'
        f"<small>{span}</small></div>"
    )


def _bent(calibration: Mapping[str, Any]) -> str:
    offset, stretch = calibration.get("offset"), calibration.get("stretch")
    return f"{offset or 0:+.3g} and {stretch or 0:.3g} of the log-odds' cube" if offset or stretch else ""


def _minutes(seconds: float | None) -> str:
    return f"in {seconds / 60:.0f} min" if seconds else ""


def _number(value: float | None) -> str:
    return f"{value:.3g}" if value is not None else ""
