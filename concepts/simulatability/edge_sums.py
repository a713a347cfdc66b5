"""Weighted sums along the pairs of a sparse relation, fast on a CPU and differentiable as often as wanted.

Two products are each other's derivatives, so that two small autograd functions close the circle: the weighted sum of
what each row's partners hold, and the inner product of the two ends of each pair. Both run on kernels that torch keeps
for other purposes (embedding bags, sampled matrix products), which beat gather and scatter several times over.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Relation:
    """P pairs (row, column) between R rows and C columns, ordered by row, then by column."""

    starts: Tensor
    """Shape (R + 1,), int32: row r owns the pairs starts[r] .. starts[r + 1]."""
    columns: Tensor
    """Shape (P,), int32: the column of each pair."""
    rows: Tensor
    """Shape (P,), int32: the row of each pair."""
    back_starts: Tensor
    """Shape (C + 1,), int32: likewise when the pairs are ordered by column."""
    back_rows: Tensor
    """Shape (P,), int32: the row of each pair, ordered by column."""
    back_columns: Tensor
    """Shape (P,), int32: the column of each pair, ordered by column."""
    there: Tensor
    """Shape (P,), int32: `values[there]` orders values of pairs by column, then by row. Where every pair (a, b) has its
    pair (b, a), these are the values of the pairs that run the other way."""
    back: Tensor
    """Shape (P,), int32: and this undoes it."""

    @property
    def size(self) -> tuple[int, int]:
        """R and C."""
        return len(self.starts) - 1, len(self.back_starts) - 1

    def turned(self) -> Relation:
        """The relation with rows and columns exchanged; `values[there]` brings values of pairs to it."""
        return Relation(
            self.back_starts,
            self.back_rows,
            self.back_columns,
            self.starts,
            self.columns,
            self.rows,
            self.back,
            self.there,
        )


def relate(rows: Ints, columns: Ints, n_rows: int, n_columns: int) -> tuple[Relation, Ints]:
    """Make a relation of pairs in any order.

    Parameters
    ----------
    rows, columns : (P,)

    Returns
    -------
    relation
    order : (P,)
        `values[order]` brings values of the given pairs into the relation's order.
    """
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    back = np.lexsort((rows, columns))
    return Relation(
        starts=_starts(rows, n_rows),
        columns=_narrow(columns),
        rows=_narrow(rows),
        back_starts=_starts(columns[back], n_columns),
        back_rows=_narrow(rows[back]),
        back_columns=_narrow(columns[back]),
        there=_narrow(back),
        back=_narrow(np.argsort(back)),
    ), order


def weighted_sum(relation: Relation, weights: Tensor, held: Tensor) -> Tensor:
    """For every row the sum over its pairs of weight times what the column holds.

    Parameters
    ----------
    weights : (P,)
        In the relation's order.
    held : (C, D)

    Returns
    -------
    sums : (R, D)
    """
    sums: Tensor = _WeightedSum.apply(weights, held, relation)  # type: ignore[no-untyped-call]
    return sums


def inner_products(relation: Relation, at_rows: Tensor, at_columns: Tensor) -> Tensor:
    """For every pair the inner product of its two ends; (R, D) and (C, D) -> (P,)."""
    products: Tensor = _InnerProducts.apply(at_rows, at_columns, relation)  # type: ignore[no-untyped-call]
    return products


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weights: Tensor, held: Tensor, relation: Relation) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(weights, held)
        ctx.relation = relation
        # An embedding bag adds weighted rows of a table, which is all that is wanted here.
        return F.embedding_bag(
            relation.columns,
            held.contiguous(),
            relation.starts,
            mode="sum",
            per_sample_weights=weights.contiguous(),
            include_last_offset=True,
        )

    @staticmethod
    def backward(ctx, upstream: Tensor):  # type: ignore[no-untyped-def]
        weights, held = ctx.saved_tensors
        relation: Relation = ctx.relation
        to_weights = inner_products(relation, upstream, held) if ctx.needs_input_grad[0] else None
        to_held = None
        if ctx.needs_input_grad[1]:
            to_held = weighted_sum(relation.turned(), weights.index_select(0, relation.there), upstream)
        return to_weights, to_held, None


class _InnerProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx, at_rows: Tensor, at_columns: Tensor, relation: Relation) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(at_rows, at_columns)
        ctx.relation = relation
        values = at_rows.new_zeros(len(relation.columns))
        pattern = _pattern(relation.starts, relation.columns, values, relation.size)
        found = torch.sparse.sampled_addmm(pattern, at_rows.contiguous(), at_columns.contiguous().T, beta=0.0)
        products: Tensor = found.values()
        return products

    @staticmethod
    def backward(ctx, upstream: Tensor):  # type: ignore[no-untyped-def]
        at_rows, at_columns = ctx.saved_tensors
        relation: Relation = ctx.relation
        to_rows = weighted_sum(relation, upstream, at_columns) if ctx.needs_input_grad[0] else None
        to_columns = None
        if ctx.needs_input_grad[1]:
            to_columns = weighted_sum(relation.turned(), upstream.index_select(0, relation.there), at_rows)
        return to_rows, to_columns, None


def _pattern(starts: Tensor, columns: Tensor, values: Tensor, size: tuple[int, int]) -> Tensor:
    return torch.sparse_csr_tensor(starts, columns, values, size, check_invariants=False)


def _take_notice_of_beta() -> None:
    """Let torch say once, unheard, that its sparse matrices are young; tests hold ours against dense ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _pattern(torch.zeros(2, dtype=torch.int32), torch.zeros(0, dtype=torch.int32), torch.zeros(0), (1, 1))


_take_notice_of_beta()


def _starts(ordered: Ints, n: int) -> Tensor:
    return _narrow(np.searchsorted(ordered, np.arange(n + 1)))


def _narrow(values: Ints) -> Tensor:
    return torch.from_numpy(values.astype(np.int32))
