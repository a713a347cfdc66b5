"""How true and how steady each explainer's masks are on one set, as numbers for a table."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.explanation_sets import TrainedSet
from datasets.explained import ExplainedSet
from datasets.featurize import FlatBatch
from megan.calibration import probability
from megan.committee import ask
from megan.mask_metrics import (
    VISIBLE,
    empty_share,
    mask_size,
    mean_fall,
    node_auroc,
    node_average_precision,
    rank_agreement,
    sign_consistency,
    spoken_channels,
)
from megan.metrics import auroc, r2
from megan.model import Megan
from megan.posthoc import Channel, Explainer, deletion_curves

Floats = npt.NDArray[np.float64]


def judged(trained: TrainedSet, explainers: Mapping[str, Explainer], graphs: int, seed: int = 0) -> dict[str, Any]:
    """Everything about one set.

    Parameters
    ----------
    explainers
        By name; each is asked about every member.
    graphs
        Most test graphs per channel that the explainers are compared on; drawn at random if there are more.
    """
    return {
        "test_graphs": len(trained.test),
        "members": len(trained.members),
        "prediction": prediction_quality(trained),
        "masks": own_masks(trained),
        "explainers": compared(trained, explainers, graphs, seed),
    }


def prediction_quality(trained: TrainedSet) -> dict[str, float]:
    """AUROC or R2 of the committee's mean, where the labels allow one."""
    outputs = ask(trained.members, trained.test.batch).outputs.mean(axis=0).astype(np.float64)
    labels = trained.test.labels
    if trained.test.kind == "regression":
        return {"r2": r2(labels, outputs)}
    return {"auroc": auroc(labels, probability(outputs, 1.0))} if 0 < labels.mean() < 1 else {}


def own_masks(trained: TrainedSet) -> dict[str, dict[str, float]]:
    """Sign, emptiness and size of the committee's masks, by channel, over the whole test part.

    For classes, emptiness and size are those of molecules whose predicted class is the channel's, since a channel has
    nothing to show elsewhere; the true size is that of all valid explanations together.
    """
    test = trained.test
    answer = ask(trained.members, test.batch)
    offsets = test.batch.atom_offsets
    spoken = spoken_channels(answer.node_importance, offsets)
    signs = sign_consistency(answer.fidelity)
    signs_spoken = sign_consistency(answer.fidelity, spoken)
    wide, strong = (mask_size(answer.node_importance, offsets, limit) for limit in (VISIBLE, 0.5))
    positive = answer.outputs.mean(axis=0) > 0
    rows = {}
    for k, channel in enumerate(test.channels):
        speaks = np.ones(len(test), dtype=bool) if test.kind == "regression" else positive == bool(k)
        own = np.flatnonzero(speaks)
        true = [mask[:, :, k].any(axis=0).mean() for mask in test.node_masks if mask[:, :, k].any()]
        rows[channel] = {
            "molecules": len(own),
            "sign_consistency": float(signs[k]),
            "sign_consistency_where_shown": float(signs_spoken[k]),
            "empty_share": _mean(~spoken[own, k]),
            "median_size": _median(strong[own, k]),
            "median_visible_size": _median(wide[own, k]),
            "median_true_size": _median(true),
        }
    # A mask that is empty exactly where nothing is true counts for nothing above; it is the rule for regression.
    if test.kind == "regression":
        for k, channel in enumerate(test.channels):
            causeless = np.array([not mask[:, :, k].any() for mask in test.node_masks])
            rows[channel]["empty_share_with_cause"] = _mean(~spoken[~causeless, k])
            rows[channel]["empty_share_without_cause"] = _mean(~spoken[causeless, k])
    else:
        rows[test.channels[1]]["empty_share_all"] = float(empty_share(answer.node_importance, offsets)[1])
    return rows


def compared(
    trained: TrainedSet, explainers: Mapping[str, Explainer], graphs: int, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Truth, stability and deletion of every explainer on the same graphs and channels."""
    rng = np.random.default_rng(seed)
    parts = []
    for k in range(len(trained.test.channels)):
        caused = np.flatnonzero([mask[:, :, k].any() for mask in trained.test.node_masks])
        kept = np.sort(rng.choice(caused, min(graphs, len(caused)), replace=False))
        if len(kept):
            parts.append((k, trained.test.select(kept)))
    return {name: _compared_one(trained, explain, parts, seed) for name, explain in explainers.items()}


def _compared_one(
    trained: TrainedSet, explain: Explainer, parts: list[tuple[int, ExplainedSet]], seed: int
) -> dict[str, float]:
    found: dict[str, list[float | None]] = {}
    members = trained.members
    seconds, asked = 0.0, 0
    for channel, part in parts:
        start = time.perf_counter()
        by_member = [explain(model, part.batch, channel) for model in members]
        seconds += time.perf_counter() - start
        asked += len(part) * len(members)
        committee = np.mean(by_member, axis=0)
        shuffled, place = reordered(part.batch, seed)
        moved = explain(members[0], shuffled, channel)[place]
        for scores, suffix in ((by_member[0], ""), (committee, "_committee")):
            for metric, title in ((node_auroc, "node_auroc"), (node_average_precision, "average_precision")):
                values = [
                    metric(of_graph, masks[:, :, channel])
                    for of_graph, masks in zip(_by_graph(scores, part.batch), part.node_masks, strict=True)
                ]
                found.setdefault(title + suffix, []).extend(values)
        found.setdefault("reorder_stability", []).extend(_agreements(by_member[0], moved, part.batch))
        for one, other in itertools.combinations(by_member, 2):
            found.setdefault("member_stability", []).extend(_agreements(one, other, part.batch))
        curves = deletion_curves(members[0], part.batch, channel, by_member[0])
        found.setdefault("deletion_fall", []).extend(mean_fall(curves).tolist())
    row = {name: _mean([v for v in values if v is not None]) for name, values in found.items()}
    row["pairs"] = sum(value is not None for value in found.get("node_auroc", []))
    row["ms_a_molecule"] = 1000 * seconds / max(1, asked)
    return row


def drawn_anew(seed: int) -> Explainer:
    """A random explainer that gives another answer each time, so that members and orders do not agree by their seed."""
    rng = np.random.default_rng(seed)

    def explain(model: Megan, batch: FlatBatch, channel: Channel) -> Floats:
        del model, channel
        return rng.random(int(batch.atom_offsets[-1]))

    return explain


def reordered(batch: FlatBatch, seed: int) -> tuple[FlatBatch, npt.NDArray[np.int64]]:
    """The same molecules with their atoms in random order.

    Returns
    -------
    shuffled
        Bonds keep their order.
    place : (N,)
        Where each atom went: `values[place]` brings values of the shuffled batch back.
    """
    owner = np.repeat(np.arange(len(batch)), np.diff(batch.atom_offsets))
    order = np.lexsort((np.random.default_rng(seed).random(len(owner)), owner))
    place = np.argsort(order)
    shuffled = FlatBatch(batch.atoms[order], batch.bonds, place[batch.ends], batch.atom_offsets, batch.bond_offsets)
    return shuffled, place


def _by_graph(scores: Floats, batch: FlatBatch) -> Iterator[Floats]:
    return iter(np.split(scores, batch.atom_offsets[1:-1]))


def _agreements(one: Floats, other: Floats, batch: FlatBatch) -> list[float | None]:
    return [rank_agreement(a, b) for a, b in zip(_by_graph(one, batch), _by_graph(other, batch), strict=True)]


def _mean(values: npt.ArrayLike) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()) if len(array) else float("nan")


def _median(values: npt.ArrayLike) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(np.median(array)) if len(array) else float("nan")
