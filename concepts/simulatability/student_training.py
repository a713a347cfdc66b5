"""All students of a comparison trained at once: every repetition, with masks and without, in one batched program.

The students of one repetition start from the same weights and see the same graphs; they differ in their lesson alone.
No student touches another, so a student's weights do not depend on who is trained beside it, but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from concepts.simulatability.masks import Masks
from concepts.simulatability.student_graphs import Floats, Pool, StackedGraphs, rows_at, stack
from concepts.simulatability.student_statistics import grouped_auroc
from concepts.simulatability.students import Answers, StudentShape, Weights, ask_students, initial_weights

MaskParts = Literal["both", "nodes", "edges"]
PARTS: Final[tuple[MaskParts, ...]] = ("both", "nodes", "edges")
NODES_AT_ONCE: Final = 40_000
"""Students are trained together up to this many nodes, beyond which their states no longer fit into the cache."""
VALIDATION_NODES_AT_ONCE: Final = 80_000
TRUE: Final = 0.5
"""Importance from which a place belongs to an explanation."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How every student learns: Adam on all of its graphs at once, an epoch being a step."""

    epochs: int = 100
    learning_rate: float = 0.004
    """With the number of epochs this decides how far students come. Of students that are still on their way, anything
    that speeds learning up seems to teach, random masks too; students that have come to the end know an easy task after
    a hundred graphs, and nothing can teach them more."""
    explanation: float = 2.0
    """Weight of the loss of the masks."""
    measured_epochs: int = 10
    """Performance is the mean over so many last epochs."""

    def __post_init__(self) -> None:
        if not 1 <= self.measured_epochs <= self.epochs:
            raise ValueError(
                f"measured_epochs is {self.measured_epochs} of {self.epochs} epochs; expected at least 1, and no more"
            )
        for field in ("learning_rate", "explanation"):
            if getattr(self, field) <= 0:
                raise ValueError(f"TrainingSettings.{field} is {getattr(self, field)}; expected more than 0")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a student is shown beside the labels."""

    masks: Masks | None = None
    """None for the reference."""
    parts: MaskParts = "both"
    start: int = 0
    """Students with another number start from other weights; only checks of the study itself want that."""
    judged_by: Masks | None = None
    """What the students' own masks are held against; none leaves them unjudged."""


@dataclass(frozen=True, slots=True)
class Results:
    """What L lessons came to in R repetitions; NaN where a training failed."""

    performance: npt.NDArray[np.float64]
    """Shape (L, R): mean over the last epochs of accuracy, or of R2, on the repetition's validation graphs."""
    node_auroc: npt.NDArray[np.float64]
    """Shape (L, R): of the students' node masks on the validation graphs, against `Lesson.judged_by`."""
    edge_auroc: npt.NDArray[np.float64]
    """Shape (L, R)."""


def train_students(
    pool: Pool,
    shape: StudentShape,
    lessons: Sequence[Lesson],
    train: npt.NDArray[np.int64],
    valid: npt.NDArray[np.int64],
    settings: TrainingSettings,
    *,
    seeds: Sequence[Sequence[int]],
    report: Callable[[float], None] = lambda share: None,
) -> Results:
    """Train a student for every lesson and repetition.

    Parameters
    ----------
    train, valid : (R, G) and (R, V) int
        Graphs of the pool in each repetition.
    seeds
        Numbers that the initial weights of each repetition are drawn with, (R,) lists; the lesson's start is added.
    report
        Called with the share of all epochs that are done, 0 to 1.
    """
    members = [(lesson, r) for r in range(len(train)) for lesson in range(len(lessons))]
    nodes_each = int(np.diff(pool.batch.atom_offsets)[train].sum(axis=1).max())
    at_once = max(1, NODES_AT_ONCE // nodes_each)
    found = Results(*(np.full((len(lessons), len(train)), np.nan) for _ in range(3)))
    n_passes = -(-len(members) // at_once)
    for number in range(n_passes):
        group = members[number * at_once : (number + 1) * at_once]
        repetitions = np.array([r for _, r in group])
        own_seeds = [[*seeds[r], lessons[lesson].start] for lesson, r in group]

        def tell(share: float, number: int = number) -> None:
            report((number + share) / n_passes)

        performance, node_auroc, edge_auroc = _train_group(
            pool, shape, [lessons[lesson] for lesson, _ in group], own_seeds,
            train[repetitions], valid[repetitions], settings, tell,
        )  # fmt: skip
        for (lesson, r), *values in zip(group, performance, node_auroc, edge_auroc, strict=True):
            found.performance[lesson, r], found.node_auroc[lesson, r], found.edge_auroc[lesson, r] = values
    return found


@dataclass(frozen=True, slots=True)
class Targets:
    """Masks that S students learn, with weights that are 0 for places and students without."""

    nodes: Tensor
    """Shape (S, N, K)."""
    node_weights: Tensor
    links: Tensor
    """Shape (P,)."""
    link_weights: Tensor


def targets_of(graphs: StackedGraphs, lessons: Sequence[Lesson], factor: float) -> Targets:
    """The masks of each student's lesson on its own graphs, (S,) lessons.

    The two sides of the cross-entropy weigh the same however few nodes an explanation has: else students learn first
    that nothing matters, and with empty masks they learn no classes.
    """
    nodes, node_weights = _placed(graphs.node_rows, lessons, "nodes", graphs.channels)
    edges, edge_weights = _placed(graphs.edge_rows, lessons, "edges", graphs.channels)
    real = (graphs.node_rows >= 0).sum(1).clamp_min(1) * graphs.channels
    links = torch.bincount(graphs.student_of_link, minlength=len(lessons)).clamp_min(1)
    return Targets(
        nodes,
        factor * node_weights / real[:, None, None],
        edges.view(-1)[graphs.edge_of_link],
        factor * edge_weights.view(-1)[graphs.edge_of_link] / links[graphs.student_of_link],
    )


def losses_of(answers: Answers, graphs: StackedGraphs, targets: Targets | None, regression: bool) -> Tensor:
    """Sum over students of the loss of the labels plus the loss of the masks."""
    loss = _label_losses(answers.output, graphs.labels, regression).sum()
    if targets is None:
        return loss
    on_nodes = F.binary_cross_entropy_with_logits(
        answers.node_logits, targets.nodes, weight=targets.node_weights, reduction="sum"
    )
    on_links = F.binary_cross_entropy_with_logits(
        answers.link_logits, targets.links, weight=targets.link_weights, reduction="sum"
    )
    return loss + on_nodes + on_links


def fit(
    shape: StudentShape,
    weights: Weights,
    graphs: StackedGraphs,
    lessons: Sequence[Lesson],
    settings: TrainingSettings,
    after: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Train the weights of S students in place.

    Parameters
    ----------
    lessons
        One a student.
    after
        Called after every epoch with its number, from 0.
    """
    shown = any(lesson.masks is not None for lesson in lessons)
    targets = targets_of(graphs, lessons, settings.explanation) if shown else None
    for weight in weights.values():
        weight.requires_grad_()
    optimizer = torch.optim.Adam(weights.values(), lr=settings.learning_rate)
    for epoch in range(settings.epochs):
        answers = ask_students(shape, weights, graphs, masks=shown)
        loss = losses_of(answers, graphs, targets, shape.outputs == 1)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        after(epoch)


def _train_group(
    pool: Pool,
    shape: StudentShape,
    lessons: Sequence[Lesson],
    seeds: list[list[int]],
    train: npt.NDArray[np.int64],
    valid: npt.NDArray[np.int64],
    settings: TrainingSettings,
    report: Callable[[float], None],
) -> tuple[Floats, Floats, Floats]:
    weights = initial_weights(shape, seeds)
    nodes_each = int(np.diff(pool.batch.atom_offsets)[valid].sum(axis=1).max())
    size = max(1, VALIDATION_NODES_AT_ONCE // nodes_each)
    parts = [slice(first, first + size) for first in range(0, len(seeds), size)]
    judges = [(part, stack(pool, valid[part])) for part in parts]
    measured: list[Tensor] = []

    def after(epoch: int) -> None:
        report((epoch + 1) / settings.epochs)
        if epoch >= settings.epochs - settings.measured_epochs:
            with torch.no_grad():
                measured.append(torch.cat([_performance(shape, _part(weights, p), graphs) for p, graphs in judges]))

    fit(shape, weights, stack(pool, train), lessons, settings, after)
    performance = torch.stack(measured).mean(0).numpy()
    aurocs = [_mask_truth(shape, _part(weights, p), graphs, lessons[p]) for p, graphs in judges]
    return performance, *(np.concatenate(values) for values in zip(*aurocs, strict=True))  # type: ignore[return-value]


def _part(weights: Weights, part: slice) -> Weights:
    return {name: weight.detach()[part] for name, weight in weights.items()}


def _label_losses(output: Tensor, labels: Tensor, regression: bool) -> Tensor:
    """Mean squared error or cross-entropy of every student, (S,)."""
    if regression:
        return ((output[:, :, 0] - labels) ** 2).mean(1)
    each = F.cross_entropy(output.flatten(0, 1), labels.flatten().long(), reduction="none")
    return each.view(labels.shape).mean(1)


def _performance(shape: StudentShape, weights: Weights, graphs: StackedGraphs) -> Tensor:
    """Accuracy or R2 of every student, (S,); NaN for one whose weights have run away."""
    output = ask_students(shape, weights, graphs, masks=False).output
    labels = graphs.labels
    if shape.outputs == 1:
        error = ((output[:, :, 0] - labels) ** 2).sum(1)
        return 1 - error / ((labels - labels.mean(1, keepdim=True)) ** 2).sum(1).clamp_min(1e-12)
    right = (output.argmax(2) == labels).float().mean(1)
    return torch.where(torch.isfinite(output).all(2).all(1), right, torch.nan)


def _mask_truth(
    shape: StudentShape, weights: Weights, graphs: StackedGraphs, lessons: Sequence[Lesson]
) -> tuple[Floats, Floats]:
    n_students, n_graphs, _ = graphs.shape
    if all(lesson.judged_by is None for lesson in lessons):
        return np.full(n_students, np.nan, np.float32), np.full(n_students, np.nan, np.float32)
    with torch.set_grad_enabled(shape.kind == "gcn"):
        answers = ask_students(shape, weights, graphs)
    members, links = graphs.members, graphs.links
    judges = [lesson.judged_by for lesson in lessons]
    true_nodes = _belonging(graphs.node_rows, [None if m is None else m.nodes for m in judges], graphs.channels)
    true_edges = _belonging(graphs.edge_rows, [None if m is None else m.edges for m in judges], graphs.channels)
    group_of_node = np.zeros(len(true_nodes), dtype=np.int64)
    group_of_node[members.columns.numpy()] = members.rows.numpy()
    n_groups = n_students * n_graphs * graphs.channels
    places = members.columns.numpy()
    on_nodes = grouped_auroc(
        answers.node_logits.detach().flatten().numpy()[places],
        true_nodes[places],
        members.rows.numpy(),
        n_groups,
    )
    on_links = grouped_auroc(
        answers.link_logits.detach().numpy(),
        true_edges[graphs.edge_of_link.numpy()],
        group_of_node[links.rows.numpy()],
        n_groups,
    )
    return _mean_of_students(on_nodes, n_students), _mean_of_students(on_links, n_students)


def _belonging(rows: Tensor, masks: Sequence[Floats | None], channels: int) -> npt.NDArray[np.bool_]:
    """Where (S, n) rows of the pool belong to the students' (S,) masks, flat; nowhere without masks."""
    true = torch.zeros(*rows.shape, channels)
    for s, values in enumerate(masks):
        if values is not None:
            true[s] = rows_at(values, rows[s : s + 1])[0]
    return np.asarray(true.flatten().numpy() >= TRUE)


def _mean_of_students(values: npt.NDArray[np.float64], n_students: int) -> Floats:
    """Mean over the graphs and channels of each student that have one; NaN where none has."""
    rows = values.reshape(n_students, -1)
    known = np.isfinite(rows)
    n = known.sum(axis=1)
    total = np.where(known, rows, 0.0).sum(axis=1)
    mean: Floats = np.divide(total, n, out=np.full(n_students, np.nan), where=n > 0).astype(np.float32)
    return mean


def _placed(rows: Tensor, lessons: Sequence[Lesson], part: MaskParts, channels: int) -> tuple[Tensor, Tensor]:
    """Masks and weights at (S, n) rows of the pool, (S, n, K) each."""
    masks = torch.zeros(*rows.shape, channels)
    weights = torch.zeros(*rows.shape, channels)
    for s, lesson in enumerate(lessons):
        if lesson.masks is None or lesson.parts not in ("both", part):
            continue
        values: Floats = lesson.masks.nodes if part == "nodes" else lesson.masks.edges
        share = float(values.mean(dtype=np.float64))
        masks[s] = rows_at(values, rows[s : s + 1])[0]
        on, off = 0.5 / max(share, 1e-6), 0.5 / max(1 - share, 1e-6)
        weights[s] = (masks[s] * on + (1 - masks[s]) * off) * (rows[s] >= 0)[:, None]
    return masks, weights
