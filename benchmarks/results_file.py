"""Where measurements are kept, with what is needed to judge them."""

from __future__ import annotations

import datetime
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torch", "rdkit", "numpy", "numba")


def write_result(name: str, command: str, measured: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write one benchmark's result.

    Parameters
    ----------
    name
        File name without ending.
    command
        What a reader runs to get the numbers again.
    measured
        The numbers.
    folder
        Where the file goes; trial runs keep out of the folder that the README quotes from.
    """
    from megan.files import write_beside

    record = {
        "command": command,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "versions": {package: version(package) for package in PACKAGES},
        "measured": measured,
    }
    file = folder / f"{name}.json"
    with write_beside(file) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return file


def data_file(name: str) -> Path:
    """A file of the data folder that MEGAN_DATA names.

    Raises
    ------
    SystemExit
        With a sentence, if there is no such file.
    """
    folder = os.environ.get("MEGAN_DATA")
    if not folder or not (Path(folder) / name).is_file():
        raise SystemExit(f"This benchmark needs {name} in the folder that MEGAN_DATA names.")
    return Path(folder) / name
