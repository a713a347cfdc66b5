"""What a simulatability study says, in words: explainers, comparisons, scores, and what a score does not mean.

Pure functions; what they return is plain text or, where the name says so, HTML with all text escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.components.words import percent, plural
from app.simulate.request import FILE
from datasets.tasks import GENERATED, TASKS

EXPLAINERS: Final = {
    "truth": "Known causes",
    "megan": "The model's own masks",
    "gradients": "Gradients",
    "integrated_gradients": "Integrated gradients",
    "gnnexplainer": "GNNExplainer",
    "random": "Random numbers",
    "shuffled": "The model's masks, shuffled",
    "averaged": "The model's masks, averaged",
    "adversarial": "Misleading motifs",
}
MASKS: Final = {"both": "nodes and edges", "nodes": "nodes only", "edges": "edges only"}
STUDENTS: Final = {"megan": "small MEGAN", "gcn": "plain GCN"}
SIGNIFICANT: Final = 0.05
MEANING: Final = (
    "Two small networks start from the same weights and learn the same few graphs; one of them, the explanation "
    "student, is also shown the masks. Both are judged on graphs that neither has seen. The score is the median "
    "difference between the two over all repetitions: above 0 the masks taught something that the labels alone did "
    "not."
)
NOT_MEANING: Final = (
    "It says what a small network can learn from the masks, not whether a person can.",
    "It does not say that the masks are what the model really used: masks that lie in the same way each time teach "
    "too, and masks that give the class away by how much they mark, instead of where, teach as well. Compare with the "
    "shuffled masks, and with those that are averaged over each graph.",
    "A score near 0 can mean that the masks say nothing, or that the students know the answer without them: look at "
    "the reference.",
    "The p-values are not corrected for the number of comparisons.",
)


def explainer_name(name: str) -> str:
    """An explainer for people."""
    return f"File {Path(name).name}" if name.startswith(FILE) else EXPLAINERS.get(name, name)


def task_name(name: str) -> str:
    """A task for people: its title, with what it is called in commands where it is drawn."""
    if name in GENERATED:
        return f"{GENERATED[name].title} ({name}, generated)"
    return TASKS[name].title if name in TASKS else Path(name).name


def series_name(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], without: Sequence[str] = ()) -> str:
    """What tells a comparison from the others of its study: the explainer and every setting that varies.

    Parameters
    ----------
    row, rows
        The comparison, and all of the study.
    without
        Settings that are told elsewhere, such as by an axis.
    """
    varied = [
        field
        for field in ("size", "noise", "adversarial", "layers", "masks", "student")
        if field not in without and len({other.get(field) for other in rows}) > 1
    ]
    return ", ".join([explainer_name(str(row["explainer"])), *(_setting(field, row[field]) for field in varied)])


def _setting(field: str, value: Any) -> str:
    if field == "noise":
        return f"noise {value:g}"
    if field == "adversarial":
        return f"{percent(value)} misleading"
    if field in ("size", "layers"):
        return plural(int(value), "graph" if field == "size" else "layer")
    return {**MASKS, **STUDENTS}.get(value, str(value))


def finding(row: Mapping[str, Any], metric: str) -> str:
    """What a comparison came to, as a sentence."""
    if row.get("score") is None:
        return f"No score: {row.get('problem') or 'too few repetitions were left'}."
    unit = "percentage points of accuracy" if metric == "accuracy" else "R2"
    factor, digits = (100, 1) if metric == "accuracy" else (1, 3)
    score, low, high = (f"{factor * row[name]:+.{digits}f}" for name in ("score", "low", "high"))
    if row["p"] >= SIGNIFICANT or row["mean"] == 0:
        start = "No difference shown"
    else:
        start = "The masks helped" if row["mean"] > 0 else "The masks hurt"
    failed = (
        f" {plural(row['failed'], 'repetition')} failed and {_is(row['failed'])} not in it." if row["failed"] else ""
    )
    return (
        f"{start}: {score} {unit} ({low} to {high}, p {p_value(row['p'])}, {row['repetitions']} repetitions).{failed}"
    )


def p_value(p: float) -> str:
    """A p-value in short."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def findings_html(rows: Sequence[Mapping[str, Any]], metric: str) -> str:
    """A line for each comparison."""
    items = "".join(
        f"<li><b>{html.escape(series_name(row, rows))}</b> <span>{html.escape(finding(row, metric))}</span></li>"
        for row in rows
    )
    return f'<ul class="wm-sim-findings">{items}</ul>'


def meaning_html() -> str:
    """What the score means, and what it does not."""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in NOT_MEANING)
    return (
        f'<div class="wm-sim-meaning"><p>{html.escape(MEANING)}</p><p><b>What it does not say</b></p>'
        f"<ul>{items}</ul></div>"
    )


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
