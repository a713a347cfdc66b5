"""`train`: a committee from the measured table of a task, written as a bundle."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from megan.training import Progress


def train(
    task: Annotated[str, typer.Argument(help="Name of the task.")],
    members: Annotated[int, typer.Option(help="Networks in the committee.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the first member; the next ones count up.")] = 0,
    epochs: Annotated[int | None, typer.Option(help="Most epochs a member; by default those of the task.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    run_folder: Annotated[
        Path | None, typer.Option(help="Checkpoints and log; runs/train-TASK by default. A killed run continues there.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the bundle; by default bundle in the run folder.")] = None,
) -> None:
    """Train a task and write a bundle that predict and evaluate can use.

    The table comes from the folder that MEGAN_DATA names, or from fetch-data.
    """
    from datasets.tasks import get_task
    from megan.settings import settings_for

    chosen = get_task(task)
    settings = replace(settings_for(task), seed=seed)
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    if members < 1:
        raise ValueError(f"--members is {members}; expected at least 1")
    _check_device(device)

    from datasets.sources import load_table, table_path, table_sha256
    from megan.building import build_bundle

    run = run_folder or Path("runs") / f"train-{task}"
    bundle = out or run / "bundle"
    table = load_table(chosen)
    card = build_bundle(
        chosen,
        table,
        bundle,
        run,
        data_sha256=table_sha256(table_path(chosen)),
        members=members,
        settings=settings,
        device=device,
        report=_report,
    )
    for name, score in card["test"].items():
        if isinstance(score, dict) and "value" in score:
            print(f"test {name}: {score['value']:.4f} ({score['low']:.4f} to {score['high']:.4f})")
    print(bundle)


def _check_device(device: str) -> None:
    if device not in ("cpu", "cuda"):
        raise ValueError(f"--device is {device!r}; expected cpu or cuda")
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise ValueError("--device is 'cuda', but torch finds no CUDA device here; expected cpu")


def _report(progress: Progress) -> None:
    print(progress.line(), file=sys.stderr, flush=True)
