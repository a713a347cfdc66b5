"""The tasks of a run as its record tells them, so that results can be shown without loading a model.

A shipped task is known by its name. Of a model of one's own, which may be gone by now, the columns tell kind and
classes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.screening.run_folder import Run
from datasets.tasks import TASKS, Task
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED

_FIDELITY = "_fidelity"


def tasks_of(run: Run) -> list[Task]:
    """The tasks of a run, in the order of its columns."""
    return [_task(run, str(model["task"])) for model in run.record["models"]]


def concept_set_of(run: Run, task: str) -> str:
    """Name of the set of concepts that molecules were matched to; empty where there was none."""
    for model in run.record["models"]:
        if model["task"] == task and model["concepts"]:
            return str(model["concepts"]["name"])
    return ""


def threshold_of(task: Task) -> float | None:
    """Probability from which a verdict is positive; None for a regression, and where the model is not here any more."""
    calibration = _card(task.name).get("calibration")
    found = calibration.get("threshold") if isinstance(calibration, dict) else None
    return float(found) if isinstance(found, int | float) else None


def channel_of(task: Task, concept: str) -> int | None:
    """Which channel of a task a concept is of, told from its id, such as mutagenic-03; None where it does not tell."""
    name = concept.rpartition("-")[0]
    return task.channels.index(name) if name in task.channels else None


def _task(run: Run, name: str) -> Task:
    names = [str(model["task"]) for model in run.record["models"]]
    # One task's name may begin with another's; a column is of the longest that fits.
    keys = [
        column.key.removeprefix(f"{name}_")
        for column in run.columns
        if not column.own and name == max((n for n in names if column.key.startswith(f"{n}_")), key=len, default="")
    ]
    channels = tuple(key.removesuffix(_FIDELITY) for key in keys if key.endswith(_FIDELITY))
    if name in TASKS and TASKS[name].channels == channels:
        return TASKS[name]
    told = _card(name).get("task")
    made = Task(
        name=name, title=name, question="", kind="classification" if "probability" in keys else "regression",
        channels=channels, unit="", table="", label_column="", citation="", licence="",
    )  # fmt: skip
    if not isinstance(told, dict):
        return made
    return replace(made, title=str(told.get("title", name)), unit=str(told.get("unit", "")))


def _card(name: str) -> dict[str, Any]:
    """The card of a model by the name of its task; empty where it is not here."""
    if Path(name).name != name:
        return {}
    shipped = PRETRAINED / name
    folder = shipped if (shipped / "card.json").is_file() else own_bundles().get(name, shipped)
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}
