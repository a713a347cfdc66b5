"""Markdown tables about explanations: how true every method's masks are, and how the network's own ones behave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Measured = Mapping[str, Any]

TITLES: Final = {
    "toxicophores": "Kazius toxicophores",
    "benzene": "benzene",
    "logic7": "fluoride and carbonyl",
    "rb_dual_motifs": "rb_dual_motifs",
    "rb_adv_motifs": "rb_adv_motifs",
    "ba2motifs": "ba2motifs",
}


def truth_table(explanations: Measured) -> str:
    """Node AUROC of every method on every set, by single networks; the committee's in brackets."""
    sets = [name for name in TITLES if name in explanations]
    rows = ["| method | " + " | ".join(TITLES[name] for name in sets) + " |", "|---" * (len(sets) + 1) + "|"]
    for method in explanations[sets[0]]["explainers"]:
        cells = []
        for name in sets:
            found = explanations[name]["explainers"][method]
            cells.append(f"{found['node_auroc']:.3f} ({found['node_auroc_committee']:.3f})")
        rows.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def steadiness_table(explanations: Measured) -> str:
    """The other virtues, on the toxicophores."""
    rows = [
        "| method | agreement of members | after the strongest atoms go, the output falls | ms a molecule |",
        "|---|---|---|---|",
    ]
    for name, m in explanations["toxicophores"]["explainers"].items():
        rows.append(f"| {name} | {m['member_stability']:.2f} | {m['deletion_fall']:.2f} | {m['ms_a_molecule']:.1f} |")
    return "\n".join(rows)


def channel_table(explanations: Measured) -> str:
    """Sign consistency, emptiness and size of the network's own masks, channel by channel."""
    rows = [
        "| set | channel | moves the output its own way in | empty masks | atoms in the mask, median | truly, median |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in TITLES.items():
        if name not in explanations:
            continue
        for channel, m in explanations[name]["masks"].items():
            cells = [share(m[key]) for key in ("sign_consistency", "empty_share", "median_size", "median_true_size")]
            rows.append(f"| {title} | {channel} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def share(value: float | None) -> str:
    """A share in percent; a dash where there was nothing to count."""
    return "–" if value is None else f"{100 * value:.0f} %"
