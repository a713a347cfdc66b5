"""`counterfactuals`: the smallest changes of a molecule that change its verdict."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.concepts.known import KnownConcepts
    from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult, Outlook
    from datasets.molecule import RowProblem
    from datasets.tasks import Task
    from megan.prediction import Domain
    from megan.predictor import Predictor


def counterfactuals(
    smiles: Annotated[str, typer.Argument(help="The molecule to start from.")],
    task: Annotated[str, typer.Option(help="Task, name of your own model, or folder of a bundle.")],
    goal: Annotated[
        str | None,
        typer.Option(
            help="flip: another class (default for verdicts). move: a higher or lower value (default for values). "
            "leave-concept: out of a named concept. disagree: where the model knows least."
        ),
    ] = None,
    to: Annotated[str, typer.Option(help="Class that flip reaches; the task's first class by default.")] = "",
    by: Annotated[float, typer.Option(help="Amount of move in the task's unit; under 0 to lower the value.")] = 1.0,
    concept: Annotated[str, typer.Option(help="Id of the concept to leave; by default the best fitting one.")] = "",
    both: Annotated[
        bool, typer.Option("--both", help="The other verdicts must come out as their first class too.")
    ] = False,
    keep: Annotated[
        str, typer.Option(help="What must stay: SMARTS, or atom numbers of the start from 1, such as 1-4,7.")
    ] = "",
    max_edits: Annotated[int, typer.Option(help="Edits at most.")] = 3,
    budget: Annotated[
        int | None, typer.Option(help="Predictions at most; by default a number that falls with the size.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Begin no new round after this time.")] = None,
    count: Annotated[int, typer.Option("--count", "-n", help="Molecules to show at most.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a molecule.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write start and molecules to a .csv or .sdf file as well.")
    ] = None,
) -> None:
    """Find molecules near a given one that change its verdict, with what they change on every endpoint.

    Where none is found, the closest approach is shown; that is an answer too.
    """
    from app.counterfactuals.request import Aim, Request, aims_of, check_request, kept, search

    # Settings are checked before the model library is imported, which takes seconds.
    if goal is not None and goal not in list(Aim):
        raise ValueError(f"--goal is {goal!r}; expected {', '.join(Aim)}")
    if output is not None and output.suffix.lower() not in (".csv", ".sdf"):
        raise ValueError(f"the output is {output.name!r}; expected a name that ends with .csv, .sdf")
    kept(keep)
    models, name = _load(task)
    aim = Aim(goal) if goal else aims_of(models[name].task)[0]
    request = Request(smiles, name, aim, to, by, concept, both, keep, count, max_edits, budget, seconds)
    check_request(request, models[name].task)
    concepts = _concepts(task, models[name].task) if aim is Aim.LEAVE else None
    result = search(request, models, concepts)
    tasks = [model.task for model in models.values()]
    _print(result, tasks, as_json)
    if output is not None and not _is_problem(result):
        _write(output, result, tasks)


def _load(task: str) -> tuple[dict[str, Predictor], str]:
    """The models by the name of their task, that of the search first, and its name."""
    from megan.predictor import Predictor, shipped_tasks

    chosen = Predictor.load(task)
    models = {chosen.task.name: chosen}
    for name in shipped_tasks():
        if name not in models:
            models[name] = Predictor.load(name)
    return models, chosen.task.name


def _concepts(bundle: str, task: Task) -> KnownConcepts | None:
    from app.concepts.known import concepts_of_bundles
    from megan.card import bundle_folder

    return concepts_of_bundles([task], [bundle_folder(bundle)]).get(task.name)


def _is_problem(result: CounterfactualResult | RowProblem) -> bool:
    from datasets.molecule import RowProblem

    return isinstance(result, RowProblem)


def _print(result: CounterfactualResult | RowProblem, tasks: Sequence[Task], as_json: bool) -> None:
    from app.counterfactuals.records import as_record, shown
    from app.terminal import printable
    from datasets.molecule import RowProblem

    if isinstance(result, RowProblem):
        if as_json:
            problem = {"smiles": None, "input": result.given, "code": result.code, "detail": result.sentence}
            print(json.dumps(problem, allow_nan=False))
        else:
            print(f"{result.code}: {printable(result.sentence)}")
        return
    if as_json:
        for found in shown(result):
            print(json.dumps(as_record(found, tasks), allow_nan=False))
        print(printable(result.sentence), file=sys.stderr)
        return
    for line in _lines(result, tasks):
        print(printable(line))


def _lines(result: CounterfactualResult, tasks: Sequence[Task]) -> list[str]:
    from app.counterfactuals.records import shown
    from app.terminal import LEGEND

    start = result.start
    many = shown(result)
    lines = [*LEGEND.splitlines(), "sim: similarity to the start. SA: synthetic accessibility, 1 easy to 10 hard.", ""]
    head = "".join(
        f"  {task.name:{_width(task)}} {'p' if task.kind == 'classification' else 'value':>5} {'sd':>5} near "
        for task in tasks
    )
    lines.append(f"{'':5} {'sim':>4} {'SA':>4}{head}  molecule")
    lines.append(_row("start", 1.0, start.sa_score, start.outlook, start.domain, tasks, start.molecule.smiles))
    for number, found in enumerate(many, start=1):
        label = str(number) if found.flips else "near"
        lines.append(_row(label, found.similarity, found.sa_score, found.after, found.domain, tasks, found.smiles))
        lines += _told(found)
    count = f"{result.predictions:,} prediction{'' if result.predictions == 1 else 's'}"
    return [*lines, "", result.sentence, f"{count} in {result.seconds:.1f} s"]


def _row(
    label: str,
    similarity: float,
    making: float | None,
    outlook: dict[str, Outlook],
    domain: dict[str, Domain],
    tasks: Sequence[Task],
    smiles: str,
) -> str:
    cells = []
    for task in tasks:
        said = outlook[task.name]
        verdict = said.verdict if task.kind == "classification" else ""
        near = f"{domain[task.name].similarity:.2f}{'' if domain[task.name].inside else '*'}"
        cells.append(f"  {verdict:{_width(task)}} {said.output:5.2f} {said.spread:5.2f} {near:5}")
    score = "" if making is None else f"{making:.1f}"
    return f"{label:>5} {similarity:4.2f} {score:>4}{''.join(cells)}  {smiles}"


def _told(found: Counterfactual) -> list[str]:
    alerts = ", ".join(f"{alert.catalog} {alert.name}" for alert in found.new_alerts)
    told = [", then ".join(step.name for step in found.edits), found.why, f"New alerts: {alerts}." if alerts else ""]
    return [f"{'':6}{line}" for line in told if line]


def _width(task: Task) -> int:
    return max(len(word) for word in (task.name, *task.classes))


def _write(output: Path, result: CounterfactualResult | RowProblem, tasks: Sequence[Task]) -> None:
    from app.counterfactuals.records import shown
    from app.exports.counterfactuals import csv_text, sdf_text
    from concepts.counterfactuals.counterfactual import CounterfactualResult
    from megan.files import write_beside

    assert isinstance(result, CounterfactualResult)
    text = csv_text if output.suffix.lower() == ".csv" else sdf_text
    with write_beside(output) as beside:
        beside.write_text(text(result.start, shown(result), tasks), encoding="utf-8", newline="")
    print(f"wrote {output}", file=sys.stderr)
