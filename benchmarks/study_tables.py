"""Markdown tables of simulatability studies: the drawn set whose causes are known, and the shipped models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Measured = Mapping[str, Any]
TITLES: Final = {
    "truth": "true masks",
    "megan": "the model's own masks",
    "shuffled": "its masks, shuffled within each molecule",
    "gradients": "gradients",
    "gnnexplainer": "GNNExplainer",
    "random": "random masks",
    "adversarial": "adversarial masks",
}
"""In the order of the tables."""


def study_table(measured: Measured) -> str:
    """Scores by explainer and training size."""
    rows = [
        "| set | masks | training graphs | score (median paired gain in accuracy) | p | repetitions |",
        "|---|---|---|---|---|---|",
    ]
    seen = set()
    for name, part in (("rb_adv_motifs", "checks"), ("mutagenicity", "mutagenicity"), ("aggregation", "aggregation")):
        order = list(TITLES)
        listed = [row for row in measured[part]["rows"] if row["explainer"] in TITLES]
        for row in sorted(listed, key=lambda row: (order.index(row["explainer"]), row["size"])):
            # The checks end with studies in which both students get the same masks.
            again = (name, row["explainer"], row["size"]) in seen
            seen.add((name, row["explainer"], row["size"]))
            rows.append(
                f"| {name} | {TITLES[row['explainer']]}{', given to both' if again else ''} | {row['size']} "
                f"| {row['score']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f}) | {_p(row['p'])} "
                f"| {row['repetitions']} |"
            )
    return "\n".join(rows)


def lead_table(measured: Measured) -> str:
    """By how much students of the model's own masks are ahead of students of other masks."""
    rows = ["| model | training molecules | over | lead | p |", "|---|---|---|---|---|"]
    for name in ("mutagenicity", "aggregation"):
        rows += [
            f"| {name} | {row['size']} | {TITLES[row['over']]} | {row['score']:+.3f} "
            f"({row['low']:+.3f} to {row['high']:+.3f}) | {_p(row['p'])} |"
            for row in measured[name]["megan_leads"]
        ]
    return "\n".join(rows)


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
