"""The losses that train MEGAN: the prediction, and those that make the masks mean something.

Each is a free function of tensors and returns a scalar; `megan.training` sums them with their factors.
Source: MEGAN, Teufel et al. 2023, doi 10.1007/978-3-031-44067-0_18; contrastive and fidelity losses: "Global Concept
Explanations for Graphs by Self-Explaining GNNs", Teufel and Friederich 2024.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CONFIDENT = 0.9
"""Target of the explanation co-training: evidence, not certainty."""


def prediction_loss(output: Tensor, target: Tensor, regression: bool) -> Tensor:
    """Cross-entropy for classes, mean squared error for values.

    Parameters
    ----------
    output : (G, K) logits or (G, 1) values
    target : (G,) or (G, K)
        Class numbers as floats, or a probability per class; or values in standard units.
    """
    if regression:
        return F.mse_loss(output.squeeze(1), target)
    return F.cross_entropy(output, target.long() if target.ndim == 1 else target)


def explanation_loss(mass: Tensor, target: Tensor, offset: float, regression: bool) -> Tensor:
    """Explanation co-training: the mask alone, by how much of it there is, must tell the class.

    With p_k = tanh(0.1 * offset * mass_k), binary cross-entropy against 0.9 for the channel of the class and 0 for
    the others. For regression the two masses argue with each other: smooth L1 between 0.1 * offset * (raises - lowers)
    and the value in standard units. The published loss wants one channel alone on either side of the mean, which
    silences the weaker of two causes that are both there.

    Parameters
    ----------
    mass : (G, K)
        Sum of every channel's mask over the atoms.
    target : (G,) or (G, K)
        Class numbers, a probability per class, or values in standard units.
    offset
        How much a unit of mask counts: the larger, the fewer atoms suffice.
    """
    if regression:
        return F.smooth_l1_loss(0.1 * offset * (mass[:, 1] - mass[:, 0]), target)
    evidence = torch.tanh(0.1 * offset * mass)
    wanted = F.one_hot(target.long(), mass.shape[1]).to(evidence.dtype) if target.ndim == 1 else target
    return F.binary_cross_entropy(evidence.clamp(1e-6, 1 - 1e-6), CONFIDENT * wanted)


def sparsity_loss(mask: Tensor, molecule_of_atom: Tensor, n_molecules: int) -> Tensor:
    """Hoyer square of each molecule's masks, (mean |x|)^2 / mean x^2: 1 when all are equal, 1/n for a single one.

    Parameters
    ----------
    mask : (N, K)
    molecule_of_atom : (N,)
    """
    count = torch.zeros(n_molecules, device=mask.device).index_add(0, molecule_of_atom, mask.new_ones(len(mask)))
    total = torch.zeros(n_molecules, device=mask.device).index_add(0, molecule_of_atom, mask.sum(1))
    square = torch.zeros(n_molecules, device=mask.device).index_add(0, molecule_of_atom, (mask**2).sum(1))
    return (total**2 / (count * mask.shape[1] * square + 1e-6)).mean()


def contrastive_loss(embedding: Tensor, view: Tensor, temperature: float = 0.2) -> Tensor:
    """InfoNCE of every channel: an embedding is nearer to its own view than to any other molecule's.

    Parameters
    ----------
    embedding, view : (G, K, D)
        Explanation embeddings of the molecules, and of the same molecules with noise on their unexplained atoms.
    """
    if len(embedding) < 2:
        return embedding.new_zeros(())
    own = torch.arange(len(embedding), device=embedding.device)
    losses = []
    for k in range(embedding.shape[1]):
        a, b = F.normalize(embedding[:, k], dim=1), F.normalize(view[:, k], dim=1)
        losses.append(F.cross_entropy(a @ b.T / temperature, own))
    return torch.stack(losses).mean()


def fidelity(output: Tensor, without: Tensor, regression: bool) -> Tensor:
    """How far each channel moves the output in its own direction.

    With dev_k = output - output without channel k: for classes dev_k[k] minus the sum of dev_k of the other classes;
    for regression (-dev_0, +dev_1), since channel 0 lowers and channel 1 raises.

    Parameters
    ----------
    output : (G, K) or (G, 1)
    without : (G, K, K) or (G, K, 1)
        From `Megan.without_channels`.

    Returns
    -------
    fidelity : (G, K)
        Log-odds for two classes; standard units for regression.
    """
    deviation = output[:, None] - without
    if regression:
        sign = torch.tensor([-1.0, 1.0], device=output.device)
        return deviation.squeeze(2) * sign
    own = torch.diagonal(deviation, dim1=1, dim2=2)
    return 2 * own - deviation.sum(2)


def fidelity_loss(values: Tensor, square: float = 0.1) -> Tensor:
    """Penalty on channels that speak against their own direction: mean ReLU(-f) + square * mean f^2.

    The square keeps one channel from shouting the others down; too much of it keeps all channels from speaking.

    Parameters
    ----------
    values : (G, K)
        From `fidelity`.
    square
        Weight of the square; 0.1 as published.
    """
    return F.relu(-values).mean() + square * (values**2).mean()


def sufficiency_loss(alone: Tensor, target: Tensor) -> Tensor:
    """Sum over channels of the cross-entropy of what each tells alone: no part of a cause may hide in another channel.

    The counterpart of `fidelity_loss`, which asks what is missed without a channel. Not of the published method.

    Parameters
    ----------
    alone : (G, K, K)
        From `Megan.only_channels`: logits of each channel alone.
    target : (G,) or (G, K)
        Class numbers as floats, or a probability per class.
    """
    each = [prediction_loss(alone[:, k], target, regression=False) for k in range(alone.shape[1])]
    return torch.stack(each).sum()
