"""`export` and `pick`: what comes out of a screening."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.screening.run_folder import Run

RunArgument = Annotated[Path, typer.Argument(help="Run folder of a screening.", metavar="RUN", show_default=False)]
Where = Annotated[
    str | None, typer.Option(help="Condition in SQL over columns, such as \"status = 'ok'\".", metavar="FILTER")
]
Columns = Annotated[str | None, typer.Option(help="Names of columns with commas between; all if not given.")]


def export(
    folder: RunArgument,
    output: Annotated[Path, typer.Argument(help="A .csv, .parquet, .sdf or .xlsx file.", metavar="OUT")],
    where: Where = None,
    columns: Columns = None,
) -> None:
    """Write the results of a screening, or those that meet a condition, into one file."""
    from app.screening.results.exporting import Asked, check_suffix
    from app.screening.results.exporting import export as write
    from app.screening.results.table import Results
    from app.screening.run_folder import open_run

    check_suffix(output)
    run = open_run(folder)
    _refuse_input(run, output)
    with Results(run) as results:
        names = None if columns is None else _names(columns)
        rows = write(results, output, Asked(names, where))
    _say_unfinished(run)
    print(f"wrote {output}: {rows:,} rows", file=sys.stderr)


def pick(
    folder: RunArgument,
    n: Annotated[int, typer.Option("-n", help="How many molecules.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="CSV file; RUN/picks.csv if not given.")] = None,
    diverse: Annotated[bool, typer.Option("--diverse", help="As unlike each other as possible (MaxMin).")] = False,
    exclude_concept: Annotated[
        list[str] | None, typer.Option(help="Leave out what belongs to this concept; can be given several times.")
    ] = None,
    where: Where = None,
    columns: Columns = None,
    plate: Annotated[int, typer.Option(help="Wells of a plate: 96 or 384.")] = 384,
    seed: Annotated[int, typer.Option(help="Decides the first of the diverse picks.")] = 0,
) -> None:
    """Pick molecules for an assay and lay them out on plates."""
    from app.screening.results.picking import PickSettings, picked_table
    from app.screening.results.picking import pick as picked
    from app.screening.results.plates import wells, write_plate_map
    from app.screening.results.table import Results
    from app.screening.run_folder import open_run

    settings = PickSettings(n, diverse, where, tuple(exclude_concept or ()), seed)
    wells(0, plate)
    run = open_run(folder)
    file = output or folder / "picks.csv"
    _refuse_input(run, file)
    with Results(run) as results:
        picks = picked(results, settings)
        names = None if columns is None else _names(columns)
        table = picked_table(results, picks, names)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    write_plate_map(file, table.column_names, rows, plate)
    _say_unfinished(run)
    print(f"wrote {file}: {len(rows):,} of {picks.candidates:,} molecules that can be picked", file=sys.stderr)


def _names(columns: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in columns.split(",") if name.strip())


def _refuse_input(run: Run, output: Path) -> None:
    if output.exists() and run.input.exists() and output.samefile(run.input):
        raise ValueError(f"the output is {str(output)!r}, which is the input; expected another file")


def _say_unfinished(run: Run) -> None:
    from app.screening.progress import line, read_progress

    progress = read_progress(run.folder)
    if progress is not None and not run.finished():
        print(f"the screening is not finished: {line(progress)}", file=sys.stderr)
