"""What the conditions of a study came to: one row each, made of the students' performances."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from concepts.simulatability.conditions import Condition
from concepts.simulatability.student_statistics import LEAST_PAIRS, Score, paired_score


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What one condition came to."""

    condition: Condition
    score: Score | None
    """None where fewer than two repetitions were left."""
    failed: int
    """Repetitions that are not in the score."""
    problem: str
    """Why the first of them failed; empty if none did."""
    counted: tuple[int, ...]
    """Numbers of the repetitions that are in the score."""
    reference: tuple[float, ...]
    """Performance of their references."""
    explained: tuple[float, ...]
    """Performance of the students with masks, in the same order."""
    node_auroc: float
    """Mean of the students with masks; against the known causes, else against the explainer's clean masks."""
    edge_auroc: float
    reference_node_auroc: float
    """Mean of the references, against the known causes; NaN where none are known."""
    reference_edge_auroc: float

    def record(self) -> dict[str, Any]:
        """As one flat object for JSON: explainer, size, score, low, high, p, repetitions, failed, and the rest."""
        judged: dict[str, Any] = asdict(self.score) if self.score is not None else {"repetitions": 0}
        scored = {name: judged.pop(name, None) for name in ("score", "low", "high", "p", "repetitions")}
        setting = asdict(self.condition)
        kept = {name: value for name, value in setting.items() if name not in ("explainer", "size")}
        if not kept["reference"]:
            del kept["reference"], kept["start"]
        means = {
            "reference_performance": float(np.mean(self.reference)) if self.reference else math.nan,
            "student_performance": float(np.mean(self.explained)) if self.explained else math.nan,
            "node_auroc": self.node_auroc,
            "edge_auroc": self.edge_auroc,
            "reference_node_auroc": self.reference_node_auroc,
            "reference_edge_auroc": self.reference_edge_auroc,
        }
        flat = {
            "explainer": self.condition.explainer, "size": self.condition.size,
            **scored, "failed": self.failed, "problem": self.problem, **kept, **judged, **means,
        }  # fmt: skip
        return {name: _for_json(value) for name, value in flat.items()}


def compared(one: ScoreRow, other: ScoreRow, seed: int = 0) -> Score:
    """How much more the students of one row learned than those of another, over the repetitions that count in both.

    Raises
    ------
    ValueError
        If the rows differ in their size, depth, kind of student or reference, or share fewer than two repetitions.
    """
    if one.condition.group != other.condition.group:
        raise ValueError(f"rows are of {one.condition.group} and {other.condition.group}; expected the same")
    ours, theirs = (dict(zip(row.counted, row.explained, strict=True)) for row in (one, other))
    both = sorted(ours.keys() & theirs.keys())
    return paired_score([theirs[r] for r in both], [ours[r] for r in both], seed)


def score_row(condition: Condition, reference: pd.DataFrame, own: pd.DataFrame, seed: int) -> ScoreRow:
    """Pair the students of a condition with their references.

    Parameters
    ----------
    reference, own
        A row a repetition: repetition, performance, node_auroc, edge_auroc, problem (empty if there was none).
    seed
        Of the bootstrap.
    """
    pairs = reference.merge(own, on="repetition", suffixes=("_reference", ""), validate="1:1").sort_values("repetition")
    good = pairs[(pairs["problem"] == "") & (pairs["problem_reference"] == "")]
    bad = pairs.drop(good.index)
    enough = len(good) >= LEAST_PAIRS
    return ScoreRow(
        condition=condition,
        score=paired_score(good["performance_reference"], good["performance"], seed) if enough else None,
        failed=len(bad),
        problem=next((p for p in (*bad["problem"], *bad["problem_reference"]) if p), ""),
        counted=tuple(good["repetition"].tolist()),
        reference=tuple(good["performance_reference"].tolist()),
        explained=tuple(good["performance"].tolist()),
        node_auroc=float(good["node_auroc"].mean()),
        edge_auroc=float(good["edge_auroc"].mean()),
        reference_node_auroc=float(good["node_auroc_reference"].mean()),
        reference_edge_auroc=float(good["edge_auroc_reference"].mean()),
    )


def _for_json(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
