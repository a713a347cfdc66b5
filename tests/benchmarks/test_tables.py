"""Markdown tables say what the json says, and leave empty what was not measured."""

from __future__ import annotations

import pytest

from benchmarks.explanation_tables import channel_table, share, truth_table
from benchmarks.model_tables import ablation_table, bins_table, given, peers_table, signed

SCORE = {"value": 0.9, "low": 0.85, "high": 0.95}
ACCURACY = {
    "aggregation": {
        "kind": "classification",
        "methods": {
            "committee": {"auroc": SCORE, "given": None},
            "forest": {"auroc": SCORE, "given": {"trees": 300, "cpu_minutes": 1.96}},
        },
        "differences": {"forest": {"auroc": {"value": 0.01, "low": -0.02, "high": 0.04}}},
        "bins": {
            "logP": {
                "auroc": {"committee": SCORE, "forest": SCORE},
                "differences": {"forest": {"value": -0.01, "low": -0.02, "high": 0.0}},
            }
        },
    },
    "solubility": {"kind": "regression", "methods": {"chemprop": {"rmse": SCORE}}, "differences": {}},
}


def test_peers_stand_below_the_committee_with_their_paired_difference() -> None:
    rows = peers_table(ACCURACY).splitlines()[2:]
    assert rows == [
        "| aggregation | WhyMol | 0.900 (0.850 to 0.950) |  |  |",
        "| aggregation | random forest | 0.900 (0.850 to 0.950) | +0.010 (-0.020 to +0.040) "
        "| 300 trees, 2.0 CPU minutes |",
        "| solubility | chemprop 2.3.1 | 0.900 (0.850 to 0.950) |  |  |",
    ]


def test_what_was_not_measured_is_empty() -> None:
    assert signed(None) == ""
    assert given({}) == ""
    assert share(None) == "–"
    assert share(0.946) == "95 %"


def test_bins_show_both_methods() -> None:
    assert bins_table(ACCURACY).splitlines()[2] == (
        "| logP | 0.900 (0.850 to 0.950) | 0.900 (0.850 to 0.950) | -0.010 (-0.020 to +0.000) |"
    )


def test_an_ablation_is_a_row() -> None:
    row = {"auroc": 0.8644, "sign_consistency": 0.95, "toxicophore_auroc": 0.887, "mask_size": 0.31}
    other = row | {"lead": {"value": 0.01, "low": -0.02, "high": 0.03}}
    shown = ablation_table({"base": row, "wider": other, "trees": {"auroc": 0.9}}).splitlines()
    assert shown[2] == "| base | 0.864 |  | 0.95 | 0.89 | 0.31 |"
    assert shown[3] == "| wider | 0.864 | +0.010 (-0.020 to +0.030) | 0.95 | 0.89 | 0.31 |"
    assert shown[4] == "| trees | 0.900 |  | – | – | – |"


@pytest.fixture
def explanations() -> dict[str, object]:
    method = {"node_auroc": 0.9, "node_auroc_committee": 0.8}
    mask = {"sign_consistency": 1.0, "empty_share": None, "median_size": 0.25, "median_true_size": 0.3}
    found = {"explainers": {"own mask": method, "random": method}, "masks": {"house": mask}}
    return {"ba2motifs": found, "toxicophores": found}


def test_sets_are_columns_in_a_fixed_order(explanations: dict[str, object]) -> None:
    assert truth_table(explanations).splitlines() == [
        "| method | Kazius toxicophores | ba2motifs |",
        "|---|---|---|",
        "| own mask | 0.900 (0.800) | 0.900 (0.800) |",
        "| random | 0.900 (0.800) | 0.900 (0.800) |",
    ]


def test_channels_are_rows(explanations: dict[str, object]) -> None:
    rows = channel_table(explanations).splitlines()[2:]
    assert rows == [
        "| Kazius toxicophores | house | 100 % | – | 25 % | 30 % |",
        "| ba2motifs | house | 100 % | – | 25 % | 30 % |",
    ]
