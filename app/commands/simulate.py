"""`simulate`: do explanations teach anything? Students with masks against students without, many times over."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from app.simulate.request import Request
    from concepts.simulatability.rows import ScoreRow
    from concepts.simulatability.study import StudyProgress
    from concepts.simulatability.subjects import Subject

TELL_EVERY: Final = 5.0
_NAME: Final = 34


def simulate(
    task: Annotated[
        str,
        typer.Argument(
            help="Generated set (rb_adv_motifs, ba2motifs, rb_dual_motifs), task, name of your own model, or folder of "
            "a bundle."
        ),
    ],
    explainers: Annotated[
        str,
        typer.Option(
            help="Whose masks: truth, megan, gradients, integrated_gradients, gnnexplainer, random, shuffled, "
            "averaged, adversarial. By default truth, megan and random for a generated set, megan and random for a "
            "model."
        ),
    ] = "",
    masks_file: Annotated[
        list[Path] | None,
        typer.Option(help="Masks from a .npz or .json file as one more explainer; can be given several times."),
    ] = None,
    sizes: Annotated[str, typer.Option(help="Training graphs of each student.")] = "25,100",
    repetitions: Annotated[int, typer.Option(help="Pairs of students, each on a fresh split.")] = 25,
    noise: Annotated[str, typer.Option(help="Shares of mask values replaced by random ones, 0 to 1.")] = "0",
    adversarial: Annotated[
        str, typer.Option(help="Shares of graphs with misleading masks, 0 to 1; rb_adv_motifs only.")
    ] = "0",
    layers: Annotated[str, typer.Option(help="Depths of the students.")] = "3",
    masks: Annotated[str, typer.Option(help="Which masks are shown: both, nodes, edges.")] = "both",
    students: Annotated[
        str, typer.Option(help="Kinds of student: megan (own masks), gcn (plain, with gradient masks).")
    ] = "megan",
    molecules: Annotated[
        Path | None,
        typer.Option(help="File of molecules for a model (csv, tsv, smi, sdf, parquet), not its test split."),
    ] = None,
    graphs: Annotated[
        int | None, typer.Option(help="Graphs to draw from; 1000 of a generated set, 500 molecules by default.")
    ] = None,
    validation: Annotated[int, typer.Option(help="Graphs by which each repetition is judged.")] = 200,
    epochs: Annotated[int, typer.Option(help="Epochs of each student.")] = 100,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Run folder; by default runs/studies/TASK.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a comparison.")] = False,
) -> None:
    """Run a simulatability study, or go on with one that was stopped.

    Two students with the same start learn the same few graphs, one of them also from explanation masks. The score is
    the median difference of how well they do on other graphs. All lists take several values with commas between them;
    every combination is compared.
    """
    from app.simulate.request import FILE, Request, shares, whole_numbers, words_of
    from app.simulate.runs import studies_folder

    # Settings are checked before torch is imported, which takes seconds.
    request = Request(
        task=task,
        explainers=(*(words_of("--explainers", explainers) if explainers else ()), *_files(masks_file, FILE)),
        sizes=whole_numbers("--sizes", sizes),
        repetitions=repetitions,
        noises=shares("--noise", noise),
        adversarial=shares("--adversarial", adversarial),
        layers=whole_numbers("--layers", layers),
        masks=words_of("--masks", masks),
        students=words_of("--students", students),
        graphs=graphs,
        validation=validation,
        epochs=epochs,
        seed=seed,
        molecules="" if molecules is None else str(molecules.resolve()),
    )
    request.check()
    folder = output or studies_folder() / Path(task).name
    if folder.is_file():
        raise ValueError(f"--output is {str(folder)!r}, which is a file; expected a folder")
    rows, metric = _run(request, folder, _smiles_of(molecules, task))
    if as_json:
        for row in rows:
            print(json.dumps(row.record(), allow_nan=False))
    else:
        _print(rows, metric)
    print(folder, file=sys.stderr if as_json else sys.stdout)


def _files(given: Sequence[Path] | None, mark: str) -> tuple[str, ...]:
    return tuple(f"{mark}{file.resolve()}" for file in given or ())


def _smiles_of(file: Path | None, task: str) -> list[str] | None:
    from app.counterfactuals.design_rule_input import molecules_of
    from datasets.library import read_structures
    from datasets.tasks import GENERATED

    if file is None:
        return _own_test_split(task)
    if task in GENERATED:
        raise ValueError(f"--molecules is about a model's molecules, but {task} is drawn; expected no such file")
    found = molecules_of(row.structure for row in read_structures(file))
    if not found.smiles:
        raise ValueError(f"none of {found.rows} rows of {file.name} is a molecule; expected SMILES")
    if found.unreadable:
        print(f"{found.unreadable:,} of {found.rows:,} rows are no molecule; left out", file=sys.stderr)
    return list(found.smiles)


def _own_test_split(task: str) -> list[str] | None:
    """Molecules that an own model has not seen, where its table is here; None leaves the choice to the engine."""
    import pandas as pd

    from megan.own_models import own_table

    file = own_table(task)
    if file is None:
        return None
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return [str(smiles) for smiles in table["smiles"][table["split"] == "test"]]


def _run(request: Request, folder: Path, smiles: list[str] | None) -> tuple[tuple[ScoreRow, ...], str]:
    from app.simulate.progress import Recorder, StudyShown
    from app.simulate.request import engine_settings
    from app.simulate.runs import keep_request, request_in
    from concepts.simulatability.study import simulate as study_of

    asked, settings = engine_settings(request)
    subject = _subject(request, smiles)
    metric = "R2" if subject.kind == "regression" else "accuracy"
    recorder, tell = Recorder(folder, StudyShown(metric)), _teller()

    def report(progress: StudyProgress) -> None:
        if request_in(folder) is None:
            keep_request(folder, request)  # only now, when the engine has accepted the folder
        recorder(progress)
        tell(progress)

    study = study_of(subject, asked, settings, run=folder, report=report)
    recorder.finish(study.rows)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return study.rows, study.metric


def _subject(request: Request, smiles: list[str] | None) -> Subject:
    from concepts.simulatability.subjects import subject_of

    return subject_of(request.task, request.asked_graphs, request.seed, smiles)


def _teller() -> Callable[[StudyProgress], None]:
    """Say how far the study is: over one line in a terminal, else a line now and then."""
    last = [0.0]

    def tell(progress: StudyProgress) -> None:
        now, terminal = time.monotonic(), sys.stderr.isatty()
        if now - last[0] < (0.2 if terminal else TELL_EVERY):
            return
        last[0] = now
        left = "" if progress.seconds_left != progress.seconds_left else f", {progress.seconds_left:.0f} s left"
        said = f"{100 * progress.done:.0f} % done{left}"
        print(f"\r\x1b[K{said}" if terminal else said, end="" if terminal else "\n", file=sys.stderr, flush=True)

    return tell


def _print(rows: Sequence[ScoreRow], metric: str) -> None:
    from app.terminal import printable, shortened

    print(f"score: median difference in {metric}, student with masks less its twin without; 95 % interval in brackets.")
    print("p: paired t-test, not corrected for the number of lines. better: share of repetitions won by the masks.\n")
    print(f"{'masks':{_NAME}} {'size':>5} {'score':>8} {'interval':>20} {'p':>8} {'better':>7}  repetitions")
    for row in rows:
        name = shortened(printable(_name(row)), _NAME)
        if row.score is None:
            print(f"{name:{_NAME}} {row.condition.size:>5} no score: {printable(row.problem)}")
            continue
        score = row.score
        interval = f"{score.low:+.4f} to {score.high:+.4f}"
        failed = f", {row.failed} failed: {printable(row.problem)}" if row.failed else ""
        print(
            f"{name:{_NAME}} {row.condition.size:>5} {score.score:+8.4f} {interval:>20} {score.p:8.2g} "
            f"{100 * score.better:5.0f} %  {score.repetitions}{failed}"
        )


def _name(row: ScoreRow) -> str:
    from app.simulate.request import FILE

    c = row.condition
    name = f"file {Path(c.explainer).name}" if c.explainer.startswith(FILE) else c.explainer
    parts = [
        f"noise {c.noise:g}" if c.noise else "", f"adversarial {c.adversarial:g}" if c.adversarial else "",
        f"{c.layers} layers" if c.layers != 3 else "", f"{c.masks} only" if c.masks != "both" else "",
        c.student if c.student != "megan" else "",
    ]  # fmt: skip
    return ", ".join([name, *(part for part in parts if part)])
