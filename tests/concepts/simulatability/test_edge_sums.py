"""Sums along pairs against dense matrices, and their derivatives of both orders."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from concepts.simulatability.edge_sums import Relation, inner_products, relate, weighted_sum

R, C, P, D = 6, 5, 13, 3


@pytest.fixture
def pairs() -> tuple[Relation, np.ndarray, np.ndarray, np.ndarray]:
    chosen = np.random.default_rng(0).choice(R * C, P, replace=False)
    relation, order = relate(chosen // C, chosen % C, R, C)
    return relation, chosen // C, chosen % C, order


def test_sums_and_products_are_those_of_dense_matrices(pairs) -> None:  # type: ignore[no-untyped-def]
    relation, rows, columns, order = pairs
    weights, held, other = torch.randn(P), torch.randn(C, D), torch.randn(R, D)
    dense = torch.zeros(R, C)
    dense[rows, columns] = weights
    torch.testing.assert_close(weighted_sum(relation, weights[order], held), dense @ held)
    torch.testing.assert_close(inner_products(relation, other, held), (other @ held.T)[rows, columns][order])
    turned = relation.turned()
    torch.testing.assert_close(weighted_sum(turned, weights[order][relation.there], other), dense.T @ other)
    assert torch.equal(turned.turned().columns, relation.columns)
    assert torch.equal(relation.there[relation.back].sort().values, torch.arange(P, dtype=torch.int32))


def test_derivatives_of_both_orders(pairs) -> None:  # type: ignore[no-untyped-def]
    relation = pairs[0]

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, requires_grad=True)

    for function, inputs in ((weighted_sum, (drawn(P), drawn(C, D))), (inner_products, (drawn(R, D), drawn(C, D)))):
        assert torch.autograd.gradcheck(lambda *x, f=function: f(relation, *x), inputs)
        assert torch.autograd.gradgradcheck(lambda *x, f=function: f(relation, *x), inputs)


def test_rows_without_pairs_sum_to_nothing() -> None:
    relation, _ = relate(np.array([1]), np.array([0]), 3, 1)
    assert weighted_sum(relation, torch.ones(1), torch.full((1, 2), 7.0)).tolist() == [[0, 0], [7, 7], [0, 0]]


def test_the_way_back_of_symmetric_pairs_runs_the_other_way() -> None:
    rows, columns = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1])
    relation, _ = relate(rows, columns, 3, 3)
    assert torch.equal(relation.rows[relation.there], relation.columns)
    assert torch.equal(relation.columns[relation.there], relation.rows)
