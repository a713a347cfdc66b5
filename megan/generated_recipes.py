"""How the shipped models of the generated sets were made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from megan.model import ModelSettings
from megan.settings import TrainSettings, settings_for_rows


@dataclass(frozen=True, slots=True)
class GeneratedRecipe:
    """Everything that decides a model of a generated set, but for the set's name."""

    graphs: int
    """Size of the set; a set of another size holds other graphs."""
    train: TrainSettings
    """Member i has seed `train.seed + i`."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The network's shape; its channels and kind are those of the set in any case."""
    members: int = 3
    drawn_with: int = 0
    """Seed of the graphs."""

    def __post_init__(self) -> None:
        for name in ("graphs", "members"):
            if getattr(self, name) < 1:
                raise ValueError(f"GeneratedRecipe.{name} is {getattr(self, name)}; expected at least 1")
        if self.drawn_with < 0:
            raise ValueError(f"GeneratedRecipe.drawn_with is {self.drawn_with}; expected at least 0")


# One motif decides: the evidence of half a graph would be too much, and a neighbour has no part.
_ONE_MOTIF: Final = GeneratedRecipe(
    3000,
    replace(settings_for_rows(2400, epochs=16), importance_offset=3.0),
    ModelSettings(node_gate=True),
    members=2,
)

RECIPES: Final[dict[str, GeneratedRecipe]] = {
    "ba2motifs": _ONE_MOTIF,
    "rb_adv_motifs": _ONE_MOTIF,
    "rb_dual_motifs": GeneratedRecipe(
        5000, replace(settings_for_rows(4000, epochs=20), fidelity_square=0.03), members=2
    ),
}
"""By the name of the set."""
