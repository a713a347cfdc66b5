"""`train`: a committee from the measured table of a task, or from the user's own table, written as a bundle."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.train_generated import score_lines, train_generated

if TYPE_CHECKING:
    from app.training.own import OwnTraining
    from datasets.tasks import Task
    from megan.teacher import TeacherSettings
    from megan.training import Progress


def train(
    task: Annotated[str | None, typer.Argument(help="Name of the task, or of a generated set; or give --csv.")] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Your own table of measured molecules (csv, tsv, smi, sdf, parquet, each also .gz)."),
    ] = None,
    smiles_column: Annotated[str | None, typer.Option(help="Its column with SMILES; guessed by default.")] = None,
    label_column: Annotated[str | None, typer.Option(help="Its column with what was measured.")] = None,
    kind: Annotated[str | None, typer.Option(help="classification or regression.")] = None,
    split_column: Annotated[
        str | None, typer.Option(help="Its column with train, valid or test; split by scaffold by default.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of your model; the label column by default.")] = None,
    positive_name: Annotated[str | None, typer.Option(help="What a molecule of the positive class is called.")] = None,
    negative_name: Annotated[str | None, typer.Option(help="What one of the negative class is called.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the values of a regression.")] = None,
    members: Annotated[
        int | None, typer.Option(help="Networks in the committee; by default those of the task, or 5.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the first member; the next ones count up.")] = 0,
    epochs: Annotated[int | None, typer.Option(help="Most epochs a member; by default those of the task.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    run_folder: Annotated[
        Path | None,
        typer.Option(
            help="Checkpoints and log; by default runs/train-TASK, or for your own table runs/models/NAME. "
            "A killed run continues there."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the bundle; by default bundle in the run folder."),
    ] = None,
) -> None:
    """Train a task and write a bundle that predict and evaluate can use.

    The generated sets (ba2motifs, rb_adv_motifs, rb_dual_motifs) are graphs whose causes are known, and no molecules:
    their models are ground truth for methods, loaded by megan.generated_models.

    The table of a task comes from the folder that MEGAN_DATA names, or from fetch-data. Your own table comes with
    --csv, --label-column and --kind; the pages offer its model if it stays in runs/models (or in the folder that the
    environment variable WHYMOL_MODELS names), and commands take it by its name.
    """
    own = {
        "--smiles-column": smiles_column, "--label-column": label_column, "--kind": kind,
        "--split-column": split_column, "--name": name, "--positive-name": positive_name,
        "--negative-name": negative_name, "--unit": unit,
    }  # fmt: skip
    if members is not None and members < 1:
        raise ValueError(f"--members is {members}; expected at least 1")
    if csv is None:
        given = [option for option, value in own.items() if value is not None]
        if task is None:
            raise ValueError("nothing to train; expected the name of a task, or --csv with your own table")
        if given:
            raise ValueError(f"{given[0]} is about your own table; expected --csv with it")
        from datasets.tasks import GENERATED

        if task in GENERATED:
            _check_device(device)
            card, bundle = train_generated(task, members, seed, epochs, device, run_folder, out, _report)
        else:
            card, bundle = _train_task(task, members, seed, epochs, device, run_folder, out)
    else:
        if task is not None:
            raise ValueError(f"task is {task!r} beside --csv; expected one of them")
        for option in ("--label-column", "--kind"):
            if own[option] is None:
                raise ValueError(f"{option} is missing; expected {_EXPECTED[option]}")
        from app.training.own import EPOCHS, OwnTraining
        from datasets.own_task import Wording

        wording = Wording(name or "", positive_name or "", negative_name or "", unit or "")
        asked = OwnTraining(
            csv, label_column or "", kind or "", smiles_column, split_column, wording,
            5 if members is None else members, EPOCHS if epochs is None else epochs, seed, device,
        )  # fmt: skip
        card, bundle = _train_own(asked, run_folder, out)
    for metric, score in card["test"].items():
        if isinstance(score, dict) and "value" in score:
            print(f"test {metric}: {score['value']:.4f} ({score['low']:.4f} to {score['high']:.4f})")
    for line in score_lines(card["test"]):
        print(line)
    print(bundle)


_EXPECTED = {"--label-column": "the column with what was measured", "--kind": "classification or regression"}


def _train_task(
    name: str,
    members: int | None,
    seed: int,
    epochs: int | None,
    device: str,
    run_folder: Path | None,
    out: Path | None,
) -> tuple[dict[str, Any], Path]:
    from datasets.tasks import get_task
    from megan.settings import recipe_for

    chosen = get_task(name)
    recipe = recipe_for(name)
    settings = replace(recipe.train, seed=seed, epochs=recipe.train.epochs if epochs is None else epochs)
    recipe = replace(recipe, train=settings, members=recipe.members if members is None else members)
    _check_device(device)

    from datasets.file_hash import file_sha256
    from datasets.sources import load_table, published_table, table_path
    from megan.building import build_bundle

    run = run_folder or Path("runs") / f"train-{name}"
    bundle = out or run / "bundle"
    table = load_table(chosen)
    card = build_bundle(
        chosen,
        table,
        bundle,
        run,
        data_sha256=file_sha256(table_path(chosen)),
        about_data=_left_out(len(published_table(chosen)) - len(table)),
        recipe=recipe,
        pool=_pool(chosen, recipe.teacher),
        device=device,
        report=_report,
    )
    return card, bundle


def _left_out(rows: int) -> dict[str, Any]:
    """What the card says of rows that `load_table` leaves out."""
    if not rows:
        return {}
    sentence = f"{rows:,} rows of compounds that also stand in a later split, such as isomers and salts."
    return {"report": {"split": "scaffold", "sentences": [sentence]}}


def _pool(task: Task, teacher: TeacherSettings | None) -> list[str]:
    """Molecules of other tables for the teacher to judge; none where there is no teacher."""
    from datasets.sources import load_table, published_table
    from datasets.tasks import get_task
    from datasets.unmeasured import unmeasured

    if teacher is None:
        return []
    print("drawing unmeasured molecules for the teacher", file=sys.stderr, flush=True)
    smiles = [text for name in teacher.pool for text in load_table(get_task(name))["smiles"]]
    return unmeasured(smiles, published_table(task)["inchikey14"], teacher.pool_size, teacher.seed)


def _train_own(asked: OwnTraining, run_folder: Path | None, out: Path | None) -> tuple[dict[str, Any], Path]:
    from app.terminal import printable
    from app.training.own import read_own, train_own
    from app.training.progress import TrainingProgress, read_progress, write_progress

    _check_device(asked.device)
    try:
        measured = read_own(asked)
        for sentence in measured.report.sentences():
            print(printable(sentence), file=sys.stderr, flush=True)
        # With the bundle elsewhere, the folder of models is left alone.
        run = run_folder or (Path("runs") / f"train-{measured.task.name}" if out else None)
        return train_own(asked, measured, run, out, _report)
    except (ValueError, OSError) as error:
        if run_folder is not None and run_folder.is_dir():
            # For the page, which has started this process and reads the folder only.
            progress = read_progress(run_folder) or TrainingProgress(asked.members, max(1, asked.epochs))
            progress.error = str(error)
            write_progress(run_folder, progress)
        raise


def _check_device(device: str) -> None:
    if device not in ("cpu", "cuda"):
        raise ValueError(f"--device is {device!r}; expected cpu or cuda")
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise ValueError("--device is 'cuda', but torch finds no CUDA device here; expected cpu")


def _report(progress: Progress) -> None:
    print(progress.line(), file=sys.stderr, flush=True)
