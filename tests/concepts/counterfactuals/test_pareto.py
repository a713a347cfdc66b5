"""The Pareto front against its definition, and a choice that differs."""

from __future__ import annotations

import numpy as np
import pytest

from concepts.counterfactuals.pareto import choose_different, pareto_front


def beaten(row: np.ndarray, others: np.ndarray) -> bool:
    return any(all(o <= r for o, r in zip(other, row, strict=True)) and tuple(other) != tuple(row) for other in others)


def test_the_front_is_what_the_definition_says() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        costs = rng.integers(0, 4, size=(25, 3)).astype(float)
        assert pareto_front(costs).tolist() == [not beaten(row, costs) for row in costs]


def test_nothing_and_one_row() -> None:
    assert pareto_front(np.zeros((0, 3))).tolist() == []
    assert pareto_front([[1.0, 2.0]]).tolist() == [True]
    with pytest.raises(ValueError, match="costs has shape"):
        pareto_front([1.0])


def test_the_best_comes_first_and_what_is_alike_comes_late() -> None:
    worth = [1.0, 0.95, 0.8]
    traits = [frozenset("a"), frozenset("a"), frozenset("b")]
    assert choose_different(worth, traits, 2, 0.5) == [0, 2]
    assert choose_different(worth, traits, 2, 0.0) == [0, 1]
    assert choose_different(worth, traits, 9, 0.5) == [0, 2, 1]
    assert choose_different([], [], 3, 0.5) == []
    assert choose_different(worth, traits, 1, 0.5, before=[frozenset("a")]) == [2]
