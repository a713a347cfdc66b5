"""Post-hoc methods on a network whose answer is known, and their invariances on the real one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rdkit import Chem
from torch import Tensor

from datasets.featurize import featurize, featurize_mols
from megan.graph import GraphBatch, graph_batch, sum_molecules
from megan.model import Megan, ModelOutput, ModelSettings
from megan.posthoc import (
    EXPLAINERS,
    Explainer,
    deletion_curves,
    evidence,
    gnn_explainer,
    gradients,
    integrated_gradients,
    own_mask,
    random_mask,
)
from tests.megan.test_model import trained_a_little

SMILES = ("CCO", "c1ccccc1N", "CC(=O)Cl", "O=[N+]([O-])c1ccccc1", "CCBr")
LEARNED = {name: method for name, method in EXPLAINERS.items() if method is not random_mask}


class Additive(Megan):
    """Log-odds of class 1 are the sum of the atoms' first features."""

    def forward(self, graph: GraphBatch, atoms: Tensor | None = None) -> ModelOutput:
        first = self.embed_atoms(graph) if atoms is None else atoms
        total = sum_molecules(graph, first[:, :1])
        output = total if self.settings.regression else torch.cat([torch.zeros_like(total), total], dim=1)
        mask = first[:, :1].expand(-1, 2)
        return ModelOutput(output, mask, first.new_zeros(graph.n_bonds, 2), first[:0], first[:0])


def oxygen_speaks(regression: bool = False, bonus: float = 4.0, malus: float = -2.0) -> Additive:
    """Each oxygen adds `bonus`, each nitrogen `malus`; atoms of other elements are silent."""
    model = Additive(ModelSettings(width=4, attention_width=4, projection=(4,), head=(4,), regression=regression))
    with torch.no_grad():
        model.embed.weight.zero_()
        model.embed.weight[8, 0] = bonus
        model.embed.weight[7, 0] = malus
    return model.eval()


@pytest.fixture(scope="module")
def model() -> Megan:
    return trained_a_little(ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,)), SMILES)


@pytest.mark.parametrize("method", [gradients, integrated_gradients])
def test_additive_evidence_is_given_back_exactly(method: Explainer) -> None:
    batch = featurize(["OCN"])
    assert method(oxygen_speaks(), batch, 1).tolist() == pytest.approx([4, 0, -2])
    assert method(oxygen_speaks(), batch, 0).tolist() == pytest.approx([-4, 0, 2])
    assert method(oxygen_speaks(regression=True), batch, 1).tolist() == pytest.approx([4, 0, -2])
    assert method(oxygen_speaks(regression=True), batch, 0).tolist() == pytest.approx([-4, 0, 2])


def test_learned_mask_keeps_what_speaks_for_the_class_and_drops_the_rest() -> None:
    oxygen, carbon, nitrogen = gnn_explainer(oxygen_speaks(), featurize(["OCN"]), 1)
    assert oxygen > 0.5
    assert max(carbon, nitrogen) < 0.1
    oxygen, carbon, nitrogen = gnn_explainer(oxygen_speaks(), featurize(["OCN"]), 0)
    assert nitrogen > 0.5
    assert max(carbon, oxygen) < 0.1


def test_learned_mask_of_a_value_keeps_what_makes_it() -> None:
    carbon, oxygen = gnn_explainer(oxygen_speaks(regression=True), featurize(["CO"]), 1)
    assert oxygen > 0.8
    assert carbon < 0.1


def test_one_channel_a_molecule_can_be_asked_for() -> None:
    batch = featurize(["O", "O"])
    assert gradients(oxygen_speaks(), batch, np.array([0, 1])).tolist() == pytest.approx([-4, 4])


def test_integrated_gradients_add_up_to_the_evidence(model: Megan) -> None:
    batch = featurize(SMILES)
    scores = integrated_gradients(model, batch, 1, steps=200)
    graph = graph_batch(batch)
    channel = torch.ones(len(batch), dtype=torch.int64)
    with torch.no_grad():
        first = model.embed_atoms(graph)
        moved = evidence(model, model(graph).output, channel) - evidence(
            model, model(graph, torch.zeros_like(first)).output, channel
        )
    sums = np.add.reduceat(scores, batch.atom_offsets[:-1])
    assert sums == pytest.approx(moved.numpy(), abs=0.02 * float(moved.abs().max()) + 1e-3)


def test_evidence_is_the_log_odds_against_all_other_classes() -> None:
    three = Megan(ModelSettings(channels=3, width=4, attention_width=4, projection=(4,), head=(4,)))
    output = torch.tensor([[1.0, 2.0, 0.5]])
    found = evidence(three, output, torch.tensor([1]))
    assert torch.sigmoid(found).item() == pytest.approx(torch.softmax(output, 1)[0, 1].item())


def test_own_mask_is_the_channel_of_the_forward_pass(model: Megan) -> None:
    batch = featurize(SMILES)
    with torch.no_grad():
        mask = model(graph_batch(batch)).node_importance.numpy()
    assert own_mask(model, batch, 0) == pytest.approx(mask[:, 0])
    assert own_mask(model, batch, 1) == pytest.approx(mask[:, 1])


@pytest.mark.parametrize("method", LEARNED.values(), ids=LEARNED)
def test_molecules_do_not_touch_each_other(method: Explainer, model: Megan, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = featurize(SMILES)
    together = method(model, batch, 1)
    alone = np.concatenate([method(model, batch.select([g]), 1) for g in range(len(batch))])
    monkeypatch.setattr("megan.posthoc.MOLECULES", 2)
    in_passes = method(model, batch, 1)
    assert together == pytest.approx(alone, abs=2e-3)
    assert together == pytest.approx(in_passes, abs=2e-3)


@pytest.mark.parametrize("method", LEARNED.values(), ids=LEARNED)
def test_scores_move_with_their_atoms(method: Explainer, model: Megan) -> None:
    mol = Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1")
    order = np.random.default_rng(2).permutation(mol.GetNumAtoms()).tolist()
    straight = method(model, featurize_mols([mol]), 1)
    moved = method(model, featurize_mols([Chem.RenumberAtoms(mol, order)]), 1)
    assert moved == pytest.approx(straight[order], abs=2e-3)


def test_a_random_mask_is_decided_by_its_seed() -> None:
    batch = featurize(["CCO"])
    model = oxygen_speaks()
    assert random_mask(model, batch, 1).tolist() == random_mask(model, batch, 0).tolist()
    assert random_mask(model, batch, 1, seed=1).tolist() != random_mask(model, batch, 1).tolist()


def test_deletion_takes_the_highest_scores_first() -> None:
    batch = featurize(["OCCO", "C"])
    right = deletion_curves(oxygen_speaks(), batch, 1, np.array([0.9, 0.1, 0.2, 0.8, 0.5]), steps=4)
    wrong = deletion_curves(oxygen_speaks(), batch, 1, np.array([0.1, 0.9, 0.8, 0.2, 0.5]), steps=4)
    odds = 1 / (1 + np.exp(-np.array([8.0, 4.0, 0.0])))
    assert right[0] == pytest.approx([odds[0], odds[1], odds[2], odds[2], odds[2]])
    assert wrong[0] == pytest.approx([odds[0], odds[0], odds[0], odds[1], odds[2]])
    assert right[1] == pytest.approx([0.5] * 5)


def test_deletion_of_a_value_falls_in_the_direction_of_the_channel() -> None:
    curve = deletion_curves(oxygen_speaks(regression=True), featurize(["ON"]), 0, np.array([0.0, 1.0]), steps=2)
    assert curve[0].tolist() == pytest.approx([-2, -4, 0])


def test_wrong_use_is_named(model: Megan) -> None:
    batch = featurize(["CCO"])
    with pytest.raises(ValueError, match="channel spans 2..2; expected 0..1"):
        gradients(model, batch, 2)
    with pytest.raises(ValueError, match=r"scores have shape \(2,\); expected \(3,\)"):
        deletion_curves(model, batch, 1, np.zeros(2))
    for method in (integrated_gradients, gnn_explainer):
        with pytest.raises(ValueError, match="steps is 0; expected at least 1"):
            method(model, batch, 1, steps=0)
    untrained = Megan(model.settings)
    with pytest.raises(ValueError, match="model is in training mode"):
        gradients(untrained, batch, 1)


def test_no_molecules_no_scores(model: Megan) -> None:
    batch = featurize(["C"]).select([])
    for method in EXPLAINERS.values():
        assert method(model, batch, 1).shape == (0,)
