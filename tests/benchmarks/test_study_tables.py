"""Tables of studies, from numbers made up here."""

from __future__ import annotations

from typing import Any

from benchmarks.study_tables import lead_table, study_table, verdict_table

SCORE = "+0.020 (-0.010 to +0.050)"


def row(explainer: str, size: int, p: float, repetitions: int = 25, **more: Any) -> dict[str, Any]:
    return {
        "explainer": explainer, "size": size, "score": 0.02, "low": -0.01, "high": 0.05, "p": p,
        "repetitions": repetitions, "reference_performance": 0.6, "student_performance": 0.625, **more,
    }  # fmt: skip


def model(*rows: dict[str, Any]) -> dict[str, Any]:
    lead = {"score": 0.01, "low": -0.02, "high": 0.03, "repetitions": 25}
    return {
        "rows": list(rows),
        "megan_leads": [
            {"size": 100, "over": "random", "p": 0.2, **lead},
            {"size": 50, "over": "random", "p": 0.0004, **lead},
            {"size": 50, "over": "shuffled", "p": 0.05, **lead},
        ],
        "spread": {"over_half": 0.25, "entropy": 0.7834},
        "logp_and_weight": [{"size": 50, "accuracy": 0.84, "lead": 0.2, "low": 0.1, "high": 0.3, "p": 0.0}],
    }


MEASURED: dict[str, Any] = {
    "checks": {
        "rows": [
            row("random", 25, 0.9),
            row("truth", 50, 0.02),
            row("truth", 25, 1e-5),
            row("other", 5, 0.5),
            row("truth", 25, 1.0, reference="truth", start=0),
            row("truth", 25, 0.6, reference="truth", start=1),
        ]
    },
    "mutagenicity": model(row("megan", 50, 0.0123), row("averaged", 50, 0.3) | {"score": None}),
    "aggregation": {"rows": [], "megan_leads": [], "spread": {}, "logp_and_weight": []},
}


def test_scores_stand_in_a_line_by_size() -> None:
    assert study_table(MEASURED).splitlines() == [
        "| set | masks | 25 graphs | 50 graphs | 100 graphs | repetitions |",
        "|---|---|---|---|---|---|",
        f"| rb_adv_motifs | true masks | {SCORE}, p < 0.001 | {SCORE}, p 0.020 |  | 25 |",
        f"| rb_adv_motifs | random masks | {SCORE}, p 0.900 |  |  | 25 |",
        f"| rb_adv_motifs | true masks, given to both students | {SCORE}, p 1.000 |  |  | 25 |",
        f"| rb_adv_motifs | true masks, given to both, from different weights | {SCORE}, p 0.600 |  |  | 25 |",
        f"| mutagenicity | the model's own masks |  | {SCORE}, p 0.012 |  | 25 |",
        "| mutagenicity | its masks, averaged within each molecule |  | no score |  | 25 |",
    ]


def test_repetitions_that_differ_are_both_said() -> None:
    rows = [row("truth", 25, 0.5, 24), row("truth", 50, 0.5, 25)]
    assert study_table(MEASURED | {"checks": {"rows": rows}}).splitlines()[2].endswith("| 24, 25 |")


def test_leads_stand_in_the_order_of_the_masks() -> None:
    lead = "+0.010 (-0.020 to +0.030)"
    assert lead_table(MEASURED).splitlines() == [
        "| model | over | 50 molecules | 100 molecules | repetitions |",
        "|---|---|---|---|---|",
        f"| mutagenicity | its masks, shuffled within each molecule | {lead}, p 0.050 |  | 25 |",
        f"| mutagenicity | random masks | {lead}, p < 0.001 | {lead}, p 0.200 | 25 |",
    ]


def test_what_a_verdict_hangs_on() -> None:
    assert verdict_table(MEASURED).splitlines()[2:] == [
        "| mutagenicity | 25 % | 0.78 | 50 | 0.840 | 0.600 | 0.625 | 0.625 |"
    ]
