"""Several members asked together, in passes of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from datasets.featurize import FlatBatch, featurize
from megan import committee
from megan.committee import CommitteeOutput, ask, ask_plainly, prepare
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


@pytest.mark.parametrize("regression", [False, True])
def test_asking_by_surroundings_gives_the_plain_answer(odd_smiles: tuple[str, ...], regression: bool) -> None:
    batch = featurize(odd_smiles)
    asked = [Megan(replace(SHAPE, regression=regression)).eval() for _ in range(2)]
    for model in asked:
        model.target_scale.fill_(2.0)
        model.target_mean.fill_(-3.0)
    plain, fast = ask_plainly(asked, batch), ask(asked, prepare(batch, SHAPE.layers))
    for field in fields(CommitteeOutput):
        got, expected = getattr(fast, field.name), getattr(plain, field.name)
        assert got.dtype == expected.dtype == np.float32
        np.testing.assert_allclose(got, expected, atol=1e-5, rtol=1e-5, err_msg=field.name)


def test_large_batches_are_asked_by_surroundings(odd_smiles: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    batch = featurize(odd_smiles)
    plain = ask(members(1), batch)
    asked: list[int] = []
    reusing = committee._ask_reusing

    def noted(networks: Sequence[Megan], part: FlatBatch, *others: Any) -> CommitteeOutput:
        asked.append(len(part))
        return reusing(networks, part, *others)

    monkeypatch.setattr(committee, "_ask_reusing", noted)
    monkeypatch.setattr(committee, "SMALLEST_REUSE_ATOMS", len(batch.atoms))
    monkeypatch.setattr(committee, "LARGEST_REUSE_ATOMS", 60)
    fast = ask(members(1), batch)
    assert len(asked) > 2
    assert sum(asked) == len(batch)
    for field in fields(CommitteeOutput):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(plain, field.name), atol=1e-5, rtol=1e-5)


def test_answers_do_not_share_the_memory_that_is_used_again(odd_smiles: tuple[str, ...]) -> None:
    first = ask(members(1), prepare(featurize(odd_smiles), SHAPE.layers))
    kept = {field.name: getattr(first, field.name).copy() for field in fields(CommitteeOutput)}
    ask(members(2)[1:], prepare(featurize(odd_smiles[::-1]), SHAPE.layers))
    for name, value in kept.items():
        assert (getattr(first, name) == value).all()


def test_passes_cover_every_molecule_once_and_hold_what_fits() -> None:
    batch = featurize(["CCCC", "CC", "C", "CCCCCCCC", "C", "C", "CC"])
    assert [chosen.tolist() for chosen in committee._passes(batch, 6)] == [[0, 1], [2], [3], [4, 5, 6]]
    assert [len(chosen) for chosen in committee._passes(batch, 1)] == [1] * 7


def test_a_prepared_batch_is_for_the_processor_and_for_one_depth() -> None:
    prepared = prepare(featurize(["CCO"]), SHAPE.layers)
    with pytest.raises(ValueError, match="device is cuda"):
        ask(members(1), prepared, device="cuda")
    with pytest.raises(ValueError, match="surroundings have 2 levels; expected 3"):
        ask(members(1), prepare(featurize(["CCO"]), 2))
    assert ask(members(2), prepare(featurize([]), SHAPE.layers)).outputs.shape == (2, 0)
