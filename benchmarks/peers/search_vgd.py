"""The edits of vgd_counterfactuals, in its own environment.

Its generator also draws and stores every result; here its neighbourhood alone is asked about, which takes less time.
The neighbours of the molecule come first, then, as long as the time lasts, theirs, in the order of its generator.
"""

from __future__ import annotations

from vgd_counterfactuals.generate.molecules import get_neighborhood  # type: ignore[import-not-found]

from benchmarks.peers.counterfactual_exchange import Asked, Start, serve

PORTION = 200
SHOWN = 5


def search(start: Start, ask: Asked) -> list[str]:
    """All single edits in one batch, then edits of what they made; shown are those that change the output most."""
    first = sorted({neighbour["value"] for neighbour in get_neighborhood(start.smiles)})
    before = ask([start.smiles])[0]
    said = dict(zip(first, ask(first), strict=True)) if first else {}
    waiting: dict[str, None] = {}
    for molecule in first:
        if ask.spent() >= start.seconds:
            break
        neighbours = (neighbour["value"] for neighbour in get_neighborhood(molecule))
        waiting.update((smiles, None) for smiles in neighbours if smiles not in said and smiles != start.smiles)
        while len(waiting) >= PORTION and ask.spent() < start.seconds:
            some = list(waiting)[:PORTION]
            said.update(zip(some, ask(some), strict=True))
            waiting = dict.fromkeys(list(waiting)[PORTION:])
    rest = list(waiting)[:PORTION]
    if rest and ask.spent() < start.seconds:
        said.update(zip(rest, ask(rest), strict=True))
    known = {smiles: p for smiles, p in said.items() if p is not None and p < start.threshold}
    return sorted(known, key=lambda smiles: (-abs(known[smiles] - (before or 0.0)), smiles))[:SHOWN]


if __name__ == "__main__":
    serve(search)
