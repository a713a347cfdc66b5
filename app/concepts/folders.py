"""Where sets of concepts lie on this machine: those that come with the package, and the user's own.

The user's own are the folders `concepts-*`, as `python -m app concepts` writes them, in the folder that the environment
variable `WHYMOL_CONCEPTS` names, or else in `runs` under the current folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from concepts import storage
from concepts.concept import ConceptSet
from concepts.report.wording import Wording, wording_of
from concepts.storage import load_concepts, shipped_concepts
from datasets.tasks import GENERATED, TASKS, Task
from megan.own_models import own_bundles

PREFIX: Final = "concepts-"
_NAME: Final = re.compile(r"concepts-[\w.-]+")
_JSON: Final = "concepts.json"


def runs_folder() -> Path:
    """The folder of the user's own sets; it may not exist yet."""
    named = os.environ.get("WHYMOL_CONCEPTS", "").strip()
    return Path(named).expanduser() if named else Path("runs")


def own_sets() -> tuple[str, ...]:
    """Names of the user's own sets, finished ones only, latest first."""
    files = [file for file in runs_folder().glob(f"{PREFIX}*/{_JSON}") if _NAME.fullmatch(file.parent.name)]
    return tuple(file.parent.name for file in sorted(files, key=lambda file: (-file.stat().st_mtime_ns, file)))


def all_sets() -> tuple[str, ...]:
    """Names of all sets: the shipped ones, then the user's own."""
    return (*shipped_concepts(), *own_sets())


def is_own(name: str) -> bool:
    """Whether a name is that of a set of the user's own, be it there or not."""
    return _NAME.fullmatch(name) is not None


def set_folder(name: str) -> Path | None:
    """The folder of a set; None where there is none. The name may come from an address, so from anybody."""
    if is_own(name):
        folder = runs_folder() / name
        return folder if (folder / _JSON).is_file() else None
    return storage.SHIPPED / name if name in shipped_concepts() else None


def written(folder: Path) -> int:
    """When a set was written, to know whether it is still the same; 0 where it is gone."""
    try:
        return (folder / _JSON).stat().st_mtime_ns
    except OSError:
        return 0


def read_set(folder: Path) -> ConceptSet:
    """The set of a folder.

    Raises
    ------
    ConceptsError, OSError
        If it is broken, incomplete or of another version.
    """
    return load_concepts(folder.resolve())


def wording_of_set(found: ConceptSet) -> Wording:
    """How to speak of a set: in the words of its task, be it a registered one or that of an own model."""
    return wording_of(found, None if found.task in TASKS or found.task in GENERATED else _own_task(found))


def _own_task(found: ConceptSet) -> Task | None:
    bundle = own_bundles().get(found.task)
    if bundle is None:
        return None
    from megan.card import card_in, task_of

    try:
        task = task_of(card_in(bundle))
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return task if task.channels == found.channels else None
