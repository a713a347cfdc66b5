"""Tables of studies, from numbers made up here."""

from __future__ import annotations

from typing import Any

from benchmarks.study_tables import lead_table, study_table


def row(explainer: str, size: int, p: float) -> dict[str, Any]:
    return {"explainer": explainer, "size": size, "score": 0.02, "low": -0.01, "high": 0.05, "p": p, "repetitions": 25}


MEASURED: dict[str, Any] = {
    "checks": {
        "rows": [
            row("random", 25, 0.9),
            row("truth", 50, 0.02),
            row("truth", 25, 1e-5),
            row("other", 5, 0.5),
            row("truth", 25, 0.6),
        ]
    },
    "mutagenicity": {
        "rows": [row("megan", 50, 0.0123)],
        "megan_leads": [{"size": 50, "over": "random", "score": 0.01, "low": -0.02, "high": 0.03, "p": 0.0004}],
    },
    "aggregation": {"rows": [], "megan_leads": []},
}


def test_scores_stand_by_masks_and_then_by_size() -> None:
    score = "+0.020 (-0.010 to +0.050)"
    assert study_table(MEASURED).splitlines()[2:] == [
        f"| rb_adv_motifs | true masks | 25 | {score} | under 0.001 | 25 |",
        f"| rb_adv_motifs | true masks, given to both | 25 | {score} | 0.600 | 25 |",
        f"| rb_adv_motifs | true masks | 50 | {score} | 0.020 | 25 |",
        f"| rb_adv_motifs | random masks | 25 | {score} | 0.900 | 25 |",
        f"| mutagenicity | the model's own masks | 50 | {score} | 0.012 | 25 |",
    ]


def test_leads() -> None:
    assert lead_table(MEASURED).splitlines()[2:] == [
        "| mutagenicity | 50 | random masks | +0.010 (-0.020 to +0.030) | under 0.001 |"
    ]
