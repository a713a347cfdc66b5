"""Coloured motifs, and random graphs into which they are set so that none can arise by accident.

Why none can: no motif has a grey node, a motif hangs on the base by one bond to a grey node, and every motif has a bond
between two strong colours, which the base never has. Without its grey nodes a graph falls apart, and each piece is
either one motif as it was drawn or a piece of base without such a bond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.explained import Bools
from datasets.featurize import FlatBatch

GREY, RED, BLUE, GREEN, YELLOW = range(1, 6)
"""Colours as codes of the feature "element", the one column that these graphs use."""
STRONG = (RED, BLUE)
BASE_SHARES = {GREY: 0.4, RED: 0.15, BLUE: 0.15, GREEN: 0.15, YELLOW: 0.15}
"""How often the base draws each colour; strong ones that would touch another strong one become grey."""
CAUSELESS = -1
"""Channel of nodes and edges that cause nothing."""


@dataclass(frozen=True, slots=True)
class Motif:
    """A small coloured graph."""

    name: str
    colours: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]


RED_TRIANGLE = Motif("red triangle", (RED, RED, RED, YELLOW), ((0, 1), (1, 2), (2, 0), (2, 3)))
RED_STAR = Motif("red star", (RED, RED, YELLOW, YELLOW), ((0, 1), (0, 2), (0, 3)))
BLUE_RING = Motif("blue ring", (BLUE, BLUE, GREEN, BLUE, GREEN), ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)))
BLUE_STAR = Motif("blue star", (BLUE, BLUE, BLUE, GREEN), ((0, 1), (0, 2), (0, 3)))
HOUSE = Motif("house", (GREY,) * 5, ((0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 4)))
CYCLE = Motif("cycle", (GREY,) * 5, ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)))


@dataclass(slots=True)
class Drawing:
    """A graph that is being drawn."""

    colours: list[int] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    node_channels: list[int] = field(default_factory=list)
    """The channel that each node is a cause in, or `CAUSELESS`."""
    edge_channels: list[int] = field(default_factory=list)

    def add_node(self, colour: int, channel: int = CAUSELESS) -> int:
        """Add a node without edges; its number is returned."""
        self.colours.append(colour)
        self.node_channels.append(channel)
        return len(self.colours) - 1

    def add_edge(self, a: int, b: int, channel: int = CAUSELESS) -> None:
        """Join two nodes."""
        self.edges.append((a, b))
        self.edge_channels.append(channel)

    def add_motif(self, motif: Motif, to: Sequence[int], channel: int, rng: np.random.Generator) -> None:
        """Draw a motif and join one of its nodes to one of `to`, both at random.

        Parameters
        ----------
        channel
            What the motif's nodes and inner edges cause, or `CAUSELESS`.
        """
        first = len(self.colours)
        for colour in motif.colours:
            self.add_node(colour, channel)
        for a, b in motif.edges:
            self.add_edge(first + a, first + b, channel)
        self.add_edge(first + int(rng.integers(len(motif.colours))), to[int(rng.integers(len(to)))])


def coloured_base(n: int, rng: np.random.Generator) -> Drawing:
    """A connected random graph of n nodes, one edge in seven closing a ring, whose first node is grey."""
    drawing = Drawing()
    drawing.add_node(GREY)
    neighbours: dict[int, set[int]] = {0: set()}
    for node in range(1, n):
        neighbours[node] = set()
        drawing.add_node(GREY)
        _join(drawing, neighbours, node, int(rng.integers(node)))
    for a, b in rng.integers(n, size=(n // 6, 2)).tolist():
        if a != b and b not in neighbours[a]:
            _join(drawing, neighbours, a, b)
    colours = rng.choice(list(BASE_SHARES), size=n, p=list(BASE_SHARES.values())).tolist()
    for node in range(1, n):
        strong_nearby = any(drawing.colours[other] in STRONG for other in neighbours[node])
        drawing.colours[node] = GREY if colours[node] in STRONG and strong_nearby else colours[node]
    return drawing


def preferential_base(n: int, rng: np.random.Generator) -> Drawing:
    """A grey Barabasi-Albert tree: each new node joins one that is drawn by its degree.

    Source: Barabasi and Albert 1999, doi 10.1126/science.286.5439.509.
    """
    drawing = Drawing()
    for node in range(n):
        drawing.add_node(GREY)
        if node:
            # Every edge counts both its ends, which draws a node in proportion to its degree.
            ends = [end for edge in drawing.edges for end in edge] or [0]
            drawing.add_edge(ends[int(rng.integers(len(ends)))], node)
    return drawing


def _join(drawing: Drawing, neighbours: dict[int, set[int]], a: int, b: int) -> None:
    drawing.add_edge(a, b)
    neighbours[a].add(b)
    neighbours[b].add(a)


@dataclass(frozen=True, slots=True)
class Finished:
    """Drawings as arrays, their nodes in random order so that no place tells what a node is."""

    batch: FlatBatch
    node_masks: tuple[Bools, ...]
    """Per graph (1, n_nodes, K)."""
    edge_masks: tuple[Bools, ...]
    """Per graph (1, n_edges, K)."""


def finish(drawings: Sequence[Drawing], channels: int, rng: np.random.Generator) -> Finished:
    """Shuffle the nodes of every drawing and put all into one batch.

    Parameters
    ----------
    channels
        Number K of channels.
    """
    offsets = np.cumsum([0, *(len(d.colours) for d in drawings)])
    edge_offsets = np.cumsum([0, *(len(d.edges) for d in drawings)])
    atoms = np.zeros((offsets[-1], len(ATOM_FEATURES)), dtype=np.uint8)
    ends = np.empty((edge_offsets[-1], 2), dtype=np.int64)
    node_masks, edge_masks = [], []
    for g, drawing in enumerate(drawings):
        order = rng.permutation(len(drawing.colours))
        place = np.argsort(order)
        atoms[offsets[g] : offsets[g + 1], 0] = np.array(drawing.colours)[order]
        ends[edge_offsets[g] : edge_offsets[g + 1]] = place[np.array(drawing.edges)] + offsets[g]
        node_masks.append(_one_hot(np.array(drawing.node_channels)[order], channels))
        edge_masks.append(_one_hot(np.array(drawing.edge_channels), channels))
    bonds = np.zeros((edge_offsets[-1], len(BOND_FEATURES)), dtype=np.uint8)
    return Finished(FlatBatch(atoms, bonds, ends, offsets, edge_offsets), tuple(node_masks), tuple(edge_masks))


def _one_hot(channel: npt.NDArray[np.int64], channels: int) -> Bools:
    masks: Bools = channel[:, None] == np.arange(channels)
    return masks[None]
