"""Markdown tables of simulatability studies: the drawn set whose causes are known, and the shipped models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Measured = Mapping[str, Any]
Row = Mapping[str, Any]
TITLES: Final = {
    "truth": "true masks",
    "megan": "the model's own masks",
    "shuffled": "its masks, shuffled within each molecule",
    "averaged": "its masks, averaged within each molecule",
    "gradients": "gradients",
    "integrated_gradients": "integrated gradients",
    "gnnexplainer": "GNNExplainer",
    "random": "random masks",
    "adversarial": "adversarial masks",
}
"""In the order of the tables."""
SIZES: Final = (25, 50, 100)
MODELS: Final = ("mutagenicity", "aggregation")


def study_table(measured: Measured) -> str:
    """Scores by explainer and training size."""
    rows = [
        f"| set | masks | {' | '.join(f'{size} graphs' for size in SIZES)} | repetitions |",
        f"|---|---|{'---|' * len(SIZES)}---|",
    ]
    for name, part in (("rb_adv_motifs", "checks"), *((model, model) for model in MODELS)):
        found = measured[part]["rows"]
        for explainer, title in TITLES.items():
            plain = [row for row in found if row["explainer"] == explainer and "reference" not in row]
            rows += _line([name, title], plain)
        # The checks end with studies in which both students get the same masks.
        for start, words in ((0, "given to both students"), (1, "given to both, from different weights")):
            same = [row for row in found if "reference" in row and row["start"] == start]
            if same:
                rows += _line([name, f"{TITLES[same[0]['explainer']]}, {words}"], same)
    return "\n".join(rows)


def lead_table(measured: Measured) -> str:
    """By how much students of the model's own masks are ahead of students of other masks."""
    sizes = SIZES[1:]
    rows = [
        f"| model | over | {' | '.join(f'{size} molecules' for size in sizes)} | repetitions |",
        f"|---|---|{'---|' * len(sizes)}---|",
    ]
    for name in MODELS:
        for other, title in TITLES.items():
            leads = [lead for lead in measured[name]["megan_leads"] if lead["over"] == other]
            rows += _line([name, title], leads, sizes)
    return "\n".join(rows)


def verdict_table(measured: Measured) -> str:
    """What a verdict hangs on: places that a mask can mark, or numbers of the whole molecule."""
    rows = [
        "| model | atoms at least half as important as the most important | entropy of the masks | molecules "
        "| logP and weight alone | students: labels alone | with the model's masks | with averaged masks |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in MODELS:
        found = measured[name]
        for told in found["logp_and_weight"]:
            of_size = {row["explainer"]: row for row in found["rows"] if row["size"] == told["size"]}
            accuracies = (
                told["accuracy"],
                of_size["megan"]["reference_performance"],
                of_size["megan"]["student_performance"],
                of_size["averaged"]["student_performance"],
            )
            rows.append(
                f"| {name} | {100 * found['spread']['over_half']:.0f} % | {found['spread']['entropy']:.2f} "
                f"| {told['size']} | {' | '.join(f'{accuracy:.3f}' for accuracy in accuracies)} |"
            )
    return "\n".join(rows)


def _line(first: Sequence[str], found: Iterable[Row], sizes: Sequence[int] = SIZES) -> list[str]:
    """One line of scores by size; none where nothing was measured."""
    by_size = {row["size"]: row for row in found}
    if not by_size:
        return []
    cells = [_score(by_size[size]) if size in by_size else "" for size in sizes]
    repetitions = {row["repetitions"] for row in by_size.values()}
    return [f"| {' | '.join([*first, *cells, ', '.join(str(n) for n in sorted(repetitions))])} |"]


def _score(row: Row) -> str:
    if row["score"] is None:
        return "no score"
    p = "p < 0.001" if row["p"] < 0.001 else f"p {row['p']:.3f}"
    return f"{row['score']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f}), {p}"
