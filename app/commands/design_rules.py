"""`design-rules`: what each kind of edit does to a prediction, over a file of molecules."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from concepts.counterfactuals.design_rules import Rule, RuleSet
    from datasets.tasks import Task

_WIDTH = 40
_MOST_LINES = 40


def design_rules(
    file: Annotated[Path, typer.Argument(help="Molecules (csv, tsv, smi, sdf, parquet, each also .gz).")],
    task: Annotated[str, typer.Option(help="Task, name of your own model, or folder of a bundle.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write all rules to a .csv file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a rule.")] = False,
    budget: Annotated[
        int, typer.Option(help="Edited molecules that are predicted, spread evenly over all molecules.")
    ] = 3000,
    least: Annotated[int, typer.Option(help="Molecules that a rule needs.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the sample of edits.")] = 0,
    pairs: Annotated[
        bool, typer.Option("--pairs/--no-pairs", help="Look for measured pairs, where the measured table is here.")
    ] = True,
) -> None:
    """Find design rules: the mean effect of each kind of edit, how sure it is, and where it goes the other way.

    Where both molecules of a pair were measured, the measured change stands beside the predicted one.
    """
    from app.counterfactuals.design_rule_input import measured_labels, molecules_of
    from app.terminal import printable
    from concepts.counterfactuals.design_rules import RuleSettings
    from concepts.counterfactuals.design_rules import design_rules as find
    from datasets.library import read_structures

    if output is not None and output.suffix.lower() != ".csv":
        raise ValueError(f"the output is {output.name!r}; expected a name that ends with .csv")
    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise ValueError(f"--output is {str(output)!r}, which is the input; expected another file")
    for name, value in (("--budget", budget), ("--least", least)):
        if value < 1:
            raise ValueError(f"{name} is {value}; expected at least 1")
    molecules = molecules_of(row.structure for row in read_structures(file))
    if not molecules.smiles:
        raise ValueError(f"none of {molecules.rows} rows of {file.name} is a molecule; expected SMILES")

    from concepts.counterfactuals.design_rule_judge import judge_of
    from megan.predictor import Predictor

    predictor = Predictor.load(task)
    measured = measured_labels(predictor.task) if pairs else {}
    settings = RuleSettings(budget, least, seed)
    found = find(molecules.smiles, judge_of(predictor), settings, measured or None, _progress)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    if molecules.unreadable:
        print(f"{molecules.unreadable:,} of {molecules.rows:,} rows are no molecule; left out", file=sys.stderr)
    if output is not None:
        _write(output, found, predictor.task)
    if as_json:
        from app.counterfactuals.design_rule_records import as_record

        for rule in found.rules:
            print(json.dumps(as_record(rule), allow_nan=False))
    elif output is None:
        for line in _lines(found, predictor.task):
            print(printable(line))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} molecules edited", end="", file=sys.stderr, flush=True)


def _write(output: Path, found: RuleSet, task: Task) -> None:
    from app.counterfactuals.design_rule_records import as_columns
    from app.exports.counterfactuals import table_text
    from megan.files import write_beside

    with write_beside(output) as beside:
        text = table_text([as_columns(rule, task) for rule in found.rules])
        beside.write_text(text, encoding="utf-8", newline="")
    print(f"wrote {output}: {len(found.rules):,} rules", file=sys.stderr)


def _lines(found: RuleSet, task: Task) -> list[str]:
    from app.counterfactuals.design_rule_records import unit_of

    lines = [
        f"effect: mean change in {unit_of(task)}, with its 95 % interval over molecules; * where that holds 0.",
        "reversed: share of the edits that go the other way.",
        "",
        f"{'rule':{_WIDTH}} {'effect':>7} {'interval':>16}  {'edits':>5} {'mols':>5} reversed  measured pairs",
    ]
    lines += [_line(rule, task) for rule in found.rules[:_MOST_LINES]]
    if len(found.rules) > _MOST_LINES:
        lines.append(f"and {len(found.rules) - _MOST_LINES} more; all of them with -o or --json")
    if not found.rules:
        lines.append("no kind of edit was made in enough molecules for a rule")
    pairs = f", {found.pairs:,} measured pairs" if found.pairs else ""
    lines += ["", f"{found.judged:,} of {found.possible:,} edits of {found.molecules:,} molecules predicted{pairs}"]
    return lines


def _line(rule: Rule, task: Task) -> str:
    from app.counterfactuals.design_rule_records import measured_in_words
    from app.terminal import shortened

    interval = f"{rule.effect.low:+.2f} to {rule.effect.high:+.2f}"
    where = f" ({', '.join(rule.reversing)})" if rule.reversing else ""
    return (
        f"{shortened(rule.name, _WIDTH):{_WIDTH}} {rule.effect.value:+6.2f}{' ' if rule.sure else '*'} {interval:>16}  "
        f"{rule.edits:5,} {rule.molecules:5,} {rule.reversed_share * 100:6.0f} %  "
        f"{measured_in_words(rule, task)}{where}"
    ).rstrip()
