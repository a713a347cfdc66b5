"""What a screening is asked for; two runs with equal settings, models and input give equal results."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from datasets.standardize import Policy

MEMBERS: Final = ("all", "one")
PART_ROWS: Final = 16_384
"""Rows of a part: what a worker takes at once, and what a kill loses at most."""
TIME_LIMIT: Final = 60.0
"""Seconds for one structure."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The settings of a run, as run.json keeps them."""

    tasks: tuple[str, ...]
    """Tasks or folders of bundles, one a task."""
    members: str = "all"
    """Which networks of each committee answer: all of them, or only the first one."""
    policy: str = Policy.PARENT.value
    """What becomes of salts, mixtures and charges."""
    alerts: bool = True
    """Whether PAINS, Brenk and Kazius alerts are looked for."""
    masks: bool = True
    """Whether the importance of every atom is kept."""
    inchikey: bool = False
    """Whether InChIKeys are written, and measured compounds known again by them; it takes longer than all else."""
    smiles_column: str | None = None
    """Guessed if None."""
    id_column: str | None = None
    """Guessed if None."""
    part_rows: int = PART_ROWS
    time_limit: float = TIME_LIMIT
    """Seconds after which a structure is given up; its row says so."""

    def __post_init__(self) -> None:
        if not self.tasks:
            raise ValueError("tasks is empty; expected at least one task or folder of a bundle")
        for field, value, expected in (("members", self.members, MEMBERS), ("policy", self.policy, tuple(Policy))):
            if value not in expected:
                raise ValueError(f"{field} is {value!r}; expected {' or '.join(expected)}")
        if self.part_rows < 1:
            raise ValueError(f"part_rows is {self.part_rows}; expected 1 or more")
        if not self.time_limit > 0:
            raise ValueError(f"time_limit is {self.time_limit}; expected a number of seconds above 0")

    def record(self) -> dict[str, Any]:
        """For run.json."""
        return asdict(self) | {"tasks": list(self.tasks)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ScreenSettings:
        """From run.json.

        Raises
        ------
        ValueError
            If a setting is missing or unknown.
        """
        names = {field.name for field in fields(cls)}
        if set(record) != names:
            odd = ", ".join(sorted(names.symmetric_difference(record)))
            raise ValueError(f"the settings in run.json differ from those of this version in: {odd}")
        return cls(**record | {"tasks": tuple(record["tasks"])})
