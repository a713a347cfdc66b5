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
DETAILS = Path("runs") / "benchmarks"
"""Where rows of single molecules stay: measured structures are not committed."""
PACKAGES = ("torch", "rdkit", "numpy", "numba")


def write_result(name: str, command: str, measured: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write one benchmark's result.

    What stands under a key `each` goes to `DETAILS` only, unless the folder is a trial's.

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
    if folder == RESULTS:
        with write_beside(DETAILS / f"{name}.json") as beside:
            beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        record["measured"] = without_details(measured)
    with write_beside(file) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return file


def without_details(measured: Any) -> Any:
    """The same numbers without what stands under the key `each`, at any depth."""
    if isinstance(measured, dict):
        return {key: without_details(value) for key, value in measured.items() if key != "each"}
    return [without_details(value) for value in measured] if isinstance(measured, list) else measured


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
