"""`report`: the concepts of a run or a shipped model as a document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    concepts: Annotated[
        str, typer.Argument(metavar="RUN_OR_TASK", help="Folder that `concepts` wrote, or task with shipped concepts.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File; .html, .pdf, .json or .csv says the format.")],
    model: Annotated[
        str | None,
        typer.Option(help="Task, name or folder of the model that the concepts were made from; by default their task."),
    ] = None,
) -> None:
    """Write the report of a model's concepts: one HTML file or PDF to read and print, JSON or CSV for programs.

    A page a concept: prototypes, members with their masks, distributions, alerts, and what speaks against it.
    """
    from app.exports.concept_report import check_report_suffix, write_report
    from concepts.report.model_card import model_card
    from concepts.storage import load_concepts

    suffix = check_report_suffix(output)
    found = load_concepts(concepts)
    if suffix == ".pdf":
        print(f"laying out the pages of {len(found)} concepts", file=sys.stderr, flush=True)
    write_report(output, found, model_card(found, model))
    print(output)
