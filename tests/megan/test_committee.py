"""Several members asked together, in passes of bounded size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from datasets.featurize import featurize
from megan import committee
from megan.committee import ask
from megan.model import Megan, ModelSettings

SHAPE = ModelSettings(width=8, attention_width=4, projection=(8,), head=(8,))


def members(n: int) -> list[Megan]:
    made = []
    for seed in range(n):
        torch.manual_seed(seed)
        made.append(Megan(SHAPE).eval())
    return made


def test_means_are_the_means_of_the_members(odd_smiles: tuple[str, ...]) -> None:
    batch = featurize(odd_smiles)
    both = ask(members(2), batch)
    first, second = (ask([m], batch) for m in members(2))
    np.testing.assert_allclose(both.outputs, np.concatenate([first.outputs, second.outputs]), atol=1e-6)
    np.testing.assert_allclose(both.node_importance, (first.node_importance + second.node_importance) / 2, atol=1e-6)
    np.testing.assert_allclose(both.fidelity, (first.fidelity + second.fidelity) / 2, atol=1e-6)
    np.testing.assert_allclose(both.embedding, first.embedding, atol=1e-6)


def test_the_size_of_a_pass_changes_nothing(odd_smiles: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    batch = featurize(odd_smiles)
    whole = ask(members(1), batch)
    monkeypatch.setattr(committee, "LARGEST_BATCH_ATOMS", 20)
    parts = ask(members(1), batch)
    for field in ("outputs", "node_importance", "edge_importance", "fidelity", "embedding"):
        np.testing.assert_allclose(getattr(whole, field), getattr(parts, field), atol=1e-4)


def test_no_molecules_is_no_error() -> None:
    answer = ask(members(2), featurize([]))
    assert answer.outputs.shape == (2, 0)
    assert answer.embedding.shape == (0, 2, 8)


def test_no_members_is_refused() -> None:
    with pytest.raises(ValueError, match="members is empty"):
        ask([], featurize(["C"]))
