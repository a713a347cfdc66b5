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
        "95 % bootstrap intervals.</p>"
    )


def conformal_html(card: Mapping[str, Any]) -> str:
    """Nominal against measured coverage of the conformal sets, per class."""
    levels = card.get("conformal", {})
    if not levels:
        return ""
    classes = list(next(iter(levels.values())))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in classes)
    rows = "".join(
        f'<tr><td class="wm-num">{percent(float(level))}</td>'
        + "".join(f'<td class="wm-num">{percent(covered[name])}</td>' for name in classes)
        + "</tr>"
        for level, covered in levels.items()
    )
    of_values = classes == ["all"]
    what = "measured value was in the interval" if of_values else "true class was in the set"
    return (
        f"<h3>Coverage of the conformal {'intervals' if of_values else 'sets'}</h3>"
        f'<p class="wm-muted">How often the {what}, on the test split.</p>'
        f'<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Asked for</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


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
        "Table": f"{data.get('table', '')}, sha256 {str(data.get('sha256', ''))[:16]}…" if data else "",
        "Trained": f"{card.get('created', '')}, {_minutes(training.get('seconds'))}",
        "Seeds": ", ".join(str(seed) for seed in card.get("seeds", [])),
        "Versions": ", ".join(f"{name} {version}" for name, version in card.get("versions", {}).items()),
        "Threshold": _number(calibration.get("threshold")),
        "Temperature": _number(calibration.get("temperature")),
        "Domain": f"similarity of at least {_number(domain.get('similarity_limit'))}" if domain else "",
    }
    lines = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(text)}</dd>" for key, text in facts.items() if text)
    return f'<dl class="wm-facts">{lines}</dl>'


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


def _minutes(seconds: float | None) -> str:
    return f"in {seconds / 60:.0f} min" if seconds else ""


def _number(value: float | None) -> str:
    return f"{value:.3g}" if value is not None else ""
