"""One student trained by itself: graph by graph, with dense matrices, plain sums and torch's own losses."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from concepts.simulatability.student_graphs import Pool
from concepts.simulatability.student_training import Lesson, TrainingSettings
from concepts.simulatability.students import POOLED, StudentShape, Weights


def train_alone(
    pool: Pool, shape: StudentShape, weights: Weights, lesson: Lesson, graphs: list[int], settings: TrainingSettings
) -> Weights:
    """Weights after training; those given have no leading axis and are changed."""
    for weight in weights.values():
        weight.requires_grad_()
    optimizer = torch.optim.Adam(weights.values(), lr=settings.learning_rate)
    for _ in range(settings.epochs):
        optimizer.zero_grad()
        torch.autograd.backward(loss_alone(pool, shape, weights, lesson, graphs, settings.explanation))
        optimizer.step()
    return weights


def loss_alone(
    pool: Pool, shape: StudentShape, weights: Weights, lesson: Lesson, graphs: list[int], factor: float
) -> Tensor:
    """Labels and masks of one student."""
    answers = [answer_alone(pool, shape, weights, g) for g in graphs]
    labels = torch.tensor(pool.labels[graphs])
    output = torch.stack([output for output, _, _ in answers])
    loss = F.mse_loss(output[:, 0], labels) if shape.outputs == 1 else F.cross_entropy(output, labels.long())
    if lesson.masks is None:
        return loss
    for part, offsets, given, place in (
        ("nodes", pool.batch.atom_offsets, lesson.masks.nodes, 1),
        ("edges", pool.batch.bond_offsets, lesson.masks.edges, 2),
    ):
        if lesson.parts in ("both", part):
            wanted = torch.tensor(np.concatenate([given[offsets[g] : offsets[g + 1]] for g in graphs]))
            share = float(given.mean(dtype=np.float64))
            balance = wanted * 0.5 / share + (1 - wanted) * 0.5 / (1 - share)
            logits = torch.cat([answer[place] for answer in answers])
            loss = loss + factor * F.binary_cross_entropy_with_logits(logits, wanted, weight=balance)
    return loss


def answer_alone(pool: Pool, shape: StudentShape, weights: Weights, g: int) -> tuple[Tensor, Tensor, Tensor]:
    """Output (outputs,), node logits (n, K) and edge logits (m, K) of one graph."""
    atoms = slice(pool.batch.atom_offsets[g], pool.batch.atom_offsets[g + 1])
    bonds = slice(pool.batch.bond_offsets[g], pool.batch.bond_offsets[g + 1])
    ends = (pool.batch.ends[bonds] - pool.batch.atom_offsets[g]).tolist()
    nodes, edges = torch.tensor(pool.nodes[atoms]), torch.tensor(pool.edges[bonds])
    first = nodes @ weights["first"] + weights["first.bias"]
    alone = _attend if shape.kind == "megan" else _convolve
    return alone(shape, weights, first, edges, ends)


def _attend(
    shape: StudentShape, weights: Weights, state: Tensor, edges: Tensor, ends: list[list[int]]
) -> tuple[Tensor, Tensor, Tensor]:
    k, d = shape.channels, shape.width
    total = torch.zeros(len(ends), k)
    for layer in range(shape.layers):
        mixed = state @ weights[f"{layer}.mix"] + weights[f"{layer}.bias"]
        messages, at_destination, at_source = mixed.split([k * d, k, k], dim=1)
        of_edge = edges @ weights[f"{layer}.edge"] if shape.edge_columns else torch.zeros(len(ends), k)
        received = [torch.zeros(k * d) for _ in state]
        for e, (a, b) in enumerate(ends):
            for source, destination in ((a, b), (b, a)):
                logit = at_destination[destination] + at_source[source] + of_edge[e]
                weight = torch.sigmoid(logit).repeat_interleave(d)
                received[destination] = received[destination] + weight * messages[source]
                total = total + F.one_hot(torch.tensor(e), len(ends))[:, None] * logit / (2 * shape.layers)
        state = state + F.leaky_relu(torch.stack(received))
    logits = state @ weights["mask"] + weights["mask.bias"]
    pooled = (torch.sigmoid(logits).repeat_interleave(d, dim=1) * state).sum(0)
    return _head(weights, pooled), logits, total


def _convolve(
    shape: StudentShape, weights: Weights, first: Tensor, edges: Tensor, ends: list[list[int]]
) -> tuple[Tensor, Tensor, Tensor]:
    k, d = shape.channels, shape.width
    strength = torch.ones(len(ends), requires_grad=True)
    state = first
    for layer in range(shape.layers):
        mixed = state @ weights[f"{layer}.mix"] + weights[f"{layer}.bias"]
        of_edge = edges @ weights[f"{layer}.edge"] if shape.edge_columns else torch.zeros(len(ends), k)
        received = [torch.zeros(k * d) for _ in state]
        for e, (a, b) in enumerate(ends):
            for source, destination in ((a, b), (b, a)):
                weight = (strength[e] * (1 + of_edge[e])).repeat_interleave(d)
                received[destination] = received[destination] + weight * mixed[source]
        state = state + F.leaky_relu(torch.stack(received))
    output = _head(weights, state.sum(0))
    on_nodes, on_edges = [], []
    for channel in range(k):
        if shape.outputs == 1:
            speaks = output[0] * (2 * channel - 1)
        else:
            speaks = torch.logit(torch.softmax(output.double(), 0)[channel]).float()
        by_state, by_edge = torch.autograd.grad(speaks, [first, strength], create_graph=True)
        on_nodes.append((first * by_state).sum(1))
        on_edges.append(by_edge)
    scale, offset = weights["scale"][0].exp(), weights["offset"][0]
    return (
        output,
        torch.stack(on_nodes, 1) * scale[0] + offset[0],
        torch.stack(on_edges, 1) * scale[1] + offset[1],
    )


def _head(weights: Weights, pooled: Tensor) -> Tensor:
    hidden = F.silu((pooled / POOLED)[None] @ weights["hidden"] + weights["hidden.bias"])
    return (hidden @ weights["last"] + weights["last.bias"])[0]
