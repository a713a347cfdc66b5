"""The README's tables, written from the cards and from `benchmarks/results`, so that no number is typed by hand.

Run it with: python -m benchmarks.readme_tables
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.concept_tables import idea_table, judgement_table, motif_table, shipped_table, toxicophore_table
from benchmarks.counterfactual_tables import cause_table, counterfactual_table, peer_table
from benchmarks.explanation_tables import channel_table, steadiness_table, truth_table
from benchmarks.model_tables import ablation_table, bins_table, peers_table, sampling_table, scored, small_table
from benchmarks.results_file import RESULTS
from benchmarks.screening_tables import (
    billion_table,
    engine_table,
    memory_table,
    peer_rate_table,
    rate_table,
    stage_table,
)
from benchmarks.study_tables import lead_table, study_table, verdict_table
from benchmarks.trust import trust_table
from megan.card import read_card, shipped_tasks
from megan.files import write_beside

README = Path(__file__).parents[1] / "README.md"


def measured(name: str) -> dict[str, Any]:
    """The numbers of one benchmark."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    values: dict[str, Any] = record["measured"]
    return values


def accuracy_table() -> str:
    """One row per shipped classifier."""
    rows = [
        "| task | test molecules | AUROC | balanced accuracy | average precision | calibration error |",
        "|---|---|---|---|---|---|",
    ]
    for name in shipped_tasks():
        card = read_card(name)
        test = card["test"]
        if card["task"]["kind"] == "classification":
            cells = [scored(test[m]) for m in ("auroc", "balanced_accuracy", "average_precision", "ece")]
            rows.append(f"| {name} | {test['n']:,} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def values_table() -> str:
    """One row per shipped regression."""
    rows = ["| task | test molecules | RMSE | mean error | R² |", "|---|---|---|---|---|"]
    for name in shipped_tasks():
        card = read_card(name)
        test = card["test"]
        if card["task"]["kind"] == "regression":
            cells = [scored(test[m]) for m in ("rmse", "mae", "r2")]
            rows.append(f"| {name} ({card['task']['unit']}) | {test['n']:,} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def speed_table() -> str:
    """What a person waits for, and the featuriser against the parser."""
    page, features, cost = measured("interactive"), measured("featurizer"), measured("training_cost")
    study = measured("simulatability")
    rows = [
        "| what | measured | by |",
        "|---|---|---|",
        f"| one molecule, all shipped tasks, masks and pictures, warm | {page['warm_molecule_median_ms']:.0f} ms "
        f"(slowest {page['warm_molecule_slowest_ms']:.0f} ms) | `python -m benchmarks.interactive` |",
        f"| `from megan import Predictor` | {page['import_s']:.1f} s | the same |",
        f"| `python -m app --help` | {page['help_s']:.2f} s | the same |",
        f"| memory of a process with all models | {page['peak_memory_mb']:,} MB | the same |",
        "| SMILES to tensors, share of the rate of RDKit's `MolFromSmiles` "
        f"| {features['moses']['ratio']:.2f} on MOSES, {features['ames']['ratio']:.2f} on Ames "
        f"(a per-atom loop: {features['moses']['plain_loop_ratio']:.2f}) "
        "| `python -m benchmarks.featurizer` |",
        f"| CPU seconds of an epoch of 1,000 Ames molecules with all losses | {cost['ours']['seconds']:.1f}; "
        f"graph_attention_student in the same run {cost['graph_attention_student']['seconds']:.1f} "
        "| `python -m benchmarks.training_cost` |",
        *_inference_rows(measured("inference")),
        "| a simulatability study of 25 repetitions, 100 graphs "
        f"| {study['one_study']['processor_seconds']:.0f} CPU seconds | `python -m benchmarks.simulatability` |",
        f"| the published sweep of such studies | {study['sweep']['processor_seconds']:.0f} CPU seconds; "
        f"score against noise: Spearman {study['sweep']['spearman_noise']:.2f} | the same |",
    ]
    return "\n".join(rows)


def _inference_rows(measured_inference: dict[str, Any]) -> list[str]:
    """What a library costs the networks, as shares of the rate at which RDKit parses it."""
    rows = []
    for case in ("one endpoint, one member, plain", "one endpoint, one member", "two endpoints, committees"):
        shares = [
            f"{row['ratio'][case]:.2f} on {name.upper()}" for name, row in measured_inference["libraries"].items()
        ]
        rows.append(
            f"| SMILES, not standardised, to outputs with masks on one core, {case}, "
            f"share of the rate of `MolFromSmiles` | {', '.join(shares)} | `python -m benchmarks.inference` |"
        )
    return rows


def all_tables() -> dict[str, str]:
    """Every table by the name that its place in the README has."""
    accuracy, explanations, concepts = measured("accuracy"), measured("explanations"), measured("concepts")
    studies, screening = measured("simulatability"), measured("screening")
    return {
        "accuracy": accuracy_table(),
        "values": values_table(),
        "peers": peers_table(accuracy),
        "bins": bins_table(accuracy),
        "trust": trust_table(measured("trust")),
        "ablation": ablation_table(measured("ablations")),
        "sampling": sampling_table(measured("aggregation_sampling")),
        "small": small_table(measured("small_tables")),
        "truth": truth_table(explanations),
        "steadiness": steadiness_table(explanations),
        "channel": channel_table(explanations),
        "concepts": shipped_table(),
        "motifs": motif_table(concepts),
        "toxicophores": toxicophore_table(concepts),
        "ideas": idea_table(concepts),
        "judgement": judgement_table(concepts, measured("prototypes")),
        "change": counterfactual_table(measured("counterfactuals")),
        "other": peer_table(measured("counterfactual_peers")),
        "cause": cause_table(measured("counterfactual_truth")),
        "rates": rate_table(screening["ours"]),
        "stages": stage_table(screening["ours"], screening["engine"]["library"]),
        "tools": peer_rate_table(screening["peers"]),
        "command": engine_table(screening["engine"]),
        "memory": memory_table(screening["memory"]),
        "billion": billion_table(screening),
        "study": study_table(studies),
        "lead": lead_table(studies),
        "verdict": verdict_table(studies),
        "speed": speed_table(),
    }


def filled(text: str) -> str:
    """The README with its tables as they should be."""
    tables = all_tables()
    for name, table in tables.items():
        pattern = rf"(<!-- {name} table: [^>]*-->\n).*?(<!-- end of {name} table -->)"
        text, found = re.subn(pattern, lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
        if not found:
            raise ValueError(f"README.md has no place for the {name} table; expected its two comments")
    return text


def main() -> None:
    """Write the tables into the README."""
    text = filled(README.read_text(encoding="utf-8"))
    with write_beside(README) as beside:
        beside.write_text(text, encoding="utf-8")
    print(*all_tables().values(), sep="\n\n")


if __name__ == "__main__":
    main()
