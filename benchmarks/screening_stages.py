"""Where the time of a part goes: processor seconds of the stages of `PartWork`, by the functions that they begin in.

The functions are found by where they are defined, and each is replaced wherever it is used: what they look like inside
does not matter. A part calls each a few times, so that the timers cost nothing.
"""

from __future__ import annotations

import functools
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

STAGES: Final[Mapping[str, str]] = {
    "standardise": "app.screening.standardising:standardise",
    "featurise": "datasets.featurize:featurize_mols",
    "fingerprints": "app.screening.nearest:fingerprints_of",
    "networks": "megan.committee:ask",
    "nearest": "app.screening.nearest:NearestSearch.find",
    "concepts": "app.screening.answers:_concepts",
    "alerts": "app.screening.alerts.names:alert_names",
    "columns": "app.screening.columns:as_table",
}
"""Function that a stage begins in, as module:name."""
READING: Final = "reading"
WRITING: Final = "writing"
OTHER: Final = "calibration, freeing molecules and the rest"
ORDER: Final = (READING, *STAGES, OTHER, WRITING)
_OURS: Final = ("app", "concepts", "datasets", "megan")


@dataclass(slots=True)
class StageClock:
    """Seconds of stages; time belongs to the stage that began last and has not ended."""

    now: Callable[[], float] = time.process_time
    seconds: dict[str, float] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _since: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """While in here, time is that of a stage, except for stages within."""
        self._note()
        self._open.append(name)
        try:
            yield
        finally:
            self._note()
            self._open.pop()

    def take(self) -> dict[str, float]:
        """The seconds so far, and begin again."""
        taken, self.seconds = self.seconds, {}
        return taken

    def _note(self) -> None:
        now = self.now()
        if self._open:
            self.seconds[self._open[-1]] = self.seconds.get(self._open[-1], 0.0) + now - self._since
        self._since = now


def install(clock: StageClock, stages: Mapping[str, str] = STAGES) -> None:
    """Let the functions of the stages note their time, for as long as this process lives.

    Parameters
    ----------
    clock
        Notes.
    stages
        Stage -> module:name of its function; a name may be that of a method, as in Class.method.

    Raises
    ------
    ValueError
        If there is no such function, which means that this table is older than the code.
    """
    for stage, place in stages.items():
        module_name, _, path = place.partition(":")
        *owner_path, name = path.split(".")
        owner: Any = importlib.import_module(module_name)
        try:
            owner = functools.reduce(getattr, owner_path, owner)
            function = getattr(owner, name)
        except AttributeError:
            raise ValueError(f"stage {stage!r} begins in {place}, which is not there") from None
        wrapped = _noting(clock, stage, function)
        setattr(owner, name, wrapped)
        for user in [m for key, m in sys.modules.items() if key.partition(".")[0] in _OURS]:
            for known_as, value in list(vars(user).items()):
                if value is function:
                    setattr(user, known_as, wrapped)


def _noting(clock: StageClock, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def noted(*arguments: Any, **named: Any) -> Any:
        with clock.stage(stage):
            return function(*arguments, **named)

    return noted
