"""Graphs whose labels have a known cause: what explanation masks are held against.

The cause is given per channel. Where several explanations are valid (a molecule with two benzene rings contains benzene
because of either), all of them are listed, and a mask is judged by the one that suits it best.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.featurize import FlatBatch
from datasets.splits import Names
from datasets.tasks import Kind

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ExplainedSet:
    """G labelled graphs with their true masks for K channels."""

    name: str
    kind: Kind
    channels: tuple[str, ...]
    """One per class in class order; for regression ("lowers", "raises")."""
    batch: FlatBatch
    labels: npt.NDArray[np.float32]
    """Shape (G,): class numbers as floats, or values."""
    split: Names
    """Shape (G,): train, valid or test."""
    node_masks: tuple[Bools, ...]
    """Per graph (V, n_atoms, K): V valid explanations; a channel without any true atom has no cause in that graph."""
    edge_masks: tuple[Bools, ...]
    """Per graph (V, n_bonds, K), of the same explanations."""
    smiles: tuple[str, ...] = ()
    """Per graph, in the order of its atoms; empty for graphs that are no molecules."""

    def __post_init__(self) -> None:
        n = len(self.batch)
        for field in ("labels", "split", "node_masks", "edge_masks"):
            if len(getattr(self, field)) != n:
                raise ValueError(f"ExplainedSet.{field} has {len(getattr(self, field))} entries; expected {n}")
        if len(self.smiles) not in (0, n):
            raise ValueError(f"ExplainedSet.smiles has {len(self.smiles)} entries; expected {n} or none")
        counts = zip(np.diff(self.batch.atom_offsets), np.diff(self.batch.bond_offsets), strict=True)
        k = len(self.channels)
        for g, (atoms, bonds) in enumerate(counts):
            nodes, edges = self.node_masks[g], self.edge_masks[g]
            if nodes.shape != (len(edges), atoms, k) or edges.shape != (len(nodes), bonds, k) or not len(nodes):
                raise ValueError(
                    f"the masks of graph {g} have shapes {nodes.shape} and {edges.shape}; expected (V, {atoms}, {k}) "
                    f"and (V, {bonds}, {k})"
                )

    def __len__(self) -> int:
        return len(self.batch)

    def select(self, chosen: npt.ArrayLike) -> ExplainedSet:
        """The graphs of the given positions, in the given order."""
        index = np.asarray(chosen, dtype=np.int64)
        return replace(
            self,
            batch=self.batch.select(index),
            labels=self.labels[index],
            split=self.split[index],
            node_masks=tuple(self.node_masks[i] for i in index),
            edge_masks=tuple(self.edge_masks[i] for i in index),
            smiles=tuple(self.smiles[i] for i in index) if self.smiles else (),
        )

    def part(self, split: str) -> ExplainedSet:
        """The graphs of one split."""
        return self.select(np.flatnonzero(self.split == split))

    def sha256(self) -> str:
        """Hash of graphs, labels, split and true masks, which a card states so that others know they hold the same."""
        digest = hashlib.sha256()
        batch = self.batch
        # Types are fixed, so that the hash is the same on every system.
        arrays: tuple[tuple[npt.NDArray[Any], str], ...] = (
            (batch.atoms, "u1"),
            (batch.bonds, "u1"),
            (batch.ends, "<i8"),
            (batch.atom_offsets, "<i8"),
            (batch.bond_offsets, "<i8"),
            (self.labels, "<f4"),
            *((mask, "u1") for masks in (self.node_masks, self.edge_masks) for mask in masks),
        )
        for array, kind in arrays:
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).astype(kind).tobytes())
        digest.update(" ".join(map(str, self.split)).encode())
        return digest.hexdigest()

    def with_validation(self, share: float = 0.1, seed: int = 0) -> ExplainedSet:
        """The set with a random share of its training graphs set aside as valid, if it has none yet.

        Raises
        ------
        ValueError
            If the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"share is {share}; expected a number between 0 and 1")
        if (self.split == "valid").any():
            return self
        train = np.flatnonzero(self.split == "train")
        split = self.split.astype("<U5")
        split[np.random.default_rng(seed).choice(train, round(share * len(train)), replace=False)] = "valid"
        return replace(self, split=split)
