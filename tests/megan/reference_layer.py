"""The attention layer as its equations say, one edge at a time; a slow reference for tests."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from megan.graph import GraphBatch
from megan.layers import AttentionLayer


def reference_forward(layer: AttentionLayer, graph: GraphBatch, state: Tensor) -> tuple[Tensor, Tensor]:
    """State and attention logits after one layer in evaluation mode."""
    edges = list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True))
    gathered = torch.zeros_like(state)
    logits = []
    for number, (j, i) in enumerate(edges):
        around_j = sum((state[a] for a, b in edges if b == j), torch.zeros_like(state[0]))
        bond = layer.from_bond.weight[graph.bond_kinds[graph.kind_of_edge[number]]].sum(0)
        joined = torch.cat([state[j], around_j])
        z = layer.from_source.weight @ joined + layer.from_destination.weight @ state[i] + bond
        norm = layer.norm_edge
        assert norm.running_mean is not None
        assert norm.running_var is not None
        z = (z - norm.running_mean) / torch.sqrt(norm.running_var + norm.eps) * norm.weight + norm.bias
        z = F.leaky_relu(z, 0.01)
        logit = layer.attention.weight[0] @ z[layer.width :] + layer.attention.bias[0]
        gathered[i] += torch.sigmoid(logit) * z[: layer.width]
        logits.append(logit)
    rows = []
    for i in range(len(state)):
        u = layer.update.weight @ torch.cat([gathered[i], state[i]])
        norm = layer.norm_atom
        assert norm.running_mean is not None
        assert norm.running_var is not None
        u = (u - norm.running_mean) / torch.sqrt(norm.running_var + norm.eps) * norm.weight + norm.bias
        rows.append(F.leaky_relu(u, 0.01) + state[i])
    return torch.stack(rows), torch.stack(logits)
