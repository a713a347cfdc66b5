"""exmol's counterfactuals by STONED (Wellawatte et al. 2022, doi 10.1039/d1sc05259d), in its own environment.

Its default preset, sampled in portions until the time is over.
"""

from __future__ import annotations

import time

import exmol  # type: ignore[import-not-found]

from benchmarks.peers.counterfactual_exchange import Asked, serve

PORTION = 250


def search(start: str, ask: Asked, seconds: float) -> None:
    """Sample around a molecule; at least one portion, however little the time."""
    end = time.perf_counter() + seconds

    def verdicts(smiles: list[str]) -> list[float]:
        return [1.0 if p is None else p for p in ask(list(smiles))]

    while True:
        exmol.sample_space(start, verdicts, batched=True, preset="medium", num_samples=PORTION, quiet=True)
        if time.perf_counter() >= end:
            return


if __name__ == "__main__":
    serve(search)
