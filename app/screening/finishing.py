"""What is made once all parts are written: repeated structures, columns of numbers, and the summary.

Repeats are known only when the whole library is, and memory stays bounded: DuckDB puts what does not fit beside the
run's files.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from dataclasses import replace

import duckdb

from app.screening.engines.crew import EngineError
from app.screening.engines.worker_process import disk_sentence
from app.screening.progress import FAILED, FINISHED, Progress, read_progress, write_progress
from app.screening.results.table import DUPLICATES, NUMBERS, connect, named, quoted, text
from app.screening.run_folder import Run, RunError
from app.screening.run_progress import rows_in
from megan.files import write_beside

#: A number as tables write it; codes such as 007 are none, since a number would lose their zeros.
_NUMBER = r"\s*[+-]?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*"


def finish(run: Run) -> Progress:
    """Complete a run whose parts are all written; only for who holds its claim.

    Raises
    ------
    RunError
        If a part is missing.
    EngineError
        If the disk is full, or another fault of the machine stands in the way.
    """
    try:
        return _finished(run)
    except (OSError, duckdb.Error) as error:
        sentence = disk_sentence(error if isinstance(error, OSError) else _as_os_error(error))
        with contextlib.suppress(OSError):
            write_progress(
                run.folder, replace(read_progress(run.folder) or Progress(FAILED), state=FAILED, sentence=sentence)
            )
        raise EngineError(sentence) from error


def _finished(run: Run) -> Progress:
    parts = run.parts()
    if list(parts) != list(range(len(parts))):
        raise RunError(f"{run.folder} lacks part {min(set(range(len(parts))) - set(parts))}")
    # A worker that was killed in the middle has left a file that its successor wrote anew.
    run.remove_unfinished()
    rows = rows_in(list(parts.values()))
    if parts:
        connection = connect(run.folder)
        try:
            files = ", ".join(text(str(part.resolve())) for part in parts.values())
            connection.execute(f"CREATE VIEW parts AS SELECT * FROM read_parquet([{files}])")  # noqa: S608
            _write_duplicates(connection, run)
            _write_numbers(connection, run)
        finally:
            connection.close()
            shutil.rmtree(run.folder / ".spill", ignore_errors=True)
    before = read_progress(run.folder) or Progress(FINISHED)
    progress = replace(before, state=FINISHED, rows=rows, parts=len(parts), total=rows, sentence="")
    write_progress(run.folder, progress)
    return progress


def _write_duplicates(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    row, smiles = quoted(named(run.columns, "row")), quoted(named(run.columns, "smiles"))
    # Hashes first: they alone are held for every row, and hardly any SMILES is left to compare.
    connection.execute(
        f"CREATE TEMP TABLE repeated AS SELECT hash({smiles}) AS hashed FROM parts "  # noqa: S608
        f"WHERE {smiles} IS NOT NULL GROUP BY hashed HAVING count(*) > 1"
    )
    with write_beside(run.folder / DUPLICATES) as beside:
        connection.execute(
            "COPY (SELECT row, first_row FROM ("  # noqa: S608
            f"SELECT {row} AS row, min({row}) OVER (PARTITION BY {smiles}) AS first_row FROM parts "
            f"SEMI JOIN repeated ON hash({smiles}) = hashed WHERE {smiles} IS NOT NULL) "
            f"WHERE row <> first_row ORDER BY row) TO {text(str(beside.resolve()))} (FORMAT parquet)"
        )


def _write_numbers(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    own = [column.name for column in run.columns if column.own]
    found: list[str] = []
    if own:
        tests = ", ".join(
            f"bool_and(regexp_full_match({name}, {text(_NUMBER)}) AND TRY_CAST({name} AS DOUBLE) IS NOT NULL) "
            f"FILTER (WHERE trim({name}) <> '')"
            for name in map(quoted, own)
        )
        answers = connection.execute(f"SELECT {tests} FROM parts").fetchone() or ()  # noqa: S608
        found = [name for name, answer in zip(own, answers, strict=True) if answer]
    with write_beside(run.folder / NUMBERS) as beside:
        beside.write_text(json.dumps(found), encoding="utf-8")


def _as_os_error(error: duckdb.Error) -> OSError:
    """What DuckDB says of a full disk is a text."""
    text = str(error)
    if os.strerror(errno.ENOSPC) in text:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return OSError(text.partition("\n")[0])
