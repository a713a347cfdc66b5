"""Where the measured tables are, and how they come to this machine.

A table is looked for in the folder that the environment variable `MEGAN_DATA` names, then in the cache folder.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pandas as pd
import pooch

from datasets.tasks import Task


def data_folder() -> Path | None:
    """Return the folder that `MEGAN_DATA` names, or None where the variable is not set.

    Raises
    ------
    ValueError
        If the variable names something that is not a folder.
    """
    name = os.environ.get("MEGAN_DATA", "").strip()
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ValueError(f"MEGAN_DATA is {name!r}; expected a folder that exists")
    return folder


def cache_folder() -> Path:
    """Return the folder that fetched tables are kept in; it may not exist yet."""
    return Path(pooch.os_cache("whymol"))


def table_path(task: Task) -> Path:
    """Find the cleaned table of a task: `MEGAN_DATA` first, then the cache.

    Raises
    ------
    FileNotFoundError
        If it is in neither; the sentence says how to get it.
    """
    local = data_folder()
    for folder in (local, cache_folder()):
        if folder is not None and (folder / task.table).is_file():
            return folder / task.table
    where = f"neither in {local} nor in the cache" if local else "not on this machine"
    raise FileNotFoundError(
        f"the data of task {task.name!r} ({task.table}) are {where}; run `python -m app fetch-data {task.name}`, "
        "or let MEGAN_DATA name a folder that holds them"
    )


def load_table(task: Task) -> pd.DataFrame:
    """Read the cleaned table of a task.

    Returns
    -------
    pandas.DataFrame
        Columns smiles (text, salts as in the file), label (float: 0 or 1, or the value in the task's unit),
        inchikey14 (text, 14 characters), split (train, valid or test); one row per compound, in the file's order.

    Raises
    ------
    FileNotFoundError
        If the table is not on this machine.
    ValueError
        If the file lacks one of the columns, or a label is not a number.
    """
    path = table_path(task)
    kept = {"smiles": "smiles", task.label_column: "label", "inchikey14": "inchikey14", "split": "split"}
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in kept if column not in raw.columns]
    if missing:
        raise ValueError(f"{path.name} has no column {', '.join(missing)}; expected {', '.join(kept)}")
    table = raw[list(kept)].rename(columns=kept)
    labels = pd.to_numeric(table["label"], errors="coerce")
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise ValueError(f"{path.name} has {table['label'].iloc[row]!r} as label in row {row}; expected a number")
    table["label"] = labels.astype("float64")
    return table


def table_sha256(path: Path) -> str:
    """Return the sha256 of a file, which model cards state so that others can tell whether they hold the same data."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
