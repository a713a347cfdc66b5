"""`screen` and `resume`: a whole library into a run folder, on all cores or a cluster; `status` says how far it is."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.screening.run_folder import Run
    from app.screening.run_progress import Recorder

RunArgument = Annotated[Path, typer.Argument(help="Run folder of a screening.", metavar="RUN", show_default=False)]
Workers = Annotated[int | None, typer.Option(help="Worker processes; as many as cores if not given.")]
Engine = Annotated[str, typer.Option(help="local: processes of this machine. ray: a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(help="Of a running Ray cluster, host:port or auto; without it, one is started on this machine."),
]
Through = Annotated[
    str | None,
    typer.Option(
        help="Folder or object path (s3://bucket/key) through which machines of a Ray cluster that do not share the "
        "run folder hand over their parts."
    ),
]


def screen(
    file: Annotated[
        str,
        typer.Argument(
            help="File of structures (csv, tsv, smi, sdf, parquet, each also .gz), or its object path (s3://bucket/key).",
            metavar="IN",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Run folder, new or that of the same screening.")],
    task: Annotated[
        list[str] | None,
        typer.Option(help="Task, or folder of a bundle; can be given several times. Without it, all shipped tasks."),
    ] = None,
    engine: Engine = "local",
    address: Address = None,
    through: Through = None,
    workers: Workers = None,
    members: Annotated[str, typer.Option(help="all networks of a committee, or one: the first alone, faster.")] = "all",
    policy: Annotated[
        str, typer.Option(help="parent: largest fragment, neutralised. as-drawn: everything that was drawn.")
    ] = "parent",
    alerts: Annotated[bool, typer.Option(help="Look for PAINS, Brenk and Kazius alerts.")] = True,
    masks: Annotated[bool, typer.Option(help="Keep the importance of every atom.")] = True,
    inchikey: Annotated[
        bool,
        typer.Option(
            help="Write InChIKeys and what was measured on known compounds, which takes longer than the rest."
        ),
    ] = False,
    smiles_column: Annotated[str | None, typer.Option(help="Column with structures; guessed if not given.")] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with names; guessed if not given.")] = None,
    part_rows: Annotated[int | None, typer.Option(help="Rows of a part, which a kill loses at most.")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds after which a structure is given up.")] = None,
) -> None:
    """Predict a whole library into a run folder, which survives being stopped at any moment.

    A row that is no molecule is reported in its place and stops nothing.
    """
    from app.screening.settings import PART_ROWS, TIME_LIMIT, ScreenSettings
    from megan.shipped import PRETRAINED, shipped_names

    settings = ScreenSettings(
        tasks=tuple(dict.fromkeys(task or shipped_names(PRETRAINED))),
        members=members,
        policy=policy,
        alerts=alerts,
        masks=masks,
        inchikey=inchikey,
        smiles_column=smiles_column,
        id_column=id_column,
        part_rows=PART_ROWS if part_rows is None else part_rows,
        time_limit=TIME_LIMIT if time_limit is None else time_limit,
    )
    from app.screening.columns import renamed_sentences
    from app.screening.engines.fetching import fetch_input
    from app.screening.engines.handing_over import is_uri
    from app.screening.run_folder import make_run
    from app.terminal import printable

    run = make_run(output, fetch_input(file, output) if is_uri(file) else Path(file), settings)
    for sentence in renamed_sentences(run.columns):
        print(printable(sentence), file=sys.stderr)
    _carry_out(run, engine, workers, address, through)


def resume(
    folder: RunArgument,
    engine: Engine = "local",
    address: Address = None,
    through: Through = None,
    workers: Workers = None,
) -> None:
    """Go on with a screening that was stopped; the result is that of an unbroken run."""
    from app.screening.run_folder import open_run

    _carry_out(open_run(folder), engine, workers, address, through)


def status(folder: RunArgument) -> None:
    """Say how far a screening is."""
    from app.screening.progress import line, read_progress
    from app.screening.run_folder import open_run

    run = open_run(folder)
    progress = read_progress(folder)
    state = run.state()
    # What progress.json says of a run that was killed is not how it stands.
    print(state if progress is None else f"{state}: {line(replace(progress, state=state))}")
    if progress is not None and progress.sentence:
        print(progress.sentence)
    if state not in ("running", "finished"):
        print(f"Go on with: python -m app resume {folder}")


def _carry_out(run: Run, engine: str, workers: int | None, address: str | None, through: str | None) -> None:
    from app.screening.engines.crew import EngineError
    from app.screening.progress import line
    from app.screening.running import carry_out

    was_finished = run.finished()
    # A page, or a batch system, ends a run by SIGTERM; that is a cancellation like Ctrl-C.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        progress = carry_out(run, engine, workers, address=address, through=through, report=_show)
    except EngineError as error:
        raise ValueError(f"{_line_end()}{error} (python -m app resume {run.folder})") from error
    finally:
        signal.signal(signal.SIGTERM, before)
    if progress.rows and not was_finished:
        _summarise(run)
    said = f"{run.folder}: {line(progress)}"
    print(f"{_line_end()}{said} were screened already" if was_finished else f"{_line_end()}{said}", file=sys.stderr)


def _summarise(run: Run) -> None:
    from app.screening.results.summary import sentences, summarise
    from app.screening.results.table import Results
    from megan.card import read_card, task_of

    tasks = [task_of(read_card(name)) for name in run.settings.tasks]
    with Results(run) as results:
        found = summarise(results, tasks)
    print(_line_end(), end="", file=sys.stderr)
    print("\n".join(sentences(found, tasks)))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _show(recorder: Recorder) -> None:
    from app.screening.progress import line

    if sys.stderr.isatty():
        print(f"\r\x1b[K{line(recorder.progress)}", end="", file=sys.stderr, flush=True)


def _line_end() -> str:
    return "\r\x1b[K" if sys.stderr.isatty() else ""
