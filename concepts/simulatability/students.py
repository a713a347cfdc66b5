"""Small students that learn the same few graphs, many of them in one program: every weight has a leading axis S.

Two kinds, both of one stack of message-passing layers with residuals:

- "megan": each of K channels has its own attention, a sigmoid of a sum of what both ends and the edge say, which weighs
  the channel's messages; the mean of its logits over the layers is the edge mask, a logit of the last node states the
  node mask, and the masked sums of the node states are all that the head sees. After MEGAN, Teufel et al. 2023,
  doi 10.1007/978-3-031-44067-0_18, made smaller.
- "gcn": unweighted messages and plain sums. Its masks are input x gradient of the channel's evidence, with a learned
  scale and offset, and learning from masks differentiates through the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from concepts.simulatability.edge_sums import weighted_sum
from concepts.simulatability.student_graphs import Pool, StackedGraphs

StudentKind = Literal["megan", "gcn"]
KINDS: Final[tuple[StudentKind, ...]] = ("megan", "gcn")
Weights = dict[str, Tensor]

POOLED: Final = 4.0
"""Sums over nodes are divided by this, about the size of a motif, so that the head sees numbers near 1."""


@dataclass(frozen=True, slots=True)
class StudentShape:
    """What all students of a comparison have in common."""

    kind: StudentKind
    node_columns: int
    edge_columns: int
    channels: int
    outputs: int
    layers: int = 3
    width: int = 8
    """Node state per channel."""
    head: int = 32
    """Hidden size of the head."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"student is {self.kind!r}; expected one of {', '.join(KINDS)}")
        for field in ("layers", "width", "head"):
            if getattr(self, field) < 1:
                raise ValueError(f"StudentShape.{field} is {getattr(self, field)}; expected at least 1")


@dataclass(frozen=True, slots=True)
class Answers:
    """What S students say about their graphs."""

    output: Tensor
    """Shape (S, G, outputs)."""
    node_logits: Tensor
    """Shape (S, N, K): of the node masks."""
    link_logits: Tensor
    """Shape (P,): of the edge masks, the same for both directions of an edge."""


def shape_for(pool: Pool, kind: StudentKind, layers: int = 3, width: int = 8) -> StudentShape:
    """The shape of students of a pool."""
    return StudentShape(
        kind, pool.nodes.shape[1], pool.edges.shape[1], pool.channels, pool.outputs, layers=layers, width=width
    )


def initial_weights(shape: StudentShape, seeds: list[list[int]]) -> Weights:
    """Weights of S students; the same seed gives the same student.

    Parameters
    ----------
    seeds
        One list of numbers a student.
    """
    return {
        name: torch.stack([student[name] for student in drawn])
        for drawn in [[_one_student(shape, seed) for seed in seeds]]
        for name in drawn[0]
    }


def ask_students(shape: StudentShape, weights: Weights, graphs: StackedGraphs, masks: bool = True) -> Answers:
    """One forward pass of all students.

    Parameters
    ----------
    masks
        Whether the masks are wanted; a "gcn" without them saves the second pass, and their logits are 0.
    """
    first = torch.baddbmm(weights["first.bias"], graphs.nodes, weights["first"])
    if shape.kind == "megan":
        return _attend(shape, weights, graphs, first)
    return _convolve(shape, weights, graphs, first, masks)


def _attend(shape: StudentShape, weights: Weights, graphs: StackedGraphs, state: Tensor) -> Answers:
    s, _, n = graphs.shape
    k, links = shape.channels, graphs.links
    width = k * shape.width
    logits = torch.zeros(())
    for layer in range(shape.layers):
        mixed = torch.baddbmm(weights[f"{layer}.bias"], state, weights[f"{layer}.mix"])
        at_destination, at_source = (mixed[:, :, width + i * k : width + (i + 1) * k].reshape(-1) for i in range(2))
        logit = at_destination.index_select(0, links.rows) + at_source.index_select(0, links.columns)
        if shape.edge_columns:
            of_edges = torch.bmm(graphs.edges, weights[f"{layer}.edge"]).view(-1)
            logit = logit + of_edges.index_select(0, graphs.edge_of_link)
        messages = weighted_sum(links, torch.sigmoid(logit), mixed[:, :, :width].reshape(-1, shape.width))
        state = state + F.leaky_relu(messages.view(s, n, width))
        logits = logits + logit / shape.layers
    nodes = torch.baddbmm(weights["mask.bias"], state, weights["mask"])
    pooled = weighted_sum(
        graphs.members,
        torch.sigmoid(nodes).view(-1).index_select(0, graphs.members.columns),
        state.view(-1, shape.width),
    )
    return Answers(
        output=_head(weights, pooled.view(s, -1, width)),
        node_logits=nodes,
        link_logits=0.5 * (logits + logits.index_select(0, links.there)),
    )


def _convolve(shape: StudentShape, weights: Weights, graphs: StackedGraphs, first: Tensor, masks: bool) -> Answers:
    s, _, n = graphs.shape
    k, width = shape.channels, shape.channels * shape.width
    if masks:
        first = first if first.requires_grad else first.requires_grad_()
    strength = torch.ones(len(graphs.links.rows), requires_grad=masks)
    state = first
    for layer in range(shape.layers):
        mixed = torch.baddbmm(weights[f"{layer}.bias"], state, weights[f"{layer}.mix"])
        passed = strength
        if shape.edge_columns:
            of_edges = torch.bmm(graphs.edges, weights[f"{layer}.edge"]).view(-1)
            passed = strength * (1 + of_edges.index_select(0, graphs.edge_of_link))
        messages = weighted_sum(graphs.links, passed, mixed.reshape(-1, shape.width))
        state = state + F.leaky_relu(messages.view(s, n, width))
    ones = torch.ones(len(graphs.members.rows))
    output = _head(weights, weighted_sum(graphs.members, ones, state.view(-1, shape.width)).view(s, -1, width))
    if not masks:
        return Answers(output, torch.zeros(s, n, k), torch.zeros(len(strength)))
    nodes, edges = [], []
    n_edges = graphs.edge_rows.numel()
    edge_of_link = graphs.edge_of_link // k
    for channel in range(k):
        speaks = _evidence(output, channel, shape.outputs == 1).sum()
        slopes = torch.autograd.grad(speaks, [first, strength], create_graph=torch.is_grad_enabled(), retain_graph=True)
        nodes.append((first * slopes[0]).sum(2))
        # An edge carries both directions and all columns of the state, which here are K links each.
        edges.append(torch.zeros(n_edges).index_add(0, edge_of_link, slopes[1]).view(s, -1))
    scale, offset = weights["scale"].exp(), weights["offset"]
    on_edges = torch.stack(edges, dim=2) * scale[:, :, 1:] + offset[:, :, 1:]
    return Answers(
        output,
        torch.stack(nodes, dim=2) * scale[:, :, :1] + offset[:, :, :1],
        on_edges.reshape(-1).index_select(0, graphs.edge_of_link),
    )


def _evidence(output: Tensor, channel: int, regression: bool) -> Tensor:
    """Log-odds of the channel's class, or the value in the channel's direction; (S, G)."""
    if regression:
        return output[:, :, 0] * (2 * channel - 1)
    others = [k for k in range(output.shape[2]) if k != channel]
    return output[:, :, channel] - torch.logsumexp(output[:, :, others], dim=2)


def _head(weights: Weights, pooled: Tensor) -> Tensor:
    hidden = F.silu(torch.baddbmm(weights["hidden.bias"], pooled / POOLED, weights["hidden"]))
    return torch.baddbmm(weights["last.bias"], hidden, weights["last"])


def _one_student(shape: StudentShape, seed: list[int]) -> Weights:
    generator = torch.Generator().manual_seed(_one_number(seed))
    k, width = shape.channels, shape.channels * shape.width
    mixed = width + (2 * k if shape.kind == "megan" else 0)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> Tensor:
        drawn: Tensor = torch.randn(rows, columns, generator=generator) * (scale / max(rows, 1) ** 0.5)
        return drawn

    weights = {
        "first": matrix(shape.node_columns, width, shape.node_columns**0.5 / 2),
        "first.bias": torch.zeros(1, width),
    }
    for layer in range(shape.layers):
        weights[f"{layer}.mix"] = matrix(width, mixed)
        weights[f"{layer}.bias"] = torch.zeros(1, mixed)
        if shape.edge_columns:
            weights[f"{layer}.edge"] = matrix(shape.edge_columns, k, 0.3)
    if shape.kind == "megan":
        weights |= {"mask": matrix(width, k), "mask.bias": torch.zeros(1, k)}
    else:
        weights |= {"scale": torch.zeros(1, 2), "offset": torch.full((1, 2), -1.0)}
    weights |= {"hidden": matrix(width, shape.head), "hidden.bias": torch.zeros(1, shape.head)}
    weights |= {"last": matrix(shape.head, shape.outputs), "last.bias": torch.zeros(1, shape.outputs)}
    return weights


def _one_number(seed: list[int]) -> int:
    return int(np.random.SeedSequence(seed).generate_state(1, dtype=np.uint64)[0] >> np.uint64(1))
