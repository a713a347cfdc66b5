"""`fetch-data`: the measured table of a task, made from the public files."""

from __future__ import annotations

from typing import Annotated

import typer


def fetch_data(
    task: Annotated[str, typer.Argument(help="Name of the task.")],
    quiet: Annotated[bool, typer.Option(help="Say nothing on the way.")] = False,
) -> None:
    """Download and clean the data of a task; training and the structures of neighbours need them, predicting does not.

    Files are checked by their sha256. Those in the folder raw of MEGAN_DATA are taken from there.
    """
    from datasets.sources import fetch
    from datasets.tasks import get_task

    print(fetch(get_task(task), progress=not quiet))
