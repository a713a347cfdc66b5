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
from megan.class_numbers import N_BOND_KINDS, Ids
from megan.class_rows import Table, keep_rows
from megan.layers import AttentionLayer
from megan.model import DAMPING, FAINT, Megan
from megan.reuse_kernels import edge_importances, kernels_for, pool_molecules
from megan.surroundings import Level, LevelRows, Surroundings, codes_of_bond_kinds

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
    last, rows = surroundings.levels[-1], surroundings.rows[-1].states
    states = space.floats("states", k * rows.size, width).reshape(k, rows.size, width)
    edges = space.floats("edges", k, len(last.source))
    gates = np.empty((k, rows.size if len(model.gates) else 0), np.float32)
    first = model.embed(_rows(surroundings.codes, ATOM_FEATURES))
    stacks = [
        _tables(stack, channel, first, surroundings, states[channel], edges[channel], space)
        for channel, stack in enumerate(model.stacks)
    ]
    nodes_out = np.empty((len(batch.atoms), k), np.float32)
    edges_out = np.empty((len(batch.bonds), k), np.float32)
    pooled = space.floats("pooled", k * len(batch), width).reshape(k, len(batch), width)
    summed = len(batch) if model.settings.context else 0
    whole = space.floats("whole", k * summed, width).reshape(k, summed, width)
    molecules = np.searchsorted(batch.atom_offsets[:-1], surroundings.blocks)
    molecules[:1], molecules[-1:] = 0, len(batch)
    # Block by block through all layers, so that what a layer leaves is still in the processor's cache for the next.
    for block in range(len(molecules) - 1):
        old, new = last.seen[block : block + 2]
        for channel, tables in enumerate(stacks):
            for table in tables:
                table.run(block)
            edge_importances(edges[channel], last.offsets[old], last.offsets[new])
            tables[-1].keep(block)
        now = slice(rows.first, rows.first + int(new - old))
        for channel, gate in enumerate(model.gates):
            gates[channel, now] = gate(torch.from_numpy(states[channel, now])).numpy()[:, 0]
            _keep(gates[channel], rows, block)
        pool_molecules(
            states,
            edges,
            gates,
            surroundings.row_of_atom,
            surroundings.edges_of_atom,
            surroundings.offsets,
            surroundings.start,
            surroundings.reverse,
            surroundings.of_bond,
            batch.atom_offsets,
            batch.bond_offsets,
            molecules[block],
            molecules[block + 1],
            FAINT,
            DAMPING,
            nodes_out,
            edges_out,
            pooled,
            whole,
        )
    sizes = torch.from_numpy(np.diff(batch.atom_offsets).astype(np.float32))[:, None]
    parts = [
        _decide(model, torch.from_numpy(pooled[:, rows]), torch.from_numpy(whole[:, rows]), sizes[rows])
        for rows in (slice(at, at + _HEAD_ROWS) for at in range(0, max(1, len(batch)), _HEAD_ROWS))
    ]
    output, without, embedding = (torch.cat(part) for part in zip(*parts, strict=True))
    return Answer(output, without, nodes_out, edges_out, embedding)


def _tables(
    stack: nn.Module,
    channel: int,
    first: Tensor,
    surroundings: Surroundings,
    states: Floats,
    edges: Floats,
    space: Workspace,
) -> list[_Layer]:
    """One channel's layers over the classes; the last one leaves its states, (rows, D), and largest logits of edges."""
    assert isinstance(stack, nn.ModuleList)
    below = _Below(first, np.empty(0, np.float32), None, np.array([0, len(first)]))
    tables = []
    for number, (layer, level, rows) in enumerate(zip(stack, surroundings.levels, surroundings.rows, strict=True)):
        assert isinstance(layer, AttentionLayer)
        last = number == len(surroundings.levels) - 1
        name = f"{channel} {number}"
        state = states if last else space.floats(f"state {name}", rows.states.size, layer.width)
        strongest = edges if last else space.floats(f"logit {name}", 1, len(level.source))[0]
        folded = fold(layer, surroundings.bonds)
        tables.append(_Layer.of(folded, below, level, rows, torch.from_numpy(state), strongest, name, space))
        below = _Below(tables[-1].state, strongest, rows.states, level.seen)
    return tables


@dataclass(frozen=True, slots=True)
class _Below:
    """What a layer reads of the level below."""

    state: Tensor
    strongest: Floats
    table: Table | None
    """Rows of `state`; None on the lowest level, all of whose values are there from the first."""
    seen: npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer and its tables, in which each block's values stand in turn."""

    layer: _Folded
    source: _Below
    level: Level
    rows: LevelRows
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
        rows: LevelRows,
        state: Tensor,
        strongest: Floats,
        name: str,
        space: Workspace,
    ) -> _Layer:
        hidden, width = layer.bond.shape[1], state.shape[1]
        most = int(np.diff(level.seen).max(initial=0))
        return cls(
            layer,
            source,
            level,
            rows,
            torch.from_numpy(space.floats(f"below {name}", len(source.state), layer.below.shape[1])),
            space.floats(f"sent {name}", rows.arounds.size, hidden),
            torch.from_numpy(space.floats("gathered", most, width)),
            torch.from_numpy(space.floats("update", most, width)),
            state,
            strongest,
        )

    def run(self, block: int) -> None:
        """Compute the classes that are first seen in a block."""
        layer, level, rows = self.layer, self.level, self.rows
        self._multiply(block)
        below, arounds = self.below.numpy(), rows.arounds
        kernels = kernels_for(self.state.shape[1], len(layer.attention))
        old, new = level.around_seen[block : block + 2]
        kernels.sum_around(
            below,
            rows.around_state,
            level.around_offsets,
            rows.around_neighbours,
            old,
            new,
            self.sent[arounds.first :],
        )
        _keep(self.sent, arounds, block)
        old, new = level.seen[block : block + 2]
        gathered, update = self.gathered[: new - old], self.update[: new - old]
        kernels.pass_messages(
            self.sent,
            below,
            layer.bond,
            layer.attention,
            layer.attention_bias,
            rows.before,
            level.offsets,
            rows.source,
            level.bond,
            self.source.strongest,
            rows.edges_before,
            old,
            new,
            self.gathered.numpy(),
            self.strongest,
        )
        torch.mm(gathered, layer.gathered, out=update)
        kernels.update_states(
            update.numpy(),
            layer.kept_bias,
            below,
            self.source.state.numpy(),
            rows.before,
            old,
            new,
            self.state.numpy()[rows.states.first :],
        )

    def keep(self, block: int) -> None:
        """Keep the states that later blocks ask for."""
        _keep(self.state.numpy(), self.rows.states, block)

    def _multiply(self, block: int) -> None:
        """What the states of a block, one level below, give; and keep of both what later blocks ask for."""
        state, table = self.source.state, self.source.table
        if table is None:
            if block == 0:
                torch.mm(state, self.layer.below, out=self.below)
            return
        old, new = self.source.seen[block : block + 2]
        now = slice(table.first, table.first + int(new - old))
        torch.mm(state[now], self.layer.below, out=self.below[now])
        _keep(self.below.numpy(), table, block)
        _keep(state.numpy(), table, block)


def _keep(values: Floats, table: Table, block: int) -> None:
    """Copy what later blocks ask for from the block's rows to the rows of kept values."""
    old, new = table.kept_seen[block : block + 2]
    keep_rows(values, table.kept, table.kept_rows, table.first, old, new)


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


def _decide(model: Megan, pooled: Tensor, whole: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Output, outputs without each channel, and embeddings, from sums (K, G, D) and atoms of molecules (G, 1)."""
    told = whole if model.settings.context else [None] * len(pooled)
    parts = [model.speak(k, shown, every, sizes) for k, (shown, every) in enumerate(zip(pooled, told, strict=True))]
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
