"""The fast way gives the numbers of the plain network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rdkit import Chem

from datasets.featurize import FlatBatch, featurize, featurize_mols
from megan import surroundings
from megan.fast_inference import answer, fold
from megan.graph import graph_batch
from megan.layers import AttentionLayer
from megan.model import Megan, ModelSettings
from megan.surroundings import find_surroundings

MORE = ("CC(=O)Nc1ccc(O)cc1Cl", "CCOC(=O)c1ccccc1N", "O=[N+]([O-])c1ccc(C)cc1", "CCOC(=O)c1ccccc1O", "CCO", "OCC")
SHAPES = (
    ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,)),
    ModelSettings(width=8, attention_width=4, projection=(8, 16), head=(8,), layers=1, regression=True),
    ModelSettings(width=8, attention_width=12, projection=(8,), head=(8, 8), layers=2, channels=3, node_gate=True),
    ModelSettings(width=8, attention_width=3, projection=(8,), head=(), layers=4),
    ModelSettings(width=8, attention_width=4, projection=(8, 12), head=(8,), layers=2, context=True),
)


def trained_a_little(settings: ModelSettings, batch: FlatBatch) -> Megan:
    """Batch statistics and weights away from their first values."""
    torch.manual_seed(1)
    model = Megan(settings)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    graph = graph_batch(batch)
    for _ in range(5):
        out = model(graph)
        loss = (out.output**2).sum() + out.embedding.sum() + out.node_importance.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


@pytest.fixture(scope="module")
def batch(odd_smiles: tuple[str, ...]) -> FlatBatch:
    return featurize([*odd_smiles, *MORE])


def assert_equal_to_plain(model: Megan, batch: FlatBatch, tolerance: float = 1e-5) -> None:
    with torch.inference_mode():
        plain = model(graph_batch(batch))
        without = model.without_channels(plain.embedding)
    fast = answer(model, batch, find_surroundings(batch, model.settings.layers))
    for name in ("output", "node_importance", "edge_importance", "embedding"):
        expected, got = getattr(plain, name), torch.as_tensor(getattr(fast, name))
        torch.testing.assert_close(got, expected, atol=tolerance, rtol=tolerance, msg=name)
    torch.testing.assert_close(fast.without, without, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("settings", SHAPES, ids=["classes", "regression", "gated", "deep", "context"])
def test_equals_the_plain_network(settings: ModelSettings, batch: FlatBatch) -> None:
    assert_equal_to_plain(trained_a_little(settings, batch), batch)


def test_equals_the_plain_network_on_fresh_molecules(batch: FlatBatch) -> None:
    model = trained_a_little(SHAPES[0], batch)
    for texts in (["C"], ["CCO"], ["[Na+].[Cl-]", "c1ccccc1Br"], []):
        if texts:
            assert_equal_to_plain(model, featurize(texts))
        else:
            assert len(answer(model, featurize([]), find_surroundings(featurize([]), 3)).output) == 0


@pytest.mark.parametrize("atoms", [1, 7, 50])
def test_the_size_of_a_block_changes_nothing(batch: FlatBatch, monkeypatch: pytest.MonkeyPatch, atoms: int) -> None:
    monkeypatch.setattr(surroundings, "BLOCK_ATOMS", atoms)
    assert_equal_to_plain(trained_a_little(SHAPES[0], batch), batch)


def test_molecules_without_atoms_stand_anywhere(batch: FlatBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "BLOCK_ATOMS", 1)
    assert_equal_to_plain(trained_a_little(SHAPES[0], batch), featurize(["", "CCO", "", "CN", ""]))


def test_a_cut_chain_is_no_equal_to_a_whole_one(batch: FlatBatch) -> None:
    """Molecules that differ only far from most atoms, where too short a reach would join classes."""
    model = trained_a_little(SHAPES[0], batch)
    tails = [f"CCCCCC{'C' * n}{end}" for n in range(8) for end in ("N", "O", "C(=O)O", "#N", "c1ccncc1", "Cl")]
    assert_equal_to_plain(model, featurize(tails))


def test_order_of_atoms_order_of_molecules_and_company_change_no_class_value(batch: FlatBatch) -> None:
    model = trained_a_little(SHAPES[0], batch)
    rng = np.random.default_rng(0)
    whole = answer(model, batch, find_surroundings(batch, 3))
    order = rng.permutation(len(batch))
    shuffled = answer(model, batch.select(order), find_surroundings(batch.select(order), 3))
    torch.testing.assert_close(shuffled.output, whole.output[order], atol=1e-6, rtol=1e-6)
    for text in MORE:
        mol = Chem.MolFromSmiles(text)
        turned = [int(i) for i in rng.permutation(mol.GetNumAtoms())]
        alone = featurize_mols([mol])
        other = featurize_mols([Chem.RenumberAtoms(mol, turned)])
        first, second = (answer(model, b, find_surroundings(b, 3)) for b in (alone, other))
        torch.testing.assert_close(first.output, second.output, atol=1e-6, rtol=1e-6)
        np.testing.assert_allclose(first.node_importance[turned], second.node_importance, atol=1e-6)


def test_folding_keeps_the_normalisation() -> None:
    torch.manual_seed(0)
    layer = AttentionLayer(4, 2)
    for norm in (layer.norm_edge, layer.norm_atom):
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
        norm.running_mean = torch.randn(norm.num_features)
        norm.running_var = torch.rand(norm.num_features) + 0.5
    layer.eval()
    with torch.inference_mode():
        folded = fold(layer, np.zeros(1, np.int32))
        state, around, gathered = torch.randn(3, 1, 4)
        source = torch.cat([state, around], dim=1) @ layer.from_source.weight.T
        plain = layer.norm_edge(source + layer.from_destination(around) + layer.from_bond.weight[[0, 6, 9, 19]].sum(0))
        of_state, of_around = state @ folded.below, around @ folded.below
        ours = of_state[:, :6] + of_around[:, 6:12] + of_around[:, 12:18] + torch.from_numpy(folded.bond[:1])
        torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-5)
        plain = layer.norm_atom(layer.update(torch.cat([gathered, state], dim=1)))
        ours = gathered @ folded.gathered + of_state[:, 18:] + torch.from_numpy(folded.kept_bias)
        torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-5)


def test_a_network_in_training_or_of_another_depth_is_refused(batch: FlatBatch) -> None:
    model = Megan(SHAPES[0])
    with pytest.raises(ValueError, match="model is in training mode"):
        answer(model, batch, find_surroundings(batch, 3))
    with pytest.raises(ValueError, match="surroundings have 2 levels; expected 3"):
        answer(model.eval(), batch, find_surroundings(batch, 2))
