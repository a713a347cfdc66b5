"""Several members that learned the same task from different seeds, asked together.

Their mean is the output, their spread is the uncertainty, and their masks are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from datasets.featurize import FlatBatch
from megan.graph import graph_batch
from megan.losses import fidelity
from megan.model import Megan
from megan.training import output_in_units

Floats = npt.NDArray[np.float32]
LARGEST_BATCH_ATOMS = 16_384
"""Atoms per forward pass: bounds the memory however large the molecules are."""


@dataclass(frozen=True, slots=True)
class CommitteeOutput:
    """Answers of C members on G molecules with N atoms and M bonds in all, K channels."""

    outputs: Floats
    """Shape (C, G): log-odds of class 1, or values in the task's unit."""
    node_importance: Floats
    """Shape (N, K), in [0, 1]: mean over members."""
    edge_importance: Floats
    """Shape (M, K), in [0, 1]: mean over members."""
    fidelity: Floats
    """Shape (G, K): mean over members; log-odds, or the task's unit."""
    embedding: Floats
    """Shape (G, K, D): explanation embeddings of the first member."""


def ask(members: Sequence[Megan], batch: FlatBatch, device: str = "cpu") -> CommitteeOutput:
    """Predict and explain with every member.

    Parameters
    ----------
    members
        At least one network in evaluation mode, all of one shape.
    batch
        The molecules; they are split into passes of bounded size.

    Raises
    ------
    ValueError
        If there is no member.
    """
    if not members:
        raise ValueError("members is empty; expected at least one network")
    parts = [_ask_once(members, batch.select(chosen), device) for chosen in _passes(batch)]
    if not parts:
        k, d = members[0].settings.channels, members[0].settings.projection[-1]
        return CommitteeOutput(
            np.zeros((len(members), 0), np.float32),
            np.zeros((0, k), np.float32),
            np.zeros((0, k), np.float32),
            np.zeros((0, k), np.float32),
            np.zeros((0, k, d), np.float32),
        )
    return CommitteeOutput(
        outputs=np.concatenate([p.outputs for p in parts], axis=1),
        node_importance=np.concatenate([p.node_importance for p in parts]),
        edge_importance=np.concatenate([p.edge_importance for p in parts]),
        fidelity=np.concatenate([p.fidelity for p in parts]),
        embedding=np.concatenate([p.embedding for p in parts]),
    )


def _passes(batch: FlatBatch) -> list[npt.NDArray[np.int64]]:
    """Consecutive positions whose atoms fit into one pass; a larger molecule is a pass of its own."""
    passes: list[npt.NDArray[np.int64]] = []
    first = 0
    for g in range(1, len(batch) + 1):
        atoms = batch.atom_offsets[min(g + 1, len(batch))] - batch.atom_offsets[first]
        if g == len(batch) or atoms > LARGEST_BATCH_ATOMS:
            passes.append(np.arange(first, g))
            first = g
    return passes


def _ask_once(members: Sequence[Megan], batch: FlatBatch, device: str) -> CommitteeOutput:
    graph = graph_batch(batch, device)
    outputs, nodes, edges, fidelities, embedding = [], [], [], [], None
    with torch.inference_mode():
        for model in members:
            out = model(graph)
            without = model.without_channels(out.embedding)
            effect = fidelity(out.output, without, model.settings.regression)
            scale = float(model.target_scale) if model.settings.regression else 1.0
            outputs.append(output_in_units(model, out.output).cpu().numpy())
            nodes.append(out.node_importance.cpu().numpy())
            edges.append(out.edge_importance.cpu().numpy())
            fidelities.append(effect.cpu().numpy() * scale)
            embedding = out.embedding.cpu().numpy() if embedding is None else embedding
    assert embedding is not None
    return CommitteeOutput(
        outputs=np.stack(outputs),
        node_importance=np.mean(nodes, axis=0),
        edge_importance=np.mean(edges, axis=0),
        fidelity=np.mean(fidelities, axis=0),
        embedding=embedding,
    )
