"""exmol's counterfactuals by STONED (Wellawatte et al. 2022, doi 10.1039/d1sc05259d), in its own environment.

Its default preset, sampled in portions until the time is over. What it would show is its own choice: the nearest of
each of its clusters, then the nearest of all, without its filter for drug-likeness, which fails where too few pass.
"""

from __future__ import annotations

import dataclasses
import sys

import exmol  # type: ignore[import-not-found]

from benchmarks.peers.counterfactual_exchange import Asked, Start, serve

PORTION = 250
SHOWN = 5


def search(start: Start, ask: Asked, preset: str = "medium") -> list[str]:
    """Sample around a molecule; at least one portion, however little the time."""

    def verdicts(smiles: list[str]) -> list[float]:
        return [1.0 if p is None else float(p >= start.threshold) for p in ask(list(smiles))]

    examples = []
    portions = 0
    while True:
        sampled = exmol.sample_space(
            start.smiles, verdicts, batched=True, preset=preset, num_samples=PORTION, quiet=True
        )
        # Clusters are those of a portion.
        examples += [dataclasses.replace(e, cluster=(portions, e.cluster)) for e in sampled[portions > 0 :]]
        portions += 1
        if ask.spent() >= start.seconds:
            break
    chosen = exmol.cf_explain(examples, nmols=len(examples), filter_nondrug=False)[1:]
    return list(dict.fromkeys(e.smiles for e in chosen))[:SHOWN]


def narrow(start: Start, ask: Asked) -> list[str]:
    """The same with the preset that stays nearest: one mutation."""
    return search(start, ask, "narrow")


if __name__ == "__main__":
    if "--narrow" in sys.argv:
        serve(narrow, [argument for argument in sys.argv[1:] if argument != "--narrow"])
    else:
        serve(search)
