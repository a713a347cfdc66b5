"""Work for the engine's tests that needs no models: quick, and as bad as asked."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from app.screening.columns import TYPES
from app.screening.raw_part import AtRow, RawPart
from app.screening.run_folder import Run

Work = Callable[[RawPart, AtRow], pa.Table]


def plain(run: Run) -> Work:
    """Writes what it was given; empty texts take a hundredth of a second."""

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
        names = [column.name for column in run.columns]
        schema = pa.schema([(column.name, TYPES[column.kind]) for column in run.columns])
        own = dict(zip([c.name for c in run.columns if c.own], part.own, strict=True))
        filled = {n: [row.get(n) for row in rows] if n not in own else own[n] for n in names}
        return pa.Table.from_pydict(filled, schema=schema)

    return work


def _behave(text: str, folder: Path) -> None:
    if text == "slow":
        time.sleep(0.02)
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
