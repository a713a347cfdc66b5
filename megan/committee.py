"""Several members that learned the same task from different seeds, asked together.

Their mean is the output, their spread is the uncertainty, and their masks are averaged.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from datasets.featurize import FlatBatch
from megan.fast_inference import Workspace, answer
from megan.graph import graph_batch
from megan.losses import fidelity
from megan.model import Megan
from megan.surroundings import Surroundings, find_surroundings
from megan.training import output_in_units

Floats = npt.NDArray[np.float32]
LARGEST_BATCH_ATOMS = 16_384
"""Atoms per forward pass: bounds the memory however large the molecules are."""
LARGEST_REUSE_ATOMS = 600_000
"""Atoms per pass where equal surroundings are computed once: the more come together, the fewer are new."""
SMALLEST_REUSE_ATOMS = 2_000
"""Atoms from which on looking for equal surroundings pays."""
_KEPT = threading.local()
"""Each thread's memory for intermediate values: to take it afresh for every batch would cost as much as the work."""


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


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """Molecules and their surroundings, which all members of all committees of one depth share."""

    batch: FlatBatch
    passes: tuple[tuple[FlatBatch, Surroundings], ...]
    """The molecules in passes of bounded size, in order."""


def prepare(batch: FlatBatch, layers: int) -> PreparedBatch:
    """Find equal surroundings, for asking several committees about the same molecules.

    Parameters
    ----------
    batch
        The molecules; thousands together are fastest.
    layers
        `ModelSettings.layers` of the committees.
    """
    passes = _passes(batch, LARGEST_REUSE_ATOMS)
    parts = [batch] if len(passes) == 1 else [batch.select(chosen) for chosen in passes]
    return PreparedBatch(batch, tuple((part, find_surroundings(part, layers)) for part in parts))


def prepare_for(
    committees: Sequence[Sequence[Megan]], batch: FlatBatch, device: str = "cpu"
) -> list[FlatBatch | PreparedBatch]:
    """What to ask each of several committees with, so that what they share is found once."""
    if device != "cpu" or len(batch.atoms) < SMALLEST_REUSE_ATOMS:
        return [batch for _ in committees]
    depths = [members[0].settings.layers for members in committees]
    prepared = {depth: prepare(batch, depth) for depth in set(depths)}
    return [prepared[depth] for depth in depths]


def ask(members: Sequence[Megan], batch: FlatBatch | PreparedBatch, device: str = "cpu") -> CommitteeOutput:
    """Predict and explain with every member.

    Many molecules on a CPU are asked by classes of equal surroundings, which gives the same numbers up to rounding.

    Parameters
    ----------
    members
        At least one network in evaluation mode, all of one shape.
    batch
        The molecules; they are split into passes of bounded size. From `prepare`, what several committees can share
        is found once.
    device
        Where the networks are.

    Raises
    ------
    ValueError
        If there is no member, or a batch was prepared for another device or another number of layers.
    """
    if not members:
        raise ValueError("members is empty; expected at least one network")
    if isinstance(batch, PreparedBatch) and device != "cpu":
        raise ValueError(f"device is {device}; expected cpu for a prepared batch")
    if isinstance(batch, FlatBatch) and device == "cpu" and len(batch.atoms) >= SMALLEST_REUSE_ATOMS:
        batch = prepare(batch, members[0].settings.layers)
    if isinstance(batch, FlatBatch):
        return ask_plainly(members, batch, device)
    space = _KEPT.__dict__.setdefault("space", Workspace())
    return _joined(members, [_ask_reusing(members, part, found, space) for part, found in batch.passes])


def ask_plainly(members: Sequence[Megan], batch: FlatBatch, device: str = "cpu") -> CommitteeOutput:
    """As `ask`, every atom by itself: faster for a few molecules, and what the fast way is judged by."""
    passes = _passes(batch, LARGEST_BATCH_ATOMS)
    return _joined(members, [_ask_once(members, batch.select(chosen), device) for chosen in passes])


def _joined(members: Sequence[Megan], parts: list[CommitteeOutput]) -> CommitteeOutput:
    if len(parts) == 1:
        return parts[0]
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


def _passes(batch: FlatBatch, largest: int) -> list[npt.NDArray[np.int64]]:
    """Consecutive positions whose atoms fit into one pass; a larger molecule is a pass of its own."""
    passes: list[npt.NDArray[np.int64]] = []
    first = 0
    while first < len(batch):
        fitting = int(np.searchsorted(batch.atom_offsets, batch.atom_offsets[first] + largest, side="right")) - 1
        last = max(fitting, first + 1)
        passes.append(np.arange(first, last))
        first = last
    return passes


def _ask_reusing(
    members: Sequence[Megan], batch: FlatBatch, surroundings: Surroundings, space: Workspace
) -> CommitteeOutput:
    k = members[0].settings.channels
    nodes, edges = np.zeros((len(batch.atoms), k), np.float32), np.zeros((len(batch.bonds), k), np.float32)
    effects = np.zeros((len(batch), k), np.float32)
    outputs, embedding = [], None
    with torch.inference_mode():
        for model in members:
            said = answer(model, batch, surroundings, space)
            scale = float(model.target_scale) if model.settings.regression else 1.0
            outputs.append(output_in_units(model, said.output).numpy())
            nodes += said.node_importance
            edges += said.edge_importance
            effects += fidelity(said.output, said.without, model.settings.regression).numpy() * scale
            embedding = said.embedding.numpy() if embedding is None else embedding
    assert embedding is not None
    count = np.float32(len(members))
    return CommitteeOutput(np.stack(outputs), nodes / count, edges / count, effects / count, embedding)


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
