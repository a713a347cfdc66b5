"""Pretraining without measurements: an encoder learns to tell RDKit's descriptors of molecules from their atoms.

What it must notice for that (groups, rings, charges, polarity and how they add up) is what a network of few
measurements would have to find by itself.

Source: descriptor-based pretraining, Burns et al. 2025, arXiv 2506.15792 (with other descriptors and another network).
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from datasets.descriptors import descriptor_table
from datasets.featurize import FlatBatch, featurize
from megan.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from megan.encoder import Encoder, EncoderShape
from megan.graph import graph_batch
from megan.training import batches, learning_rate

Floats = npt.NDArray[np.float32]
LARGEST_TARGET = 6.0
"""In standard units; rarer extremes count as this."""
LEAST_SPREAD = 1e-3
"""Descriptors that spread less over the molecules have nothing to tell."""
CHUNK = 500
"""Molecules that a process describes at a time."""
TOLD_EVERY = 20
"""Chunks between two lines of progress."""


@dataclass(frozen=True, slots=True)
class PretrainSettings:
    """How an encoder is pretrained."""

    epochs: int = 15
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    averaging: float = 0.999
    """Decay of the running average of the weights, which is what is judged and kept."""
    held_out: int = 2000
    """Molecules that are not learned from and tell how well descriptors are told."""
    seed: int = 0

    def __post_init__(self) -> None:
        for field in ("epochs", "batch", "held_out"):
            if getattr(self, field) < 1:
                raise ValueError(f"PretrainSettings.{field} is {getattr(self, field)}; expected at least 1")
        for field in ("learning_rate", "weight_decay"):
            if getattr(self, field) <= 0:
                raise ValueError(f"PretrainSettings.{field} is {getattr(self, field)}; expected more than 0")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"PretrainSettings.averaging is {self.averaging}; expected 0 <= averaging < 1")


def described(
    smiles: Sequence[str], processes: int | None = None, tell: Callable[[str], None] = lambda line: None
) -> Floats:
    """The descriptors of many molecules, (n, descriptors), computed by several processes.

    Parameters
    ----------
    processes
        By default one per core; 1 computes here.
    tell
        Called with a line now and then.
    """
    workers = processes or os.cpu_count() or 1
    chunks = [list(smiles[start : start + CHUNK]) for start in range(0, len(smiles), CHUNK)]
    if workers == 1 or len(chunks) < 2:
        return descriptor_table(smiles)
    tables: list[Floats] = []
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=get_context("spawn")) as pool:
        for table in pool.map(descriptor_table, chunks):
            tables.append(table)
            if len(tables) % TOLD_EVERY == 0:
                tell(f"described {len(tables) * CHUNK:,} of {len(smiles):,} molecules")
    return np.concatenate(tables)


def targets(descriptors: Floats) -> Floats:
    """Standard units of every descriptor that varies, with long tails drawn in, (n, told).

    Parameters
    ----------
    descriptors
        From `described`.

    Raises
    ------
    ValueError
        If no descriptor varies.
    """
    values = descriptors.astype(np.float64)
    unit = values.std(axis=0)
    near = (values - values.mean(axis=0)) / np.where(unit > 0, unit, 1.0)
    drawn_in = np.sign(near) * np.log1p(np.abs(near))
    spread = drawn_in.std(axis=0)
    telling = spread > LEAST_SPREAD
    if not telling.any():
        raise ValueError("all molecules have the same descriptors; expected different molecules")
    standard = (drawn_in[:, telling] - drawn_in[:, telling].mean(axis=0)) / spread[telling]
    chosen: Floats = np.clip(standard, -LARGEST_TARGET, LARGEST_TARGET).astype(np.float32)
    return chosen


def pretrain(
    smiles: Sequence[str],
    wanted: Floats,
    shape: EncoderShape,
    settings: PretrainSettings,
    *,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[Encoder, list[dict[str, float | int]]]:
    """Train an encoder; the averaged weights that tell held-out molecules best are kept.

    Parameters
    ----------
    smiles
        Standardised molecules, each once.
    wanted
        From `targets`, in the same order.
    folder
        Where the checkpoint goes; an existing one is resumed. None keeps none.
    tell
        Called with a line after every epoch.

    Returns
    -------
    encoder
        In evaluation mode.
    log
        One row an epoch: loss, and the mean and median share of variance told of held-out molecules.

    Raises
    ------
    ValueError
        If there are not enough molecules beside the held-out ones, or a loss is not finite.
    """
    if len(smiles) < settings.held_out + settings.batch:
        raise ValueError(
            f"{len(smiles)} molecules; expected at least {settings.held_out + settings.batch}: "
            f"{settings.held_out} held out and a batch of {settings.batch}"
        )
    torch.manual_seed(settings.seed)
    encoder = Encoder(shape, wanted.shape[1])
    average = torch.optim.swa_utils.AveragedModel(
        encoder, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.averaging), use_buffers=True
    )
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    order = np.random.default_rng(settings.seed).permutation(len(smiles))
    unseen, seen = order[: settings.held_out], order[settings.held_out :]
    batch = featurize(smiles)
    file = folder / "pretraining.safetensors" if folder is not None else None
    point = load_checkpoint(file, encoder, average, optimizer) if file is not None else Checkpoint.fresh()
    for epoch in range(point.epoch, settings.epochs):
        start = time.perf_counter()
        loss = _epoch(encoder, average, optimizer, batch, wanted, seen, settings, epoch)
        told = variance_told(average.module, batch.select(unseen), wanted[unseen])
        score = float(np.mean(told))
        point = point.after_epoch(epoch, score, average.module)
        row = {"epoch": epoch, "loss": loss, "mean_r2": score, "median_r2": float(np.median(told))}
        point.log.append({**row, "seconds": time.perf_counter() - start})
        if file is not None:
            save_checkpoint(file, point, encoder, average, optimizer)
        tell(
            f"epoch {epoch + 1}/{settings.epochs} loss {loss:.4f} variance told: mean {score:.3f} "
            f"median {row['median_r2']:.3f} {point.log[-1]['seconds']:.1f} s/epoch"
        )
    encoder.load_state_dict(point.best_weights)
    return encoder.eval(), point.log


def variance_told(encoder: torch.nn.Module, batch: FlatBatch, wanted: Floats) -> npt.NDArray[np.float64]:
    """Share of the variance of every target that the encoder tells, (told,): 1 for all, 0 or less for none."""
    encoder.eval()
    with torch.inference_mode():
        parts = [
            encoder(graph_batch(batch.select(np.arange(start, min(start + CHUNK, len(batch))))))
            for start in range(0, len(batch), CHUNK)
        ]
    error = ((torch.cat(parts).numpy().astype(np.float64) - wanted) ** 2).mean(axis=0)
    share: npt.NDArray[np.float64] = 1 - error / np.maximum(wanted.astype(np.float64).var(axis=0), LEAST_SPREAD)
    return np.maximum(share, -1.0)


def _epoch(
    encoder: Encoder,
    average: torch.optim.swa_utils.AveragedModel,
    optimizer: torch.optim.Optimizer,
    batch: FlatBatch,
    wanted: Floats,
    rows: npt.NDArray[np.int64],
    settings: PretrainSettings,
    epoch: int,
) -> float:
    encoder.train()
    chunks = [rows[chosen] for chosen in batches(len(rows), settings.batch, settings.seed, epoch)]
    total = 0.0
    for number, chosen in enumerate(chunks):
        step = epoch * len(chunks) + number
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, settings.epochs * len(chunks), settings.learning_rate)
        told = encoder(graph_batch(batch.select(chosen)))
        loss = torch.nn.functional.smooth_l1_loss(told, torch.from_numpy(wanted[chosen]))
        if not math.isfinite(loss.item()):
            raise ValueError(
                f"the loss of epoch {epoch} is {loss.item()}; expected a finite number, lower learning_rate"
            )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 5.0)
        optimizer.step()
        average.update_parameters(encoder)
        total += loss.item() / len(chunks)
    return total
