"""The folder that a screening owns: all of it is there, so that any engine, page or command can go on from it.

- run.json: settings, columns, versions, hashes of the models, and the input by its hash
- parts/part-00000.parquet and so on: the rows, each part written whole
- progress.json: how far it is; given_up.json: rows that no worker could finish
- duplicates.parquet, numbers.json: made once all parts are there
- input/: the input, where it was fetched from an object path
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.screening.progress import FINISHED, RUNNING, read_progress
from app.screening.settings import ScreenSettings
from megan.files import write_beside

if TYPE_CHECKING:
    from app.screening.columns import StoredColumn

FORMAT: Final = 1
INPUT: Final = "input"
"""Holds the input where that was fetched from elsewhere."""
_RUN, _PARTS, _GIVEN_UP, _LOCK = "run.json", "parts", "given_up.json", "run.lock"
_PART: Final = re.compile(r"part-(\d{5,})\.parquet")


class RunError(ValueError):
    """A run folder is missing, belongs to another run, or does not fit what is there now."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder with its run.json."""

    folder: Path
    record: dict[str, Any]

    @property
    def settings(self) -> ScreenSettings:
        """What was asked for."""
        return ScreenSettings.from_record(self.record["settings"])

    @property
    def columns(self) -> list[StoredColumn]:
        """The columns of the parts, in order."""
        from app.screening.columns import StoredColumn

        return [StoredColumn(**column) for column in self.record["columns"]]

    @property
    def input(self) -> Path:
        """The file of structures."""
        return Path(self.record["input"]["path"])

    @property
    def parts_folder(self) -> Path:
        """Where the parts lie."""
        return self.folder / _PARTS

    def part(self, number: int) -> Path:
        """File of a part, whether it is there or not."""
        return self.parts_folder / f"part-{number:05d}.parquet"

    def parts(self) -> dict[int, Path]:
        """The parts that are written, in order."""
        found = {}
        for file in self.parts_folder.glob("part-*.parquet"):
            if match := _PART.fullmatch(file.name):
                found[int(match[1])] = file
        return dict(sorted(found.items()))

    def finished(self) -> bool:
        """Whether every row is written and the summary made."""
        progress = read_progress(self.folder)
        return progress is not None and progress.state == FINISHED

    def state(self) -> str:
        """running, stopped (it did not end, but nobody works on it), finished, failed or cancelled."""
        progress = read_progress(self.folder)
        if self.lives():
            return RUNNING
        return "stopped" if progress is None or progress.state == RUNNING else progress.state

    def given_up(self) -> dict[int, str]:
        """Rows that no worker could finish, with the code of the reason."""
        try:
            found = json.loads((self.folder / _GIVEN_UP).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {int(row): str(code) for row, code in found.items()}

    def give_up(self, row: int, code: str) -> None:
        """Remember that no worker could finish a row."""
        rows = self.given_up() | {row: code}
        with write_beside(self.folder / _GIVEN_UP) as beside:
            beside.write_text(json.dumps({str(key): rows[key] for key in sorted(rows)}), encoding="utf-8")

    def sweep(self) -> None:
        """Remove what killed writers left behind, and parts that a broken disk spoilt; only for who holds the lock."""
        import pyarrow
        import pyarrow.parquet as pq

        self.remove_unfinished()
        for file in self.parts().values():
            try:
                pq.read_metadata(file)
            except pyarrow.ArrowInvalid:
                file.unlink()

    def remove_unfinished(self) -> None:
        """Remove files that killed writers left half written; only for who holds the lock."""
        for folder in (self.folder, self.parts_folder):
            for file in folder.glob(".*.part"):
                file.unlink(missing_ok=True)

    def lives(self) -> bool:
        """Whether a process works on it now."""
        try:
            with self.claimed():
                return False
        except RunError:
            return True
        except OSError:
            return False  # a folder that is only read, such as a colleague's

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the run: no other process works on it meanwhile. The claim falls with the process, however it ends.

        Raises
        ------
        RunError
            If another process holds it.
        """
        lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"another process works on {self.folder}; wait for it, or stop it first") from None
            yield
        finally:
            os.close(lock)


def open_run(folder: Path) -> Run:
    """Read a run folder.

    Raises
    ------
    RunError
        If it is none, or of another version.
    """
    try:
        record: dict[str, Any] = json.loads((folder / _RUN).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(f"{folder} is no run folder: it has no {_RUN}") from None
    except ValueError as error:
        raise RunError(f"{folder}/{_RUN} is not valid JSON: {error}") from error
    found = record.get("format") if isinstance(record, dict) else None
    if found != FORMAT:
        raise RunError(f"{folder}/{_RUN} has format {found!r}; expected {FORMAT}: screen again with this version")
    return Run(folder, record)


def make_run(folder: Path, file: Path, settings: ScreenSettings) -> Run:
    """Make a run folder, or find the one that was made for the same work.

    Parameters
    ----------
    folder
        Made if it is not there.
    file
        The structures.
    settings
        What is asked for.

    Raises
    ------
    RunError
        If the folder belongs to another run or holds other files.
    FileNotFoundError, ValueError
        If the input or a model cannot be read.
    """
    record = _new_record(file, settings)
    if (folder / _RUN).exists():
        run = open_run(folder)
        _refuse_other(run, record)
        return run
    if folder.exists() and (not folder.is_dir() or _holds_other_files(folder)):
        raise RunError(f"{folder} exists and is no run folder; expected a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PARTS).mkdir(exist_ok=True)
    with write_beside(folder / _RUN) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return Run(folder, record)


def check_unchanged(run: Run) -> None:
    """Make sure that going on with a run means the same work as before.

    Raises
    ------
    RunError
        If the input, a model, its concepts, or a library that decides results has changed.
    """
    _refuse_other(run, _new_record(run.input, run.settings))


def check_same_work(run: Run) -> None:
    """Make sure that this machine would fill the rows of a run as the one did where it was started.

    Raises
    ------
    RunError
        If a model, its concepts, or a library that decides results is another one here.
    """
    from app.screening.model_facts import model_facts

    _refuse_other_work(run, model_facts(run.settings.tasks)[1], _versions())


def _refuse_other(run: Run, new: dict[str, Any]) -> None:
    old, name = run.record, run.folder
    if new["input"]["sha256"] != old["input"]["sha256"]:
        raise RunError(
            f"{new['input']['path']} is not the file that {name} was started with (its content has changed); "
            "screen it into a new folder"
        )
    for field, value in new["settings"].items():
        if old["settings"].get(field) != value:
            raise RunError(f"{name} was started with {field} {old['settings'].get(field)!r}, not {value!r}")
    _refuse_other_work(run, new["models"], new["versions"])


def _refuse_other_work(run: Run, models: list[dict[str, Any]], versions: dict[str, str]) -> None:
    old, name = run.record, run.folder
    for given, wanted in zip(models, old["models"], strict=True):
        if given != wanted:
            what = "concepts" if given["sha256"] == wanted["sha256"] else "model"
            raise RunError(f"the {what} of {wanted['task']} changed since {name} was started; screen into a new folder")
    for library, here in versions.items():
        if old["versions"].get(library) != here and library != "python":
            raise RunError(
                f"{name} was started with {library} {old['versions'].get(library)}, here is {here}; "
                "screen into a new folder, so that all rows come from the same version"
            )


def _holds_other_files(folder: Path) -> bool:
    # A page that starts a worker has put the upload and the worker's own files there.
    return any(child.name != INPUT for child in folder.iterdir()) and not (folder / "worker.lock").exists()


def _new_record(file: Path, settings: ScreenSettings) -> dict[str, Any]:
    from app.screening.columns import screen_columns, stored_columns
    from app.screening.model_facts import model_facts
    from datasets.file_hash import file_sha256
    from datasets.library import read_structures

    structures = read_structures(file, smiles_column=settings.smiles_column, id_column=settings.id_column)
    facts, models = model_facts(settings.tasks)
    ours = screen_columns(facts, settings, with_input=structures.smiles_column is None)
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": settings.record(),
        "input": {
            "path": str(file.resolve()),
            "name": file.name,
            "bytes": file.stat().st_size,
            "sha256": file_sha256(file),
            "smiles_column": structures.smiles_column,
            "id_column": structures.id_column,
        },
        "columns": [asdict(column) for column in stored_columns(structures.columns, ours)],
        "models": models,
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in ("rdkit", "torch")}
