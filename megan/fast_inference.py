"""A network asked about many molecules at once, each class of surroundings once: the same numbers in less time.

The network is that of `megan.model`; nothing is approximated, only the order of additions differs. What makes it fast:

- values are computed per class of equal surroundings (`megan.surroundings`) and looked up by the atoms;
- batch normalisation is folded into the matrices, and the matrices of one layer are one product over the states of
  the layer below, of which there are fewest;
- what happens on an edge is one compiled loop that keeps nothing of the edge but its logit;
- a channel is left out behind the head's first product, which is a sum over channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES, Codes, Feature
from datasets.featurize import FlatBatch
from megan.layers import AttentionLayer
from megan.model import DAMPING, FAINT, Megan
from megan.reuse_kernels import edge_importances, pass_messages, pool_molecules, sum_around, update_states
from megan.surroundings import N_BOND_KINDS, Ids, Level, Surroundings, codes_of_bond_kinds

Floats = npt.NDArray[np.float32]

_HEAD_ROWS = 2048
"""Molecules that pass the head together, so that their values stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What `megan.model.ModelOutput` holds but for the states, and what leaving a channel out does."""

    output: Tensor
    """Shape (G, K) logits, or (G, 1) value in standard units for regression."""
    without: Tensor
    """Shape (G, K, outputs): as `Megan.without_channels`."""
    node_importance: Floats
    """Shape (N, K), in [0, 1]."""
    edge_importance: Floats
    """Shape (M, K), in [0, 1]."""
    embedding: Tensor
    """Shape (G, K, D)."""


class Workspace:
    """Memory for intermediate values that is used again: fresh memory costs more than the products that fill it."""

    def __init__(self) -> None:
        self._arrays: dict[str, Floats] = {}

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """An array of undefined contents, (rows, columns); the next of the same name overwrites it."""
        size = rows * columns
        if name not in self._arrays or self._arrays[name].size < size:
            self._arrays[name] = np.empty(size + size // 8, np.float32)
        return self._arrays[name][:size].reshape(rows, columns)


@dataclass(frozen=True, slots=True)
class _Folded:
    """A layer for inference: hidden size H = D + A, batch normalisation folded in."""

    below: Tensor
    """Shape (D, 3 H + D): what a state gives its own messages, its neighbours' messages, its incoming edges, itself."""
    gathered: Tensor
    """Shape (D, D)."""
    bond: Floats
    """Shape (N_BOND_KINDS, H): with all constants of the edge; undefined for kinds that were not asked for."""
    attention: Floats
    """Shape (A,)"""
    attention_bias: float
    kept_bias: Floats
    """Shape (D,)"""


def answer(model: Megan, batch: FlatBatch, surroundings: Surroundings, space: Workspace | None = None) -> Answer:
    """Predict and explain.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    batch
        The molecules.
    surroundings
        Of this batch, for as many layers as the network has.
    space
        Memory to use again, when asking more than once.

    Raises
    ------
    ValueError
        If the network is being trained, or the surroundings are for another number of layers.
    """
    layers = model.settings.layers
    if model.training:
        raise ValueError("model is in training mode; expected evaluation mode, whose normalisation is fixed")
    if len(surroundings.levels) != layers:
        raise ValueError(f"surroundings have {len(surroundings.levels)} levels; expected {layers}, one a layer")
    with torch.inference_mode():
        return _answer(model, batch, surroundings, Workspace() if space is None else space)


def _answer(model: Megan, batch: FlatBatch, surroundings: Surroundings, space: Workspace) -> Answer:
    k, width = model.settings.channels, model.settings.width
    last = surroundings.levels[-1]
    states = space.floats("states", k * len(last), width).reshape(k, len(last), width)
    edges = space.floats("edges", k, len(last.source))
    incoming = np.empty((k, len(last)), np.float32)
    first = model.embed(_rows(surroundings.codes, ATOM_FEATURES))
    for channel, stack in enumerate(model.stacks):
        assert isinstance(stack, nn.ModuleList)
        _run_stack(stack, first, surroundings, states[channel], edges[channel], space)
        edge_importances(edges[channel], last.offsets, incoming[channel])
    gates = [gate(torch.from_numpy(states[i])).numpy()[:, 0] for i, gate in enumerate(model.gates)]
    nodes_out = np.empty((len(batch.atoms), k), np.float32)
    edges_out = np.empty((len(batch.bonds), k), np.float32)
    pooled = space.floats("pooled", k * len(batch), width).reshape(k, len(batch), width)
    pool_molecules(
        states,
        edges,
        incoming,
        np.stack(gates) if gates else np.empty((k, 0), np.float32),
        last.offsets,
        surroundings.of_atom,
        surroundings.offsets,
        surroundings.start,
        surroundings.reverse,
        surroundings.of_bond,
        batch.atom_offsets,
        batch.bond_offsets,
        FAINT,
        DAMPING,
        nodes_out,
        edges_out,
        pooled,
    )
    parts = [_decide(model, part) for part in torch.from_numpy(pooled).split(_HEAD_ROWS, dim=1)]
    output, without, embedding = (torch.cat(part) for part in zip(*parts, strict=True))
    return Answer(output, without, nodes_out, edges_out, embedding)


def _run_stack(
    stack: nn.ModuleList,
    first: Tensor,
    surroundings: Surroundings,
    states: Floats,
    edges: Floats,
    space: Workspace,
) -> None:
    """One channel's layers over the classes; writes the last states, (Q, D), and the largest logits of edges.

    Goes block by block through all layers, so that what a layer leaves is still in the processor's cache for the next.
    """
    levels, tables = surroundings.levels, []
    below = _Below(first, np.empty(0, np.float32), np.empty(0, np.int32), np.full(len(levels[0].seen), len(first)))
    below.seen[0] = 0
    for number, (layer, level) in enumerate(zip(stack, levels, strict=True)):
        assert isinstance(layer, AttentionLayer)
        last = number == len(levels) - 1
        state = states if last else space.floats(f"state {number}", len(level), layer.width)
        strongest = edges if last else space.floats(f"logit {number}", 1, len(level.source))[0]
        table = _Table.of(
            fold(layer, surroundings.bonds), below, level, torch.from_numpy(state), strongest, number, space
        )
        tables.append(table)
        below = _Below(table.state, strongest, level.offsets, level.seen)
    for block in range(len(levels[0].seen) - 1):
        for table in tables:
            table.run(block)


@dataclass(frozen=True, slots=True)
class _Below:
    """What a layer reads of the level below, of which it computes `Q` classes."""

    state: Tensor
    strongest: Floats
    offsets: Ids
    seen: npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """A layer and its values, which fill up block by block."""

    layer: _Folded
    source: _Below
    level: Level
    below: Tensor
    sent: Floats
    gathered: Tensor
    update: Tensor
    state: Tensor
    strongest: Floats

    @classmethod
    def of(
        cls,
        layer: _Folded,
        source: _Below,
        level: Level,
        state: Tensor,
        strongest: Floats,
        number: int,
        space: Workspace,
    ) -> _Table:
        hidden, width = layer.bond.shape[1], state.shape[1]
        most = int(np.diff(level.seen).max(initial=0))
        return cls(
            layer,
            source,
            level,
            torch.from_numpy(space.floats(f"below {number}", len(source.state), layer.below.shape[1])),
            space.floats(f"sent {number}", len(level.around_state), hidden),
            torch.from_numpy(space.floats("gathered", most, width)),
            torch.from_numpy(space.floats("update", most, width)),
            state,
            strongest,
        )

    def run(self, block: int) -> None:
        """Compute the classes that are first seen in a block."""
        layer, level = self.layer, self.level
        old, new = self.source.seen[block : block + 2]
        torch.mm(self.source.state[old:new], layer.below, out=self.below[old:new])
        below = self.below.numpy()
        sum_around(
            below,
            level.around_state,
            level.around_offsets,
            level.around_neighbours,
            level.around_seen[block],
            level.around_seen[block + 1],
            self.sent,
        )
        old, new = level.seen[block : block + 2]
        gathered, update = self.gathered[: new - old], self.update[: new - old]
        pass_messages(
            self.sent,
            below,
            layer.bond,
            layer.attention,
            layer.attention_bias,
            level.before,
            level.offsets,
            level.source,
            level.bond,
            self.source.strongest,
            self.source.offsets,
            old,
            new,
            self.gathered.numpy(),
            self.strongest,
        )
        torch.mm(gathered, layer.gathered, out=update)
        update_states(
            update.numpy(),
            layer.kept_bias,
            below,
            self.source.state.numpy(),
            level.before,
            old,
            new,
            self.state.numpy(),
        )


def fold(layer: AttentionLayer, kinds: Ids) -> _Folded:
    """A layer's matrices with the batch normalisation that follows them, for some kinds of bonds."""
    width = layer.width
    scale, shift = _affine(layer.norm_edge)
    atom_scale, atom_shift = _affine(layer.norm_atom)
    source = layer.from_source.weight * scale[:, None]
    update = layer.update.weight * atom_scale[:, None]
    parts = [source[:, :width], source[:, width:], layer.from_destination.weight * scale[:, None], update[:, width:]]
    bonds = np.empty((N_BOND_KINDS, len(scale)), np.float32)
    bonds[kinds] = (layer.from_bond(_rows(codes_of_bond_kinds(kinds), BOND_FEATURES)) * scale + shift).numpy()
    return _Folded(
        below=torch.cat(parts).T.contiguous(),
        gathered=update[:, :width].T.contiguous(),
        bond=bonds,
        attention=layer.attention.weight[0].numpy(),
        attention_bias=float(layer.attention.bias[0]),
        kept_bias=atom_shift.numpy(),
    )


def _affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """Scale and shift of a normalisation with fixed statistics."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return scale, norm.bias - norm.running_mean * scale


def _rows(codes: Codes, features: tuple[Feature, ...]) -> Tensor:
    """Rows of the one embedding table in which the tables of all features are stacked."""
    return torch.from_numpy(codes.astype(np.int64) + np.cumsum([0, *(f.size for f in features[:-1])]))


def _decide(model: Megan, pooled: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Output, outputs without each channel, and embeddings, from masked sums (K, G, D)."""
    parts = [project(part) for project, part in zip(model.projections, pooled, strict=True)]
    first, rest = model.head[0], model.head[1:]
    assert isinstance(first, nn.Linear)
    weights = first.weight.split(parts[0].shape[1], dim=1)
    said = [part @ weight.T for part, weight in zip(parts, weights, strict=True)]
    silent = [part @ weight.T for part, weight in zip(model.silent(), weights, strict=True)]
    output = rest(_sum(said) + first.bias)
    without = [
        rest(_sum([*said[:k], *said[k + 1 :]]) + (first.bias + silent[k])) for k in range(model.settings.channels)
    ]
    return output, torch.stack(without, dim=1), torch.stack(parts, dim=1)


def _sum(parts: Sequence[Tensor]) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
