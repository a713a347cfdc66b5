"""Do concepts reproduce motifs that were drawn on purpose? Groups beside what the graphs of a generated set hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from concepts.answers import mask_sizes
from concepts.clustering import find_groups, prepared
from concepts.concept import ExtractionSettings
from concepts.extraction import LEAST_CONTRIBUTION
from concepts.matching import NONE
from datasets.explained import ExplainedSet
from datasets.motifs import BLUE_RING, BLUE_STAR, CYCLE, HOUSE, RED_STAR, RED_TRIANGLE, Motif
from megan.generated_models import GeneratedModel, load_generated

MOTIFS: Final[dict[str, tuple[tuple[Motif, ...], ...]]] = {
    "rb_dual_motifs": ((RED_TRIANGLE, RED_STAR), (BLUE_RING, BLUE_STAR)),
    "ba2motifs": ((HOUSE,), (CYCLE,)),
}
"""By set, the motifs of each channel; they differ in nodes or edges."""
PURE: Final = 0.95
Composition = tuple[int, ...]
"""Copies of each motif of a channel."""


def compositions(graphs: ExplainedSet, channel: int, motifs: tuple[Motif, ...]) -> list[Composition]:
    """How many copies of each motif every graph holds, from the true masks.

    Raises
    ------
    ValueError
        If a true cause is none of the motifs.
    """
    batch = graphs.batch
    sizes = {(len(motif.colours), len(motif.edges)): place for place, motif in enumerate(motifs)}
    found = []
    for g in range(len(graphs)):
        nodes = np.flatnonzero(graphs.node_masks[g][0, :, channel])
        bonds = slice(batch.bond_offsets[g], batch.bond_offsets[g + 1])
        ends = (batch.ends[bonds] - batch.atom_offsets[g])[graphs.edge_masks[g][0, :, channel]]
        count = [0] * len(motifs)
        for piece, edges in _pieces(nodes, ends):
            if (piece, edges) not in sizes:
                raise ValueError(f"graph {g} has a cause of {piece} nodes and {edges} edges; expected {list(sizes)}")
            count[sizes[piece, edges]] += 1
        found.append(tuple(count))
    return found


def agreement(name: str, member: int = 0) -> dict[str, Any]:
    """Groups of a shipped model of a generated set beside its motifs.

    Parameters
    ----------
    name
        A key of `MOTIFS`.
    member
        Whose embeddings are grouped.
    """
    model = load_generated(name)
    graphs = model.graphs()
    order = (model.members[member], *model.members[:member], *model.members[member + 1 :])
    answer = GeneratedModel(model.task, model.card, order).ask(graphs.batch)
    regression = model.task.kind == "regression"
    scale = float(model.members[0].target_scale) if regression else 1.0
    settings = ExtractionSettings(
        threshold=LEAST_CONTRIBUTION * scale, own_verdict=not regression, least_members=10, neighbours=5,
        reduced_to=12, merge_within=0.15, most_points=20_000, resamples=0, seed=0, member=member,
    )  # fmt: skip
    logit = answer.outputs.mean(axis=0)
    sizes = mask_sizes(answer.node_importance, graphs.batch)
    result: dict[str, Any] = {}
    for k, motifs in enumerate(MOTIFS[name]):
        kept = (answer.fidelity[:, k] >= settings.threshold) & (sizes[:, k] > 0)
        if settings.own_verdict:
            kept &= (logit > 0) == (k == 1)
        rows = np.flatnonzero(kept)
        channel = prepared(answer.embedding[rows, k], settings.reduced_to)
        groups = find_groups(channel, settings)
        truth = compositions(graphs, k, motifs)
        held = [truth[row] for row in rows[channel.order]]
        result[graphs.channels[k]] = judged(groups.labels, held, motifs)
    return result


def judged(labels: npt.NDArray[np.int64], held: Sequence[Composition], motifs: tuple[Motif, ...]) -> dict[str, Any]:
    """Agreement of groups with compositions.

    Parameters
    ----------
    labels : (n,)
        Group of each graph, negative for none.
    held
        Composition of each.
    motifs
        What the compositions count.
    """
    texts = np.array([described(composition, motifs) for composition in held])
    inside = labels != NONE
    concepts = []
    for group in range(labels.max(initial=NONE) + 1):
        rows = np.flatnonzero(labels == group)
        (text, count), *_ = Counter(texts[rows].tolist()).most_common(1)
        kinds = Counter(tuple(place for place, n in enumerate(held[row]) if n) for row in rows.tolist())
        (kind, same_kind), *_ = kinds.most_common(1)
        concepts.append({
            "members": len(rows),
            "mostly": text,
            "purity": round(count / len(rows), 4),
            "kind": [motifs[place].name for place in kind],
            "kind_purity": round(same_kind / len(rows), 4),
        })  # fmt: skip
    pure = {tuple(c["kind"]) for c in concepts if c["kind_purity"] >= PURE}
    return {
        "graphs": len(labels),
        "in_a_concept": round(float(inside.mean()), 4) if len(labels) else 0.0,
        "adjusted_rand": round(float(adjusted_rand_score(texts[inside], labels[inside])), 4) if inside.any() else None,
        "motifs_found": {motif.name: (motif.name,) in pure for motif in motifs},
        "spurious": sum(not c["kind"] or c["kind_purity"] < PURE for c in concepts),
        "concepts": concepts,
    }


def described(composition: Composition, motifs: tuple[Motif, ...]) -> str:
    """A composition in words."""
    parts = [f"{n} {motif.name}" for n, motif in zip(composition, motifs, strict=True) if n]
    return " + ".join(parts) or "none"


def _pieces(nodes: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Nodes and edges of every connected piece."""
    root = {int(node): int(node) for node in nodes}

    def find(node: int) -> int:
        while root[node] != node:
            node = root[node]
        return node

    for a, b in ends.tolist():
        root[find(a)] = find(b)
    size = Counter(find(int(node)) for node in nodes)
    edges = Counter(find(a) for a, _ in ends.tolist())
    return [(n, edges[piece]) for piece, n in size.items()]
