"""The table of counterfactuals, from numbers made up here."""

from __future__ import annotations

from benchmarks.counterfactual_tables import cause_table, counterfactual_table, peer_table

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


def test_other_tools_stand_below() -> None:
    row = {"flipped_share": 0.55, "similarity_median": 0.587, "sa_not_worse_share": 0.36, "predictions_median": 68.5,
           "seconds_median": 0.12, "in_domain_share": 0.9, "no_new_alert_share": 0.8,
           "diversity_median": 0.5}  # fmt: skip
    beside = {"own_beside_it": {"at_least_as_similar_share": 0.7, "both_flip": 100, "similarity_gap_median": 0.04}}
    lines = peer_table({"mutagenicity": {"tools": {"own": row, "exmol": row | beside}}}).splitlines()
    assert {line.count("|") for line in lines} == {12}
    same = "36 % | 90 % | 80 % | 0.50 | 68 | 0.1 |"
    assert lines[2:] == [
        f"| mutagenicity | WhyMol, the most similar of five | 55.0 % | 0.59 |  | {same}",
        f"| mutagenicity | exmol 3.3.0 (STONED) | 55.0 % | 0.59 | 70 % of 100 (+0.04) | {same}",
    ]


def test_causes_by_set_and_size_of_committee() -> None:
    row = {"flipped_share": 0.8, "cause_broken_share": 1.0, "cause_broken_share_first": 0.957,
           "single_edits_that_break_share": 0.03}  # fmt: skip
    assert cause_table({"benzene": {"committees": {"1": row}}}).splitlines()[2:] == [
        "| benzene | 1 | 80 % | 100 % | 96 % | 3 % |"
    ]
