"""Training graphs of many students as one sparse graph: each student's graphs behind each other, padded by student.

Padding by student instead of by graph wastes a few per cent instead of a third, and lets every layer be one batched
matrix product over students, (S, N, in) x (S, in, out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from concepts.simulatability.edge_sums import Ints, Relation, relate
from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, Codes, Feature
from datasets.featurize import FlatBatch

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pool:
    """The G graphs that students draw from, with N nodes and M edges in all."""

    batch: FlatBatch
    nodes: Floats
    """Shape (N, F): one column for each code that occurs, 1 where a node has it."""
    edges: Floats
    """Shape (M, B): likewise."""
    labels: Floats
    """Shape (G,): class numbers as floats, or values in standard units."""
    channels: int
    """K of the masks."""
    regression: bool

    def __len__(self) -> int:
        return len(self.batch)

    @property
    def outputs(self) -> int:
        """One value for regression, else a logit per class."""
        return 1 if self.regression else self.channels


def pool_of(batch: FlatBatch, labels: npt.ArrayLike, channels: int, regression: bool) -> Pool:
    """Make a pool; values are brought to mean 0 and standard deviation 1.

    Raises
    ------
    ValueError
        If the labels are not one per graph, not finite, or all equal.
    """
    given = np.asarray(labels, dtype=np.float64)
    if given.shape != (len(batch),):
        raise ValueError(f"labels has shape {given.shape}; expected one per graph, ({len(batch)},)")
    if not np.isfinite(given).all():
        raise ValueError(f"the label of graph {int(np.flatnonzero(~np.isfinite(given))[0])} is not finite")
    if np.ptp(given) == 0:
        raise ValueError(f"all {len(batch)} graphs have the label {given[0]:g}; expected at least two different ones")
    if regression:
        given = (given - given.mean()) / given.std()
    return Pool(
        batch,
        _columns(batch.atoms, ATOM_FEATURES),
        _columns(batch.bonds, BOND_FEATURES),
        given.astype(np.float32),
        channels,
        regression,
    )


@dataclass(frozen=True, slots=True)
class StackedGraphs:
    """The graphs of S students, G each; N and M are the most nodes and edges that one of them has."""

    nodes: Tensor
    """Shape (S, N, F), zero in the padding."""
    edges: Tensor
    """Shape (S, M, B), zero in the padding."""
    labels: Tensor
    """Shape (S, G)."""
    links: Relation
    """Pairs (destination, source) in every channel: row (s * N + v) * K + k for node v of student s in channel k."""
    edge_of_link: Tensor
    """Shape (P,), int32: where a value (s, m, k) of a link's edge stands in a flat tensor of shape (S, M, K)."""
    student_of_link: Tensor
    """Shape (P,), int32."""
    members: Relation
    """Pairs (graph, node) in every channel: row (s * G + g) * K + k, columns as in `links`."""
    node_rows: Tensor
    """Shape (S, N), int64: row of each node in the pool, -1 in the padding."""
    edge_rows: Tensor
    """Shape (S, M), int64: row of each edge in the pool, -1 in the padding."""
    channels: int
    """K."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """S, G and N."""
        return len(self.nodes), self.labels.shape[1], self.nodes.shape[1]


def stack(pool: Pool, drawn: npt.ArrayLike) -> StackedGraphs:
    """Put the graphs of many students together.

    Parameters
    ----------
    drawn : (S, G) int
        Positions in the pool.
    """
    chosen = np.asarray(drawn, dtype=np.int64)
    n_students, n_graphs = chosen.shape
    node_counts = np.diff(pool.batch.atom_offsets)[chosen]
    edge_counts = np.diff(pool.batch.bond_offsets)[chosen]
    n_nodes, n_edges = int(node_counts.sum(axis=1).max()), int(edge_counts.sum(axis=1).max())
    node_rows = np.full((n_students, n_nodes), -1, dtype=np.int64)
    edge_rows = np.full((n_students, n_edges), -1, dtype=np.int64)
    ends, edges, graphs = [], [], []
    for s, own in enumerate(chosen):
        nodes_in_pool = _rows_of(pool.batch.atom_offsets, own)
        edges_in_pool = _rows_of(pool.batch.bond_offsets, own)
        node_rows[s, : len(nodes_in_pool)] = nodes_in_pool
        edge_rows[s, : len(edges_in_pool)] = edges_in_pool
        first = np.cumsum(node_counts[s]) - node_counts[s]
        shift = np.repeat(first - pool.batch.atom_offsets[own], edge_counts[s])
        ends.append(pool.batch.ends[edges_in_pool] + shift[:, None] + s * n_nodes)
        edges.append(np.arange(len(edges_in_pool)) + s * n_edges)
        graphs.append(np.repeat(np.arange(n_graphs), node_counts[s]) + s * n_graphs)
    both, flat_edges = np.concatenate(ends), np.concatenate(edges)
    k = pool.channels
    n_rows = n_students * n_nodes * k
    links, order = relate(
        _in_channels(np.concatenate([both[:, 1], both[:, 0]]), k),
        _in_channels(np.concatenate([both[:, 0], both[:, 1]]), k),
        n_rows,
        n_rows,
    )
    edge_of_link = _in_channels(np.concatenate([flat_edges, flat_edges]), k)[order]
    members, _ = relate(
        _in_channels(np.concatenate(graphs), k),
        _in_channels(np.flatnonzero(node_rows.reshape(-1) >= 0), k),
        n_students * n_graphs * k,
        n_rows,
    )
    return StackedGraphs(
        nodes=rows_at(pool.nodes, torch.from_numpy(node_rows)),
        edges=rows_at(pool.edges, torch.from_numpy(edge_rows)),
        labels=torch.from_numpy(pool.labels[chosen]),
        links=links,
        edge_of_link=torch.from_numpy(edge_of_link.astype(np.int32)),
        student_of_link=torch.from_numpy((edge_of_link // (n_edges * k)).astype(np.int32)),
        members=members,
        node_rows=torch.from_numpy(node_rows),
        edge_rows=torch.from_numpy(edge_rows),
        channels=k,
    )


def rows_at(values: Floats, rows: Tensor) -> Tensor:
    """Rows of pool values, (n, D), at (S, N) positions, zero where the position is -1; (S, N, D)."""
    padded = torch.from_numpy(np.concatenate([values, np.zeros((1, values.shape[1]), dtype=np.float32)]))
    return padded[torch.where(rows < 0, len(values), rows)]


def _in_channels(rows: Ints, channels: int) -> Ints:
    """Rows in every channel: r -> r * K + k, all of channel 0 first."""
    return np.concatenate([rows * channels + k for k in range(channels)])


def _rows_of(offsets: Ints, graphs: Ints) -> Ints:
    return np.concatenate([np.arange(offsets[g], offsets[g + 1]) for g in graphs.tolist()])


def _columns(codes: Codes, features: Sequence[Feature]) -> Floats:
    """One-hot columns of all codes that occur, without those of features that are the same everywhere; (n, F)."""
    found = [np.zeros((len(codes), 0), dtype=np.float32)]
    for column in range(len(features)):
        values = np.unique(codes[:, column])
        if len(values) > 1:
            found.append((codes[:, column, None] == values).astype(np.float32))
    return np.concatenate(found, axis=1)
