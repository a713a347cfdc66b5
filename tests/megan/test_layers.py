"""The layer against its slow reference."""

from __future__ import annotations

import torch

from datasets.featurize import featurize
from megan.graph import graph_batch
from megan.layers import AttentionLayer
from tests.megan.reference_layer import reference_forward


def layer_with_history() -> AttentionLayer:
    """A layer whose batch statistics are not the initial ones."""
    torch.manual_seed(3)
    layer = AttentionLayer(8, 4)
    graph = graph_batch(featurize(["CCOC(=O)c1ccccc1N", "CC#N", "C1CC1"]))
    for _ in range(3):
        layer(graph, torch.randn(len(graph.atoms), 8))
    return layer.eval()


def test_agrees_with_the_equations() -> None:
    layer = layer_with_history()
    graph = graph_batch(featurize(["CC(=O)Nc1ccccc1", "C", "[2H]O", "C/C=C/Cl"]))
    state = torch.randn(len(graph.atoms), 8)
    with torch.no_grad():
        fast = layer(graph, state)
        slow = reference_forward(layer, graph, state)
    for a, b in zip(fast, slow, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


def test_single_atoms_have_no_edges_and_train_all_the_same() -> None:
    layer = AttentionLayer(8, 4).train()
    graph = graph_batch(featurize(["C", "O"]))
    state, logit = layer(graph, torch.randn(2, 8))
    assert torch.isfinite(state).all()
    assert logit.shape == (0,)
