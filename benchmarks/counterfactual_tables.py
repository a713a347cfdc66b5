"""A markdown table of counterfactuals: how often, how near, how makeable and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.explanation_tables import share

Measured = Mapping[str, Any]


def counterfactual_table(measured: Measured) -> str:
    """One column a task; the shares are of the best molecule of each start that flipped."""
    names = list(measured)
    rows = ["| of test molecules predicted positive | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]

    def row(title: str, value: Any) -> None:
        rows.append(f"| {title} | " + " | ".join(value(measured[name]) for name in names) + " |")

    row("searched", lambda m: f"{m['molecules']:,}")
    row("flipped within 3 edits", lambda m: f"{100 * m['flipped_share']:.1f} %")
    row("... with one edit", lambda m: share(m["one_edit_share"]))
    row("Tanimoto similarity of the best (Morgan 2, counted), median", lambda m: f"{m['similarity_median']:.2f}")
    row("valid", lambda m: share(m["valid_share"]))
    row("not harder to make (SA score, 0.05 allowed)", lambda m: share(m["sa_not_worse_share"]))
    row("in the model's domain", lambda m: share(m["in_domain_share"]))
    row("no new alert", lambda m: share(m["no_new_alert_share"]))
    row("distance among those shown, median", lambda m: f"{m['diversity_median']:.2f}")
    row("predictions, median", lambda m: f"{m['predictions_median']:.0f}")
    row("seconds, median (slowest)", lambda m: f"{m['wall_s_median']:.1f} ({m['wall_s_slowest']:.1f})")
    row(
        "measured pairs one edit apart: that edit is among the first ten",
        lambda m: f"{share(m['measured_pairs']['share_in_first_ten'])} of {m['measured_pairs']['positives']}",
    )
    return "\n".join(rows)


def peer_table(measured: Measured) -> str:
    """Other tools on the same molecules with the same predictor; similarity by bits, of the most similar flip."""
    titles = {
        "own": "WhyMol, the most similar of five",
        "own, recommended": "WhyMol, the first of five",
        "exmol": "exmol 3.3.0 (STONED)",
        "exmol narrow": "exmol 3.3.0, preset narrow",
        "vgd_counterfactuals": "vgd_counterfactuals 0.3.14",
    }
    rows = [
        "| task | tool | flipped | Tanimoto (Morgan 2, bits) | WhyMol as near or nearer (Tanimoto gained, median) "
        "| not harder to make | in domain | no new alert | distance among five | predictions | CPU seconds |",
        "|" + "---|" * 11,
    ]
    for task, told in measured.items():
        for name, row in told["tools"].items():
            beside = row.get("own_beside_it")
            nearer = (
                f"{share(beside['at_least_as_similar_share'])} of {beside['both_flip']} "
                f"({beside['similarity_gap_median']:+.2f})"
                if beside
                else ""
            )
            rows.append(
                f"| {task} | {titles[name]} | {100 * row['flipped_share']:.1f} % | {row['similarity_median']:.2f} | "
                f"{nearer} | {share(row['sa_not_worse_share'])} | "
                f"{share(row['in_domain_share'])} | {share(row['no_new_alert_share'])} | "
                f"{row['diversity_median']:.2f} | {row['predictions_median']:.0f} | {row['seconds_median']:.1f} |"
            )
    return "\n".join(rows)


def cause_table(measured: Measured) -> str:
    """Whether flips break the cause, where the cause is a rule."""
    rows = [
        "| set | networks | starts flipped | flips that break the cause | the first shown | any single edit |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in measured.items():
        for size, row in found["committees"].items():
            shares = (
                "flipped_share",
                "cause_broken_share",
                "cause_broken_share_first",
                "single_edits_that_break_share",
            )
            rows.append(f"| {name} | {size} | " + " | ".join(share(row[key]) for key in shares) + " |")
    return "\n".join(rows)
