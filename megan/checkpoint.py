"""Where a training stands, on disk: safetensors with the scalars as JSON in the header, never a pickle."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from megan.files import write_beside


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State of a training after some epochs."""

    epoch: int
    """The next epoch to run."""
    best_epoch: int
    best_score: float
    best_weights: dict[str, Tensor]
    log: list[dict[str, float | int]] = field(default_factory=list)

    @classmethod
    def fresh(cls) -> Checkpoint:
        """Before the first epoch."""
        return cls(epoch=0, best_epoch=0, best_score=float("-inf"), best_weights={})

    def after_epoch(self, epoch: int, score: float, model: nn.Module) -> Checkpoint:
        """The state after `epoch`, with the weights of `model` if none before were better.

        Of equal scores the later wins: where ranking is easy, the masks still improve after it is perfect.
        """
        if score >= self.best_score:
            best = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
            return dataclasses.replace(self, epoch=epoch + 1, best_epoch=epoch, best_score=score, best_weights=best)
        return dataclasses.replace(self, epoch=epoch + 1)


def save_checkpoint(
    file: Path, point: Checkpoint, model: nn.Module, average: AveragedModel, optimizer: torch.optim.Optimizer
) -> None:
    """Write everything that `load_checkpoint` needs, beside and renamed."""
    tensors = {f"best.{name}": value for name, value in point.best_weights.items()}
    tensors |= {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
    scalars = {
        "epoch": point.epoch,
        "best_epoch": point.best_epoch,
        "best_score": point.best_score,
        "log": point.log,
    }
    contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with write_beside(file) as beside:
        save_file(contiguous, beside, metadata={"checkpoint": json.dumps(scalars)})


def load_checkpoint(
    file: Path, model: nn.Module, average: AveragedModel, optimizer: torch.optim.Optimizer
) -> Checkpoint:
    """Put a saved state into the given objects; a fresh checkpoint where there is no file.

    Raises
    ------
    ValueError
        If the file belongs to a network of another shape.
    """
    if not file.exists():
        return Checkpoint.fresh()
    with safe_open(file, framework="pt") as opened:
        scalars = json.loads((opened.metadata() or {})["checkpoint"])
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
    try:
        model.load_state_dict(_under("model.", tensors))
        average.load_state_dict(_under("average.", tensors))
    except RuntimeError as error:
        raise ValueError(f"checkpoint {file.name} belongs to a network of another shape: {error}") from error
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _under("optimizer.", tensors).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return Checkpoint(
        epoch=scalars["epoch"],
        best_epoch=scalars["best_epoch"],
        best_score=scalars["best_score"],
        best_weights=_under("best.", tensors),
        log=scalars["log"],
    )


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
