"""Do the masks point at the cause? Measured where the cause is known, beside other methods on the same networks.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.explanations [--quick]
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.explanation_sets import TrainedSet, toxicophores, trained
from benchmarks.mask_judgement import drawn_anew, judged
from benchmarks.results_file import RESULTS, write_result
from megan.posthoc import EXPLAINERS

SETS = ("benzene", "logic7", "rb_dual_motifs", "rb_adv_motifs", "ba2motifs", "toxicophores")
COLUMNS = (
    ("node_auroc", "node AUROC"),
    ("node_auroc_committee", "committee"),
    ("average_precision", "AUPRC"),
    ("average_precision_committee", "committee"),
    ("deletion_fall", "deletion"),
    ("reorder_stability", "reordered"),
    ("member_stability", "members"),
    ("ms_a_molecule", "ms"),
)


def table(measured: dict[str, Any]) -> str:
    """The result for the terminal: explainers first, then the own masks by channel."""
    lines = [f"{'set':16s} {'explainer':22s}" + "".join(f"{title:>11s}" for _, title in COLUMNS)]
    for name, found in measured.items():
        for explainer, row in found["explainers"].items():
            cells = "".join(f"{row.get(column, math.nan):11.3f}" for column, _ in COLUMNS)
            lines.append(f"{name:16s} {explainer:22s}{cells}")
    lines.append("")
    lines.append(f"{'set':16s} {'channel':22s}{'sign':>11s}{'shown':>11s}{'empty':>11s}{'size':>11s}{'true size':>11s}")
    fields = ("sign_consistency", "sign_consistency_where_shown", "empty_share", "median_size", "median_true_size")
    for name, found in measured.items():
        for channel, row in found["masks"].items():
            lines.append(f"{name:16s} {channel:22s}" + "".join(f"{row[field]:11.3f}" for field in fields))
        quality = ", ".join(f"{metric} {value:.4f}" for metric, value in found["prediction"].items())
        lines.append(f"{name:16s} {quality or 'predicted mutagenic only'}")
    return "\n".join(lines)


def finite(value: Any) -> Any:
    """The same numbers for JSON, which knows no NaN, rounded to what they are worth."""
    if isinstance(value, dict):
        return {name: finite(entry) for name, entry in value.items()}
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, judge, print and write; each set's numbers are kept as soon as they are there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations", description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, help="which sets; numbers of others are kept")
    parser.add_argument("--run-folder", type=Path, default=Path("runs/explanations"), help="where checkpoints go")
    parser.add_argument("--members", type=int, default=3, help="networks per set")
    parser.add_argument("--epochs", type=int, help="most epochs, instead of each set's own number")
    parser.add_argument(
        "--graphs", type=int, default=400, help="test graphs per channel that explainers are compared on"
    )
    parser.add_argument("--device", default="cpu", help="where networks are trained")
    parser.add_argument("--quick", action="store_true", help="tiny networks on few graphs; kept out of the results")
    chosen = parser.parse_args(arguments)
    run = chosen.run_folder / "quick" if chosen.quick else chosen.run_folder
    results = run if chosen.quick else RESULTS
    graphs = min(chosen.graphs, 40) if chosen.quick else chosen.graphs
    measured = kept(results / "explanations.json")
    for name in chosen.sets:
        try:
            subject = _subject(name, run, chosen)
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"{name}: {error}") from error
        measured[name] = judged(subject, {**EXPLAINERS, "random": drawn_anew(0)}, graphs)
        path = write_result("explanations", "python -m benchmarks.explanations", finite(measured), results)
    print(table({name: measured[name] for name in chosen.sets}))
    print(path)


def kept(file: Path) -> dict[str, Any]:
    """What an earlier run measured."""
    if not file.is_file():
        return {}
    earlier: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["measured"]
    return earlier


def _subject(name: str, run: Path, chosen: argparse.Namespace) -> TrainedSet:
    if name == "toxicophores":
        return toxicophores(chosen.quick)
    members = min(chosen.members, 2) if chosen.quick else chosen.members
    return trained(name, run / name, members, epochs=chosen.epochs, quick=chosen.quick, device=chosen.device)


if __name__ == "__main__":
    main()
