"""A network asked about many molecules at once, each class of surroundings once: the same numbers, several times faster.

The network is that of `megan.model`; nothing is approximated, only the order of additions differs. What makes it fast:

- values are computed per class of equal surroundings (`megan.surroundings`) and looked up by the atoms;
- batch normalisation is folded into the matrices, and the matrices of one layer are one product over the states of
  the layer below, of which there are fewest;
- what happens on an edge is one compiled loop that keeps nothing of the edge but its logit;
- a channel is left out by the head's second layer alone: the first is a sum over channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from datasets.atom_codes import ATOM_FEATURES, Codes
from datasets.featurize import FlatBatch
from megan.layers import AttentionLayer
from megan.model import DAMPING, FAINT, Megan
from megan.reuse_kernels import edge_importances, pass_messages, pool_molecules, sum_around, update_states
from megan.surroundings import Ids, Level, Surroundings, codes_of_bond_kinds

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


@dataclass(frozen=True, slots=True)
class _Folded:
    """A layer for inference: hidden size H = D + A, batch normalisation folded in."""

    below: Tensor
    """Shape (D, 3 H + D): what a state gives its own messages, its neighbours' messages, its incoming edges, itself."""
    gathered: Tensor
    """Shape (D, D)."""
    bond: Floats
    """Shape (N_BOND_KINDS, H): with all constants of the edge."""
    attention: Floats
    """Shape (A,)"""
    attention_bias: float
    kept_bias: Tensor
    """Shape (D,)"""


def answer(model: Megan, batch: FlatBatch, surroundings: Surroundings) -> Answer:
    """Predict and explain.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    batch
        The molecules.
    surroundings
        Of this batch, for as many layers as the network has.

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
        return _answer(model, batch, surroundings)


def _answer(model: Megan, batch: FlatBatch, surroundings: Surroundings) -> Answer:
    k, width = model.settings.channels, model.settings.width
    last = surroundings.levels[-1]
    states = np.empty((k, len(last), width), np.float32)
    edges = np.empty((k, len(last.source)), np.float32)
    incoming = np.empty((k, len(last)), np.float32)
    first = _first_states(model, surroundings.codes)
    for channel, stack in enumerate(model.stacks):
        assert isinstance(stack, nn.ModuleList)
        _run_stack(stack, first, surroundings.levels, states[channel], edges[channel])
        edge_importances(edges[channel], last.offsets, incoming[channel])
    gates = [gate(torch.from_numpy(states[i])).numpy()[:, 0] for i, gate in enumerate(model.gates)]
    nodes_out = np.empty((len(batch.atoms), k), np.float32)
    edges_out = np.empty((len(batch.bonds), k), np.float32)
    pooled = np.empty((k, len(batch), width), np.float32)
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


def _first_states(model: Megan, codes: Codes) -> Tensor:
    """Embedding of the different atoms, (C, D)."""
    shifts = np.cumsum([0, *(f.size for f in ATOM_FEATURES[:-1])])
    states: Tensor = model.embed(torch.from_numpy(codes.astype(np.int64) + shifts))
    return states


def _run_stack(stack: nn.ModuleList, first: Tensor, levels: tuple[Level, ...], states: Floats, edges: Floats) -> None:
    """One channel's layers over the classes; writes the last states, (Q, D), and the largest logits of edges."""
    state, strongest, offsets = first, np.empty(0, np.float32), np.empty(0, np.int32)
    for number, (layer, level) in enumerate(zip(stack, levels, strict=True)):
        assert isinstance(layer, AttentionLayer)
        last = number == len(levels) - 1
        new_state = states if last else np.empty((len(level), layer.width), np.float32)
        new_strongest = edges if last else np.empty(len(level.source), np.float32)
        _run_layer(fold(layer), layer.width, state, strongest, offsets, level, new_state, new_strongest)
        state, strongest, offsets = torch.from_numpy(new_state), new_strongest, level.offsets


def _run_layer(
    layer: _Folded,
    width: int,
    state: Tensor,
    strongest: Floats,
    offsets: Ids,
    level: Level,
    new_state: Floats,
    new_strongest: Floats,
) -> None:
    below = (state @ layer.below).numpy()
    sent = np.empty((len(level.around_state), layer.bond.shape[1]), np.float32)
    sum_around(below, level.around_state, level.around_offsets, level.around_neighbours, sent)
    gathered = np.empty((len(level), width), np.float32)
    pass_messages(
        sent,
        below,
        layer.bond,
        layer.attention,
        layer.attention_bias,
        level.before,
        level.offsets,
        level.source,
        level.bond,
        strongest,
        offsets,
        gathered,
        new_strongest,
    )
    update = torch.addmm(layer.kept_bias, torch.from_numpy(gathered), layer.gathered)
    update_states(update.numpy(), below, state.numpy(), level.before, new_state)


def fold(layer: AttentionLayer) -> _Folded:
    """A layer's matrices with the batch normalisation that follows them."""
    width = layer.width
    scale, shift = _affine(layer.norm_edge)
    atom_scale, atom_shift = _affine(layer.norm_atom)
    source = layer.from_source.weight * scale[:, None]
    update = layer.update.weight * atom_scale[:, None]
    parts = [source[:, :width], source[:, width:], layer.from_destination.weight * scale[:, None], update[:, width:]]
    bonds = layer.from_bond(_bond_rows()) * scale + shift
    return _Folded(
        below=torch.cat(parts).T.contiguous(),
        gathered=update[:, :width].T.contiguous(),
        bond=bonds.numpy(),
        attention=layer.attention.weight[0].numpy(),
        attention_bias=float(layer.attention.bias[0]),
        kept_bias=atom_shift,
    )


def _affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """Scale and shift of a normalisation with fixed statistics."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return scale, norm.bias - norm.running_mean * scale


def _bond_rows() -> Tensor:
    from datasets.atom_codes import BOND_FEATURES

    shifts = np.cumsum([0, *(f.size for f in BOND_FEATURES[:-1])])
    return torch.from_numpy(codes_of_bond_kinds().astype(np.int64) + shifts)


def _decide(model: Megan, pooled: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Output, outputs without each channel, and embeddings, from masked sums (K, G, D)."""
    embedding = torch.stack([project(part) for project, part in zip(model.projections, pooled, strict=True)], dim=1)
    return model.decide(embedding), model.without_channels(embedding), embedding
