"""Markdown tables about concepts: what ships, whether motifs and toxicophores are found, and what is on no list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from benchmarks.explanation_tables import share
from benchmarks.toxicophore_concepts import LEAST_MOLECULES
from concepts.storage import load_concepts, shipped_concepts

Measured = Mapping[str, Any]
MOTIF_SETS: Final = ("rb_dual_motifs", "ba2motifs")


def shipped_table() -> str:
    """One row a channel of every shipped set."""
    rows = [
        "| task | channel | molecules with something to say | concepts | found again in most resamples "
        "| matching no known alert | molecules in a concept |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in shipped_concepts():
        found = load_concepts(name)
        for k, channel in enumerate(found.channels):
            own = found.of_channel(k)
            cells = [
                f"{found.passed[k]:,}",
                str(len(own)),
                str(sum(concept.stable for concept in own)),
                str(sum(not concept.known_alerts for concept in own)),
                share(1 - found.unclustered[k] / found.passed[k]) if found.passed[k] else "–",
            ]
            rows.append(f"| {name} | {channel} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def motif_table(measured: Measured) -> str:
    """One row a channel of the drawn sets."""
    rows = [
        "| set | channel | motifs that have a concept of their own | concepts | mixed or of no motif | graphs in one |",
        "|---|---|---|---|---|---|",
    ]
    for name in MOTIF_SETS:
        for channel, row in measured[name].items():
            there = [motif for motif, found in row["motifs_found"].items() if found]
            rows.append(
                f"| {name} | {channel} | {', '.join(there)} ({len(there)} of {len(row['motifs_found'])}) "
                f"| {len(row['concepts'])} | {row['spurious']} | {share(row['in_a_concept'])} |"
            )
    return "\n".join(rows)


def toxicophore_table(measured: Measured) -> str:
    """One row a published toxicophore with enough molecules."""
    found = measured["mutagenicity"]
    rows = ["| toxicophore | molecules | concepts of it | share of its molecules in them |", "|---|---|---|---|"]
    listed = sorted(found["toxicophores"].items(), key=lambda entry: -entry[1]["molecules"])
    for name, row in listed:
        if row["molecules"] >= LEAST_MOLECULES:
            precise = row["precise_concepts"]
            rows.append(
                f"| {name} | {row['molecules']:,} | {len(precise) or 'none'} | "
                f"{share(row['coverage']) if precise else '–'} |"
            )
    return "\n".join(rows)


def idea_table(measured: Measured) -> str:
    """Concepts that match no published alert, by what the test split measured of their members."""
    rows = [
        "| concept | molecules | measured mutagenic | of those on the test split | found again in |",
        "|---|---|---|---|---|",
    ]
    for row in measured["mutagenicity"]["unexplained"]:
        tested = f"{share(row['hit_rate_test'])} of {row['tested']}" if row["tested"] else "none there"
        cells = [f"{row['members']:,}", share(row["hit_rate"]), tested, share(row["stability"])]
        rows.append(f"| {row['name']} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def judgement_table(measured: Measured, prototypes: Measured) -> str:
    """Single numbers: how much concepts explain, whether another member has the same, and what finding them costs."""
    found, searched = measured["mutagenicity"], prototypes["mutagenicity"]
    explains = found["membership_explains"]
    agreement = ", ".join(f"{row['adjusted_rand']:.2f} {name}" for name, row in found["members"].items())
    rows = [
        "| on Ames | measured | by |",
        "|---|---|---|",
        f"| toxicophores of {LEAST_MOLECULES} or more molecules that have a concept | "
        f"{found['rediscovered_of_30']} of {found['toxicophores_of_30']} | `python -m benchmarks.concepts` |",
        f"| verdicts on test molecules that a linear model finds from nearness to the nearest concepts alone "
        f"| {share(explains['nearest_by_nearness'])} (commoner verdict: {share(explains['commoner_verdict'])}) "
        "| the same |",
        f"| the same from membership, where a molecule is in a concept ({share(explains['test_in_some_concept'])}) "
        f"| {share(explains['inside_of_those'])} | the same |",
        f"| adjusted Rand index between the concepts of two members of the committee | {agreement} | the same |",
        f"| finding and naming, {found['molecules']:,} molecules | {found['seconds']:.0f} s, "
        f"{found['peak_megabytes']:,} MB | the same |",
        f"| prototypes of a concept, population {searched['population']}, {searched['rounds']} rounds "
        f"| {searched['cpu_s_median']:.1f} CPU seconds, slowest {searched['cpu_s_slowest']:.1f} "
        f"({searched['concepts']} concepts) | `python -m benchmarks.prototypes` |",
        f"| heavy atoms of the smallest prototype, and of its concept's members, median "
        f"| {searched['atoms_of_smallest_median']:.0f}, {searched['atoms_of_members_median']:.0f} | the same |",
        f"| prototypes that parse, lie in their concept, and have its verdict when asked as a user would "
        f"| {', '.join(share(searched[name]) for name in ('valid_share', 'inside_share', 'own_verdict_share'))} "
        "| the same |",
    ]
    return "\n".join(rows)
