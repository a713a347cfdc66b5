"""`predict`: verdicts on SMILES from the command line, a file or the standard input."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.concepts.known import Known
    from app.predicting.stream import ResultBatch
    from datasets.tasks import Task
    from megan.predictor import Predictor


def predict(
    smiles: Annotated[list[str] | None, typer.Argument(help='Structures, each "SMILES" or "SMILES name".')] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Task, or folder of a bundle; can be given several times. Without it, all shipped tasks."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
    file: Annotated[
        str | None,
        typer.Option(help="File of structures (csv, tsv, smi, sdf, parquet, each also .gz); - is the standard input."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="parent: largest fragment, neutralised. as-drawn: everything that was drawn.")
    ] = "parent",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to a .csv, .parquet or .sdf file instead.")
    ] = None,
) -> None:
    """Say what molecules do, and which of their atoms make them do it.

    A row that is no molecule is reported in its place and stops nothing.
    """
    # Settings are checked before the model library is imported, which takes seconds.
    from app.predicting.row_source import open_rows
    from datasets.standardize import Policy

    if policy not in list(Policy):
        raise ValueError(f"--policy is {policy!r}; expected {' or '.join(Policy)}")
    if output is not None:
        _check_output(output, file)
    source = open_rows(smiles or [], file)
    models = _load(task)
    predictors = list(models.values())
    tasks = [predictor.task for predictor in predictors]
    concepts = _concepts(models) if as_json or output is not None else {}

    from app.exports.files import open_results
    from app.predicting.stream import predict_batches

    counted = _Count()
    speak: Callable[[ResultBatch], None]
    if as_json:
        speak = _json_printer(concepts)
    elif output is None:
        speak = _table_printer(tasks)
    else:
        speak = counted.show
    with nullcontext() if output is None else open_results(output, tasks, source.columns, concepts) as kept:
        for batch in predict_batches(source.batches(), predictors, Policy(policy)):
            if kept is not None:
                kept.write(batch.results, batch.own)
            counted.add(batch)
            speak(batch)
    if output is not None:
        counted.show_end(output)


def _check_output(output: Path, file: str | None) -> None:
    from app.exports.files import check_suffix

    check_suffix(output)
    if file is not None and output.exists() and Path(file).exists() and output.samefile(file):
        raise ValueError(f"--output is {str(output)!r}, which is the input; expected another file")


def _load(names: Sequence[str] | None) -> dict[str, Predictor]:
    """Every task's model by the name or folder it was asked for by, loaded once, in the order of the names."""
    from megan.predictor import Predictor, shipped_tasks

    wanted = list(dict.fromkeys(names or shipped_tasks()))
    if not wanted:
        raise ValueError("no models are shipped here; expected --task with the folder of a trained bundle")
    predictors = {name: Predictor.load(name) for name in wanted}
    seen = [predictor.task.name for predictor in predictors.values()]
    for name in seen:
        if seen.count(name) > 1:
            raise ValueError(f"--task names {seen.count(name)} bundles of {name}; expected one a task")
    return predictors


def _concepts(models: Mapping[str, Predictor]) -> Known:
    """What is known of the models' concepts."""
    from app.concepts.known import concepts_of_bundles
    from megan.card import bundle_folder

    return concepts_of_bundles([m.task for m in models.values()], [bundle_folder(name) for name in models])


def _json_printer(concepts: Known) -> Callable[[ResultBatch], None]:
    from app.predicting.records import as_record

    def show(batch: ResultBatch) -> None:
        for result in batch.results:
            print(json.dumps(as_record(result, concepts), allow_nan=False))
        sys.stdout.flush()

    return show


def _table_printer(tasks: Sequence[Task]) -> Callable[[ResultBatch], None]:
    from app.terminal import header, legend, lines

    print(f"{legend(tasks)}\n\n{header(tasks)}")

    def show(batch: ResultBatch) -> None:
        for result in batch.results:
            for line in lines(result, tasks):
                print(line)
        sys.stdout.flush()

    return show


@dataclass(slots=True)
class _Count:
    """Tells on stderr how far it is; a line that moves only where somebody watches."""

    rows: int = 0
    bad: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, batch: ResultBatch) -> None:
        self.rows += len(batch.results)
        self.bad += sum(result.status == "error" for result in batch.results)

    def show(self, _: ResultBatch) -> None:
        if sys.stderr.isatty():
            rate = self.rows / (time.monotonic() - self.started)
            print(f"\r{self.rows:,} rows, {rate:,.0f} a second", end="", file=sys.stderr, flush=True)

    def show_end(self, output: Path) -> None:
        end = "\r\x1b[K" if sys.stderr.isatty() else ""
        print(f"{end}wrote {output}: {self.rows:,} rows, {self.bad:,} without a prediction", file=sys.stderr)
