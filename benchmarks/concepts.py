"""Are concepts true? Beside motifs that were drawn on purpose, and beside the toxicophores of Ames.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.concepts [--sets mutagenicity]
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.explanations import kept
from benchmarks.motif_agreement import MOTIFS, agreement
from benchmarks.results_file import RESULTS, write_result
from benchmarks.toxicophore_concepts import explained_by_membership, rediscovered, same_concepts, unexplained
from concepts.answers import answers
from concepts.extraction import default_settings, extract
from datasets.sources import load_table
from megan.predictor import Predictor

SETS = (*MOTIFS, "mutagenicity")


def mutagenicity(bundle: str | Path = "mutagenicity") -> dict[str, Any]:
    """Everything that is measured on Ames."""
    predictor = Predictor.load(bundle)
    table = load_table(predictor.task)
    settings = default_settings(predictor, len(table))
    started = time.perf_counter()
    found = extract(predictor, table, settings, data=predictor.task.table)
    seconds = time.perf_counter() - started
    other = extract(predictor, table, replace(settings, member=1, resamples=0), data=predictor.task.table)
    asked = answers(predictor, table)
    assert predictor.threshold is not None
    return {
        "molecules": found.n_molecules,
        "seconds": round(seconds, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "concepts": {name: len(found.of_channel(k)) for k, name in enumerate(found.channels)},
        "stable": round(sum(concept.stable for concept in found) / max(1, len(found)), 4),
        **rediscovered(found, asked.smiles),
        "unexplained": unexplained(found),
        "membership_explains": explained_by_membership(found, asked, predictor.threshold),
        "members": same_concepts(found, other, asked.smiles),
    }


def lines(measured: dict[str, Any]) -> list[str]:
    """The result for the terminal."""
    told = []
    for name in MOTIFS:
        for channel, row in measured.get(name, {}).items():
            motifs = ", ".join(
                f"{motif} {'found' if is_there else 'missing'}" for motif, is_there in row["motifs_found"].items()
            )
            told.append(
                f"{name} {channel}: {motifs}; {len(row['concepts'])} concepts, {row['spurious']} of no motif; "
                f"adjusted Rand {row['adjusted_rand']}, {row['in_a_concept']:.0%} of {row['graphs']:,} in one"
            )
    if "mutagenicity" in measured:
        row = measured["mutagenicity"]
        told += [
            f"mutagenicity: {row['concepts']} in {row['seconds']} s and {row['peak_megabytes']} MB",
            f"toxicophores rediscovered: {row['rediscovered_of_30']} of {row['toxicophores_of_30']}, mean coverage "
            f"{row['mean_coverage_of_30']}; enriched: {row['enriched_of_20']} of {row['toxicophores_of_20']}",
            f"membership explains: {row['membership_explains']}",
            f"between members: {row['members']}",
            f"unexplained: {len(row['unexplained'])}",
        ]
        told += [f"  {name}: {entry}" for name, entry in row["toxicophores"].items()]
        told += [f"  {entry}" for entry in row["unexplained"]]
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Extract, judge, print and write; each set's numbers are kept as soon as they are there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.concepts", description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, help="which sets; numbers of others are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the json")
    chosen = parser.parse_args(arguments)
    measured = kept(chosen.results / "concepts.json")
    for name in chosen.sets:
        try:
            measured[name] = agreement(name) if name in MOTIFS else mutagenicity()
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"{name}: {error}") from error
        path = write_result("concepts", "python -m benchmarks.concepts", measured, chosen.results)
    print("\n".join(lines({name: measured[name] for name in chosen.sets})))
    print(path)


if __name__ == "__main__":
    main()
