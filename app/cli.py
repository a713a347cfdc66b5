"""The command line: `python -m app predict`, `train`, `evaluate`, `concepts`, `report`, `fetch-data`.

A wrong setting ends with exit code 2 and one sentence on stderr. A row that is no molecule is data: it is reported in
its place, and the exit code is 0.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from app.commands.concepts import concepts
from app.commands.counterfactuals import counterfactuals
from app.commands.design_rules import design_rules
from app.commands.evaluate import evaluate
from app.commands.fetch_data import fetch_data
from app.commands.predict import predict
from app.commands.pretrain import pretrain
from app.commands.report import report
from app.commands.screen import resume, screen, status
from app.commands.screening_results import export, pick
from app.commands.simulate import simulate
from app.commands.train import train

WRONG_SETTING = 2

cli = typer.Typer(
    help="WhyMol: does a molecule aggregate, is it mutagenic, does it dissolve, and which of its atoms say so?",
    rich_markup_mode=None,
    add_completion=False,
)
cli.command("predict")(predict)
cli.command("evaluate")(evaluate)
cli.command("train")(train)
cli.command("pretrain")(pretrain)
cli.command("fetch-data")(fetch_data)
cli.command("concepts")(concepts)
cli.command("counterfactuals")(counterfactuals)
cli.command("design-rules")(design_rules)
cli.command("report")(report)
cli.command("simulate")(simulate)
cli.command("screen")(screen)
cli.command("resume")(resume)
cli.command("status")(status)
cli.command("export")(export)
cli.command("pick")(pick)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Words of the command line; those of the process if not given.

    Returns
    -------
    int
        Exit code: 0, or 2 for a wrong setting, 130 if interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A terminal of another encoding shows a substitute instead of ending the run.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        code = typer.main.get_command(cli).main(words or ["--help"], prog_name="python -m app", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        return _refuse(error.format_message())
    except BrokenPipeError:
        return _leave_quietly()
    except SystemExit:
        # Typer's own answer to a broken pipe while a command prints; it has silenced the output already.
        return 0
    except OSError as error:
        where = f": {error.filename}" if error.filename and error.strerror else ""
        return _refuse(f"{error.strerror}{where}" if error.strerror else str(error))
    except ValueError as error:
        return _refuse(str(error))
    return code if isinstance(code, int) else 0


def _refuse(sentence: str) -> int:
    typer.echo(" ".join(sentence.split()), err=True)
    return WRONG_SETTING


def _leave_quietly() -> int:
    """End without a word when the reader of the output, such as `head`, has seen enough."""
    # Python flushes once more when it ends, which would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
