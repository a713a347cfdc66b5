"""The user's own models: where they live on this machine, and which ones are there.

They live in the folder that the environment variable `WHYMOL_MODELS` names, or else in `runs/models` under the current
folder. Each has a folder of its own there: either a bundle (with a card.json), such as one copied from a colleague, or
a run folder whose bundle lies in `bundle/`, as `python -m app train --csv` leaves it. Pages offer all of them, and
commands take them by name, as they take the shipped ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from datasets.own_task import file_name

#: Cleaned table in a run folder: smiles, label, inchikey14, split. It stays outside of the bundle, which may be shared.
TABLE = "table.csv"


def models_folder() -> Path:
    """The folder of the user's own models; it may not exist yet."""
    named = os.environ.get("WHYMOL_MODELS", "").strip()
    return Path(named).expanduser() if named else Path("runs") / "models"


def own_bundles() -> dict[str, Path]:
    """Bundle folders by the name of their task, in alphabetical order; broken cards are passed over.

    Where two bundles are of one name, the one whose folder is named so counts, else the first.
    """
    found: dict[str, Path] = {}
    folder = models_folder()
    cards = sorted((*folder.glob("*/card.json"), *folder.glob("*/bundle/card.json")))
    for card in cards:
        name = _task_name(card)
        if name and (name not in found or card.relative_to(folder).parts[0] == name):
            found[name] = card.parent
    return dict(sorted(found.items()))


def own_table(name: str) -> Path | None:
    """The cleaned table that an own model was trained on; None where it is not on this machine."""
    # A name from a bundle of unknown origin must not lead out of the folder.
    if Path(name).name != name:
        return None
    table = models_folder() / name / TABLE
    return table if table.is_file() else None


def _task_name(card: Path) -> str:
    try:
        name = json.loads(card.read_text(encoding="utf-8"))["task"]["name"]
        return name if isinstance(name, str) and file_name(name) == name else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
