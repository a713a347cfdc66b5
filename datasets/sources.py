"""Where the measured tables are, and how they come to this machine.

A table is looked for in the folder that the environment variable `MEGAN_DATA` names, then in the cache folder. `fetch`
fills the cache: it downloads the public files, checks that they are what they were, and cleans them.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

import pandas as pd
import pooch

from datasets.file_hash import file_sha256
from datasets.recipe import RECIPES, RawFile, clean
from datasets.splits import rows_kept_apart, split_list
from datasets.tasks import Task


class DownloadFailed(ConnectionError):
    """A public file could not be downloaded; the sentence says which, from where and why."""


class WrongFile(ValueError):
    """A public file is not the one that the recipe was written for: its sha256 differs."""


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
    """Read the cleaned table of a task, each compound in one split only.

    Rows of a compound that also stands in a later split (train before valid before test) are left out: 328 of the
    solubility table, where isomers and salts were split one by one. The test rows are those of the file.

    Returns
    -------
    pandas.DataFrame
        As of `published_table`.

    Raises
    ------
    FileNotFoundError
        If the table is not on this machine.
    ValueError
        If the file lacks one of the columns, a label is not a number, or a split has another name.
    """
    table = published_table(task)
    kept = rows_kept_apart(table["inchikey14"].tolist(), table["split"].tolist())
    return table[kept].reset_index(drop=True)


def published_table(task: Task) -> pd.DataFrame:
    """Read every row of the cleaned table of a task.

    Returns
    -------
    pandas.DataFrame
        Columns smiles (text, salts as in the file), label (float: 0 or 1, or the value in the task's unit),
        inchikey14 (text, 14 characters), split (train, valid or test), in the file's order.

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


def fetch(task: Task, progress: bool = True) -> Path:
    """Make the table of a task from the public files and keep it in the cache.

    Public files that lie in the folder `raw` of `MEGAN_DATA` are taken from there, others are downloaded once and kept.
    Every one is checked by its sha256. A table that was there is replaced at the end only, in one step.

    Parameters
    ----------
    task
        The task whose data are wanted.
    progress
        Whether to tell on stderr what happens and how long it will take.

    Returns
    -------
    pathlib.Path
        The cleaned table in the cache folder.

    Raises
    ------
    DownloadFailed
        If a file is not on this machine and cannot be downloaded.
    WrongFile
        If a file is not the one that was published.
    """
    tell = _Teller(progress)
    raw = {file.file: _raw_file(file, tell) for file in RECIPES[task.name].files}
    started = time.monotonic()

    def tell_cleaned(done: int, total: int) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        tell.over(f"cleaning {task.table}: {done:,} of {total:,} rows, {left:.0f} s left")

    table = clean(task, raw, progress=tell_cleaned)
    path = cache_folder() / task.table
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two fetches that run at once from writing into one file.
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        # The line ending is fixed, so that the sha256 in the cards is the same on every system.
        table.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    tell.line(f"wrote {path}: {len(table):,} of {len(split_list(task)):,} listed rows")
    return path


class _Teller:
    """Says on stderr what happens; keeps quiet where nobody wants to know."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._on_terminal = sys.stderr.isatty()

    def line(self, text: str) -> None:
        """Write a line that stays."""
        if self._wanted:
            sys.stderr.write(("\r\x1b[K" if self._on_terminal else "") + text + "\n")

    def over(self, text: str) -> None:
        """Write a line that the next one replaces; nothing where the output is not a terminal."""
        if self._wanted and self._on_terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()


def _raw_file(file: RawFile, tell: _Teller) -> Path:
    """Return a checked public file: from `MEGAN_DATA`, from the cache, or from the network."""
    local = data_folder()
    if local is not None and (local / "raw" / file.file).is_file():
        path = local / "raw" / file.file
        found = file_sha256(path)
        if found != file.sha256:
            raise WrongFile(f"{path} has the sha256 {found}; expected {file.sha256}, the file of {file.address}")
        tell.line(f"took {path}")
        return path
    # pooch announces each download by itself, in words that say nothing about progress.
    pooch.get_logger().setLevel(logging.WARNING)
    tell.line(f"fetching {file.address}")
    try:
        fetched = pooch.retrieve(
            file.address,
            known_hash=f"sha256:{file.sha256}",
            fname=file.file,
            path=cache_folder() / "raw",
            downloader=pooch.HTTPDownloader(timeout=30),
        )
    except OSError as error:
        # requests' exceptions are OSErrors too; their text repeats the address at length.
        raise DownloadFailed(
            f"{file.file} could not be fetched from {file.address} ({type(error).__name__}); connect to the network, "
            "or put the file into the folder raw of the folder that MEGAN_DATA names"
        ) from error
    except ValueError as error:
        raise WrongFile(f"what {file.address} sent was thrown away: its sha256 is not {file.sha256}") from error
    return Path(fetched)
