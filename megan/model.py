"""MEGAN, version 2: a graph network whose explanation masks are part of the forward pass.

Every channel (one per class; "lowers" and "raises" for regression) runs its own stack of attention layers on the
same atom embedding. The attention of a channel becomes its mask, the mask weighs the atoms that are summed into the
channel's explanation embedding, and only these embeddings reach the head: an atom outside all masks cannot speak.
(With `ModelSettings.context` it still cannot, but it has a part in how loud the others are.)

Source: MEGAN, Teufel et al. 2023, doi 10.1007/978-3-031-44067-0_18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from datasets.atom_codes import ATOM_FEATURES
from megan.graph import GraphBatch, max_at, max_molecules, sum_molecules
from megan.layers import AttentionLayer

N_ATOM_ROWS = sum(f.size for f in ATOM_FEATURES)
FAINT = 0.1
"""Mask values under this are damped towards 0."""
DAMPING = 50.0
"""Steepness of the damping; large enough to silence 0.0 and leave 0.2 alone, small enough for gradients."""
LARGE_MOLECULE = 20.0
"""Atoms by which sums over molecules are divided, so that they are of the order of 1."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Shape of the network; stored in the card and enough to build it again."""

    channels: int = 2
    regression: bool = False
    width: int = 64
    layers: int = 3
    attention_width: int = 32
    projection: tuple[int, ...] = (64, 128)
    head: tuple[int, ...] = (128, 64)
    dropout: float = 0.2
    node_gate: bool = False
    """Whether an atom must also speak for itself; else one beside the evidence shares the importance of their bond."""
    context: bool = False
    """Whether the molecule as a whole scales what each mask shows; an empty mask stays silent all the same."""

    def __post_init__(self) -> None:
        for field in ("width", "layers", "attention_width"):
            if getattr(self, field) < 1:
                raise ValueError(f"ModelSettings.{field} is {getattr(self, field)}; expected at least 1")
        if self.channels < 2:
            raise ValueError(f"ModelSettings.channels is {self.channels}; expected at least 2")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"ModelSettings.dropout is {self.dropout}; expected 0 <= dropout < 1")

    @property
    def outputs(self) -> int:
        """One value for regression, else a logit per class."""
        return 1 if self.regression else self.channels


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What one forward pass yields for G molecules, N atoms, M bonds, K channels."""

    output: Tensor
    """Shape (G, K) logits, or (G, 1) value in standard units for regression."""
    node_importance: Tensor
    """Shape (N, K), in [0, 1]: the masks."""
    edge_importance: Tensor
    """Shape (M, K), in [0, 1]: mean of the two directions of each bond, on the scale of the atom masks."""
    embedding: Tensor
    """Shape (G, K, D): explanation embeddings g_k."""
    state: Tensor
    """Shape (N, K, width): atom states after the last layer."""


class Megan(nn.Module):
    """The network; see the module's docstring.

    Parameters
    ----------
    settings
        Its shape.
    """

    target_mean: Tensor
    """Mean of the training labels; 0 for classification."""
    target_scale: Tensor
    """Standard deviation of the training labels; 1 for classification."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        k, width = settings.channels, settings.width
        self.embed = nn.EmbeddingBag(N_ATOM_ROWS, width, mode="sum")
        nn.init.normal_(self.embed.weight, std=0.3)
        self.stacks = nn.ModuleList(
            nn.ModuleList(AttentionLayer(width, settings.attention_width) for _ in range(settings.layers))
            for _ in range(k)
        )
        self.gates = nn.ModuleList(_gate(width) for _ in range(k if settings.node_gate else 0))
        self.projections = nn.ModuleList(_projection(width, settings.projection) for _ in range(k))
        self.contexts = nn.ModuleList(
            _context(width, settings.projection[-1]) for _ in range(k if settings.context else 0)
        )
        self.head = _head(k * settings.projection[-1], settings.head, settings.outputs, settings.dropout)
        self.register_buffer("target_mean", torch.zeros(1))
        self.register_buffer("target_scale", torch.ones(1))

    def embed_atoms(self, graph: GraphBatch) -> Tensor:
        """The common first atom state h0, (N, width)."""
        state: Tensor = self.embed(graph.atoms)
        return state

    def forward(self, graph: GraphBatch, atoms: Tensor | None = None) -> ModelOutput:
        """Predict and explain a batch.

        Parameters
        ----------
        graph
            The molecules.
        atoms : (N, width), optional
            First atom states to use instead of `embed_atoms`, for views with noise.
        """
        first = self.embed_atoms(graph) if atoms is None else atoms
        n_bonds = graph.n_bonds
        states, edges = [], []
        for stack in self.stacks:
            state, strongest = first, torch.full((2 * n_bonds,), -torch.inf, device=first.device)
            assert isinstance(stack, nn.ModuleList)
            for layer in stack:
                state, logit = layer(graph, state)
                strongest = torch.maximum(strongest, logit)
            states.append(state)
            edges.append(torch.sigmoid(strongest))
        directed = torch.stack(edges, dim=1)
        n_atoms = len(graph.atoms)
        raw = 0.5 * (max_at(graph.dst, directed, n_atoms) + max_at(graph.src, directed, n_atoms))
        if self.settings.node_gate:
            raw = raw * torch.cat([gate(state) for gate, state in zip(self.gates, states, strict=True)], dim=1)
        largest = max_molecules(graph, raw.amax(dim=1)).clamp_min(1e-6)[graph.molecule_of_atom]
        mask = damp(raw / largest[:, None])
        bond_scale = largest[graph.src[:n_bonds], None]
        edge_mask = damp((0.5 * (directed[:n_bonds] + directed[n_bonds:]) / bond_scale).clamp_max(1.0))
        sizes = sum_molecules(graph, first.new_ones(n_atoms, 1)) if self.settings.context else None
        spoken = []
        for k, state in enumerate(states):
            whole = sum_molecules(graph, state) if self.settings.context else None
            spoken.append(self.speak(k, sum_molecules(graph, mask[:, k : k + 1] * state), whole, sizes))
        embedding = torch.stack(spoken, dim=1)
        return ModelOutput(
            output=self.decide(embedding),
            node_importance=mask,
            edge_importance=edge_mask,
            embedding=embedding,
            state=torch.stack(states, dim=1),
        )

    def speak(self, channel: int, shown: Tensor, whole: Tensor | None = None, sizes: Tensor | None = None) -> Tensor:
        """Explanation embedding of a channel, (G, D).

        Parameters
        ----------
        shown : (G, width)
            States summed as the mask weighs them.
        whole : (G, width), optional
            States summed over all atoms, for a network with `ModelSettings.context`.
        sizes : (G, 1), optional
            Atoms of each molecule, with `whole`.
        """
        said: Tensor = self.projections[channel](shown)
        if whole is None or sizes is None:
            return said
        told = torch.cat([whole / LARGE_MOLECULE, whole / sizes.clamp_min(1)], dim=1)
        silence: Tensor = self.projections[channel](shown.new_zeros(1, self.settings.width))
        louder: Tensor = 2 * torch.sigmoid(self.contexts[channel](told))
        return silence + louder * (said - silence)

    def decide(self, embedding: Tensor) -> Tensor:
        """Output of the head, (G, outputs), from explanation embeddings, (G, K, D)."""
        output: Tensor = self.head(embedding.flatten(1))
        return output

    def silent(self) -> Tensor:
        """Embedding of every channel when its mask is empty, (K, D)."""
        nothing = self.embed.weight.new_zeros(1, self.settings.width)
        return torch.cat([projection(nothing) for projection in self.projections])

    def without_channels(self, embedding: Tensor) -> Tensor:
        """Outputs with one channel's mask emptied at a time; only the head runs again.

        Parameters
        ----------
        embedding : (G, K, D)

        Returns
        -------
        outputs : (G, K, outputs)
            Entry [:, k] is the output without channel k.
        """
        return self._silencing(embedding, [[k] for k in range(self.settings.channels)])

    def only_channels(self, embedding: Tensor) -> Tensor:
        """Outputs with the masks of all channels but one emptied; only the head runs again.

        Parameters
        ----------
        embedding : (G, K, D)

        Returns
        -------
        outputs : (G, K, outputs)
            Entry [:, k] is the output of channel k alone.
        """
        channels = range(self.settings.channels)
        return self._silencing(embedding, [[other for other in channels if other != k] for k in channels])

    def _silencing(self, embedding: Tensor, silenced: Sequence[list[int]]) -> Tensor:
        """Outputs with the masks of some channels emptied, (G, len(silenced), outputs)."""
        silent = self.silent()
        outputs = []
        for channels in silenced:
            emptied = embedding.clone()
            emptied[:, channels] = silent[channels]
            outputs.append(self.decide(emptied))
        return torch.stack(outputs, dim=1)


def damp(mask: Tensor) -> Tensor:
    """Push mask values under `FAINT` towards 0, smoothly; in and out in [0, 1]."""
    return mask * torch.sigmoid(DAMPING * (mask - FAINT))


def _gate(width: int) -> nn.Sequential:
    logit = nn.Linear(width, 1)
    nn.init.constant_(logit.bias, 1.0)
    return nn.Sequential(logit, nn.Sigmoid())


def _context(width: int, size: int) -> nn.Sequential:
    last = nn.Linear(width, size)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), last)


def _projection(width: int, sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in sizes:
        layers += [nn.Linear(width, size), nn.SiLU(), nn.LayerNorm(size)]
        width = size
    return nn.Sequential(*layers)


def _head(width: int, sizes: tuple[int, ...], outputs: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in sizes:
        layers += [nn.Linear(width, size), nn.SiLU(), nn.Dropout(dropout)]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, outputs))
