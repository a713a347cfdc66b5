"""The batch graph: known answers on hand-made molecules, and DGL against torch scatter."""

from __future__ import annotations

import pytest
import torch

from datasets.atom_codes import BOND_FEATURES
from datasets.featurize import featurize
from megan import graph as module
from megan.graph import add_ends, graph_batch, max_at, max_molecules, sum_incoming, sum_molecules, sum_neighbours

needs_dgl = pytest.mark.skipif(module.dgl() is None, reason="DGL is not installed or hidden")


def test_every_bond_is_two_directed_edges() -> None:
    graph = graph_batch(featurize(["CO", "C", "CCN"]), use_dgl=False)
    assert graph.src.tolist() == [0, 3, 4, 1, 4, 5]
    assert graph.dst.tolist() == [1, 4, 5, 0, 3, 4]
    assert graph.molecule_of_atom.tolist() == [0, 0, 1, 2, 2, 2]


def test_known_sums_on_propane() -> None:
    graph = graph_batch(featurize(["CCC", "O"]), use_dgl=False)
    values = torch.tensor([[1.0], [10.0], [100.0], [7.0]])
    assert sum_neighbours(graph, values).flatten().tolist() == [10, 101, 10, 0]
    assert sum_molecules(graph, values).flatten().tolist() == [111, 7]
    assert max_molecules(graph, values.flatten()).tolist() == [100, 7]
    assert add_ends(graph, values, 2 * values).flatten().tolist() == [21, 210, 12, 120]


def test_maximum_of_incoming_and_outgoing_edges() -> None:
    graph = graph_batch(featurize(["CCC", "O"]), use_dgl=False)
    edges = torch.tensor([[0.1], [0.2], [0.3], [0.4]])  # 0->1, 1->2, 1->0, 2->1
    assert max_at(graph.dst, edges, 4).flatten().tolist() == pytest.approx([0.3, 0.4, 0.2, 0.0])
    assert max_at(graph.src, edges, 4).flatten().tolist() == pytest.approx([0.1, 0.3, 0.4, 0.0])


@needs_dgl
def test_dgl_and_scatter_agree_with_their_gradients(odd_smiles: tuple[str, ...]) -> None:
    batch = featurize(odd_smiles)
    results = []
    for use_dgl in (True, False):
        graph = graph_batch(batch, use_dgl=use_dgl)
        torch.manual_seed(0)
        values = torch.randn(len(graph.atoms), 5, requires_grad=True)
        edges = torch.tanh(add_ends(graph, values, values * 2))
        out = sum_incoming(graph, edges) * sum_neighbours(graph, values)
        out.sum().backward()
        assert values.grad is not None
        results.append((out.detach(), values.grad))
    for with_dgl, scattered in zip(*results, strict=True):
        torch.testing.assert_close(with_dgl, scattered)


def test_demanding_dgl_where_it_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "dgl", lambda: None)
    with pytest.raises(ValueError, match="use_dgl is True"):
        graph_batch(featurize(["CC"]), use_dgl=True)
    assert graph_batch(featurize(["CC"])).structure is None


def test_head_is_the_batch_of_the_first_molecules(odd_smiles: tuple[str, ...]) -> None:
    whole = graph_batch(featurize(odd_smiles), use_dgl=False).head(9)
    direct = graph_batch(featurize(odd_smiles[:9]), use_dgl=False)
    for field in ("atoms", "src", "dst", "atom_counts", "bond_counts", "molecule_of_atom"):
        assert torch.equal(getattr(whole, field), getattr(direct, field)), field
    assert torch.equal(whole.bond_kinds[whole.kind_of_edge], direct.bond_kinds[direct.kind_of_edge])


def test_every_edge_has_the_codes_of_its_bond(odd_smiles: tuple[str, ...]) -> None:
    batch = featurize(odd_smiles)
    graph = graph_batch(batch, use_dgl=False)
    offsets = torch.tensor([0, *(f.size for f in BOND_FEATURES[:-1])]).cumsum(0)
    codes = torch.from_numpy(batch.bonds).long() + offsets
    assert torch.equal(graph.bond_kinds[graph.kind_of_edge], torch.cat([codes, codes]))
    assert len(graph.bond_kinds) == len(torch.unique(codes, dim=0))
