"""Markdown tables about accuracy: beside other models, within bins of properties, and without parts of the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Measured = Mapping[str, Any]

NAMES: Final = {
    "committee": "WhyMol",
    "forest": "random forest",
    "chemprop": "chemprop 2.3.1",
    "graph_attention_student": "graph_attention_student 1.6.0",
}
MAIN_METRIC: Final = {"classification": "auroc", "regression": "rmse"}


def scored(score: Mapping[str, float]) -> str:
    """A value with its interval."""
    return f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"


def peers_table(accuracy: Measured) -> str:
    """One row per task and method: how good it is, and how much better the committee is on the same molecules."""
    rows = [
        "| task | method | AUROC; RMSE for solubility | WhyMol less this (better above 0 for AUROC, below 0 for RMSE) "
        "| training it was given |",
        "|---|---|---|---|---|",
    ]
    for task, found in sorted(accuracy.items()):
        metric = MAIN_METRIC[found["kind"]]
        for method, title in NAMES.items():
            if method not in found["methods"]:
                continue
            row = found["methods"][method]
            better = "" if method == "committee" else signed(found["differences"].get(method, {}).get(metric))
            rows.append(f"| {task} | {title} | {scored(row[metric])} | {better} | {given(row.get('given') or {})} |")
    return "\n".join(rows)


def signed(difference: Mapping[str, float] | None) -> str:
    """A difference with its interval; an empty cell where none was measured."""
    if difference is None:
        return ""
    return f"{difference['value']:+.3f} ({difference['low']:+.3f} to {difference['high']:+.3f})"


def given(about: Measured) -> str:
    """Molecules, epochs or trees, and CPU minutes."""
    parts = [f"{about[name]:,} {name}" for name in ("molecules", "trees", "epochs") if name in about]
    if "cpu_minutes" in about:
        parts.append(f"{about['cpu_minutes']:.1f} CPU minutes")
    return ", ".join(parts)


def bins_table(accuracy: Measured) -> str:
    """Mean AUROC of aggregation within bins of the properties that a model could take a shortcut by."""
    rows = ["| within bins of | WhyMol | random forest | difference |", "|---|---|---|---|"]
    for name, found in accuracy["aggregation"]["bins"].items():
        ours, forest = (scored(found["auroc"][method]) for method in ("committee", "forest"))
        rows.append(f"| {name} | {ours} | {forest} | {signed(found['differences']['forest'])} |")
    return "\n".join(rows)


def ablation_table(ablations: Measured) -> str:
    """One row per variant of the training; trees have no masks."""
    rows = [
        "| variant | AUROC | less the base | sign consistency | node AUROC on toxicophores | mask size |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in ablations.items():
        masks = ["–"] * 3
        if "mask_size" in row:
            masks = [f"{row[key]:.2f}" for key in ("sign_consistency", "toxicophore_auroc", "mask_size")]
        rows.append(f"| {name} | {row['auroc']:.3f} | {signed(row.get('lead'))} | " + " | ".join(masks) + " |")
    return "\n".join(rows)


def sampling_table(measured: Measured) -> str:
    """One row per way to draw or begin: the aggregation network on validation molecules, also within shortcuts."""
    judged = {"AUROC": "all", "within quarters of logP": "logP", "within quarters of weight": "molecular weight"}
    rows = [
        "| training molecules | different ones | " + " | ".join(judged) + " |",
        "|---" * (2 + len(judged)) + "|",
    ]
    for variant, molecules in measured["molecules"].items():
        cells = []
        for key in judged.values():
            lead = measured[key]["leads"].get(variant)
            cells.append(f"{measured[key]['auroc'][variant]:.3f}" + (f"; {signed(lead)}" if lead else ""))
        rows.append(f"| {variant} | {molecules:,} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def small_table(measured: Measured) -> str:
    """One row per task and size of table: what a pretrained start is worth."""
    rows = [
        "| task | measured by | molecules in the table | started at random | from the encoder | better in |",
        "|---|---|---|---|---|---|",
    ]
    for task, found in measured.items():
        sign = -1 if found["metric"] == "rmse" else 1
        for size, scores in found["sizes"].items():
            pairs = list(zip(scores["random"], scores["pretrained"], strict=True))
            better = sum(sign * (pretrained - random) > 0 for random, pretrained in pairs)
            means = " | ".join(f"{sum(scores[start]) / len(pairs):.3f}" for start in ("random", "pretrained"))
            rows.append(f"| {task} | {found['metric'].upper()} | {int(size):,} | {means} | {better} of {len(pairs)} |")
    return "\n".join(rows)
