"""Whose masks a study can ask about, behind one interface: from the graphs of a study to masks of all of them.

Scores of any sign become masks of [0, 1] the same way: what speaks for a channel is kept and divided by the largest
value of the graph over all channels, as the network does with its own masks; several networks are averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.simulatability.masks import Masks, checked, read_masks
from concepts.simulatability.subjects import Subject
from datasets.featurize import FlatBatch
from megan import posthoc
from megan.committee import ask
from megan.model import Megan

FILE: Final = "file:"
"""`file:PATH` takes masks from a file."""


Explainer = Callable[[Subject], Masks]


def true_masks(subject: Subject) -> Masks:
    """The known causes.

    Raises
    ------
    ValueError
        If none are known.
    """
    if subject.truth is None:
        raise ValueError(f"explainer truth: nobody knows the causes in {subject.name}; expected a generated set")
    return subject.truth


def adversarial_masks(subject: Subject) -> Masks:
    """What looks like a cause and is none.

    Raises
    ------
    ValueError
        If the set has nothing of the kind.
    """
    if subject.misleading is None:
        raise ValueError(f"explainer adversarial: {subject.name} has no misleading motifs; expected rb_adv_motifs")
    return subject.misleading


def megan_masks(subject: Subject) -> Masks:
    """The networks' own channels."""
    answer = ask(_members(subject, "megan"), subject.batch)
    return checked("megan", answer.node_importance, answer.edge_importance, subject.batch, len(subject.channels))


def random_masks(subject: Subject) -> Masks:
    """Uniform random numbers, which can teach nothing about graphs."""
    rng = np.random.default_rng([subject.seed, 1])
    k = len(subject.channels)
    sizes = (int(offsets[-1]) for offsets in (subject.batch.atom_offsets, subject.batch.bond_offsets))
    return Masks(*(rng.random((n, k)).astype(np.float32) for n in sizes))


def shuffled_masks(subject: Subject) -> Masks:
    """The networks' own masks with the nodes, and the edges, of each graph exchanged at random.

    They tell as much of the class, by how much lies in which channel, but nothing of the place.
    """
    own = megan_masks(subject)
    rng = np.random.default_rng([subject.seed, 2])
    parts = []
    for offsets, values in ((subject.batch.atom_offsets, own.nodes), (subject.batch.bond_offsets, own.edges)):
        owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        parts.append(values[np.lexsort((rng.random(len(owner)), owner))])
    return Masks(*parts)


def averaged_masks(subject: Subject) -> Masks:
    """The networks' own masks with every node, and every edge, as important as the mean of its graph.

    They tell how much lies in which channel and nothing else.
    """
    own = megan_masks(subject)
    parts = []
    for offsets, values in ((subject.batch.atom_offsets, own.nodes), (subject.batch.bond_offsets, own.edges)):
        sizes = np.diff(offsets)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        totals = np.stack([np.bincount(owner, column, len(sizes)) for column in values.T], axis=1)
        parts.append((totals / np.maximum(sizes, 1)[:, None])[owner].astype(np.float32))
    return Masks(*parts)


def posthoc_masks(name: str, explain: posthoc.Explainer, label_only: bool) -> Explainer:
    """An explainer from outside as masks.

    Parameters
    ----------
    label_only
        Whether it is asked about the label's channel alone, the others staying empty: a method that keeps an output
        knows nothing to keep for a class that was not predicted.
    """

    def masks(subject: Subject) -> Masks:
        k, batch = len(subject.channels), subject.batch
        owner = np.repeat(np.arange(len(batch)), np.diff(batch.atom_offsets))
        total = np.zeros((len(owner), k))
        members = _members(subject, name)
        for model in members:
            if label_only:
                channel = _channel_of_label(subject)
                scores = np.zeros((len(owner), k))
                scores[np.arange(len(owner)), channel[owner]] = explain(model, batch, channel)
            else:
                scores = np.stack([explain(model, batch, channel) for channel in range(k)], axis=1)
            total += _scaled(scores, batch) / len(members)
        return checked(name, total, None, batch, k)

    return masks


EXPLAINERS: Final[dict[str, Explainer]] = {
    "truth": true_masks,
    "megan": megan_masks,
    "gradients": posthoc_masks("gradients", posthoc.gradients, label_only=False),
    "integrated_gradients": posthoc_masks("integrated_gradients", posthoc.integrated_gradients, label_only=False),
    "gnnexplainer": posthoc_masks("gnnexplainer", posthoc.gnn_explainer, label_only=True),
    "random": random_masks,
    "shuffled": shuffled_masks,
    "averaged": averaged_masks,
    "adversarial": adversarial_masks,
}


def explainer(name: str) -> Explainer:
    """An explainer by its name, or `file:PATH`.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name.startswith(FILE):
        file = Path(name.removeprefix(FILE))
        return lambda subject: read_masks(file, subject.batch, len(subject.channels))
    if name not in EXPLAINERS:
        raise ValueError(f"explainer is {name!r}; expected one of {', '.join(EXPLAINERS)}, or {FILE}PATH")
    return EXPLAINERS[name]


def _members(subject: Subject, explainer_name: str) -> tuple[Megan, ...]:
    if not subject.members:
        raise ValueError(f"explainer {explainer_name}: there is no trained network for {subject.name}")
    return subject.members


def _channel_of_label(subject: Subject) -> npt.NDArray[np.int64]:
    classes = subject.labels if subject.kind == "classification" else subject.labels > subject.labels.mean()
    channel: npt.NDArray[np.int64] = classes.astype(np.int64)
    return channel


def _scaled(scores: npt.NDArray[np.float64], batch: FlatBatch) -> npt.NDArray[np.float64]:
    """What speaks for a channel, by the largest value of each graph; (N, K) in [0, 1]."""
    kept = np.maximum(scores, 0)
    owner = np.repeat(np.arange(len(batch)), np.diff(batch.atom_offsets))
    largest = np.zeros(len(batch))
    np.maximum.at(largest, owner, kept.max(axis=1))
    scaled: npt.NDArray[np.float64] = kept / np.maximum(largest, 1e-12)[owner, None]
    return scaled
