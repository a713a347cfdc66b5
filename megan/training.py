"""Training of one member: batches, losses, early stopping, checkpoints, and a log that can be plotted.

All randomness of an epoch comes from (seed, epoch), and the learning rate from the step alone, so a training that
was killed goes on from its checkpoint exactly as if nothing had happened.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from datasets.featurize import FlatBatch
from megan.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from megan.encoder import PretrainedEncoder
from megan.graph import GraphBatch, graph_batch, sum_molecules
from megan.losses import (
    contrastive_loss,
    explanation_loss,
    fidelity,
    fidelity_loss,
    prediction_loss,
    sparsity_loss,
    sufficiency_loss,
)
from megan.metrics import auroc, rmse
from megan.model import Megan, ModelOutput, ModelSettings
from megan.settings import TrainSettings

Floats = npt.NDArray[np.float32]
EVALUATION_BATCH = 512


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Molecules with their labels, ready to be batched."""

    batch: FlatBatch
    labels: Floats
    """Shape (G,): class numbers as floats, or values in the task's unit."""

    def __post_init__(self) -> None:
        if self.labels.shape != (len(self.batch),):
            raise ValueError(f"LabelledSet.labels has shape {self.labels.shape}; expected ({len(self.batch)},)")
        if not np.isfinite(self.labels).all():
            raise ValueError("LabelledSet.labels holds a value that is not finite; expected numbers")


@dataclass(frozen=True, slots=True)
class Progress:
    """One finished epoch."""

    member: int
    epoch: int
    epochs: int
    loss: float
    parts: dict[str, float]
    """Mean of every unweighted loss over the epoch."""
    valid_score: float
    """AUROC, or minus the root mean squared error."""
    best_score: float
    seconds: float
    """Time of this epoch."""
    remaining: float
    """Seconds until the last epoch at this speed."""

    def line(self) -> str:
        """The progress line."""
        minutes, seconds = divmod(int(self.remaining), 60)
        return (
            f"member {self.member} epoch {self.epoch + 1}/{self.epochs} loss {self.loss:.4f} "
            f"valid {self.valid_score:.4f} best {self.best_score:.4f} {self.seconds:.1f} s/epoch, "
            f"{minutes}:{seconds:02d} left at most"
        )

    def record(self) -> dict[str, float | int]:
        """The row of the log."""
        return {
            "member": self.member,
            "epoch": self.epoch,
            "loss": self.loss,
            "valid_score": self.valid_score,
            "seconds": self.seconds,
            **self.parts,
        }


def train_member(
    train: LabelledSet,
    valid: LabelledSet,
    model_settings: ModelSettings,
    settings: TrainSettings,
    *,
    encoder: PretrainedEncoder | None = None,
    member: int = 0,
    folder: Path | None = None,
    device: str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> tuple[Megan, list[dict[str, float | int]]]:
    """Train one network; the best weights on validation are kept.

    Parameters
    ----------
    train, valid
        What is learned from, and what decides when to stop.
    model_settings, settings
        The network's shape and how it is trained.
    encoder
        What the embedding and the messages of the layers start from; None starts them at random.
    member
        Number in the committee, for progress and file names.
    folder
        Where checkpoints go; an existing one is resumed. None keeps none.
    device
        "cpu" or "cuda".
    report
        Called after every epoch.

    Returns
    -------
    model
        In evaluation mode, on the CPU.
    log
        One row an epoch.

    Raises
    ------
    ValueError
        If the training labels are all equal, a loss is not finite, the encoder has another shape, or values are to be
        learned in a way for classes.
    """
    if model_settings.regression and settings.repeat_rarer > 1:
        raise ValueError(f"TrainSettings.repeat_rarer is {settings.repeat_rarer}; expected 1 where values are learned")
    if model_settings.regression and settings.sufficiency:
        raise ValueError(f"TrainSettings.sufficiency is {settings.sufficiency}; expected 0 where values are learned")
    if np.ptp(train.labels) == 0:
        raise ValueError(f"the training labels are all {train.labels[0]:g}; expected at least two different ones")
    torch.manual_seed(settings.seed)
    model = Megan(model_settings)
    if encoder is not None:
        encoder.start(model)
    model = model.to(device)
    if model_settings.regression:
        model.target_mean.fill_(float(train.labels.mean()))
        model.target_scale.fill_(float(train.labels.std()))
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.averaging), use_buffers=True
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    file = folder / f"member-{member}.safetensors" if folder is not None else None
    point = load_checkpoint(file, model, average, optimizer) if file is not None else Checkpoint.fresh()
    for epoch in range(point.epoch, settings.epochs):
        if epoch - point.best_epoch > settings.patience:
            break
        start = time.perf_counter()
        loss, parts = _train_epoch(model, average, optimizer, train, settings, epoch, device)
        score = validation_score(average.module, valid, device)
        point = point.after_epoch(epoch, score, average.module)
        seconds = time.perf_counter() - start
        progress = Progress(
            member, epoch, settings.epochs, loss, parts, score, point.best_score, seconds,
            seconds * (settings.epochs - epoch - 1),
        )  # fmt: skip
        point.log.append(progress.record())
        if file is not None:
            save_checkpoint(file, point, model, average, optimizer)
        report(progress)
    model.load_state_dict(point.best_weights)
    return model.to("cpu").eval(), point.log


def batches(n: int, size: int, seed: int, epoch: int) -> Iterator[npt.NDArray[np.int64]]:
    """Positions of an epoch's batches; a last batch of one molecule joins the one before."""
    order = np.random.default_rng([seed, epoch]).permutation(n)
    n_batches = max(1, math.ceil(n / size) - (n % size == 1 and n > 1))
    for b in range(n_batches):
        yield order[b * size : (b + 1) * size if b < n_batches - 1 else n]


def rows_of_epoch(labels: Floats, repeat_rarer: int) -> npt.NDArray[np.int64]:
    """Rows that an epoch goes through, each molecule of the rarer class as often as asked.

    Parameters
    ----------
    labels : (G,)
        Class numbers as floats, or probabilities of class 1; of two classes that are equally common, none is rarer.
    repeat_rarer
        At least 1.
    """
    rows = np.arange(len(labels), dtype=np.int64)
    positive = labels > 0.5
    if repeat_rarer == 1 or 2 * positive.sum() == len(labels):
        return rows
    rarer = positive if 2 * positive.sum() < len(labels) else ~positive
    return np.repeat(rows, np.where(rarer, repeat_rarer, 1))


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Linear rise over the first 5 % of all steps, then a cosine down to a hundredth."""
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    share = (step - warm) / max(1, steps - warm)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


def _train_epoch(
    model: Megan,
    average: torch.optim.swa_utils.AveragedModel,
    optimizer: torch.optim.Optimizer,
    data: LabelledSet,
    settings: TrainSettings,
    epoch: int,
    device: str,
) -> tuple[float, dict[str, float]]:
    torch.manual_seed(settings.seed * 100_003 + epoch)
    model.train()
    rows = rows_of_epoch(data.labels, settings.repeat_rarer)
    chunks = [rows[chosen] for chosen in batches(len(rows), settings.batch, settings.seed, epoch)]
    totals: dict[str, float] = {}
    for b, chosen in enumerate(chunks):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(epoch * len(chunks) + b, settings.epochs * len(chunks), settings.learning_rate)
        graph = graph_batch(data.batch.select(chosen), device)
        target = torch.from_numpy(data.labels[chosen]).to(device)
        parts = losses(model, graph, target, settings, epoch)
        loss = torch.stack(list(parts.values())).sum()
        if not torch.isfinite(loss):
            raise ValueError(
                f"the loss of epoch {epoch} is {loss.item()}; expected a finite number, lower learning_rate"
            )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        average.update_parameters(model)
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + value.item() / len(chunks)
    return sum(totals.values()), totals


def losses(model: Megan, graph: GraphBatch, target: Tensor, settings: TrainSettings, epoch: int) -> dict[str, Tensor]:
    """The weighted losses of a batch by name; those with factor 0 are left out.

    Parameters
    ----------
    target : (G,)
        Class numbers as floats, or values in the task's unit.
    """
    regression = model.settings.regression
    if regression:
        target = (target - model.target_mean) / model.target_scale
    elif model.settings.channels == 2:
        target = torch.stack([1 - target, target], dim=1)
    out = model(graph)
    parts = {"prediction": prediction_loss(out.output, target, regression)}
    if settings.explanation:
        mass = sum_molecules(graph, out.node_importance)
        parts["explanation"] = settings.explanation * explanation_loss(
            mass, target, settings.importance_offset, regression
        )
    if settings.sparsity:
        parts["sparsity"] = settings.sparsity * sparsity_loss(out.node_importance, graph.molecule_of_atom, len(graph))
    if settings.fidelity:
        values = fidelity(out.output, model.without_channels(out.embedding), regression)
        parts["fidelity"] = settings.fidelity * fidelity_loss(values, settings.fidelity_square)
    if settings.sufficiency:
        alone = model.only_channels(out.embedding)
        parts["sufficiency"] = settings.sufficiency * sufficiency_loss(alone, target)
    n_views = int(len(graph) * settings.contrastive_share)
    if settings.contrastive and n_views > 1:
        ramp = min(1.0, epoch / settings.contrastive_ramp)
        view = noisy_view(model, graph.head(n_views), out, settings.view_noise)
        parts["contrastive"] = settings.contrastive * ramp * contrastive_loss(out.embedding[:n_views], view)
    return parts


def noisy_view(model: Megan, graph: GraphBatch, out: ModelOutput, noise: float) -> Tensor:
    """Embeddings of the first molecules of a batch after noise on what the masks leave out, (G, K, D).

    An atom that some channel explains fully gets a quarter of the noise.
    """
    atoms = model.embed_atoms(graph)
    explained = out.node_importance[: len(atoms)].detach().amax(dim=1, keepdim=True)
    noisy = atoms + noise * (1 - 0.75 * explained) * torch.randn_like(atoms)
    embedding: Tensor = model(graph, noisy).embedding
    return embedding


def raw_outputs(model: Megan, batch: FlatBatch, device: str = "cpu") -> Floats:
    """Log-odds of class 1 (two classes) or values in the task's unit, (G,)."""
    rows = []
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(batch), EVALUATION_BATCH):
            chosen = np.arange(start, min(start + EVALUATION_BATCH, len(batch)))
            rows.append(output_in_units(model, model(graph_batch(batch.select(chosen), device)).output).cpu())
    return torch.cat(rows).numpy() if rows else np.zeros(0, dtype=np.float32)


def output_in_units(model: Megan, output: Tensor) -> Tensor:
    """Log-odds of class 1 from two logits, or the value in the task's unit from standard units; (G, .) -> (G,)."""
    if model.settings.regression:
        return output[:, 0] * model.target_scale + model.target_mean
    return output[:, 1] - output[:, 0]


def validation_score(model: torch.nn.Module, data: LabelledSet, device: str = "cpu") -> float:
    """AUROC, or minus the root mean squared error; larger is better."""
    assert isinstance(model, Megan)
    output = raw_outputs(model, data.batch, device)
    if model.settings.regression:
        return -rmse(data.labels, output)
    return auroc(data.labels, output)
