"""chemprop by its own commands and defaults: the weights with the best validation loss predict.

Runs in the environment `chemprop` of `benchmarks.peers.environments`.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.exchange import Job, read_job, write_answer

COMMAND = Path(sys.executable).with_name("chemprop")
ONE_PROCESS = ("--num-workers", "0", "--accelerator", "cpu", "--devices", "1")


def answer(job: Job, folder: Path) -> dict[int, float]:
    """Predictions of the valid and the test molecules by row."""
    names = {"train": "train", "valid": "val", "test": "test"}
    table = zip(job.smiles, job.labels, (names[split] for split in job.splits), strict=True)
    _write(folder / "table.csv", ("smiles", "label", "split"), table)
    asked = job.rows("valid", "test")
    _write(folder / "asked.csv", ("smiles",), [(job.smiles[row],) for row in asked])
    _run("train", "--data-path", folder / "table.csv", "--smiles-columns", "smiles", "--target-columns", "label",
         "--splits-column", "split", "--task-type", job.settings["kind"], "--epochs", job.settings["epochs"],
         "--pytorch-seed", "0", "--remove-checkpoints", "--output-dir", folder / "run")  # fmt: skip
    _run("predict", "--test-path", folder / "asked.csv", "--smiles-columns", "smiles", "--model-paths",
         folder / "run" / "model_0" / "best.pt", "--preds-path", folder / "said.csv")  # fmt: skip
    with (folder / "said.csv").open(newline="", encoding="utf-8") as file:
        said = [float(row["label"]) for row in csv.DictReader(file)]
    return dict(zip(asked, said, strict=True))


def _run(command: str, *arguments: object) -> None:
    subprocess.run([str(COMMAND), command, *map(str, arguments), *ONE_PROCESS], check=True)


def _write(file: Path, header: tuple[str, ...], rows: object) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)  # type: ignore[arg-type]


if __name__ == "__main__":
    work = read_job()
    with tempfile.TemporaryDirectory() as scratch:
        predicted = answer(work, Path(scratch))
    write_answer(work, predicted, {"molecules": len(work.rows("train")), "epochs": work.settings["epochs"]})
