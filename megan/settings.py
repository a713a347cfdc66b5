"""How a model is trained: every factor and length in one frozen value that the card stores."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from megan.model import ModelSettings
from megan.teacher import TeacherSettings


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
    sufficiency: float = 0.0
    """Weight of the loss that each channel alone tells the class, so that it must show all parts of a cause."""
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
    repeat_rarer: int = 1
    """How often an epoch sees each molecule of the rarer class: where few are positive, masks are learned from few."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "patience", "contrastive_ramp", "repeat_rarer"):
            if getattr(self, name) < 1:
                raise ValueError(f"TrainSettings.{name} is {getattr(self, name)}; expected at least 1")
        for name in (
            "explanation",
            "sparsity",
            "fidelity",
            "fidelity_square",
            "sufficiency",
            "contrastive",
            "importance_offset",
            "weight_decay",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"TrainSettings.{name} is {getattr(self, name)}; expected at least 0")
        for name in ("contrastive_share", "averaging"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"TrainSettings.{name} is {getattr(self, name)}; expected 0 <= {name} < 1")
        if self.learning_rate <= 0:
            raise ValueError(f"TrainSettings.learning_rate is {self.learning_rate}; expected more than 0")

    def with_seed(self, seed: int) -> TrainSettings:
        """The same settings for another member."""
        return dataclasses.replace(self, seed=seed)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that a bundle is made from beside its table."""

    train: TrainSettings = field(default_factory=TrainSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    """Channels and kind of output are those of the task, whatever stands here."""
    teacher: TeacherSettings | None = None
    pretrained: bool = False
    """Whether members start from the shipped encoder (`megan.encoder`), which `model` must then fit."""
    members: int = 5

    def __post_init__(self) -> None:
        if self.members < 1:
            raise ValueError(f"Recipe.members is {self.members}; expected at least 1")


#: Recipes of the shipped bundles; what was tried beside them stands in the README's table of ablations.
SHIPPED: dict[str, Recipe] = {
    "mutagenicity": Recipe(train=TrainSettings(epochs=25)),
    "aggregation": Recipe(
        train=TrainSettings(
            epochs=18, batch=128, learning_rate=3e-3, patience=6, contrastive_share=0.12, fidelity_square=0.01
        ),
        model=ModelSettings(dropout=0.1),
        teacher=TeacherSettings(pool=("solubility", "mutagenicity"), trees=1000, leaves=48, features=0.1),
        members=3,
    ),
    "solubility": Recipe(
        train=TrainSettings(
            epochs=20,
            batch=128,
            learning_rate=3e-3,
            contrastive_share=0.12,
            fidelity_square=0.01,
            importance_offset=1.0,
        ),
        model=ModelSettings(dropout=0.1),
        teacher=TeacherSettings(pool=("mutagenicity", "aggregation"), pool_size=12_000),
        members=5,
    ),
}


def recipe_for(task: str) -> Recipe:
    """The recipe that a task's shipped bundle was made by; the default for any other task."""
    return SHIPPED.get(task, Recipe())


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
