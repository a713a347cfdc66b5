"""What a simulatability study compares: size, disturbance, depth, kind of student, and whose masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from concepts.simulatability.explainers import explainer
from concepts.simulatability.student_statistics import LEAST_PAIRS
from concepts.simulatability.student_training import PARTS, MaskParts, TrainingSettings
from concepts.simulatability.students import KINDS, StudentKind

PUBLISHED_SIZES: Final = (10, 25, 50, 100, 200)
SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a student with masks against a reference."""

    explainer: str
    """Name in `concepts.simulatability.explainers.EXPLAINERS`, or file:PATH."""
    size: int
    """Training graphs of each student."""
    noise: float = 0.0
    """Share of mask values that are replaced by random ones, 0 to 1."""
    adversarial: float = 0.0
    """Share of graphs whose masks are replaced by misleading ones, 0 to 1."""
    layers: int = 3
    masks: MaskParts = "both"
    """Which masks the student is shown."""
    student: StudentKind = "megan"
    reference: str = ""
    """Explainer that the reference learns from; none but in checks of the study itself."""
    start: int = 0
    """Other than 0, the student starts from other weights than the reference; likewise."""

    def __post_init__(self) -> None:
        for name in ("size", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected at least 1")
        for name in ("noise", "adversarial"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 to 1")
        for name, known in (("masks", PARTS), ("student", KINDS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(known)}")
        explainer(self.explainer)

    @property
    def group(self) -> tuple[int, int, str, str]:
        """Conditions of one group have their reference in common."""
        return self.size, self.layers, self.student, self.reference


@dataclass(frozen=True, slots=True)
class StudySettings:
    """What all conditions of a study share."""

    repetitions: int = 25
    validation: int = 200
    """Graphs on which each repetition is judged; drawn anew for each."""
    seed: int = 0
    training: TrainingSettings = field(default_factory=TrainingSettings)
    width: int = 8
    """Node state per channel of a student."""

    def __post_init__(self) -> None:
        if self.repetitions < LEAST_PAIRS:
            raise ValueError(f"repetitions is {self.repetitions}; expected at least {LEAST_PAIRS}")
        if self.validation < LEAST_PAIRS:
            raise ValueError(f"validation is {self.validation}; expected at least {LEAST_PAIRS} graphs")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; expected at least 0")


def conditions(
    explainers: Sequence[str],
    sizes: Sequence[int],
    *,
    noises: Sequence[float] = (0.0,),
    adversarial: Sequence[float] = (0.0,),
    layers: Sequence[int] = (3,),
    masks: Sequence[MaskParts] = ("both",),
    students: Sequence[StudentKind] = ("megan",),
) -> tuple[Condition, ...]:
    """All combinations, each once.

    Raises
    ------
    ValueError
        If a list is empty, or one of its values is out of range.
    """
    given = {
        "explainers": explainers, "sizes": sizes, "noises": noises, "adversarial": adversarial,
        "layers": layers, "masks": masks, "students": students,
    }  # fmt: skip
    for name, values in given.items():
        if not values:
            raise ValueError(f"{name} is empty; expected at least one")
    found = [
        Condition(name, size, noise, share, depth, part, kind)
        for kind in students
        for depth in layers
        for size in sizes
        for name in explainers
        for part in masks
        for noise in noises
        for share in adversarial
    ]
    return tuple(dict.fromkeys(found))


def published_sweep(explainer_name: str = "truth", base_size: int = 25) -> tuple[Condition, ...]:
    """Every published training size without disturbance, and at one size six shares of noise and of wrong masks."""
    found = [
        *conditions([explainer_name], PUBLISHED_SIZES),
        *conditions([explainer_name], [base_size], noises=SHARES),
        *conditions([explainer_name], [base_size], adversarial=SHARES),
    ]
    return tuple(dict.fromkeys(found))
