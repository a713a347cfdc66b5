"""The single edits of vgd_counterfactuals, in its own environment.

Its generator also draws and stores every result; here its neighbourhood alone is asked about, which takes less time.
"""

from __future__ import annotations

from vgd_counterfactuals.generate.molecules import get_neighborhood  # type: ignore[import-not-found]

from benchmarks.peers.counterfactual_exchange import Asked, serve


def search(start: str, ask: Asked, seconds: float) -> None:
    """All single edits, in one batch; the time that is given does not bound it."""
    del seconds
    ask(sorted({neighbour["value"] for neighbour in get_neighborhood(start)}))


if __name__ == "__main__":
    serve(search)
