"""Explanations from outside, for comparison: what other methods say about the same trained network.

All share one interface, `(model, batch, channel) -> scores of all atoms`, with the network's own masks beside them. A
score is evidence for the channel: for its class, or for a lower (channel 0) or higher (channel 1) value.

An atom is taken away by setting its first state to zeros, which is the state of an atom of which nothing is known.
Sources: input x gradient, Shrikumar et al. 2017, arXiv 1704.02685; integrated gradients, Sundararajan et al. 2017,
arXiv 1703.01365; GNNExplainer, Ying et al. 2019, arXiv 1903.03894.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from datasets.featurize import FlatBatch
from megan.graph import GraphBatch, graph_batch, sum_molecules
from megan.model import Megan

Floats = npt.NDArray[np.float64]
Channel = int | npt.NDArray[np.int64]
"""One channel for all molecules, or one for each."""
Explainer = Callable[[Megan, FlatBatch, Channel], Floats]

MOLECULES = 256
"""Molecules per pass."""
INTEGRATION_STEPS = 32
MASK_STEPS = 150
MASK_LEARNING_RATE = 0.05
SIZE_FACTOR = 1.0
"""What the learned mask of GNNExplainer pays for its mean."""
ENTROPY_FACTOR = 0.1
"""What it pays for atoms that are neither in nor out."""


def own_mask(model: Megan, batch: FlatBatch, channel: Channel) -> Floats:
    """The network's own mask of the channel, (N,) in [0, 1]."""

    def of(graph: GraphBatch, wanted: Tensor) -> Tensor:
        with torch.no_grad():
            mask: Tensor = model(graph).node_importance
        return mask.gather(1, wanted[graph.molecule_of_atom, None]).squeeze(1)

    return _in_passes(of, model, batch, channel)


def gradients(model: Megan, batch: FlatBatch, channel: Channel) -> Floats:
    """Input x gradient on the atoms' first states, summed over features; (N,), signed."""

    def of(graph: GraphBatch, wanted: Tensor) -> Tensor:
        first = model.embed_atoms(graph).detach()
        return (first * _slope(model, graph, first, wanted)).sum(1)

    return _in_passes(of, model, batch, channel)


def integrated_gradients(model: Megan, batch: FlatBatch, channel: Channel, steps: int = INTEGRATION_STEPS) -> Floats:
    """Gradients averaged on the straight way from zero states; (N,), signed.

    A molecule's scores add up to its evidence less the evidence of a molecule of zero states, up to the error of the
    midpoint rule.

    Raises
    ------
    ValueError
        If `steps` is below 1, or the model is in training mode.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1")

    def of(graph: GraphBatch, wanted: Tensor) -> Tensor:
        first = model.embed_atoms(graph).detach()
        slopes = [_slope(model, graph, first * ((s + 0.5) / steps), wanted) for s in range(steps)]
        return (first * torch.stack(slopes).mean(0)).sum(1)

    return _in_passes(of, model, batch, channel)


def gnn_explainer(model: Megan, batch: FlatBatch, channel: Channel, steps: int = MASK_STEPS) -> Floats:
    """A mask over atoms that is learned per molecule so that what it keeps yields the same output; (N,) in [0, 1].

    Our own small form: one weight an atom scales its first state, as the published feature mask does with one weight a
    node; masks over edges would need another forward pass. It pays for the loss of the output (minus the logarithm of
    the channel's probability; for values the squared distance to the unmasked one), for size and for indecision. All
    molecules of a pass are learned at once and do not touch each other. For values both channels get the same mask,
    since keeping a value knows no direction.

    Raises
    ------
    ValueError
        If `steps` is below 1, or the model is in training mode.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1")

    def of(graph: GraphBatch, wanted: Tensor) -> Tensor:
        first = model.embed_atoms(graph).detach()
        with torch.no_grad():
            whole = evidence(model, model(graph).output, wanted)
        weight = torch.zeros(len(first), 1, device=first.device, requires_grad=True)
        optimizer = torch.optim.Adam([weight], lr=MASK_LEARNING_RATE)
        size = graph.atom_counts.clamp_min(1).to(first.dtype)
        for _ in range(steps):
            kept = torch.sigmoid(weight)
            speaks = evidence(model, model(graph, first * kept).output, wanted)
            lost = (speaks - whole) ** 2 if model.settings.regression else torch.nn.functional.softplus(-speaks)
            undecided = -(kept * torch.log(kept + 1e-8) + (1 - kept) * torch.log(1 - kept + 1e-8))
            price = SIZE_FACTOR * kept + ENTROPY_FACTOR * undecided
            loss = (lost + sum_molecules(graph, price).squeeze(1) / size).sum()
            (weight.grad,) = torch.autograd.grad(loss, [weight])
            optimizer.step()
        return torch.sigmoid(weight.detach()).squeeze(1)

    return _in_passes(of, model, batch, channel)


def random_mask(model: Megan, batch: FlatBatch, channel: Channel, seed: int = 0) -> Floats:
    """Uniform random numbers, the floor that every method has to leave; (N,) in [0, 1]."""
    del model, channel
    return np.random.default_rng(seed).random(int(batch.atom_offsets[-1]))


EXPLAINERS: Final[dict[str, Explainer]] = {
    "own mask": own_mask,
    "gradients": gradients,
    "integrated gradients": integrated_gradients,
    "GNNExplainer": gnn_explainer,
    "random": random_mask,
}


def deletion_curves(model: Megan, batch: FlatBatch, channel: Channel, scores: Floats, steps: int = 10) -> Floats:
    """Outputs while the atoms are taken away, highest score first.

    Parameters
    ----------
    scores : (N,)
        From an explainer. Atoms of equal score go in the order of the batch.
    steps
        Number of removals from none to all.

    Returns
    -------
    curves : (G, steps + 1)
        Probability of the channel's class; for regression the value in standard units, in the channel's direction.

    Raises
    ------
    ValueError
        If `scores` are not one per atom, or the model is in training mode.
    """
    if scores.shape != (int(batch.atom_offsets[-1]),):
        raise ValueError(f"scores have shape {scores.shape}; expected ({int(batch.atom_offsets[-1])},)")
    counts = np.diff(batch.atom_offsets)
    owner = np.repeat(np.arange(len(batch)), counts)
    order = np.lexsort((-scores, owner))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(batch.atom_offsets[:-1], counts)
    place = (rank + 1) / counts[owner]
    curves = np.empty((len(batch), steps + 1))
    for first, last, graph, wanted in _passes(model, batch, channel):
        states = model.embed_atoms(graph).detach()
        places = torch.from_numpy(place[batch.atom_offsets[first] : batch.atom_offsets[last]])
        for step in range(steps + 1):
            # The small sum keeps k of n atoms exact where k / n and step / steps differ by rounding only.
            kept = (places > step / steps + 1e-9).to(states.dtype)[:, None]
            with torch.no_grad():
                out = evidence(model, model(graph, states * kept).output, wanted)
            curves[first:last, step] = (out if model.settings.regression else torch.sigmoid(out)).numpy()
    return curves


def evidence(model: Megan, output: Tensor, channel: Tensor) -> Tensor:
    """What is explained: log-odds of the channel's class, or the value in the channel's direction; (G,).

    Parameters
    ----------
    output : (G, K) logits or (G, 1) value in standard units
    channel : (G,) int64
    """
    if model.settings.regression:
        return output[:, 0] * (2 * channel - 1)
    own = output.gather(1, channel[:, None]).squeeze(1)
    others = output.scatter(1, channel[:, None], -torch.inf)
    return own - torch.logsumexp(others, dim=1)


def _slope(model: Megan, graph: GraphBatch, states: Tensor, channel: Tensor) -> Tensor:
    """Gradient of every molecule's evidence by its atoms' first states, (N, width)."""
    states = states.detach().requires_grad_()
    (slope,) = torch.autograd.grad(evidence(model, model(graph, states).output, channel).sum(), [states])
    return slope


def _in_passes(
    explain: Callable[[GraphBatch, Tensor], Tensor], model: Megan, batch: FlatBatch, channel: Channel
) -> Floats:
    parts = [explain(graph, wanted).detach().double().numpy() for _, _, graph, wanted in _passes(model, batch, channel)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _passes(model: Megan, batch: FlatBatch, channel: Channel) -> list[tuple[int, int, GraphBatch, Tensor]]:
    """First and last molecule, graph and channels of consecutive passes."""
    if model.training:
        raise ValueError("model is in training mode; expected evaluation mode, in which molecules do not touch")
    wanted = torch.from_numpy(np.broadcast_to(np.asarray(channel, dtype=np.int64), (len(batch),)).copy())
    if len(wanted) and not 0 <= int(wanted.min()) <= int(wanted.max()) < model.settings.channels:
        raise ValueError(f"channel spans {wanted.min()}..{wanted.max()}; expected 0..{model.settings.channels - 1}")
    edges = [*range(0, len(batch), MOLECULES), len(batch)]
    return [
        (first, last, graph_batch(batch.select(np.arange(first, last))), wanted[first:last])
        for first, last in itertools.pairwise(edges)
    ]
