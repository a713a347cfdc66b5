"""What the ablations change: each variant differs from the shipped Ames recipe, with one network, as its name tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from megan.teacher import TeacherSettings

OTHER_TASKS: Final = ("solubility", "aggregation")
"""Tasks whose tables lend molecules that have no Ames label."""
NO_EXPLANATION: Final = {"explanation": 0.0, "sparsity": 0.0, "fidelity": 0.0, "contrastive": 0.0}

Start = Literal["random", "encoder", "aggregation"]
"""Chance, the shipped encoder, or what a network of the shipped aggregation committee has learned."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs from the base."""

    train: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, float] = field(default_factory=dict)
    start: Start = "random"
    teacher: TeacherSettings | None = None
    members: int = 1
    distilled: bool = False
    """Whether a pretrained committee learns first, by the prediction loss alone, whose opinion the network is told."""
    charged: bool = False
    """Whether the charge states that molecules take in water are learned beside the neutral form."""
    virtual_atom: bool = False
    """Whether one more atom is bonded to all others; it is no part of the masks that are judged."""
    trees: bool = False
    """Whether the teacher itself answers, and no network."""


VARIANTS: Final[dict[str, Variant]] = {
    "base": Variant(),
    "pretrained": Variant(start="encoder"),
    "started from an aggregation network": Variant(start="aggregation"),
    "committee of three": Variant(members=3),
    "taught by three that need not explain": Variant(distilled=True),
    "teacher heard at 0.3": Variant(teacher=TeacherSettings(share=0.3)),
    "teacher at 0.5 and 12,000 unmeasured molecules": Variant(
        teacher=TeacherSettings(pool=OTHER_TASKS, pool_size=12_000)
    ),
    "the teacher itself, no masks": Variant(trees=True),
    "charge states learned too": Variant(charged=True),
    "virtual atom bonded to all": Variant(virtual_atom=True),
    "the molecule scales what masks show": Variant(model={"context": True}),
    "the same, pretrained": Variant(model={"context": True}, start="encoder"),
    "prediction loss alone": Variant(NO_EXPLANATION),
    "pretrained, prediction loss alone": Variant(NO_EXPLANATION, start="encoder"),
    "no co-training of the masks": Variant({"explanation": 0.0}),
    "fidelity as published (0.1)": Variant({"fidelity": 0.1}),
    "lighter square of the fidelity (0.01)": Variant({"fidelity_square": 0.01}),
    "no contrastive loss": Variant({"contrastive": 0.0}),
    "each channel alone tells the class (0.3)": Variant({"sufficiency": 0.3}),
    "larger masks asked for (offset 1.0)": Variant({"importance_offset": 1.0}),
    "smaller masks asked for (offset 2.5)": Variant({"importance_offset": 2.5}),
    "gate on every atom": Variant(model={"node_gate": True}),
    "no dropout": Variant(model={"dropout": 0.0}),
    "width 96": Variant(model={"width": 96}),
    "four layers": Variant(model={"layers": 4}),
}
