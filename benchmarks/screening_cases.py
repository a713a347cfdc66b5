"""What is measured of a screening: the cases, by what they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.screening.settings import ScreenSettings

PARSE: Final = "parse"
"""RDKit's `MolFromSmiles` alone, the physical floor of the job."""
ONE, BOTH, COMMITTEES = "one endpoint", "both endpoints", "both endpoints, committees"
TASKS: Final = ("mutagenicity", "aggregation")
CASES: Final[Mapping[str, Mapping[str, Any]]] = {
    ONE: {"tasks": TASKS[:1], "members": "one", "alerts": False},
    BOTH: {"tasks": TASKS, "members": "one"},
    COMMITTEES: {"tasks": TASKS, "members": "all"},
}
"""Settings of a screening; masks, concepts and domain are there in each."""
TARGETS: Final[Mapping[str, float]] = {ONE: 0.50, BOTH: 0.35, COMMITTEES: 0.20}
"""Shares of the parser's rate that are aimed at."""


def case_settings(case: str, tasks: Sequence[str] = TASKS) -> ScreenSettings:
    """The settings of a case.

    Parameters
    ----------
    case
        A key of `CASES`.
    tasks
        Tasks or folders of bundles in place of `TASKS`, in the same order.
    """
    given = dict(CASES[case])
    return ScreenSettings(**given | {"tasks": tuple(tasks[: len(given["tasks"])])})


def case_options(case: str) -> list[str]:
    """The same for the command `screen`."""
    settings = case_settings(case)
    options = [word for task in settings.tasks for word in ("--task", task)]
    return [*options, "--members", settings.members, "--alerts" if settings.alerts else "--no-alerts"]
