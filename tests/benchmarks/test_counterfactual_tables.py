"""The table of counterfactuals, from numbers made up here."""

from __future__ import annotations

from benchmarks.counterfactual_tables import counterfactual_table

TASK = {
    "molecules": 200, "flipped_share": 0.995, "one_edit_share": 0.86, "similarity_median": 0.695, "valid_share": 1.0,
    "sa_not_worse_share": 0.72, "in_domain_share": 0.95, "no_new_alert_share": 0.97, "diversity_median": 0.49,
    "predictions_median": 375.5, "wall_s_median": 0.97, "wall_s_slowest": 5.3,
    "measured_pairs": {"positives": 40, "share_in_first_ten": 0.225},
}  # fmt: skip


def test_tasks_stand_side_by_side() -> None:
    lines = counterfactual_table({"mutagenicity": TASK, "aggregation": TASK | {"flipped_share": 1.0}}).splitlines()
    assert lines[0] == "| of test molecules predicted positive | mutagenicity | aggregation |"
    assert "| flipped within 3 edits | 99.5 % | 100.0 % |" in lines
    assert "| seconds, median (slowest) | 1.0 (5.3) | 1.0 (5.3) |" in lines
    assert lines[-1].endswith("| 22 % of 40 | 22 % of 40 |")
