"""The README's tables, written from the cards and from `benchmarks/results`, so that no number is typed by hand.

Run it with: python -m benchmarks.readme_tables
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.results_file import RESULTS
from megan.bundle import read_card, shipped_tasks
from megan.files import write_beside

README = Path(__file__).parents[1] / "README.md"


def measured(name: str) -> dict[str, Any]:
    """The numbers of one benchmark."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    values: dict[str, Any] = record["measured"]
    return values


def scored(score: dict[str, float]) -> str:
    """A value with its interval."""
    return f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"


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


def explanation_table() -> str:
    """The shipped masks against other methods on the same networks, where the cause is a known toxicophore."""
    rows = [
        "| method | node AUROC, one member | committee | agreement of members "
        "| after the strongest atoms go, the output falls | ms a molecule |",
        "|---|---|---|---|---|---|",
    ]
    for name, m in measured("explanations")["toxicophores"]["explainers"].items():
        cells = [f"{m[key]:.2f}" for key in ("node_auroc", "node_auroc_committee", "member_stability", "deletion_fall")]
        rows.append(f"| {name} | " + " | ".join(cells) + f" | {m['ms_a_molecule']:.1f} |")
    return "\n".join(rows)


def speed_table() -> str:
    """What a person waits for, and the featuriser against the parser."""
    page, features = measured("interactive"), measured("featurizer")
    rows = [
        "| what | measured | by |",
        "|---|---|---|",
        f"| one molecule, both tasks, masks and pictures, warm | {page['warm_molecule_median_ms']:.0f} ms "
        f"(slowest {page['warm_molecule_slowest_ms']:.0f} ms) | `python -m benchmarks.interactive` |",
        f"| `from megan import Predictor` | {page['import_s']:.1f} s | the same |",
        f"| `python -m app --help` | {page['help_s']:.2f} s | the same |",
        f"| memory of a process with both models | {page['peak_memory_mb']:,} MB | the same |",
        "| SMILES to tensors, share of the rate of RDKit's `MolFromSmiles` "
        f"| {features['moses']['ratio']:.2f} on MOSES, {features['ames']['ratio']:.2f} on Ames "
        f"(a per-atom loop: {features['moses']['plain_loop_ratio']:.2f}) "
        "| `python -m benchmarks.featurizer` |",
    ]
    return "\n".join(rows)


def filled(text: str) -> str:
    """The README with its tables as they should be."""
    tables = {"accuracy": accuracy_table(), "explanation": explanation_table(), "speed": speed_table()}
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
    print(accuracy_table(), explanation_table(), speed_table(), sep="\n\n")


if __name__ == "__main__":
    main()
