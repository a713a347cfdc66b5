"""How a model is trained: every factor and length in one frozen value that the card stores."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of one member's training; factors weigh the losses of `megan.losses`."""

    epochs: int = 40
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    patience: int = 12
    """Epochs without a better validation score after which training stops."""
    explanation: float = 1.0
    sparsity: float = 0.2
    fidelity: float = 1.0
    """Ten times the published factor, so that few channels speak against their own class; the cards tell how few."""
    fidelity_square: float = 0.1
    """Weight of the square in the fidelity loss."""
    contrastive: float = 0.1
    importance_offset: float = 1.5
    """How much a unit of mask counts in the explanation co-training; larger means smaller masks."""
    contrastive_share: float = 0.25
    """Share of each batch of which a second, noisy view is encoded."""
    contrastive_ramp: int = 5
    """Epochs over which the contrastive factor rises from 0."""
    view_noise: float = 0.5
    """Standard deviation of the noise on unexplained atoms of a view; explained ones get a quarter of it."""
    averaging: float = 0.995
    """Decay of the running average of the weights, which is what is validated and kept."""
    seed: int = 0

    def __post_init__(self) -> None:
        for field in ("epochs", "batch", "patience", "contrastive_ramp"):
            if getattr(self, field) < 1:
                raise ValueError(f"TrainSettings.{field} is {getattr(self, field)}; expected at least 1")
        for field in (
            "explanation",
            "sparsity",
            "fidelity",
            "fidelity_square",
            "contrastive",
            "importance_offset",
            "weight_decay",
        ):
            if getattr(self, field) < 0:
                raise ValueError(f"TrainSettings.{field} is {getattr(self, field)}; expected at least 0")
        for field in ("contrastive_share", "averaging"):
            if not 0 <= getattr(self, field) < 1:
                raise ValueError(f"TrainSettings.{field} is {getattr(self, field)}; expected 0 <= {field} < 1")
        if self.learning_rate <= 0:
            raise ValueError(f"TrainSettings.learning_rate is {self.learning_rate}; expected more than 0")

    def with_seed(self, seed: int) -> TrainSettings:
        """The same settings for another member."""
        return dataclasses.replace(self, seed=seed)


#: Settings of the shipped bundles where they differ from the defaults.
SHIPPED: dict[str, TrainSettings] = {
    "mutagenicity": TrainSettings(epochs=25),
    "aggregation": TrainSettings(epochs=15, batch=128, patience=4, fidelity_square=0.01),
}


def settings_for(task: str) -> TrainSettings:
    """The settings that a task's shipped bundle was trained with; the defaults for any other task."""
    return SHIPPED.get(task, TrainSettings())


def settings_for_rows(molecules: int, epochs: int = 40) -> TrainSettings:
    """Settings for a table of any size: few molecules need smaller batches and a shorter average of the weights.

    Parameters
    ----------
    molecules
        Number of training molecules.
    epochs
        Most epochs a member.

    Raises
    ------
    ValueError
        If `epochs` is less than 1.
    """
    batch = 64 if molecules >= 2000 else 32 if molecules >= 400 else 16
    steps = max(1, molecules // batch) * max(1, epochs)
    # The average looks back over at most a tenth of the training; over more, it would still hold the first weights.
    return TrainSettings(epochs=epochs, batch=batch, averaging=min(0.995, max(0.0, 1 - 10 / steps)))
