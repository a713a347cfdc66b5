"""A run folder belongs to one training: its settings are noted, and another training is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from megan.files import write_beside


def claim_run(run: Path, settings: Mapping[str, Any]) -> None:
    """Note in run.json what this run trains, so that its checkpoints are never taken for another training's.

    Parameters
    ----------
    run
        The folder; made if it is not there.
    settings
        Everything that decides the result, as JSON can hold it.

    Raises
    ------
    ValueError
        If the folder holds a training with other settings.
    """
    wanted = json.loads(json.dumps(settings))
    file = run / "run.json"
    if file.exists():
        found = json.loads(file.read_text(encoding="utf-8"))
        if found != wanted:
            changed = sorted(key for key in wanted.keys() | found.keys() if found.get(key) != wanted.get(key))
            raise ValueError(
                f"run folder {run.name!r} holds a training with other {', '.join(changed)}; expected the same, or "
                "another folder"
            )
        return
    with write_beside(file) as beside:
        beside.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
