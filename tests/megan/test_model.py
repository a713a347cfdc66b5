"""Properties of the network that make its masks an explanation."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from rdkit import Chem

from datasets.featurize import featurize, featurize_mols
from megan.graph import graph_batch
from megan.model import Megan, ModelSettings, damp

SETTINGS = ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,))
IN_CONTEXT = dataclasses.replace(SETTINGS, context=True)


def trained_a_little(settings: ModelSettings, smiles: tuple[str, ...]) -> Megan:
    """Batch statistics and weights away from their first values."""
    torch.manual_seed(1)
    model = Megan(settings)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    graph = graph_batch(featurize(smiles))
    for _ in range(5):
        out = model(graph)
        loss = (out.output**2).sum() + out.embedding.sum() + out.node_importance.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


@pytest.fixture(scope="module", params=[SETTINGS, IN_CONTEXT], ids=["local", "in context"])
def model(request: pytest.FixtureRequest, odd_smiles: tuple[str, ...]) -> Megan:
    return trained_a_little(request.param, odd_smiles)


def test_masks_lie_between_zero_and_one_and_one_channel_reaches_one(model: Megan, odd_smiles: tuple[str, ...]) -> None:
    graph = graph_batch(featurize(odd_smiles))
    with torch.inference_mode():
        out = model(graph)
    assert out.node_importance.shape == (len(graph.atoms), 2)
    assert out.edge_importance.shape == (graph.n_bonds, 2)
    for mask in (out.node_importance, out.edge_importance):
        assert mask.min() >= 0
        assert mask.max() <= 1
    for g in range(len(graph)):
        if graph.bond_counts[g]:
            assert out.node_importance[graph.molecule_of_atom == g].max() == pytest.approx(1.0, abs=1e-5)


def test_an_isolated_atom_gets_nothing(model: Megan) -> None:
    with torch.inference_mode():
        out = model(graph_batch(featurize(["[Na+].CC", "O"])))
    assert out.node_importance[0].tolist() == [0, 0]
    assert out.node_importance[3].tolist() == [0, 0]


def test_atom_order_changes_nothing(model: Megan, odd_smiles: tuple[str, ...]) -> None:
    rng = np.random.default_rng(5)
    for text in odd_smiles[:24]:
        mol = Chem.MolFromSmiles(text)
        order = [int(i) for i in rng.permutation(mol.GetNumAtoms())]
        with torch.inference_mode():
            before = model(graph_batch(featurize_mols([mol])))
            after = model(graph_batch(featurize_mols([Chem.RenumberAtoms(mol, order)])))
        torch.testing.assert_close(before.output, after.output, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(before.node_importance[order], after.node_importance, atol=1e-4, rtol=1e-3)


def test_company_in_the_batch_changes_nothing(model: Megan, odd_smiles: tuple[str, ...]) -> None:
    with torch.inference_mode():
        together = model(graph_batch(featurize(odd_smiles)))
        for g, text in enumerate(odd_smiles):
            alone = model(graph_batch(featurize([text])))
            torch.testing.assert_close(together.output[g : g + 1], alone.output, atol=1e-4, rtol=1e-4)


def test_an_atom_outside_all_masks_cannot_speak(model: Megan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("megan.model.damp", torch.zeros_like)
    with torch.inference_mode():
        out = model(graph_batch(featurize(["CCO", "c1ccccc1Br"])))
        silent = model.decide(model.silent()[None])
    torch.testing.assert_close(out.output, silent.expand(2, -1))


def test_context_starts_without_a_say_and_then_scales_what_the_masks_show(odd_smiles: tuple[str, ...]) -> None:
    torch.manual_seed(1)
    fresh = Megan(IN_CONTEXT).eval()
    taught = trained_a_little(IN_CONTEXT, odd_smiles)
    shown, sizes = torch.randn(2, 16), torch.tensor([[3.0], [9.0]])
    with torch.inference_mode():
        torch.testing.assert_close(fresh.speak(0, shown, torch.randn(2, 16), sizes), fresh.speak(0, shown))
        one, other = (taught.speak(0, shown, whole, sizes) for whole in (torch.zeros(2, 16), torch.full((2, 16), 40.0)))
        assert not torch.equal(one, other)
        moved = [part - taught.silent()[0] for part in (one, other, taught.speak(0, shown))]
        for part in moved[:2]:
            assert (torch.sign(part) == torch.sign(moved[2])).all()
            assert (part.abs() <= 2 * moved[2].abs()).all()


def test_leaving_a_channel_out_equals_an_empty_mask(model: Megan, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_batch(featurize(["CCO", "c1ccccc1Br"]))
    with torch.inference_mode():
        without = model.without_channels(model(graph).embedding)
        monkeypatch.setattr("megan.model.damp", lambda mask: damp(mask) * torch.tensor([0.0, 1.0]))
        direct = model(graph).output
    torch.testing.assert_close(without[:, 0], direct)


def test_a_channel_alone_is_the_network_with_the_other_masks_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Megan(ModelSettings(width=8, attention_width=4, projection=(8,), head=(8,))).eval()
    graph = graph_batch(featurize(["CCO", "c1ccccc1N"]))
    with torch.inference_mode():
        alone = model.only_channels(model(graph).embedding)
        monkeypatch.setattr("megan.model.damp", lambda mask: damp(mask) * torch.tensor([0.0, 1.0]))
        direct = model(graph).output
    torch.testing.assert_close(alone[:, 1], direct)
    assert alone.shape == (2, 2, 2)


def test_damping_silences_the_faint_and_leaves_the_clear() -> None:
    damped = damp(torch.tensor([0.0, 0.02, 0.2, 0.5, 1.0])).tolist()
    assert damped[0] == 0
    assert damped[1] < 0.001
    assert damped[2:] == pytest.approx([0.2, 0.5, 1.0], abs=0.005)


def test_regression_has_one_output_and_two_channels() -> None:
    model = Megan(ModelSettings(regression=True, width=8, attention_width=4, projection=(8,), head=(8,))).eval()
    out = model(graph_batch(featurize(["CCO", "CC"])))
    assert out.output.shape == (2, 1)
    assert out.node_importance.shape[1] == 2


@pytest.mark.parametrize(
    ("field", "value"), [("width", 0), ("layers", 0), ("channels", 1), ("dropout", 1.0), ("attention_width", 0)]
)
def test_a_bad_shape_is_named(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"ModelSettings.{field} is {value}"):
        ModelSettings(**{field: value})  # type: ignore[arg-type]
