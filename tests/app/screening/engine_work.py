"""Work for the engines' tests that needs no models: quick, and as bad as asked."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.screening.columns import schema
from app.screening.engines.raw_part import AtRow, RawPart
from app.screening.run_folder import Run, make_run
from app.screening.settings import ScreenSettings

Work = Callable[[RawPart, AtRow], pa.Table]


def made_up_run(tmp_path: Path, texts: Sequence[str], name: str = "run", **changes: object) -> Run:
    """A run over a library of one column, in parts of 5 rows."""
    file = tmp_path / f"{name}.csv"
    file.write_text("smiles\n" + "".join(f"{text}\n" for text in texts), encoding="utf-8")
    settings = ScreenSettings(**{"tasks": ("mutagenicity",), "part_rows": 5, "smiles_column": "smiles"} | changes)  # type: ignore[arg-type]
    return make_run(tmp_path / name, file, settings)


def content(run: Run) -> list[dict[str, Any]]:
    """All rows that are written."""
    return [row for file in run.parts().values() for row in pq.read_table(file).to_pylist()]


def plain(run: Run) -> Work:
    """Writes what it was given, after what the texts ask for."""

    def work(part: RawPart, at_row: AtRow) -> pa.Table:
        rows = []
        for row, text in enumerate(part.texts):
            at_row(row)
            number = part.first_row + row
            code = part.given_up.get(number)
            if code is None:
                _behave(text, run.folder)
            rows.append({"row": number, "whymol_smiles": text, "status": "error" if code else "ok", "code": code})
        at_row(-1)
        for row, text in enumerate(part.texts):
            if part.first_row + row not in part.given_up and text.startswith("later-"):
                _behave(text.removeprefix("later-"), run.folder)
        return _table(run, part, rows)

    return work


def standardised(run: Run) -> Work:
    """The first stage, by RDKit."""
    from app.screening.standardising import standardise

    def work(part: RawPart, at_row: AtRow) -> pa.Table:
        given_up = {row - part.first_row: (code, code) for row, code in part.given_up.items()}
        found = standardise(part.ids, part.texts, with_inchikey=True, given_up=given_up, at_row=at_row)
        rows = [
            {"row": part.first_row + row, "whymol_smiles": smiles, "status": found.status[row], "code": found.code[row]}
            for row, smiles in enumerate(found.smiles)
        ]
        return _table(run, part, rows)

    return work


def _table(run: Run, part: RawPart, rows: Sequence[dict[str, Any]]) -> pa.Table:
    own = dict(zip([column.name for column in run.columns if column.own], part.own, strict=True))
    named = schema(run.columns)
    return pa.Table.from_pydict(
        {name: own[name] if name in own else [row.get(name) for row in rows] for name in named.names}, schema=named
    )


def _behave(text: str, folder: Path) -> None:
    if text == "slow":
        time.sleep(0.004)
    elif text == "endless":
        time.sleep(60)
    elif text == "crash":
        os._exit(11)
    elif text == "crash-once" and not (folder / "crashed").exists():
        (folder / "crashed").touch()
        os._exit(11)
    elif text == "disk-full" and not (folder / "room").exists():
        raise OSError(errno.ENOSPC, "No space left on device")
    elif text == "bug":
        raise KeyError("a bug")
