"""A batch of molecules as one graph, and the four message-passing operations that the model needs.

This is the one place that imports DGL. Where DGL is missing (Python 3.12 and later have no wheel) or the data sit on
a CUDA device (the wheel is for CPUs), the same operations run on torch's scatter functions; tests hold both equal.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from datasets.atom_codes import ATOM_FEATURES, BOND_FEATURES
from datasets.featurize import FlatBatch


@cache
def dgl() -> Any | None:
    """The DGL package, or None where it cannot be imported.

    DGL 1.1.3 asks setuptools for its vendored copy of `packaging`, which newer versions of setuptools no longer
    carry; the stand-in modules put the real `packaging` in its place. Without a named backend, DGL's first import on a
    machine prints to standard output and writes into the home folder.
    """
    os.environ.setdefault("DGLBACKEND", "pytorch")
    try:
        packaging = importlib.import_module("packaging")
        if "setuptools.extern" not in sys.modules:
            extern = types.ModuleType("setuptools.extern")
            extern.packaging = packaging  # type: ignore[attr-defined]
            sys.modules["setuptools.extern"] = extern
            sys.modules["setuptools.extern.packaging"] = packaging
        return importlib.import_module("dgl")
    except (ImportError, OSError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class GraphBatch:
    """G molecules, N atoms, M bonds; every bond b is the two directed edges b and M + b."""

    atoms: Tensor
    """Shape (N, len(ATOM_FEATURES)), int64: rows of one embedding table that stacks all columns."""
    bond_kinds: Tensor
    """Shape (B, len(BOND_FEATURES)), int64: likewise, for the B different kinds of bonds; a batch has a few dozen."""
    kind_of_edge: Tensor
    """Shape (2M,), int64: the kind of each directed edge's bond."""
    src: Tensor
    """Shape (2M,), int64: where each directed edge starts."""
    dst: Tensor
    """Shape (2M,), int64: where it ends."""
    atom_counts: Tensor
    """Shape (G,), int64: atoms of each molecule."""
    bond_counts: Tensor
    """Shape (G,), int64: bonds of each molecule."""
    molecule_of_atom: Tensor
    """Shape (N,), int64."""
    structure: Any
    """The one DGLGraph of the batch, or None on the scatter path."""

    def __len__(self) -> int:
        return len(self.atom_counts)

    @property
    def n_bonds(self) -> int:
        """M."""
        return len(self.src) // 2

    def head(self, n: int) -> GraphBatch:
        """The first n molecules."""
        n_atoms, n_bonds = int(self.atom_counts[:n].sum()), int(self.bond_counts[:n].sum())
        n_all = self.n_bonds
        edges = torch.cat([torch.arange(n_bonds), torch.arange(n_all, n_all + n_bonds)]).to(self.src.device)
        return _with_structure(
            self.atoms[:n_atoms],
            self.bond_kinds,
            self.kind_of_edge[edges],
            self.src[edges],
            self.dst[edges],
            self.atom_counts[:n],
            self.bond_counts[:n],
            use_dgl=self.structure is not None,
        )


def _column_offsets(sizes: list[int]) -> Tensor:
    return torch.tensor([0, *sizes[:-1]], dtype=torch.int64).cumsum(0)


_ATOM_OFFSETS = _column_offsets([f.size for f in ATOM_FEATURES])
_BOND_OFFSETS = _column_offsets([f.size for f in BOND_FEATURES])
_BOND_RADIX = np.cumprod([1, *(f.size for f in BOND_FEATURES[:-1])])
"""Makes one number of a bond's codes."""


def graph_batch(batch: FlatBatch, device: torch.device | str = "cpu", use_dgl: bool | None = None) -> GraphBatch:
    """One graph from the featuriser's arrays, without a loop over molecules.

    Parameters
    ----------
    batch
        What `datasets.featurize.featurize` returned.
    device
        Where the tensors shall live.
    use_dgl
        True or False to force the path; None takes DGL where it is installed and the device is a CPU.

    Raises
    ------
    ValueError
        If DGL is demanded but not there, or demanded on another device than the CPU.
    """
    device = torch.device(device)
    if use_dgl is None:
        use_dgl = device.type == "cpu" and dgl() is not None
    elif use_dgl and (dgl() is None or device.type != "cpu"):
        raise ValueError(f"use_dgl is True on {device}; expected an installed DGL and device cpu")
    ends = torch.from_numpy(batch.ends)
    # Kinds are embedded instead of bonds: there are fewer of them by a factor of a hundred.
    _, first, kind = np.unique(batch.bonds.astype(np.int64) @ _BOND_RADIX, return_index=True, return_inverse=True)
    kind_of_bond = torch.from_numpy(kind.astype(np.int64))
    return _with_structure(
        (torch.from_numpy(batch.atoms).long() + _ATOM_OFFSETS).to(device),
        (torch.from_numpy(batch.bonds[first]).long() + _BOND_OFFSETS).to(device),
        torch.cat([kind_of_bond, kind_of_bond]).to(device),
        torch.cat([ends[:, 0], ends[:, 1]]).to(device),
        torch.cat([ends[:, 1], ends[:, 0]]).to(device),
        torch.from_numpy(batch.atom_offsets).diff().to(device),
        torch.from_numpy(batch.bond_offsets).diff().to(device),
        use_dgl=use_dgl,
    )


def _with_structure(
    atoms: Tensor,
    bond_kinds: Tensor,
    kind_of_edge: Tensor,
    src: Tensor,
    dst: Tensor,
    atom_counts: Tensor,
    bond_counts: Tensor,
    use_dgl: bool,
) -> GraphBatch:
    owner = torch.repeat_interleave(torch.arange(len(atom_counts), device=atoms.device), atom_counts)
    package = dgl()
    structure = package.graph((src, dst), num_nodes=len(atoms)) if use_dgl and package is not None else None
    return GraphBatch(atoms, bond_kinds, kind_of_edge, src, dst, atom_counts, bond_counts, owner, structure)


def sum_neighbours(graph: GraphBatch, atom_values: Tensor) -> Tensor:
    """For every atom the sum over its neighbours; (N, D) -> (N, D)."""
    package = dgl()
    if graph.structure is not None and package is not None:
        return _tensor(package.ops.copy_u_sum(graph.structure, atom_values))
    return torch.zeros_like(atom_values).index_add(0, graph.dst, atom_values[graph.src])


def sum_incoming(graph: GraphBatch, edge_values: Tensor) -> Tensor:
    """For every atom the sum over its incoming edges; (2M, D) -> (N, D)."""
    package = dgl()
    if graph.structure is not None and package is not None:
        return _tensor(package.ops.copy_e_sum(graph.structure, edge_values))
    zeros = edge_values.new_zeros(len(graph.atoms), edge_values.shape[1])
    return zeros.index_add(0, graph.dst, edge_values)


def add_ends(graph: GraphBatch, at_source: Tensor, at_destination: Tensor) -> Tensor:
    """For every directed edge the sum of a value of its source and one of its destination; (N, D) -> (2M, D)."""
    package = dgl()
    if graph.structure is not None and package is not None:
        return _tensor(package.ops.u_add_v(graph.structure, at_source, at_destination))
    return at_source[graph.src] + at_destination[graph.dst]


def max_at(atoms_of_edges: Tensor, edge_values: Tensor, n_atoms: int) -> Tensor:
    """For every atom the largest value of the edges that touch it, 0 where there is none; (2M, K) -> (N, K).

    Parameters
    ----------
    atoms_of_edges : (2M,)
        `GraphBatch.dst` for incoming, `GraphBatch.src` for outgoing edges.
    edge_values : (2M, K)
        Values of at least 0.
    """
    index = atoms_of_edges[:, None].expand_as(edge_values)
    return edge_values.new_zeros(n_atoms, edge_values.shape[1]).scatter_reduce(0, index, edge_values, "amax")


def sum_molecules(graph: GraphBatch, atom_values: Tensor) -> Tensor:
    """For every molecule the sum over its atoms; (N, D) -> (G, D)."""
    zeros = atom_values.new_zeros(len(graph), atom_values.shape[1])
    return zeros.index_add(0, graph.molecule_of_atom, atom_values)


def max_molecules(graph: GraphBatch, atom_values: Tensor) -> Tensor:
    """For every molecule the largest value of its atoms, at least 0; (N,) -> (G,)."""
    return atom_values.new_zeros(len(graph)).scatter_reduce(0, graph.molecule_of_atom, atom_values, "amax")


def _tensor(value: object) -> Tensor:
    assert isinstance(value, Tensor)
    return value
