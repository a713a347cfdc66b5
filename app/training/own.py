"""Training on a user's own table: read and check it, say what is left out, train, and leave a bundle.

The run folder is `models_folder()/NAME`, so the pages find the bundle in it. It also keeps the cleaned table (the page
shows the measured neighbours of a molecule from it), the checkpoints and `progress.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.training.progress import TrainingProgress, read_progress, write_progress
from datasets.file_hash import file_sha256
from datasets.library import read_structures
from datasets.measured_table import MeasuredTable, read_measured
from datasets.own_task import Wording
from megan.files import write_beside
from megan.own_models import TABLE, models_folder
from megan.settings import Recipe, settings_for_rows

if TYPE_CHECKING:
    from megan.training import Progress

EPOCHS = 40


@dataclass(frozen=True, slots=True)
class OwnTraining:
    """What is asked for."""

    file: Path
    label_column: str
    kind: str
    smiles_column: str | None = None
    """Guessed if None."""
    split_column: str | None = None
    """Split by scaffold if None."""
    wording: Wording = field(default_factory=Wording)
    members: int = 5
    epochs: int = EPOCHS
    seed: int = 0
    device: str = "cpu"


def read_own(asked: OwnTraining) -> MeasuredTable:
    """The table, ready for training.

    Raises
    ------
    FileNotFoundError, ValueError
        If it cannot be read or learned from.
    """
    if asked.members < 1:
        raise ValueError(f"members is {asked.members}; expected at least 1")
    if asked.epochs < 1:
        raise ValueError(f"epochs is {asked.epochs}; expected at least 1")
    file = read_structures(asked.file, smiles_column=asked.smiles_column)
    return read_measured(
        file, asked.label_column, asked.kind, split_column=asked.split_column, wording=asked.wording
    )  # fmt: skip


def train_own(
    asked: OwnTraining,
    measured: MeasuredTable,
    run: Path | None = None,
    out: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> tuple[dict[str, Any], Path]:
    """Train on a table that `read_own` accepted.

    Parameters
    ----------
    asked, measured
        What is asked for, and its table.
    run
        Run folder; by default that of the task's name in `models_folder`. A killed training continues there.
    out
        Folder of the bundle; by default `bundle` in the run folder. Pages find it there only.
    report
        Called after every epoch.

    Returns
    -------
    card, bundle
        Content of the card, and folder of the bundle.

    Raises
    ------
    ValueError
        If the run folder belongs to another training.
    """
    from megan.building import build_bundle  # brings torch in, which a refused table need not wait for

    run = run or models_folder() / measured.task.name
    bundle = out or run / "bundle"
    earlier = read_progress(run)
    progress = TrainingProgress(
        asked.members, asked.epochs, earlier.log if earlier else [], measured.report.sentences()
    )

    def note(epoch: Progress) -> None:
        progress.add(epoch.record())
        write_progress(run, progress)
        report(epoch)

    settings = settings_for_rows(int((measured.table["split"] == "train").sum()), asked.epochs).with_seed(asked.seed)
    card = build_bundle(
        measured.task,
        measured.table,
        bundle,
        run,
        data_sha256=file_sha256(asked.file),
        about_data={"dropped": measured.report.dropped, "report": measured.report.record()},
        recipe=Recipe(train=settings, pretrained=True, members=asked.members),
        device=asked.device,
        report=note,
    )
    with write_beside(run / TABLE) as beside:
        measured.table.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
    return card, bundle
